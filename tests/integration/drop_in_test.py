"""The replaced service's environment, and nothing else, is enough: https emulator in, Kafka out, byte for byte."""
import signal
import unittest

import harness
from harness import Emulator, IntegrationTest, Kafka, entity, eventually, message

WRITES = 10_000


class DropIn(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.emulator = Emulator(self, ["openwhisk/whisks:4"], tls=True, folder=self.folder)
        self.kafka = Kafka(self, "cacheInvalidation:1")
        self.port = harness.free_port()
        self.admin = f"http://127.0.0.1:{self.port}"
        self.environment = {
            "COSMOSDB_ENDPOINT": self.emulator.url + "/", "COSMOSDB_KEY": harness.KEY,
            "COSMOSDB_NAME": "openwhisk", "KAFKA_HOSTS": self.kafka.brokers,
            "SSL_CERT_FILE": self.emulator.certificate,
            "CONFIG_whisk_cacheInvalidator_clusterId": "eu1",
            "CONFIG_whisk_cacheInvalidator_port": str(self.port)}

    def start(self):
        process = harness.start_feedcast(self, ["run"], self.environment)
        harness.wait_ready(self.admin)
        return process

    def documents(self, first, count):
        odd = ["acme/with space & more", "acme/caf\u00e9", "acme/\u4f60\u597d", 'acme/quo"te', "ns/pkg/action"]
        for n in range(first, first + count):
            name = f"{odd[n % 50]}-{n}" if n % 50 < len(odd) else f"ns-{n % 20}/action-{n}"
            cluster = {0: "eu1", 1: None}.get(n % 4, "us2")
            yield name, cluster, entity(name, cluster, **({"_deleted": True, "ttl": 36000} if n % 10 == 3 else {}))

    def test_ten_thousand_documents_arrive_byte_for_byte_and_a_restart_goes_on_exactly(self):
        process = self.start()
        expected = []
        own = 0
        for first in range(0, WRITES, WRITES // 4):
            documents = list(self.documents(first, WRITES // 4))
            self.emulator.write("openwhisk", "whisks", [d for _, _, d in documents], self.folder)
            expected += [name for name, cluster, _ in documents if cluster != "eu1"]
            own += sum(cluster == "eu1" for _, cluster, _ in documents)
            if first == WRITES // 4:  # stop in the middle, with changes that were not read yet
                self.assertEqual(process.stop(signal.SIGTERM), 0, process.output())
                process = None
            elif process is None:
                process = self.start()
        values = [message(name) for name in expected]
        eventually("all messages are produced",
                   lambda: len(set(v for _, v in self.kafka.messages("cacheInvalidation"))) >= len(values))
        self.assertEqual(process.stop(signal.SIGTERM), 0, process.output())
        got = self.kafka.messages("cacheInvalidation")
        self.assertEqual(sorted(v for _, v in got), sorted(values), "none missing, none twice, none foreign")
        self.assertEqual({k for k, _ in got}, {"messages"}, "the replaced service's record key")
        self.assertGreater(own, 0)

    def test_metrics_of_the_replaced_service_are_there(self):
        self.start()
        self.emulator.write("openwhisk", "whisks", [entity("a/b", "us2"), entity("a/c", "eu1")], self.folder)
        eventually("both documents are counted", lambda: harness.metric(
            self.admin, "counter_cosmosdb_change_feed_count_total", collection="whisks") == 2)
        self.assertEqual(harness.get(self.admin + "/ping"), (200, "pong"))


if __name__ == "__main__":
    unittest.main()
