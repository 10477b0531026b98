"""The service between a real HTTP emulator and a Kafka broker: faults on both sides, poison, metrics, Prometheus."""
import json
import os
import re
import signal
import subprocess
import time
import unittest

import harness
from harness import Emulator, IntegrationTest, Kafka, Process, entity, eventually, get, message, metric

CONFIG = """accounts:
  main: {{type: cosmosdb, endpoint: "{endpoint}", key: {{from_env: TEST_KEY}}, database: openwhisk}}
feeds:
  whisks: {{account: main}}
  subjects: {{account: main, identities: namespace}}
targets:
  eu:
    cluster_id: eu1
    feeds: [whisks, subjects]
    kafka: {{brokers: "{brokers}", topic: cacheInvalidation}}
admin: {{listen: "127.0.0.1:0"}}
instance: test
tuning:
  poll: {{min: 20ms, max: 200ms}}
  window: {{bytes: 1MiB, keys: 5000}}
  checkpoint: {{interval: 100ms}}
  produce: {{message_timeout: 5s}}
"""
TOPIC = "cacheInvalidation"


class Service(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.emulator = Emulator(self, ["openwhisk/whisks:2", "openwhisk/subjects"])
        self.kafka = Kafka(self, TOPIC + ":2")
        self.config = os.path.join(self.folder, "feedcast.yaml")
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(CONFIG.format(endpoint=self.emulator.url, brokers=self.kafka.brokers))
        self.process = self.start()

    def start(self):
        process = harness.start_feedcast(self, ["run", "-c", self.config], {"TEST_KEY": harness.KEY})
        self.admin = process.wait_line(r"admin=(\S+)").group(1)
        harness.wait_ready(self.admin)
        return process

    def write(self, *documents, collection="whisks"):
        self.emulator.write("openwhisk", collection, documents, self.folder)

    def got(self):
        return [v for _, v in self.kafka.messages(TOPIC)]

    def wait_for(self, *ids, seconds=60):
        wanted = {message(i) for i in ids}
        eventually(f"{len(wanted)} messages", lambda: wanted <= set(self.got()), seconds)

    def fault(self, **rule):
        return self.emulator.control("POST", "/_emulator/faults", rule)

    def hits(self):
        return sum(r["hits"] for r in self.emulator.control("GET", "/_emulator/faults")["faults"])

    def test_subjects_name_their_namespaces_and_no_secret_leaves(self):
        secret = "IgxLd6GncfBAepfJBd0Kh8oOOL8dKLzdocJ2isAjIhKtJ0RlgLKOmxgJTeKdNnFR"
        self.write({"id": "carol@x", "subject": "carol@x",
                    "namespaces": [{"key": secret, "name": "beta-us", "uuid": "506bf2ef"}]},
                   {"id": "guest|limits", "invocationsPerMinute": 0}, collection="subjects")
        self.wait_for("beta-us", "guest")
        status = get(self.admin + "/api/v1/status")[1] + get(self.admin + "/metrics")[1]
        self.process.stop(signal.SIGTERM)
        for where in ("".join(self.got()), status, self.process.output()):
            self.assertNotIn(secret, where)

    def test_a_log_that_nobody_reads_costs_lines_and_no_delivery(self):
        self.process.stop(signal.SIGTERM)
        read_end, write_end = os.pipe()
        environment = {"TEST_KEY": harness.KEY, "FEEDCAST_LOG_FORMAT": "logfmt", "PATH": os.environ["PATH"]}
        child = subprocess.Popen([harness.binary("feedcast"), "run", "-c", self.config], stderr=write_end,
                                 stdin=subprocess.DEVNULL, env=environment)
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        text = ""
        while not (found := re.search(r"admin=(\S+)", text)):
            text += os.read(read_end, 65536).decode()
        admin = found.group(1)
        harness.wait_ready(admin)
        stuffing = os.open(f"/proc/self/fd/{write_end}", os.O_WRONLY | os.O_NONBLOCK)
        stuffed = 0
        try:
            while True:
                stuffed += os.write(stuffing, b"x" * 4096)
        except BlockingIOError:
            os.close(stuffing)
        self.assertGreater(stuffed, 0)
        ids = [f"unread/{n}" for n in range(500)]
        self.fault(operation="feed", container="whisks", times=3, kind="status", status=503)
        eventually("the fault was felt", lambda: self.hits() >= 3)
        self.write(*[entity(i, "us2") for i in ids])
        self.wait_for(*ids)
        eventually("lines were dropped", lambda: metric(admin, "feedcast_log_lines_dropped_total") > 0)
        os.close(write_end)
        with os.fdopen(read_end) as log:
            os.read(read_end, 1 << 20)
            child.terminate()
            self.assertRegex(log.read(), r"log lines dropped.*lines=\d+")
        self.assertEqual(child.wait(), 0)

    def test_feed_faults_are_felt_and_nothing_is_lost(self):
        for n, rule in enumerate([
                {"kind": "status", "status": 429, "retry_after_ms": 20}, {"kind": "status", "status": 503},
                {"kind": "status", "status": 408}, {"kind": "status", "status": 401},
                {"kind": "status", "status": 403}, {"kind": "reset"},
                {"kind": "truncate", "at_byte": 700}, {"kind": "corrupt", "at_byte": 600},
                {"kind": "status", "status": 404, "substatus": 1002}]):
            with self.subTest(rule=rule):
                before = self.hits()
                self.fault(operation="feed", container="whisks", times=3, **rule)
                self.write(*[entity(f"fault/{n}-{i}", "us2") for i in range(20)])
                self.wait_for(*[f"fault/{n}-{i}" for i in range(20)])
                # A corrupt byte in a text that does not matter is not noticed, so there may be no second try.
                least = 1 if rule["kind"] == "corrupt" else 3
                eventually("the rule was hit", lambda: self.hits() >= before + least)
        self.assertGreater(metric(self.admin, "feedcast_feed_errors_total"), 0)

    def test_broken_documents_are_counted_and_named_and_the_rest_is_delivered(self):
        secret = "BODY-THAT-MUST-NOT-BE-SHOWN"
        broken = {
            "no id": '{"name":"%s"}' % secret,
            "id not a string": '{"id":{"x":"%s"}}' % secret,
            "cut short": '{"id":"poison|cut","code":"%s' % secret,
            "invalid UTF-8": None,
            "control character": '{"code":"%s\x01","id":"poison|control"}' % secret,
            "200 levels deep": '{"deep":%s%s,"id":"poison|deep"}' % ("[" * 200, "]" * 200),
            "2 MB": '{"code":"%s","id":"poison|big"}' % (secret + "x" * (2 << 20)),
        }
        for name, body in broken.items():
            raw = body.encode() if body else b'{"code":"\xff\xfe' + secret.encode() + b'","id":"poison|utf8"}'
            request = harness.urllib.request.Request(
                self.emulator.url + "/_emulator/dbs/openwhisk/colls/whisks/raw?range=0&id="
                + harness.urllib.parse.quote(name), data=raw, method="POST")
            harness.urllib.request.urlopen(request, timeout=30).read()
        good = [f"ns/good-{i}" for i in range(200)]
        self.write(*[entity(i, "us2") for i in good])
        self.wait_for(*good, "poison/utf8", "poison/control", "poison/deep", "poison/big", "poison/cut")
        self.assertEqual(metric(self.admin, "feedcast_documents_unusable_total"), 2)
        self.assertGreaterEqual(metric(self.admin, "feedcast_documents_repaired_total"), 3)
        status = get(self.admin + "/api/v1/status")[1]
        self.process.stop(signal.SIGTERM)
        for where in ("".join(self.got()), status, self.process.output()):
            self.assertNotIn(secret, where)
        self.assertRegex(self.process.output(), r"document without a usable id.*lsn=")

    def test_a_stalled_broker_costs_a_window_and_loses_nothing(self):
        self.write(*[entity(f"before/{i}", "us2") for i in range(100)])
        self.wait_for("before/99")
        self.kafka.tell("down")
        memory = self.process.resident_bytes()
        ids = [f"stall/{i}" for i in range(30_000)]
        for first in range(0, len(ids), 6000):
            self.write(*[entity(i, "us2") for i in ids[first:first + 6000]])
        eventually("the window is full or all is read", lambda: metric(
            self.admin, "feedcast_window_keys", feed="whisks") >= 5000)
        eventually("the target is reported down",
                   lambda: metric(self.admin, "feedcast_target_up", target="eu") == 0)
        # Two ranges of at most 5,000 keys and one page each.
        self.assertLess(metric(self.admin, "feedcast_window_keys"), 2 * (5000 + 500))
        self.assertLess(self.process.resident_bytes() - memory, 256 << 20)
        self.assertEqual(get(self.admin + "/livez")[0], 200)
        self.assertEqual(get(self.admin + "/readyz")[0], 503)
        time.sleep(30 if os.environ.get("FEEDCAST_LONG_TESTS") else 6)  # the stall itself, not a wait for something
        self.kafka.tell("up")
        self.wait_for(*ids, seconds=120)

    def test_sigkill_at_any_moment_loses_nothing(self):
        ids = []
        for round_number in range(5):
            fresh = [f"kill/{round_number}-{i}" for i in range(1000)]
            ids += fresh
            writer = harness.threading.Thread(target=self.write, args=[entity(i, "us2") for i in fresh])
            writer.start()
            eventually("some of it is read", lambda: metric(self.admin, "feedcast_feed_items_total") > 50)
            self.process.stop(signal.SIGKILL)
            writer.join()
            self.process = self.start()
        self.wait_for(*ids)

    def test_a_split_is_followed(self):
        self.write(*[entity(f"split/a{i}", "us2") for i in range(300)])
        self.emulator.control("POST", "/_emulator/dbs/openwhisk/colls/whisks/split/0")
        self.write(*[entity(f"split/b{i}", "us2") for i in range(300)])
        self.wait_for(*[f"split/{x}{i}" for x in "ab" for i in range(300)])
        ranges = lambda: next(p["ranges"] for p in json.loads(get(self.admin + "/api/v1/status")[1])["processors"]
                              if p["feed"] == "whisks")
        eventually("three ranges, all polled", lambda: len(ranges()) == 3
                   and all(r["polled_once"] for r in ranges().values()))
        self.assertNotIn("0", ranges())

    def test_the_books_balance(self):
        self.write(*[entity(f"sum/{i}", ("eu1", "us2", None)[i % 3]) for i in range(900)])
        self.wait_for(*[f"sum/{i}" for i in range(900) if i % 3])
        eventually("every change has its outcome", lambda: metric(
            self.admin, "feedcast_changes_total", feed="whisks") == 900)
        self.assertEqual(metric(self.admin, "feedcast_feed_items_total", feed="whisks"), 900)
        self.assertEqual(metric(self.admin, "feedcast_changes_total", feed="whisks",
                                outcome="origin_suppressed"), 300)
        eventually("lag falls to nothing", lambda: metric(self.admin, "feedcast_lag_items", feed="whisks") == 0
                   and metric(self.admin, "feedcast_lag_known", feed="whisks") == 1)

    def test_prometheus_scrapes_it_and_promtool_has_no_complaint(self):
        self.write(*[entity(f"prom/{i}", "us2") for i in range(100)])
        self.wait_for("prom/99")
        text = get(self.admin + "/metrics")[1]
        checked = subprocess.run(["promtool", "check", "metrics"], input=text, text=True, capture_output=True,
                                 timeout=60, check=False)
        self.assertEqual((checked.returncode, checked.stdout + checked.stderr), (0, ""))
        port = harness.free_port()
        config = os.path.join(self.folder, "prometheus.yml")
        with open(config, "w", encoding="utf-8") as f:
            f.write("global: {scrape_interval: 1s}\nscrape_configs:\n- job_name: feedcast\n  static_configs:\n"
                    f"  - targets: ['{self.admin.removeprefix('http://')}']\n")
        prometheus = Process(["prometheus", f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}",
                              f"--storage.tsdb.path={self.folder}/tsdb"])
        self.addCleanup(prometheus.stop, signal.SIGKILL)

        def query(expression):
            status, body = get(f"http://127.0.0.1:{port}/api/v1/query?query="
                               + harness.urllib.parse.quote(expression))
            found = json.loads(body)["data"]["result"] if status == 200 else []
            return float(found[0]["value"][1]) if found else None

        eventually("lag is scraped", lambda: query('feedcast_lag_seconds{feed="whisks",target="eu"}') is not None)
        eventually("throughput is scraped", lambda: (query('sum(feedcast_changes_total{outcome="acked"})') or 0) >= 100)
        eventually("propagation is scraped", lambda: (query('sum(feedcast_propagation_seconds_count)') or 0) >= 100)
        self.assertEqual(query("up"), 1)


if __name__ == "__main__":
    unittest.main()
