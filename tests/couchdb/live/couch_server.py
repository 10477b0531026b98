"""The server that the rig runs against: PouchDB Server as a process, or the one that COUCHDB_URL names."""
import contextlib
import json
import os
import subprocess
import time
import urllib.parse
import uuid

import peers
from couch_wire import Refused, Unreachable, Wire

STARTING = 60  # seconds


def given_url():
    return os.environ.get("COUCHDB_URL", "").rstrip("/")


class Peer:
    """PouchDB Server with its databases in `folder`. It may be killed and comes back on the same port with its data.

    It is not CouchDB: its sequences are integers, and each start gives all databases another `instance_start_time`.
    """

    comes_back = True

    def __init__(self, folder, pool, guard):
        self.program = os.path.join(peers.folder("couchdb"), "node_modules", ".bin", "pouchdb-server")
        self.folder, self.guard, self.port = os.path.join(folder, "couch"), guard, pool.take()
        os.makedirs(self.folder)
        self.url = f"http://127.0.0.1:{self.port}"
        self.suffix = ""
        self.process = None
        with open(os.path.join(self.folder, "config.json"), "w", encoding="ascii") as f:
            json.dump({"log": {"level": "error"}}, f)
        self.start()

    def start(self, wait=True):
        with open(os.path.join(self.folder, "output.txt"), "ab") as log:
            self.process = subprocess.Popen(
                [self.program, "--host", "127.0.0.1", "--port", str(self.port), "--dir", "data", "--config", "config.json",
                 "--no-stdout-logs"], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True)
        self.guard(f"+{self.process.pid}")
        if wait:
            self.wait_ready()

    def wait_ready(self):
        wait_ready(self.url, lambda: self.process.poll() is None, self.tail)

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait(30)
            self.guard(f"-{self.process.pid}")
            self.process = None

    def tail(self, size=3000):
        with open(os.path.join(self.folder, "output.txt"), encoding="utf-8", errors="replace") as f:
            return f.read()[-size:]

    def close(self):
        self.kill()


class Given:
    """A server that somebody else runs. It goes down and comes back by COUCHDB_RESTART_COMMAND, if that is set: a command
    for the shell that returns once the server was told to. Databases are told apart by a random suffix."""

    def __init__(self, url):
        self.url, self.suffix = url, "-" + uuid.uuid4().hex[:8]
        self.command = os.environ.get("COUCHDB_RESTART_COMMAND")
        self.comes_back = bool(self.command)
        self.wait_ready()

    def wait_ready(self):
        wait_ready(self.url, lambda: True, lambda: "")

    def kill(self):
        """It goes down and comes back in one, see start()."""

    def start(self):
        subprocess.run(self.command, shell=True, check=True, stdin=subprocess.DEVNULL, timeout=STARTING)
        self.wait_ready()

    def close(self):
        pass


def wait_ready(url, running, tail):
    end = time.monotonic() + STARTING
    while True:
        wire = Wire(url, 5)
        with contextlib.closing(wire), contextlib.suppress(*Unreachable, Refused):
            wire.request("GET", "/_all_dbs")
            return
        if not running() or time.monotonic() > end:
            raise AssertionError(f"{without_login(url)} does not answer as CouchDB does\n{tail()}")
        time.sleep(0.05)


def without_login(url):
    parts = urllib.parse.urlsplit(url)
    return urllib.parse.urlunsplit(parts._replace(netloc=parts.netloc.rsplit("@", 1)[-1]))


def open_server(folder, pool, guard):
    return Given(given_url()) if given_url() else Peer(folder, pool, guard)
