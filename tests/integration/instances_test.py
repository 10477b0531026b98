"""Several processes over one feed: they share its ranges, stand in for each other, and two of one name don't last."""
import os
import signal
import unittest

import harness
from harness import Emulator, IntegrationTest, Kafka, entity, eventually, message, metric

CONFIG = """accounts:
  main: {{type: cosmosdb, endpoint: "{endpoint}", key: {{from_env: TEST_KEY}}, database: openwhisk}}
feeds:
  whisks: {{account: main}}
targets:
  eu:
    cluster_id: eu1
    feeds: [whisks]
    kafka: {{brokers: "{brokers}", topic: cacheInvalidation}}
leases: {{collection: leases}}
admin: {{listen: "127.0.0.1:0"}}
tuning:
  poll: {{min: 20ms, max: 100ms}}
  checkpoint: {{interval: 100ms}}
  leases: {{expiry: 4s, renew: 1s, look: 1s}}
"""
RANGES = 8
TOPIC = "cacheInvalidation"


class Instances(IntegrationTest):
    def begin(self):
        self.emulator = Emulator(self, [f"openwhisk/whisks:{RANGES}"])
        self.kafka = Kafka(self, TOPIC + ":2")
        self.config = os.path.join(self.folder, "feedcast.yaml")
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(CONFIG.format(endpoint=self.emulator.url, brokers=self.kafka.brokers))

    def start(self, instance):
        process = harness.start_feedcast(self, ["run", "-c", self.config, "--set", f"instance={instance}"],
                                         {"TEST_KEY": harness.KEY})
        process.admin = process.wait_line(r"admin=(\S+)").group(1)
        return process

    def owned(self, process):
        return metric(process.admin, "feedcast_leases", state="owned")

    def test_two_share_the_ranges_and_one_takes_all_when_the_other_is_killed(self):
        self.begin()
        first = self.start("a")
        eventually("the first one owns all", lambda: self.owned(first) == RANGES)
        second = self.start("b")
        eventually("half each", lambda: self.owned(first) == self.owned(second) == RANGES / 2)
        second.stop(signal.SIGKILL)
        eventually("all is taken over", lambda: self.owned(first) == RANGES)
        self.emulator.write("openwhisk", "whisks", [entity(f"ns/a{n}") for n in range(200)], self.folder)
        expected = {message(f"ns/a{n}") for n in range(200)}
        eventually("every change arrives", lambda: expected <= {value for _, value in self.kafka.messages(TOPIC)})

    def test_of_two_of_one_name_the_earlier_one_ends_and_says_why(self):
        self.begin()
        first = self.start("a")
        eventually("the first one owns all", lambda: self.owned(first) == RANGES)
        second = self.start("a")
        self.assertEqual(first.process.wait(60), 78)
        first.reader.join()
        self.assertIn("another process runs under the instance name 'a'", first.output())
        eventually("the later one goes on", lambda: self.owned(second) == RANGES)
        self.assertEqual(second.stop(), 0)


if __name__ == "__main__":
    unittest.main()
