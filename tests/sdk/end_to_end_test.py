"""End to end with strangers at both ends: the official JavaScript SDK writes over https, Apache Kafka receives, kcat
reads back. In between feedcast runs twice: on the replaced service's environment alone, and on a configuration with two
collections and two targets."""
import collections
import json
import os
import signal
import subprocess
import sys
import time

for folder in ("integration", "kafka"):
    sys.path.insert(0, os.path.join(os.environ["FEEDCAST_SOURCE_DIR"], "tests", folder))
import harness  # noqa: E402  (from the folders above)
import peers  # noqa: E402
from brokers import Cluster  # noqa: E402
from openwhisk_documents import OTHER, OWN, message, phases  # noqa: E402

WRITES = int(os.environ.get("FEEDCAST_SDK_WRITES", "20000"))
CONFIG = """accounts:
  main: {{endpoint: "{endpoint}", key: {{from_env: ACCOUNT_KEY}}, database: openwhisk, ca_file: "{ca}"}}
feeds:
  whisks: {{account: main}}
  subjects: {{account: main, identities: namespace}}
targets:
  eu: {{cluster_id: eu1, feeds: [whisks, subjects], kafka: {{brokers: "{brokers}", topic_prefix: "eu-"}}}}
  us: {{cluster_id: us2, feeds: [whisks, subjects], kafka: {{brokers: "{brokers}", topic_prefix: "us-"}}}}
leases: {{collection: positions}}
admin: {{listen: "127.0.0.1:0"}}
instance: configured
"""
Record = collections.namedtuple("Record", "partition offset timestamp key value")


class Topic:
    """One topic, read back with kcat; what it must hold is what was written, less what its cluster wrote itself."""

    def __init__(self, brokers, name, own, containers, key):
        self.brokers, self.name, self.own, self.containers, self.key = brokers, name, own, containers, key
        self.seen = collections.Counter()  # by partition: records before the phase that runs now
        self.told = 0

    def read(self):
        """All records, in the order of their partition and offset."""
        done = subprocess.run(
            ["kcat", "-C", "-q", "-e", "-o", "beginning", "-b", self.brokers, "-t", self.name,
             "-f", "%p\\x01%o\\x01%T\\x01%k\\x01%s\\x02"], capture_output=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr.decode()
        fields = (record.split("\x01") for record in done.stdout.decode().split("\x02")[:-1])
        return [Record(int(p), int(o), int(t), k, v) for p, o, t, k, v in fields]

    def fresh(self, records):
        return [r for r in records if r.offset >= self.seen[r.partition]]

    def expected(self, writes):
        """The cache keys that the cluster must be told of."""
        return {key for w in writes if w.container in self.containers and w.cluster != self.own for key in w.keys}


class EndToEnd(harness.IntegrationTest):
    def setUp(self):
        super().setUp()
        self.emulator = harness.Emulator(self, [], tls=True, folder=self.folder)
        self.kafka = Cluster(1)
        self.addCleanup(self.kafka.close)
        brokers = self.kafka.bootstrap()
        self.topics = [Topic(brokers, "cacheInvalidation", OWN, {"whisks"}, "constant"),
                       Topic(brokers, "eu-cacheInvalidation", OWN, {"whisks", "subjects"}, "id"),
                       Topic(brokers, "us-cacheInvalidation", OTHER, {"whisks", "subjects"}, "id")]
        for n, topic in enumerate(self.topics):
            self.kafka.create_topic(topic.name, partitions=n + 1, config={"retention.ms": 300000})
        self.write([])  # makes the collections
        self.services = [self.start_drop_in(), self.start_configured()]

    def start_drop_in(self):
        port = harness.free_port()
        process = harness.start_feedcast(self, ["run"], {
            "COSMOSDB_ENDPOINT": self.emulator.url + "/", "COSMOSDB_KEY": harness.KEY, "COSMOSDB_NAME": "openwhisk",
            "KAFKA_HOSTS": self.kafka.bootstrap(), "SSL_CERT_FILE": self.emulator.certificate,
            "CONFIG_whisk_cacheInvalidator_clusterId": OWN, "CONFIG_whisk_cacheInvalidator_port": str(port)})
        harness.wait_ready(f"http://127.0.0.1:{port}")
        return process

    def start_configured(self):
        path = os.path.join(self.folder, "feedcast.yaml")
        with open(path, "w", encoding="utf-8") as f:
            f.write(CONFIG.format(endpoint=self.emulator.url + "/", ca=self.emulator.certificate,
                                  brokers=self.kafka.bootstrap()))
        process = harness.start_feedcast(self, ["run", "-c", path], {"ACCOUNT_KEY": harness.KEY})
        harness.wait_ready(process.wait_line(r"admin=(\S+)").group(1))
        return process

    def write(self, writes):
        """Each document is written by a chain of its own, side by side with others."""
        plan = {"sdk": str(peers.folder("sdk")), "endpoint": self.emulator.url + "/", "key": harness.KEY,
                "database": "openwhisk", "containers": {"whisks": 4, "subjects": 2},
                "chains": [[{"do": w.do, "container": w.container, "document": w.document}] for w in writes]}
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "javascript", "write.cjs")
        done = subprocess.run(["node", script], input=json.dumps(plan), capture_output=True, text=True, timeout=300,
                              env={**os.environ, "NODE_EXTRA_CA_CERTS": self.emulator.certificate}, check=False)
        self.assertEqual(done.returncode, 0, done.stderr[-3000:])
        counts = json.loads(done.stdout)
        self.assertGreaterEqual(counts.pop("charge"), len(writes))
        self.assertEqual(counts, dict(collections.Counter(w.do for w in writes)))

    def check_phase(self, topic, writes):
        """Every foreign write of the phase is told after the phase began, byte for byte; nothing else is told."""
        wanted = {message(key): key for key in topic.expected(writes)}
        records = harness.eventually(
            f"{topic.name} has all of {len(wanted)}",
            lambda: (read := topic.read()) and wanted.keys() <= {r.value for r in topic.fresh(read)} and read)
        fresh = topic.fresh(records)
        self.assertLessEqual({r.value for r in fresh}, wanted.keys(), "nothing of the own cluster, nothing foreign")
        for r in fresh:
            self.assertEqual(r.key, "messages" if topic.key == "constant" else wanted[r.value])
            self.assertGreater(r.timestamp, self.began)
        topic.seen = collections.Counter(r.partition for r in records)
        topic.told += len(wanted)

    def throttle(self):
        """The SDK is told to come back later, now and then, and does."""
        for operation in ("create", "replace"):
            self.emulator.control("POST", "/_emulator/faults", {
                "operation": operation, "container": "whisks", "kind": "status", "status": 429, "retry_after_ms": 5,
                "rate": 0.2, "times": 50})

    def hits(self):
        return [rule["hits"] for rule in self.emulator.control("GET", "/_emulator/faults")["faults"]]

    def test_every_write_arrives_byte_for_byte_and_nothing_else(self):
        self.began = int(time.time() * 1000)
        written = 0
        self.throttle()
        for name, writes in phases(WRITES):
            began = time.monotonic()
            self.write(writes)
            done = time.monotonic()
            written += len(writes)
            for topic in self.topics:
                self.check_phase(topic, writes)
            print(f"{name}: {len(writes)} writes in {done - began:.1f} s, all told {time.monotonic() - done:.1f} s later",
                  flush=True)
        self.assertEqual(written, WRITES)
        self.assertEqual(self.hits(), [50, 50])
        for process in self.services:
            self.assertEqual(process.stop(signal.SIGTERM), 0, process.output())
        for topic in self.topics:
            records = len(topic.read())
            print(f"{topic.name}: {topic.told} messages, 0 missing, 0 wrong, {records - topic.told} duplicates", flush=True)


if __name__ == "__main__":
    harness.unittest.main()
