"""Three targets in one feedcast, each with a broker of its own, so that one of them can die alone."""
from consumer import TopicReader
from service import COLLECTION, DATABASE, Cluster, KafkaTest, harness

NAMES = ("eu", "us", "asia")


class ThreeTargets(KafkaTest):
    """The brokers are started once for all tests of the class. Records carry the time at which the broker stored them."""

    @classmethod
    def setUpClass(cls):
        cls.clusters = {}
        for name in NAMES:
            cls.clusters[name] = Cluster(start=False)
            cls.addClassCleanup(cls.clusters[name].close)
        for cluster in cls.clusters.values():
            cluster.start(wait=False)
        for cluster in cls.clusters.values():
            cluster.wait_ready()

    def setUp(self):
        harness.IntegrationTest.setUp(self)
        self.topic = "cacheInvalidation"
        self.emulator = harness.Emulator(self, [f"{DATABASE}/{COLLECTION}:2"])
        self.readers = {}
        for name, cluster in self.clusters.items():
            cluster.create_topic(self.topic, config={"message.timestamp.type": "LogAppendTime"})
            self.readers[name] = TopicReader(cluster.bootstrap(), self.topic)
            self.addCleanup(self.readers[name].close)

    def three_targets(self, tuning):
        config = self.config("")
        config["targets"] = {
            name: {"cluster_id": name, "feeds": [COLLECTION],
                   "kafka": {"brokers": cluster.bootstrap(), "topic": self.topic}}
            for name, cluster in self.clusters.items()}
        if not tuning:
            del config["tuning"]
        return config
