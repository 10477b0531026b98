"""Writes, updates and deletes documents, at a steady rate, as a seed says, through whatever happens to the server."""
import contextlib
import itertools
import queue
import random
import threading
import time

import couch_model
from couch_books import Written
from couch_wire import Unreachable, Wire, quoted
from service import now_ms

SUBJECT_SHARE = 0.15
DELETED_SHARE = 0.12
ATTACHMENT_SHARE = 0.02  # of the requests: a document, then its attachment, which makes two revisions
SINGLE_SHARE = 0.35
LARGEST_BATCH = 24
DESIGN_SHARE = 0.005  # documents that are nobody's business
CODE = b"UEsDBBQAAAAIAA" * 300


class Writer:
    """`total` writes over `keys` documents, by some threads, each of which has documents of its own: so it always knows
    what a document's revision is, or asks. What was stored goes to read(), which observer.Monitor asks as its ledger.

    A request whose answer is lost was stored or not; the document is read again once the server is back, to tell which,
    and sent again if it was not.
    """

    def __init__(self, url, databases, seed, rate, total, keys, threads=4):
        self.url, self.databases, self.rate, self.total = url, databases, rate, total
        self.written, self.unclear, self.designs = 0, 0, 0
        self.stored = queue.SimpleQueue()
        self.revisions = {}  # (database, id) -> the newest, also of a deleted one
        self.deleted = set()
        self.version = itertools.count(1)
        self.lock = threading.Lock()
        self.state = threading.Condition(self.lock)
        self.allowed, self.stopped = 0, False
        self.failure = None
        self.threads = [threading.Thread(target=self._work, args=[random.Random(f"writer {seed} {n}"), n, threads, keys],
                                         daemon=True) for n in range(threads)]
        for thread in self.threads:
            thread.start()

    # -- what observer.Monitor asks

    def read(self):
        found = []
        while not self.stored.empty():
            found.append(self.stored.get())
        return found

    # -- from outside

    def allow(self, count):
        """Up to so many writes in all; then it waits."""
        with self.lock:
            self.allowed = count
            self.state.notify_all()

    def done(self):
        return self.written >= self.total or self.failure is not None

    def stop(self):
        with self.lock:
            self.stopped = True
            self.state.notify_all()
        for thread in self.threads:
            thread.join()

    def write(self, identifiers):
        """Writes these documents of `whisks` now, whatever the state."""
        wire = Wire(self.url)
        for identifier in identifiers:
            body = couch_model.document(couch_model.WHISKS, identifier.replace("|", "/"), next(self.version))
            self._put_all(wire, couch_model.WHISKS, [body])
        wire.close()

    # -- the threads

    def _work(self, rng, number, threads, keys):
        wire = Wire(self.url)
        due = None
        try:
            while True:
                with self.lock:
                    while self.written >= self.allowed and not self.stopped and not self.done():
                        self.state.wait()
                        due = None
                    if self.stopped or self.done():
                        break
                due = due or time.monotonic()
                count = self._step(wire, rng, number, threads, keys)
                due = max(due + count * threads / self.rate, time.monotonic() - 1)  # a second of delay is made up for
                time.sleep(max(0.0, due - time.monotonic()))
        except Exception as e:  # whatever it is, the run proves nothing then
            self.failure = self.failure or f"{type(e).__name__}: {e}"
        wire.close()

    def _step(self, wire, rng, number, threads, keys):
        """One request, or two for an attachment; returns how many documents it wrote."""
        subject = rng.random() < SUBJECT_SHARE and couch_model.SUBJECTS in self.databases
        database = couch_model.SUBJECTS if subject else couch_model.WHISKS
        dice = rng.random()
        single = dice < SINGLE_SHARE
        mine = range(number, keys, threads)
        chosen = rng.sample(mine, 1 if single else min(len(mine), rng.randint(2, LARGEST_BATCH)))
        bodies = [self._body(rng, database, n) for n in chosen]
        if database == couch_model.WHISKS and dice < DESIGN_SHARE:
            self._design(wire, number)
        self._put_all(wire, database, bodies)
        if single and dice < ATTACHMENT_SHARE and database == couch_model.WHISKS and not bodies[0].get("_deleted"):
            self._attach(wire, database, bodies[0]["_id"])
            return 2
        return len(bodies)

    def _body(self, rng, database, number):
        identifier = couch_model.identifier(database, number)
        place = database, identifier
        if (rng.random() < DELETED_SHARE and place in self.revisions and place not in self.deleted
                and not couch_model.never_deleted(database, number)):
            return {"_id": identifier, "_rev": self.revisions[place], "_deleted": True}
        return couch_model.document(database, identifier, next(self.version), self.revisions.get(place))

    # -- requests, until the server has them

    def _put_all(self, wire, database, bodies):
        name = self.databases[database]
        sent = {}  # id -> when it was sent first
        while bodies:
            for body in bodies:
                sent.setdefault(body["_id"], now_ms())
            try:
                stored = self._send(wire, name, bodies)
                told = True
            except Unreachable:
                stored, told = self._ask(wire, database, name, bodies), False
            acked = now_ms()
            for body in bodies:
                if body["_id"] in stored:
                    self._note(database, body["_id"], bool(body.get("_deleted")), stored[body["_id"]], sent[body["_id"]],
                               acked, told)
            bodies = [body for body in bodies if body["_id"] not in stored]

    def _send(self, wire, name, bodies):
        """{id: revision} of what was stored."""
        if len(bodies) > 1:
            answers = wire.request("POST", f"/{name}/_bulk_docs", {"docs": bodies})
            wrong = [a for a in answers if "error" in a]
            if wrong:
                raise AssertionError(f"refused in a batch: {wrong[:3]}")
            return {answer["id"]: answer["rev"] for answer in answers}
        body, = bodies
        if body.get("_deleted"):
            answer = wire.request("DELETE", f"/{name}/{quoted(body['_id'])}?rev={body['_rev']}")
        else:
            answer = wire.request("PUT", f"/{name}/{quoted(body['_id'])}", body)
        return {body["_id"]: answer["rev"]}

    def _ask(self, wire, database, name, bodies):
        """{id: revision} of those that were stored, although the answer did not say so."""
        self.unclear += len(bodies)
        while not self.stopped:
            with contextlib.suppress(*Unreachable):
                found = wire.revisions(name, [body["_id"] for body in bodies])
                return {i: rev for i, rev in found.items() if rev != self.revisions.get((database, i))}
            time.sleep(0.1)
        raise AssertionError("stopped while the server was down")

    def _attach(self, wire, database, identifier):
        name, before = self.databases[database], self.revisions[database, identifier]
        sent, told = now_ms(), True
        while True:
            try:
                revision = wire.request("PUT", f"/{name}/{quoted(identifier)}/{couch_model.ATTACHMENT}?rev={before}", CODE,
                                        "application/octet-stream")["rev"]
                break
            except Unreachable:
                revision = self._ask(wire, database, name, [{"_id": identifier}]).get(identifier)
                if revision:
                    told = False
                    break
        self._note(database, identifier, False, revision, sent, now_ms(), told)

    def _design(self, wire, number):
        """A new design document, of which nobody is to hear. It need not be stored."""
        with contextlib.suppress(*Unreachable):
            wire.request("PUT", f"/{self.databases[couch_model.WHISKS]}/_design/d{number}-{now_ms()}", {"language": "javascript"})
            self.designs += 1

    def _note(self, database, identifier, deleted, revision, sent, acked, told):
        place = database, identifier
        with self.lock:
            self.revisions[place] = revision
            self.deleted.add(place) if deleted else self.deleted.discard(place)
            self.written += 1
            if self.done():
                self.state.notify_all()
        self.stored.put(Written(self.databases[database], identifier, revision,
                                couch_model.keys_of(database, identifier, deleted), sent, acked, told))
