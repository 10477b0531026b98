"""Several instances of feedcast on one configuration, one feed of many ranges, one broker, one target."""
import os
import threading

import model
from books import Books
from brokers import Cluster
from fleet_writer import FleetWriter
from ledger import Lease, LedgerReader
from observer import Monitor
from ports import PortPool
from rig import Rig
from service import Service
from writer import Wire

TARGET = model.Target("eu", "eu1", 1, 4)
FEED = model.WHISKS
CONFIG = """accounts:
  main: {{type: cosmosdb, endpoint: "{account}/", key: {{from_env: CHAOS_KEY}}, database: {database}}}
feeds:
  whisks: {{account: main}}
leases: {{collection: leases}}
targets:
  {target}:
    cluster_id: {cluster}
    feeds: [whisks]
    kafka: {{brokers: "{brokers}", topic: {topic}, lsn_header: true}}
tuning: {{checkpoint: {{interval: 250ms}}{leases}}}
"""


class Owners:
    """Who each lease names at this moment, for waiting; the verdict has its own look (ownership.py)."""

    def __init__(self, monitor):
        self.lock = threading.Lock()
        self.leases = {}  # id -> owner
        monitor.listeners.append(self._look)

    def _look(self, events, _):
        with self.lock:
            for e in events:
                if isinstance(e, Lease):
                    if e.kind in ("delete", "expire"):
                        self.leases.pop(e.id, None)
                    else:
                        self.leases[e.id] = e.owner

    def counts(self):
        """{owner or None: leases}."""
        with self.lock:
            found = {}
            for owner in self.leases.values():
                found[owner] = found.get(owner, 0) + 1
            return found


class FleetRig(Rig):
    """Emulator and broker run when this returns; instances once they are started."""

    def __init__(self, binaries, seed, rate, instances=3, ranges=16, timers=None, keys=4000):
        self.names = [f"fleet-{n + 1}" for n in range(instances)]
        self.ranges, self.timers = ranges, timers
        super().__init__(binaries, seed, rate, keys=keys)

    def _start(self, seed, rate, keys):
        self.pool = PortPool()
        self.cleanup.callback(self.pool.close)
        self._start_emulator({FEED: self.ranges})
        cluster = Cluster(TARGET.brokers)
        self.cleanup.callback(cluster.close)
        self.clusters = {TARGET.name: cluster}
        self.create_topic(TARGET)
        self.books = Books((TARGET,), self.leases)
        self.events = []  # all of the ledger
        reader = LedgerReader(self.ledger_file)
        self.cleanup.callback(reader.close)
        self.monitor = Monitor(self.books, reader, {TARGET.name: cluster.bootstrap()}, model.TOPIC)
        self.cleanup.callback(self.monitor.close)
        self.monitor.listeners.append(lambda events, _: self.events.extend(e for e in events if isinstance(e, Lease)))
        self.owners = Owners(self.monitor)
        self.writer = FleetWriter(self.emulator, self.books, seed, rate, keys)
        self.cleanup.callback(self.writer.stop)
        self.wire = Wire(self.emulator)
        self.config = os.path.join(self.folder, "feedcast.yaml")
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(CONFIG.format(account=self.emulator, database=model.DATABASE, target=TARGET.name,
                                  cluster=TARGET.cluster, brokers=cluster.bootstrap(), topic=model.TOPIC,
                                  leases=self.timers.setting() if self.timers else ""))
        self.services = [self._service(name) for name in self.names]

    def _service(self, name):
        port = self.pool.take()
        service = Service(os.path.join(self.binaries, "app", "feedcast"), self.config, self.environment(), port,
                          os.path.join(self.folder, f"{name}.log"), self._tell_guard,
                          ["--set", f"instance={name}", "--set", f"admin.listen=127.0.0.1:{port}"])
        self.cleanup.callback(service.close)
        return service

    # -- what is waited for

    def shares(self):
        """{name: leases} of the instances, with None for leases of nobody."""
        return dict(sorted(self.owners.counts().items(), key=lambda one: str(one[0])))

    def shared_equally(self):
        """Every lease has an owner, and no instance has more than one more than another."""
        counts = self.owners.counts()
        mine = [counts.get(name, 0) for name in self.names]
        return sum(counts.values()) == sum(mine) > 0 and max(mine) - min(mine) <= 1

    def ready(self):
        return all(s.ready() for s in self.services)

    # -- the feed

    def live(self):
        """The ranges that take writes, by their keys."""
        return sorted(self.books.live[FEED].items(), key=lambda one: one[1])

    def split(self, dice, completing):
        ranges = self.live()
        parent = ranges[int(dice * len(ranges))][0]
        self._reshape(f"split/{parent}?completing_ms={completing}")
        return parent

    def merge(self, dice, completing):
        ranges = self.live()
        at = int(dice * (len(ranges) - 1))
        pair = [ranges[at][0], ranges[at + 1][0]]
        self._reshape(f"merge?completing_ms={completing}", {"ranges": pair})
        return "+".join(pair)

    def _reshape(self, path, body=None):
        """Returns when the books know of it."""
        before = dict(self.books.live[FEED])
        self.wire.control("POST", f"/_emulator/dbs/{model.DATABASE}/colls/{FEED}/{path}", body)
        if not self.monitor.wait(lambda: self.books.live[FEED] != before, 10):
            raise AssertionError(f"the ledger does not have it: {path}")

    def failures(self):
        found = [f"{name}: {f}" for name, s in zip(self.names, self.services) for f in s.failures]
        if self.writer.failure:
            found.append("writer: " + self.writer.failure)
        if self.monitor.failure:
            found.append(self.monitor.failure)
        return found

    def kept(self):
        return ["feedcast.yaml", "emulator.log", "ledger.jsonl", *(f"{name}.log" for name in self.names)]
