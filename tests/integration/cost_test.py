"""What reading costs: the forecast, how it compares with what the database provides, and the limit of a running service."""
import json
import unittest

import harness
from harness import Emulator, IntegrationTest, Kafka

CONFIG = """accounts:
  main: {{type: cosmosdb, endpoint: "{endpoint}", key: "{key}", database: openwhisk}}
feeds:
  whisks: {{account: main}}
targets:
  eu:
    cluster_id: eu1
    feeds: [whisks]
    kafka: {{brokers: "{brokers}", topic: cacheInvalidation}}
admin: {{listen: "127.0.0.1:0"}}
"""


class Cost(IntegrationTest):
    def write_config(self, endpoint="http://127.0.0.1:9/", brokers="127.0.0.1:9"):
        path = self.folder + "/feedcast.yaml"
        with open(path, "w", encoding="utf-8") as f:
            f.write(CONFIG.format(endpoint=endpoint, brokers=brokers, key=harness.KEY))
        return path

    def feedcast(self, *arguments):
        process = harness.start_feedcast(self, arguments, {})
        return process.stop(0, 60), process.output()

    def test_a_forecast_asks_nobody(self):
        code, output = self.feedcast("cost", "-c", self.write_config(), "--ranges", "4", "--changes-per-second", "20", "--json")
        self.assertEqual(code, 0, output)
        answer = json.loads(output.splitlines()[-1])
        container = next(c for c in answer["containers"] if c["container"] == "openwhisk/whisks")
        self.assertGreater(container["units_per_second"], 40)
        self.assertAlmostEqual(container["units_per_month"], container["units_per_second"] * 730 * 3600, delta=1)
        code, output = self.feedcast("cost", "-c", self.write_config())
        self.assertEqual(code, 0, output)
        self.assertRegex(output, r"openwhisk/whisks +eu +whisks +polls +1\.00 +2,628,000")

    def test_wrong_use_is_64_and_a_wrong_configuration_78(self):
        code, output = self.feedcast("cost", "-c", self.write_config(), "--ranges", "0")
        self.assertEqual(code, 64, output)
        code, output = self.feedcast("cost", "-c", self.write_config(), "--set", "tuning.request_units.share=120%")
        self.assertEqual(code, 78, output)
        self.assertIn("tuning.request_units.share", output)

    def check(self, *more, options=()):
        emulator = Emulator(self, ["openwhisk/whisks:2"], options=options)
        kafka = Kafka(self, "cacheInvalidation:1")
        return self.feedcast("check", "--connect", "-c", self.write_config(emulator.url, kafka.brokers), *more)

    def test_check_tells_the_throughput_and_what_reading_may_take(self):
        code, output = self.check()
        self.assertEqual(code, 0, output)
        self.assertIn("20000 RU/s (the container's offer), 10000 a range; reading may take 4000", output)
        self.assertNotIn("WARNING", output)

    def test_check_warns_of_a_share_that_is_too_small(self):
        code, output = self.check("--set", "tuning.poll.max=10ms", "--set", "tuning.poll.min=10ms",
                                  options=["--throughput", "400"])
        self.assertEqual(code, 0, output)
        self.assertRegex(output, r"WARNING.*feed whisks.*tuning\.request_units\.share \(20%\) leaves target eu 80\.0 RU/s")

    def test_check_knows_a_serverless_account(self):
        code, output = self.check(options=["--serverless"])
        self.assertIn("10000 RU/s (serverless), 5000 a range", output)

    def test_a_running_service_shows_its_limit(self):
        emulator = Emulator(self, ["openwhisk/whisks:2"])
        kafka = Kafka(self, "cacheInvalidation:1")
        process = harness.start_feedcast(self, ["run", "-c", self.write_config(emulator.url, kafka.brokers)], {})
        admin = process.wait_line(r"admin=(\S+)").group(1)
        harness.eventually("a limit", lambda: "feedcast_request_units_limit{feed=\"whisks\",target=\"eu\"} 4000"
                           in harness.get(admin + "/metrics")[1])
        status = json.loads(harness.get(admin + "/api/v1/status")[1])
        self.assertEqual(status["processors"][0]["request_units"],
                         {"limit": 4000, "why": "20 % of 20000 RU/s (the container's offer)"})


if __name__ == "__main__":
    unittest.main()
