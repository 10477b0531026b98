"""One broker that refuses, with its reason: too large, no such topic, not allowed, wrong password, bad certificate; and
one that says nothing at all.
"""
import json
import os
import time
import unittest

from brokers import Listener
from certificates import Authority
from service import Cluster, KafkaTest, eventually, harness
from tcp_proxy import TcpProxy

USER, PASSWORD, CHANGED = "carol", "first-password-7", "second-password-8"
# What is wrong with each, and what the log must say of it.
CERTIFICATE = "certificate verify failed"  # librdkafka 2.0.2 says no more
BAD = {"EXPIRED": CERTIFICATE, "STRANGER": CERTIFICATE, "UNKNOWN": CERTIFICATE,
       "OLD": "legacy sigalg disallowed|unsupported protocol|protocol version"}


class Refusals(KafkaTest):
    @classmethod
    def setUpClass(cls):
        cls.proxies = {name: TcpProxy(keep=name in BAD) for name in ["QUIET", "LOGIN", *BAD]}
        folder = os.path.join(cls.enterClassContext(harness.tempfile.TemporaryDirectory()), "")
        cls.trusted = Authority(folder + "trusted")
        stores = {"LOGIN": cls.trusted.issue("login"), "OLD": cls.trusted.issue("old"),
                  "EXPIRED": cls.trusted.issue("expired", start="20200101000000Z", end="20210101000000Z"),
                  "STRANGER": cls.trusted.issue("stranger", hosts=("DNS:kafka.example", "IP:127.0.0.2")),
                  "UNKNOWN": Authority(folder + "unknown", "somebody else").issue("unknown")}
        # Java offers TLS 1.1 only if nothing forbids it.
        with open(folder + "java.security", "w", encoding="ascii") as f:
            f.write("jdk.tls.disabledAlgorithms=\n")
        listeners = {name: Listener("SASL_SSL", stores[name], {1: cls.proxies[name].port}, {USER: PASSWORD})
                     for name in stores}
        listeners["QUIET"] = Listener("PLAINTEXT", advertised={1: cls.proxies["QUIET"].port})
        cls.cluster = Cluster(listeners=listeners, acls=True, start=False,
                              settings={"listener.name.old.ssl.enabled.protocols": "TLSv1.1"},
                              jvm=[f"-Djava.security.properties={folder}java.security"])
        cls.addClassCleanup(cls.cluster.close)
        for name, proxy in cls.proxies.items():
            proxy.target = ("127.0.0.1", cls.cluster.port(1, name))
            cls.addClassCleanup(proxy.close)
        cls.cluster.start()

    def login(self):
        """Properties and file of a user who logs in with a password from a file."""
        file = os.path.join(self.folder, "password")
        self.write_password(file, PASSWORD)
        return {"security.protocol": "SASL_SSL", "ssl.ca.location": self.trusted.ca, "sasl.mechanism": "PLAIN",
                "sasl.username": USER, "sasl.password": {"from_file": file}}, file

    @staticmethod
    def write_password(file, password):
        with open(file + ".new", "w", encoding="ascii") as f:
            f.write(password)
        os.rename(file + ".new", file)

    def change_broker_password(self, old, new):
        self.cluster.nodes[1].edit(old, new)
        self.cluster.restart()

    def assert_no_secret_told(self):
        for secret in (PASSWORD, CHANGED):
            self.assertNotIn(secret, self.process.output())
            self.assertNotIn(secret, harness.get(self.admin + "/api/v1/status")[1])

    # -- K4

    def refuses_only_the_large(self, **more):
        """Large ones among small ones, all in one batch at first."""
        large = [f"w/large{n}" + "x" * 900 for n in range(2)]
        small = [f"w/{n}" for n in range(400)]
        ids = [*small[:200], *large, *small[200:]]
        self.emulator.write("openwhisk", "whisks", [harness.entity(i, "us2") for i in ids], self.folder)
        config = self.config(self.cluster.bootstrap(), **more)
        dead_letters = os.path.join(self.folder, "dead.jsonl")
        config["targets"]["eu"]["dead_letter"] = {"file": dead_letters}
        self.start(config=config)
        began = time.monotonic()
        self.reader.wait_for_values({harness.message(i).encode() for i in small})
        eventually("both are counted", lambda: self.metric(
            "feedcast_target_messages_total", target="eu", outcome="undeliverable") == 2)
        self.say(f"400 small ones were delivered and 2 large ones set aside in {time.monotonic() - began:.2f} s")
        self.process.wait_line("message refused .*for good.*bytes=")
        self.assertNotIn("large0", self.process.output(), "ids are nobody's business")
        with open(dead_letters, encoding="utf-8") as f:
            letters = [json.loads(line) for line in f]
        self.assertEqual(sorted((letter["id"], letter["reason"]) for letter in letters),
                         [(i, "refused") for i in large])
        more_small = self.write(50, "after")
        self.assert_nothing_lost([*small, *more_small])

    def test_a_message_too_large_for_the_topic_is_set_aside_alone(self):
        self.cluster.create_topic(self.topic, config={"max.message.bytes": 1200})
        self.refuses_only_the_large()

    def test_a_message_too_large_for_the_client_is_set_aside_alone(self):
        self.cluster.create_topic(self.topic)
        self.refuses_only_the_large(properties={"message.max.bytes": "1200"})

    # -- K5

    def test_a_topic_that_is_missing_or_deleted_is_waited_for(self):
        ids = self.write(200)
        self.start()
        line = self.assert_class_logged("unknown_topic")
        self.assertIn(f"--bootstrap-server {self.cluster.bootstrap()} --create --topic {self.topic}", line)
        eventually("readiness tells it", lambda: not self.up())
        self.assertEqual(self.acknowledged(), 0)
        appeared = self.resumed_after(lambda: self.cluster.create_topic(self.topic))
        self.assert_recovery_logged()
        self.reader.wait_for_values({harness.message(i).encode() for i in ids})

        start = len(self.process.lines)
        self.cluster.delete_topic(self.topic)
        later = self.write(200, "later")
        self.assert_class_logged("unknown_topic", start)
        self.assertEqual(harness.get(self.admin + "/livez")[0], 200)
        again = self.resumed_after(lambda: self.cluster.create_topic(self.topic))
        self.reader.restart()
        self.assert_recovery_logged(start)
        self.say(f"acknowledged {appeared:.2f} s after the topic appeared, {again:.2f} s after it was made anew")
        self.assert_nothing_lost([*ids, *later])

    # -- K6

    def test_a_missing_right_to_write_is_named_and_waited_for(self):
        self.cluster.create_topic(self.topic)
        ids = self.write(200)
        self.start(self.cluster.bootstrap("LOGIN"), properties=self.login()[0])
        self.assert_class_logged("acl")
        self.assertEqual(self.acknowledged(), 0)
        granted = self.resumed_after(lambda: self.cluster.allow(USER, self.topic))
        self.assert_recovery_logged()
        self.reader.wait_for_values({harness.message(i).encode() for i in ids})
        start = len(self.process.lines)
        self.cluster.revoke(USER, self.topic)
        self.cluster.allow(USER, self.topic, "DESCRIBE")  # seen, but not to be written to
        later = self.write(200, "later")
        self.assert_class_logged("acl", start)
        again = self.resumed_after(lambda: self.cluster.allow(USER, self.topic))
        self.assert_recovery_logged(start)
        self.say(f"acknowledged {granted:.2f} s after the right was given, {again:.2f} s after it was given back")
        self.assert_no_secret_told()
        self.assert_nothing_lost([*ids, *later])

    def test_a_changed_password_is_read_from_its_file(self):
        """Changed at the broker, which restarts for it, and in the file after that."""
        self.cluster.create_topic(self.topic)
        self.cluster.allow(USER, self.topic)
        properties, file = self.login()
        self.start(self.cluster.bootstrap("LOGIN"), properties=properties)
        writer = self.writer()
        self.wait_flowing()
        start = len(self.process.lines)
        self.change_broker_password(PASSWORD, CHANGED)
        self.addCleanup(self.change_broker_password, CHANGED, PASSWORD)
        self.assert_class_logged("auth", start)
        eventually("readiness tells it", lambda: not self.up())
        resumed = self.resumed_after(lambda: self.write_password(file, CHANGED))
        self.assert_recovery_logged(start)
        self.say(f"acknowledged {resumed:.2f} s after the file was changed")
        self.assertGreaterEqual(self.metric("feedcast_target_producer_restarts_total", target="eu", reason="auth"), 1)
        self.assert_no_secret_told()
        self.assert_nothing_lost(writer.stop())

    # -- K15

    def test_a_connection_that_says_nothing_any_more_is_noticed(self):
        self.cluster.create_topic(self.topic)
        proxy = self.proxies["QUIET"]
        config = self.config(self.cluster.bootstrap("QUIET"))
        del config["tuning"]["produce"]  # as it comes
        self.start(config=config)
        writer = self.writer()
        for mode in ("blackhole", "mute"):
            self.wait_flowing()
            start, began = len(self.process.lines), time.monotonic()
            proxy.set_mode(mode)
            self.process.wait_line(r"target can't be delivered to.*class=(timeout|transport)", 60, start)
            noticed = time.monotonic() - began
            resumed = self.resumed_after(lambda: proxy.set_mode("pass"))
            self.assert_recovery_logged(start)
            self.say(f"{mode}: noticed after {noticed:.1f} s, acknowledged {resumed:.2f} s after it had passed")
            self.assertLess(noticed, 30)
        self.assert_nothing_lost(writer.stop())

    # -- K16

    def test_scram_at_kafka_4_says_what_it_takes(self):
        """librdkafka before 2.6.1 can't."""
        self.cluster.create_topic(self.topic)
        self.cluster.set_password(USER, PASSWORD)
        self.cluster.allow(USER, self.topic)
        ids = self.write(50)
        self.start(self.cluster.bootstrap("LOGIN"), properties={**self.login()[0], "sasl.mechanism": "SCRAM-SHA-512"})
        said = self.process.wait_line(r"librdkafka (\S+) can't log in with SCRAM at Kafka 4|can be delivered to")
        self.say(f"librdkafka {said.group(1)}" if said.group(1) else "works")
        self.assert_no_secret_told()
        if not said.group(1):
            self.assert_nothing_lost(ids)

    def test_a_broker_that_can_not_be_trusted_hears_no_password(self):
        self.cluster.create_topic(self.topic)
        self.cluster.allow(USER, self.topic)
        properties, _ = self.login()
        config = self.config(self.cluster.bootstrap("LOGIN"), properties=properties)
        for name in BAD:
            other = json.loads(json.dumps(config["targets"]["eu"]))
            other["kafka"]["brokers"] = self.cluster.bootstrap(name)
            other["cluster_id"] = name.lower()
            config["targets"][name.lower()] = other
        ids = self.write(200)
        self.start(config=config)
        for name, reason in BAD.items():
            line = self.process.wait_line(
                rf"target can't be delivered to.*target={name.lower()} class=auth.*({reason})").string
            self.say(line.split("reason=")[1])
        self.reader.wait_for_values({harness.message(i).encode() for i in ids})  # by the one that is in order
        for name in BAD:
            proxy = self.proxies[name]
            self.assertEqual(self.acknowledged(name.lower()), 0)
            self.assertGreater(len(proxy.heard), 0, "it never even tried")
            for secret in (USER, "PLAIN", PASSWORD):
                self.assertNotIn(secret.encode(), proxy.heard)
        self.assert_no_secret_told()
        self.process.stop(harness.signal.SIGKILL)


if __name__ == "__main__":
    unittest.main()
