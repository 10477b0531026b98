"""The brokers that other tests stand on do what their methods say, and keep what was acknowledged."""
import os
import subprocess
import sys
import unittest

from brokers import Cluster, confluent_kafka, eventually
from consumer import TopicReader


def produce(cluster, topic, values, **properties):
    """Returns how many were acknowledged."""
    acknowledged = []
    producer = confluent_kafka.Producer({"bootstrap.servers": cluster.bootstrap(), "log_level": 0, **properties})
    for value in values:
        producer.produce(topic, key=b"k", value=value, headers=[("n", value)],
                         on_delivery=lambda error, message: error or acknowledged.append(message.value()))
    producer.flush(30)
    return len(acknowledged)


class ThreeBrokers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster(3)
        cls.addClassCleanup(cls.cluster.close)

    def test_leaders_move_brokers_die_and_return_and_nothing_acknowledged_is_lost(self):
        self.cluster.create_topic("t", 2, 3, {"min.insync.replicas": 2})
        reader = TopicReader(self.cluster.bootstrap(), "t")
        self.addCleanup(reader.close)
        values = [b"%d" % i for i in range(3000)]
        self.assertEqual(produce(self.cluster, "t", values[:1000]), 1000)
        first = self.cluster.leader_of("t", 1)
        self.cluster.wait_in_sync("t", 3)
        self.cluster.move_leader("t", first % 3 + 1, partition=1)
        # Each broker learns it in its own time.
        eventually("all say so", lambda: self.cluster.leader_of("t", 1) == first % 3 + 1)
        self.cluster.kill(2)
        self.assertEqual(produce(self.cluster, "t", values[1000:2000]), 1000)
        self.cluster.restart(2)
        self.cluster.suspend(3)
        self.cluster.resume(3)
        self.cluster.stop(1)
        self.assertEqual(self.cluster.running(), [2, 3])
        self.assertEqual(produce(self.cluster, "t", values[2000:]), 1000)
        self.cluster.start(1)
        self.cluster.wait_in_sync("t", 3)
        records = reader.read_to_end()
        self.assertEqual(sorted(r.value for r in records), sorted(values))
        one = records[0]
        self.assertEqual((one.key, one.headers), (b"k", (("n", one.value),)))
        self.assertGreater(one.timestamp, 1_600_000_000_000)

    def test_a_topic_goes_and_returns_empty(self):
        self.cluster.create_topic("again", 1, 3)
        self.assertEqual(produce(self.cluster, "again", [b"1", b"2"]), 2)
        reader = TopicReader(self.cluster.bootstrap(), "again")
        self.addCleanup(reader.close)
        self.assertEqual(len(reader.read_to_end()), 2)
        self.cluster.move_leader("again", self.cluster.leader_of("again") % 3 + 1)
        self.assertEqual(produce(self.cluster, "again", [b"2b"]), 1)
        self.assertEqual(len(reader.read_to_end()), 3)
        self.cluster.delete_topic("again")
        self.cluster.create_topic("again", 1, 3)
        reader.restart()
        self.assertEqual(produce(self.cluster, "again", [b"3"]), 1)
        reader.wait_for_values({b"3"}, seconds=15)
        self.assertEqual([r.value for r in reader.read_to_end()], [b"1", b"2", b"2b", b"3"])

    def test_a_small_message_limit_refuses(self):
        self.cluster.create_topic("small", 1, 3)
        self.cluster.set_topic_config("small", max_message_bytes=200)
        eventually("it refuses", lambda: produce(self.cluster, "small", [b"x" * 300]) == 0)


class Secured(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster(1, secure=True, acls=True)
        cls.addClassCleanup(cls.cluster.close)

    def test_passwords_and_rules_are_asked_for(self):
        self.cluster.create_topic("guarded")
        self.cluster.set_password("carol", "right")

        def produced(password):
            return produce(self.cluster, "guarded", [b"x"], **{
                "bootstrap.servers": self.cluster.bootstrap("SASL_SSL"), "security.protocol": "SASL_SSL",
                "ssl.ca.location": self.cluster.authority.ca, "sasl.mechanism": "SCRAM-SHA-512",
                "sasl.username": "carol", "sasl.password": password, "message.timeout.ms": 2000})
        self.assertEqual(produced("right"), 0)
        self.cluster.allow("carol", "guarded")
        eventually("the rule is in force", lambda: produced("right") == 1)
        self.assertEqual(produced("wrong"), 0)
        self.cluster.revoke("carol", "guarded")
        eventually("the rule is gone", lambda: produced("right") == 0)


class Orphaned(unittest.TestCase):
    def test_nothing_is_left_of_a_test_that_was_killed(self):
        script = ("import os, signal, brokers\nc = brokers.Cluster(start=False)\nc.start(wait=False)\n"
                  "print(c.folder, c.nodes[1].process.pid, flush=True)\nos.kill(os.getpid(), signal.SIGKILL)")
        done = subprocess.run([sys.executable, "-c", script], cwd=os.path.dirname(os.path.abspath(__file__)),
                              capture_output=True, text=True, timeout=120, check=False)
        folder, pid = done.stdout.split()
        eventually("its folder and broker are gone", lambda: not os.path.exists(folder)
                   and not os.path.exists(f"/proc/{pid}"), 20)


if __name__ == "__main__":
    unittest.main()
