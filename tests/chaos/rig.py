"""Everything of a run, started and joined: emulator, brokers, proxies between, feedcast, writer, consumers."""
import concurrent.futures
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time

import dead_letters
import model
from books import Books
from brokers import Cluster, Listener
from ledger import LedgerReader
from observer import Monitor
from ports import PortPool
from service import Service
from tcp_proxy import TcpProxy
from writer import KEY, Wire, Writer

HERE = os.path.dirname(os.path.abspath(__file__))
CONFIG = """accounts:
  main: {{type: cosmosdb, endpoint: "http://{account}/", key: {{from_env: CHAOS_KEY}}, database: {database}}}
feeds:
  whisks: {{account: main}}
  subjects: {{account: main, identities: namespace}}
leases: {{collection: {leases}}}
targets:
{targets}admin: {{listen: "127.0.0.1:{admin}"}}
instance: chaos
{tuning}"""
TARGET = """  {name}:
    cluster_id: {cluster}
    feeds: [whisks, subjects]
    kafka: {{brokers: "{brokers}", topic: {topic}, lsn_header: true}}
    dead_letter: {{file: "{dead_letters}"}}
"""
# Positions are stored often, so that there is much for the cursor check; everything else is as everybody has it.
TUNING = "tuning: {checkpoint: {interval: 250ms}}\n"
RANGES = {model.WHISKS: 4, model.SUBJECTS: 2}


class Rig:
    """Brokers and emulator run when this returns; feedcast does once start_service() was called."""

    def __init__(self, binaries, seed, rate, tuning=TUNING, leases="leases", keys=4000):
        self.binaries, self.tuning, self.leases = binaries, tuning, leases
        self.folder = tempfile.mkdtemp(prefix="feedcast-chaos-")
        self.cleanup = contextlib.ExitStack()
        self.guard = subprocess.Popen([sys.executable, os.path.join(HERE, "..", "kafka", "guard.py"), self.folder],
                                      stdin=subprocess.PIPE, text=True, start_new_session=True)
        self.cleanup.callback(self._end_guard)
        try:
            self._start(seed, rate, keys)
        except BaseException:
            self.close()
            raise

    def _start(self, seed, rate, keys):
        self.pool = PortPool()
        self.cleanup.callback(self.pool.close)
        self._start_emulator(RANGES)
        self.account_proxy = TcpProxy(("127.0.0.1", int(self.emulator.rsplit(":", 1)[1])))
        self.cleanup.callback(self.account_proxy.close)
        self.proxies = {}  # (target, node) -> TcpProxy
        self.clusters = {}
        with concurrent.futures.ThreadPoolExecutor() as threads:
            for name, cluster in threads.map(self._start_cluster, model.TARGETS):
                self.clusters[name] = cluster
        for target in model.TARGETS:
            self.create_topic(target)
        self.books = Books(leases=self.leases)
        reader = LedgerReader(self.ledger_file)
        self.cleanup.callback(reader.close)
        self.monitor = Monitor(self.books, reader, {n: c.bootstrap() for n, c in self.clusters.items()}, model.TOPIC)
        self.cleanup.callback(self.monitor.close)
        self.writer = Writer(self.emulator, self.books, seed, rate, keys)
        self.cleanup.callback(self.writer.stop)
        self.wire = Wire(self.emulator)
        self.config = os.path.join(self.folder, "feedcast.yaml")
        self.service_log = os.path.join(self.folder, "feedcast.log")
        self.admin_port = self.pool.take()
        self.service = Service(os.path.join(self.binaries, "app", "feedcast"), self.config,
                               self.environment(), self.admin_port, self.service_log, self._tell_guard)
        self.cleanup.callback(self.service.close)
        self.write_config()

    @staticmethod
    def environment():
        """What feedcast is started with: nothing of ours that would configure it."""
        kept = {k: v for k, v in os.environ.items()
                if not k.startswith(("FEEDCAST_", "COSMOSDB_", "KAFKA_", "CONFIG_")) and not k.lower().endswith("_proxy")}
        return kept | {"CHAOS_KEY": KEY, "FEEDCAST_LOG_FORMAT": "logfmt"}

    def _start_emulator(self, ranges):
        self.ledger_file = os.path.join(self.folder, "ledger.jsonl")
        arguments = [os.path.join(self.binaries, "emulator", "feedcast-emulator"), "--listen", "127.0.0.1:0",
                     "--ledger", self.ledger_file]
        for name, count in ranges.items():
            arguments += ["--create", f"{model.DATABASE}/{name}:{count}"]
        with open(os.path.join(self.folder, "emulator.log"), "wb") as log:
            process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
                                       start_new_session=True, text=True)
        self._tell_guard(f"+{process.pid}")
        self.cleanup.callback(lambda: (process.kill(), process.wait(), process.stdout.close()))
        self.emulator = process.stdout.readline().strip()
        if not self.emulator:
            raise AssertionError("the emulator did not start:\n" + self.tail("emulator.log"))

    def _start_cluster(self, target):
        proxies = {n: TcpProxy() for n in range(1, target.brokers + 1)}
        listener = Listener(advertised={n: p.port for n, p in proxies.items()})
        cluster = Cluster(target.brokers, listeners={"PROXIED": listener})
        self.cleanup.callback(cluster.close)
        for n, proxy in proxies.items():
            proxy.target = ("127.0.0.1", cluster.port(n, "PROXIED"))
            self.proxies[target.name, n] = proxy
            self.cleanup.callback(proxy.close)
        return target.name, cluster

    def create_topic(self, target):
        self.clusters[target.name].create_topic(
            model.TOPIC, target.partitions, target.brokers,
            {"message.timestamp.type": "LogAppendTime", "min.insync.replicas": min(2, target.brokers)})

    def write_config(self):
        targets = "".join(TARGET.format(name=t.name, cluster=t.cluster, topic=model.TOPIC,
                                        dead_letters=dead_letters.file_of(self.folder, t.name),
                                        brokers=self.clusters[t.name].bootstrap("PROXIED")) for t in model.TARGETS)
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(CONFIG.format(account=self.account_proxy.address, database=model.DATABASE, targets=targets,
                                  leases=self.leases, admin=self.admin_port, tuning=self.tuning))

    def start_service(self, seconds=60):
        """Returns when every range was polled once: what is written from now on is owed."""
        self.service.start()
        if not self.monitor.wait(lambda: not self.service.running() or self.service.ready() and self.polled(), seconds):
            raise AssertionError("feedcast did not become ready:\n" + self.tail("feedcast.log"))
        if not self.service.running():
            raise AssertionError("feedcast ended at its start:\n" + self.tail("feedcast.log"))

    def polled(self):
        """Every processor stored a position for each of its ranges."""
        stored = {(b.target.name, c, lease.token) for lease in list(self.books.leases)
                  for b, c in [self.books.lease_place(lease)]
                  if b is not None and lease.after is not None and lease.container == self.leases}
        return len(stored) >= len(model.TARGETS) * sum(RANGES.values())

    def tail(self, name, size=3000):
        with open(os.path.join(self.folder, name), encoding="utf-8", errors="replace") as f:
            return f.read()[-size:]

    def keep(self, folder):
        """Copies what helps to understand a failure."""
        os.makedirs(folder, exist_ok=True)
        for name in ("feedcast.log", "feedcast.yaml", "emulator.log", "ledger.jsonl",
                     *(dead_letters.file_of("", t.name) for t in model.TARGETS)):
            with contextlib.suppress(OSError):
                shutil.copy(os.path.join(self.folder, name), folder)

    def dead_letters(self):
        """By target."""
        return {t.name: dead_letters.read(dead_letters.file_of(self.folder, t.name)) for t in model.TARGETS}

    def failures(self):
        """What makes the run worthless or wrong, whatever the verdict."""
        found = list(self.service.failures)
        if self.writer.failure:
            found.append("writer: " + self.writer.failure)
        if self.monitor.failure:
            found.append(self.monitor.failure)
        return found

    def close(self):
        self.cleanup.close()

    def _tell_guard(self, line):
        with contextlib.suppress(BrokenPipeError):
            self.guard.stdin.write(line + "\n")
            self.guard.stdin.flush()

    def _end_guard(self):
        self.guard.stdin.close()
        self.guard.wait(30)


def pause(seconds):
    """Time that a fault lasts or a phase takes: that is what is waited for, not an event."""
    time.sleep(seconds)
