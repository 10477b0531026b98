"""A server that speaks as CouchDB does, a Kafka broker, feedcast between them, a writer, and who reads it all back."""
import contextlib
import json
import os
import re
import shutil
import urllib.parse

import couch_model
import model
from brokers import Cluster
from couch_books import Books
from couch_server import Peer, open_server, without_login
from couch_watch import Leases, Rows
from couch_wire import Refused, Wire
from couch_writer import Writer
from observer import Monitor
from ports import PortPool
from rig import Rig
from service import Service

FEED_KEYS = {couch_model.SUBJECTS: {"identities": "namespace", "cluster_id_member": couch_model.MEMBER}}


class CouchRig(Rig):
    """Server and broker run when this returns, and the databases are there; instances run once they are started.

    `timers` are keys of tuning.leases, `feeds` those of couch_model.DATABASES that are written and read.
    """

    def __init__(self, binaries, seed, rate, total, keys, instances=1, timers=None, feeds=couch_model.DATABASES,
                 profile="balanced"):
        self.total, self.timers, self.feeds, self.profile = total, timers or {}, feeds, profile
        self.names = [f"couch-{n + 1}" for n in range(instances)]
        super().__init__(binaries, seed, rate, keys=keys)

    def _start(self, seed, rate, keys):
        self.pool = PortPool()
        self.cleanup.callback(self.pool.close)
        self.server = open_server(self.folder, self.pool, self._tell_guard)
        self.cleanup.callback(self.server.close)
        self.cleanup.callback(self._close_databases)
        self.databases = {name: name + self.server.suffix for name in self.feeds}
        self.lease_database = couch_model.LEASES + self.server.suffix
        self._create_databases()
        cluster = Cluster(couch_model.TARGET.brokers)
        self.cleanup.callback(cluster.close)
        self.clusters = {couch_model.TARGET.name: cluster}
        self.create_topic(couch_model.TARGET)
        self.books = Books()
        self.rows = Rows(self.server.url, self.databases)
        self.cleanup.callback(self.rows.close)
        self.positions = Leases(self.server.url, self.lease_database, self.databases)
        self.cleanup.callback(self.positions.close)
        self.writer = Writer(self.server.url, self.databases, seed, rate, self.total, keys)
        self.monitor = Monitor(self.books, self.writer, {couch_model.TARGET.name: cluster.bootstrap()}, model.TOPIC)
        self.cleanup.callback(self.monitor.close)
        self.cleanup.callback(self.writer.stop)
        self.config = os.path.join(self.folder, "feedcast.yaml")
        with open(self.config, "w", encoding="utf-8") as f:
            json.dump(self.configuration(), f, indent=1)  # JSON is YAML
        self.services = [self._service(name) for name in self.names]
        self.service = self.services[0]

    def configuration(self):
        parts = urllib.parse.urlsplit(self.server.url)
        account = {"type": "couchdb", "endpoint": without_login(self.server.url)}
        if parts.username:
            account |= {"user": urllib.parse.unquote(parts.username), "password": {"from_env": "COUCH_PASSWORD"}}
        return {
            "accounts": {"couch": account},
            "feeds": {feed: {"account": "couch", "collection": self.databases[feed]} | FEED_KEYS.get(feed, {})
                      for feed in self.feeds},
            "leases": {"store": "couchdb", "collection": self.lease_database},
            "targets": {couch_model.TARGET.name: {
                "cluster_id": couch_model.TARGET.cluster,
                "feeds": list(self.feeds),
                "kafka": {"brokers": self.clusters[couch_model.TARGET.name].bootstrap(), "topic": model.TOPIC}}},
            "tuning": {"checkpoint": {"interval": "250ms"}} | ({"leases": self.timers} if self.timers else {})}

    def environment(self):
        """Beside what Rig gives: the password of a server that asks for one."""
        password = urllib.parse.unquote(urllib.parse.urlsplit(self.server.url).password or "")
        return super().environment() | {"COUCH_PASSWORD": password}

    def _service(self, name):
        port = self.pool.take()
        service = Service(os.path.join(self.binaries, "app", "feedcast"), self.config, self.environment(), port,
                          os.path.join(self.folder, f"{name}.log"), self._tell_guard,
                          ["--profile", self.profile, "--set", f"instance={name}", "--set", f"admin.listen=127.0.0.1:{port}"])
        self.cleanup.callback(service.close)
        return service

    # -- databases

    def _create_databases(self):
        wire = Wire(self.server.url)
        for name in (*self.databases.values(), self.lease_database):
            wire.request("PUT", f"/{name}")
        wire.close()

    def _close_databases(self):
        """Those on a server of somebody else are removed again."""
        if isinstance(self.server, Peer):
            return
        wire = Wire(self.server.url)
        for name in (*self.databases.values(), self.lease_database):
            with contextlib.suppress(Refused):
                wire.request("DELETE", f"/{name}")
        wire.close()

    def forgotten(self):
        """Documents whose newest acknowledged revision the server does not have: [(database, id)]."""
        wire = Wire(self.server.url, 60)
        found = []
        for database, name in self.databases.items():
            wanted = {i: rev for (d, i), rev in self.writer.revisions.items() if d == database}
            identifiers = sorted(wanted)
            for n in range(0, len(identifiers), 1000):
                chunk = identifiers[n:n + 1000]
                there = wire.revisions(name, chunk)
                found += [(name, i) for i in chunk if there.get(i) != wanted[i]]
        wire.close()
        return found

    def read_again(self):
        """How often an instance found another database in the place of the one that its position is of, by feed."""
        with open(os.path.join(self.folder, self.names[0] + ".log"), encoding="utf-8", errors="replace") as f:
            found = re.findall(r'msg="feed is read from its beginning" database="?([\w-]+)', f.read())
        return {feed: found.count(database) for feed, database in self.databases.items()}

    # -- what is waited for

    def start_service(self, seconds=60):
        """Returns when the first instance has stored where each feed starts: what is written from now on is owed."""
        self.service.start()
        if not self.monitor.wait(lambda: not self.service.running() or self.service.ready() and self.polled(), seconds):
            raise AssertionError("feedcast did not become ready:\n" + self.tail(self.names[0] + ".log"))
        if not self.service.running():
            raise AssertionError("feedcast ended at its start:\n" + self.tail(self.names[0] + ".log"))

    def polled(self):
        """Each feed has a position that is stored."""
        return {s.database for s in list(self.positions.stored) if s.sequence is not None} == set(self.databases.values())

    def failures(self):
        found = [f"{name}: {f}" for name, s in zip(self.names, self.services) for f in s.failures]
        found += [f for f in (self.writer.failure and "writer: " + self.writer.failure, self.monitor.failure,
                              self.positions.failure) if f]
        return found

    def keep(self, folder):
        """Copies what helps to understand a failure."""
        os.makedirs(folder, exist_ok=True)
        for name in ("feedcast.yaml", os.path.join("couch", "output.txt"), *(f"{name}.log" for name in self.names)):
            with contextlib.suppress(OSError):
                shutil.copy(os.path.join(self.folder, name), folder)
