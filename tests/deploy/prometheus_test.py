"""A real Prometheus with deploy/prometheus.yml scrapes a running feedcast and evaluates deploy/alerts.yml."""
import json
import os
import pathlib
import re
import signal
import sys
import unittest
import urllib.parse

ROOT = pathlib.Path(os.environ["FEEDCAST_SOURCE_DIR"])
sys.path.insert(0, str(ROOT / "tests/integration"))
import harness  # noqa: E402


class Prometheus(harness.IntegrationTest):
    def setUp(self):
        super().setUp()
        self.emulator = harness.Emulator(self, ["openwhisk/whisks:2"])
        self.kafka = harness.Kafka(self, "cacheInvalidation:1")
        self.port = harness.free_port()
        self.process = harness.start_feedcast(self, ["run", "--profile", "dev"], {
            "COSMOSDB_ENDPOINT": self.emulator.url, "COSMOSDB_KEY": harness.KEY, "COSMOSDB_NAME": "openwhisk",
            "KAFKA_HOSTS": self.kafka.brokers, "FEEDCAST_ADMIN__LISTEN": f"127.0.0.1:{self.port}",
            "FEEDCAST_INSTANCE": "test"})
        harness.wait_ready(f"http://127.0.0.1:{self.port}")
        self.start_prometheus()

    def start_prometheus(self):
        folder = pathlib.Path(self.folder)
        text = (ROOT / "deploy/prometheus.yml").read_text()
        self.assertIn("emulator:8080", text)
        (folder / "prometheus.yml").write_text(
            text.replace("emulator:8080", f"127.0.0.1:{self.port}").replace(": 5s", ": 500ms"))
        (folder / "alerts.yml").write_text((ROOT / "deploy/alerts.yml").read_text())
        port = harness.free_port()
        self.url = f"http://127.0.0.1:{port}/api/v1/"
        prometheus = harness.Process(
            ["prometheus", f"--config.file={folder}/prometheus.yml", f"--web.listen-address=127.0.0.1:{port}",
             f"--storage.tsdb.path={folder}/tsdb"])
        self.addCleanup(prometheus.stop, signal.SIGKILL)

    def ask(self, path):
        status, body = harness.get(self.url + path)
        return json.loads(body)["data"] if status == 200 else None

    def query(self, expression):
        """Values by the labels that matter here."""
        data = self.ask("query?query=" + urllib.parse.quote(expression))
        return {r["metric"].get("target", ""): float(r["value"][1]) for r in (data or {"result": []})["result"]}

    def state_of(self, alert):
        for group in (self.ask("rules") or {"groups": []})["groups"]:
            for rule in group["rules"]:
                if rule["name"] == alert:
                    return rule.get("state")
        return None

    def test_rules_are_evaluated_on_what_feedcast_shows(self):
        self.emulator.write("openwhisk", "whisks", [harness.entity(f"a/{i}", "us2") for i in range(100)], self.folder)
        harness.eventually("it is scraped", lambda: self.query('up{job="feedcast"}') == {"": 1.0})
        for n in range(5):  # a rate needs two scrapes with changes between
            self.emulator.write("openwhisk", "whisks", [harness.entity(f"b{n}/{i}", "us2") for i in range(20)], self.folder)
        harness.eventually("what is recorded is there",
                           lambda: self.query("feedcast:propagation_within_5s:ratio_rate5m").get("default") == 1.0)
        rules = [rule for group in self.ask("rules")["groups"] for rule in group["rules"]]
        self.assertEqual(len(rules), len(re.findall(r"^ *- (?:alert|record): ", (ROOT / "deploy/alerts.yml").read_text(), re.MULTILINE)))
        harness.eventually("all are evaluated", lambda: all(
            rule["health"] == "ok" for group in self.ask("rules")["groups"] for rule in group["rules"]))
        self.assertEqual([rule["name"] for rule in rules if rule.get("state") == "firing"], [])

    def test_a_dead_broker_and_a_dead_service_are_told(self):
        harness.eventually("it is scraped", lambda: self.query("feedcast_target_up").get("default") == 1.0)
        self.emulator.write("openwhisk", "whisks", [harness.entity("a/b", "us2")], self.folder)
        harness.eventually("nothing is told", lambda: self.state_of("FeedcastTargetDown") == "inactive")
        self.kafka.tell("down")
        self.emulator.write("openwhisk", "whisks", [harness.entity("a/c", "us2")], self.folder)
        harness.eventually("the target's alert waits for its two minutes", lambda: self.state_of("FeedcastTargetDown") == "pending")
        self.process.stop(signal.SIGKILL)
        harness.eventually("so does the one for no service at all", lambda: self.state_of("FeedcastAbsent") == "pending")


if __name__ == "__main__":
    unittest.main()
