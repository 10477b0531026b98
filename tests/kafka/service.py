"""feedcast between the emulator and real brokers: what the tests of this folder share.

A writer posts documents all the time, each with an id of its own; whatever the emulator took must be on the topic when
the test ends. Times are taken from feedcast's own counters, not from when a consumer happened to reconnect.
"""
import contextlib
import http.client
import json
import os
import re
import statistics
import sys
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
os.environ.setdefault("FEEDCAST_SOURCE_DIR", ROOT)
os.environ.setdefault("FEEDCAST_BINARY_DIR", os.path.join(ROOT, "build", "dev"))
sys.path.insert(0, os.path.join(ROOT, "tests", "integration"))
import harness  # noqa: E402  (from the folder above)
from brokers import Cluster, confluent_kafka, eventually  # noqa: E402
from consumer import TopicReader  # noqa: E402

DATABASE, COLLECTION = "openwhisk", "whisks"
# What an operator must find in the line of each class, so that he knows what to do next.
HINTS = {
    "transport": r"no broker could be reached .*check kafka\.brokers|bring its brokers back|replicas",
    "timeout": r"no broker could be reached|no report for|not acknowledged",
    "auth": r"login refused|certificate",
    "acl": r"grant this client WRITE and DESCRIBE",
    "unknown_topic": r"create it: kafka-topics\.sh .*--create --topic ",
}


class Writer:
    """Posts one small document after the other, `rate` a second, until stop(). `ids` are those that were taken, `sent` when
    each was sent, Unix time."""

    def __init__(self, emulator, rate=200, prefix="w", collection=COLLECTION, make=harness.entity):
        self.ids, self.sent, self.rate, self.prefix, self.make, self.failure = [], [], rate, prefix, make, None
        self.link = f"dbs/{DATABASE}/colls/{collection}"
        self.headers = {**emulator.headers("POST", "docs", self.link), "x-ms-documentdb-is-upsert": "True",
                        "content-type": "application/json"}
        self.address = emulator.url.split("//")[1]
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        try:
            connection = http.client.HTTPConnection(self.address, timeout=30)
            began, n = time.monotonic(), 0
            while not self.ending.is_set():
                name = f"{self.prefix}/{n}"
                document = self.make(name, "us2")
                sent = time.time()
                connection.request("POST", f"/{self.link}/docs", json.dumps(document), {
                    **self.headers, "x-ms-documentdb-partitionkey": json.dumps([document["id"]])})
                with connection.getresponse() as answer:
                    answer.read()
                    assert answer.status in (200, 201), answer.status
                self.ids.append(name)
                self.sent.append(sent)
                n += 1
                self.ending.wait(max(0, began + n / self.rate - time.monotonic()))
        except Exception as e:  # pylint: disable=broad-except  (told by stop(), in the test's own thread)
            self.failure = e

    def stop(self):
        """The ids of all documents that were taken."""
        self.ending.set()
        self.thread.join()
        if self.failure:
            raise self.failure
        return self.ids


class KafkaTest(harness.IntegrationTest):
    """One cluster for all tests of the class, made with `cluster_options`; a topic and an emulator for each test."""

    cluster_options = {}
    tuning = {"produce": {"message_timeout": "3s"}}

    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster(**cls.cluster_options)
        cls.addClassCleanup(cls.cluster.close)

    def setUp(self):
        super().setUp()
        self.topic = self.id().rsplit(".", 1)[1][:80]
        self.emulator = harness.Emulator(self, [f"{DATABASE}/{COLLECTION}:2"])
        self.reader = TopicReader(self.cluster.bootstrap(), self.topic)
        self.addCleanup(self.reader.close)

    # -- feedcast

    def config(self, brokers, properties=None, **kafka):
        """The configuration of one target; `kafka` are more keys of its block."""
        block = {"brokers": brokers, "topic": self.topic, **kafka}
        if properties:
            block["properties"] = properties
        return {
            "accounts": {"main": {"endpoint": self.emulator.url, "key": {"from_env": "TEST_KEY"}, "database": DATABASE}},
            "feeds": {COLLECTION: {"account": "main", "start": "beginning"}},
            "targets": {"eu": {"cluster_id": "eu1", "feeds": [COLLECTION], "kafka": block}},
            "admin": {"listen": "127.0.0.1:0"}, "instance": "test",
            "tuning": {"poll": {"min": "20ms", "max": "100ms"}, "checkpoint": {"interval": "100ms"}, **self.tuning}}

    def start(self, brokers=None, config=None, environment=None, **more):
        """Starts feedcast, on brokers that need not be there; JSON is YAML."""
        path = os.path.join(self.folder, "feedcast.yaml")
        with open(path, "w", encoding="utf-8") as f:
            json.dump(config or self.config(brokers or self.cluster.bootstrap(), **more), f)
        self.process = harness.start_feedcast(self, ["run", "-c", path],
                                              {"TEST_KEY": harness.KEY, **(environment or {})})
        self.admin = self.process.wait_line(r"admin=(\S+)").group(1)
        return self.process

    def acknowledged(self, target="eu"):
        return harness.metric(self.admin, "feedcast_target_messages_total", target=target, outcome="acked")

    def metric(self, name, **labels):
        return harness.metric(self.admin, name, **labels)

    def up(self, target="eu"):
        return self.metric("feedcast_target_up", target=target) == 1

    def wait_acknowledged(self, more_than, seconds=60):
        """Awaits the acknowledgement of more messages; returns when it was seen."""
        eventually(f"more than {more_than} acknowledged", lambda: self.acknowledged() > more_than, seconds)
        return time.monotonic()

    def wait_flowing(self, seconds=60):
        """Until messages are acknowledged right now."""
        self.wait_acknowledged(self.acknowledged(), seconds)

    # -- what must hold

    def assert_class_logged(self, wanted, start=0, seconds=30):
        """A line says that the target can't be delivered to, why, and what to do."""
        found = self.process.wait_line(
            rf'target can\'t be delivered to.*class="?{wanted}"?.*({HINTS[wanted]})', seconds, start)
        return found.string

    def assert_recovery_logged(self, start=0, seconds=30):
        self.process.wait_line("target can be delivered to", seconds, start)

    def assert_nothing_lost(self, ids, seconds=60, least_duplicates=0):
        """Every document is told, nothing else is; stops feedcast, which must end well. Returns the duplicates."""
        wanted = {harness.message(i).encode() for i in ids}
        self.reader.wait_for_values(wanted, seconds)
        code = self.process.stop()
        self.assertEqual(code, 0, self.process.output()[-3000:])
        values = [r.value for r in self.reader.read_to_end()]
        self.assertLessEqual(set(values), wanted, "something that nobody wrote")
        changes = [re.sub(r"^ts=\S+ | reason=.*", "", line) for line in self.process.output().splitlines()
                   if 'msg="target can' in line]
        self.assertFalse([a for a, b in zip(changes, changes[1:]) if a == b], f"one line for each change: {changes}")
        duplicates = len(values) - len(wanted)
        self.assertGreaterEqual(duplicates, least_duplicates)
        self.say(f"{len(wanted)} written, 0 lost, {duplicates} duplicates")
        return duplicates

    def say(self, text):
        print(f"  [{self.id().rsplit('.', 1)[1]}] {text}", flush=True)

    def write(self, count, prefix="w"):
        """Writes documents now; returns their ids."""
        ids = [f"{prefix}/{n}" for n in range(count)]
        self.emulator.write(DATABASE, COLLECTION, [harness.entity(i, "us2") for i in ids], self.folder)
        return ids

    def writer(self, rate=200, prefix="w", **more):
        writer = Writer(self.emulator, rate, prefix, **more)
        self.addCleanup(writer.ending.set)
        return writer

    def resumed_after(self, bring_back):
        """Calls bring_back(), which returns once the brokers answer; seconds from then to the next acknowledgement."""
        before = self.acknowledged()
        seen = []
        watcher = threading.Thread(target=lambda: seen.append(self.wait_acknowledged(before, 120)))
        watcher.start()
        try:
            bring_back()
            back = time.monotonic()
        finally:
            watcher.join()
        return max(0.0, seen[0] - back)


def median(values):
    return statistics.median(values)


@contextlib.contextmanager
def stopwatch():
    """Yields a function that tells the seconds since."""
    began = time.monotonic()
    yield lambda: time.monotonic() - began


__all__ = ["COLLECTION", "Cluster", "DATABASE", "KafkaTest", "Writer", "confluent_kafka", "eventually", "harness",
           "median", "stopwatch"]
