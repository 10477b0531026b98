"""What the server has, read while the run goes on: rows of the databases, and each version of the leases."""
import contextlib
import json
import threading

from couch_books import Stored
from couch_wire import Lines, Refused, Unreachable, Wire, quoted
from service import now_ms


class Rows:
    """The rows of the databases in the order of their sequences, as far as those are numbers. A row that is replaced
    between two looks is not seen."""

    LOOK = 0.3  # seconds

    def __init__(self, url, databases):
        self.url = url
        self.rows = {name: [] for name in databases.values()}  # [(sequence, id, revision)]
        self.since = dict.fromkeys(self.rows, 0)
        self.ordered = True
        self.closing = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def close(self):
        self.closing.set()
        self.thread.join()

    def _run(self):
        wire = Wire(self.url)
        while self.ordered:
            last = self.closing.wait(self.LOOK)
            with contextlib.suppress(*Unreachable, Refused):
                for database in self.rows:
                    self._look(wire, database)
            if last:
                break
        wire.close()

    def _look(self, wire, database):
        found = wire.request("GET", f"/{database}/_changes?since={quoted(str(self.since[database]))}")
        for row in found["results"]:
            self.ordered = self.ordered and isinstance(row["seq"], int)
            self.rows[database].append((row["seq"], row["id"], row["changes"][0]["rev"]))
        self.since[database] = found["last_seq"]


class Leases:
    """Every version of every lease that the feed of their database shows."""

    def __init__(self, url, database, databases):
        self.databases = databases
        self.stored = []  # [Stored]
        self.owners = {}  # lease -> owner, now
        self.failure = None
        self.closing = threading.Event()
        self.lines = Lines(url, database, self._found, documents=True)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def close(self):
        self.closing.set()
        self.thread.join()

    def _run(self):
        try:
            self.lines.follow(self.closing)
        except Exception as e:  # whatever it is, positions that nobody sees prove nothing
            self.failure = f"leases can't be read: {type(e).__name__}: {e}"

    def _found(self, row):
        lease = lease_of(row, self.databases, now_ms())
        if lease:
            self.stored.append(lease)
            self.owners[lease.lease] = lease.owner


def lease_of(row, databases, ms):
    """None for documents that are no lease, such as the marker."""
    document = row.get("doc") or {}
    if document.get("type") != "feedcast-lease":
        return None
    position = json.loads(document.get("continuation") or "{}")
    database = next(d for d in databases.values() if f"_{d}.." in row["id"])
    return Stored(ms, row["id"], database, document.get("owner"), position.get("seq"))
