"""Documents and messages that can't be delivered, between a real HTTP emulator and Kafka: dead letters in a topic and in a
file, read back and sent again with `feedcast dlq`."""
import hashlib
import json
import os
import signal
import stat
import subprocess
import unittest

import harness
from harness import Emulator, IntegrationTest, Kafka, entity, eventually, get, message, metric

CONFIG = """accounts:
  main: {{type: cosmosdb, endpoint: "{endpoint}", key: {{from_env: TEST_KEY}}, database: openwhisk}}
feeds:
  whisks: {{account: main}}
targets:
  eu:
    cluster_id: eu1
    feeds: [whisks]
    kafka: {{brokers: "{brokers}", topic: eu, properties: {{message.max.bytes: 1000}}}}
    dead_letter: {{topic: eu-dead}}
  us:
    cluster_id: us1
    feeds: [whisks]
    kafka: {{brokers: "{brokers}", topic: us}}
    dead_letter: {{file: "{file}"}}
admin: {{listen: "127.0.0.1:0"}}
instance: test
tuning:
  poll: {{min: 20ms, max: 200ms}}
  checkpoint: {{interval: 100ms}}
  produce: {{message_timeout: 5s}}
"""
SECRET = "BODY-THAT-MUST-NOT-BE-SHOWN"
POISON = {
    "no_id": ('{"name":"%s"}' % SECRET).encode(),
    "bad_id": ('{"id":{"x":"%s"}}' % SECRET).encode(),
    "too_long": ('{"id":"%s","code":"%s"}' % ("x" * 1024, SECRET)).encode(),
    "damaged": b'{"id":"poison|\xff","code":"' + SECRET.encode() + b'"}',
}
BROKEN = ('{"name":"%s"' % SECRET).encode()  # its page is no JSON
BIG = "ns/" + "x" * 980  # its message has more than 1,000 bytes, which target eu refuses


class DeadLetters(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.emulator = Emulator(self, ["openwhisk/whisks"])
        self.kafka = Kafka(self, "eu:1", "us:1", "eu-dead:1")
        self.file = os.path.join(self.folder, "later", "dead.jsonl")
        self.config = os.path.join(self.folder, "feedcast.yaml")
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(CONFIG.format(endpoint=self.emulator.url, brokers=self.kafka.brokers, file=self.file))
        self.process = self.start()

    def start(self):
        process = harness.start_feedcast(self, ["run", "-c", self.config], {"TEST_KEY": harness.KEY})
        self.admin = process.wait_line(r"admin=(\S+)").group(1)
        harness.wait_ready(self.admin)
        return process

    def put_raw(self, name, body):
        request = harness.urllib.request.Request(
            self.emulator.url + f"/_emulator/dbs/openwhisk/colls/whisks/raw?range=0&id={name}", data=body, method="POST")
        harness.urllib.request.urlopen(request, timeout=30).read()

    def write(self, *ids):
        self.emulator.write("openwhisk", "whisks", [entity(i, "asia1") for i in ids], self.folder)

    def dlq(self, *arguments):
        """(exit code, standard output, standard error) of `feedcast dlq`."""
        env = {**os.environ, "TEST_KEY": harness.KEY}
        done = subprocess.run([harness.binary("feedcast"), "dlq", *arguments, "-c", self.config], env=env,
                              capture_output=True, text=True, timeout=120, check=False)
        return done.returncode, done.stdout, done.stderr

    def listed(self, target):
        code, out, err = self.dlq("list", "--json", "--target", target)
        self.assertEqual(code, 0, err)
        return json.loads(out)["dead_letters"]

    def status(self):
        return json.loads(get(self.admin + "/api/v1/status")[1])

    def position(self, target):
        return next(r["position"] for p in self.status()["processors"] if p["target"] == target
                    for r in p["ranges"].values())

    def wait_for(self, topic, *ids):
        wanted = {message(i) for i in ids}
        eventually(f"{len(wanted)} messages in {topic}",
                   lambda: wanted <= {v for _, v in self.kafka.messages(topic)})

    def wait_written(self, target, count):
        eventually(f"{count} dead letters of {target}",
                   lambda: metric(self.admin, "feedcast_dead_letters_total", target=target) == count)

    def test_poison_is_written_down_named_and_never_shown_and_the_rest_is_delivered(self):
        os.mkdir(os.path.dirname(self.file))
        self.write(*[f"ns/before-{i}" for i in range(50)])
        for name, body in POISON.items():
            self.put_raw(name, body)
        self.put_raw("broken", BROKEN)
        self.write(BIG, *[f"ns/after-{i}" for i in range(50)])
        good = [f"ns/{when}-{i}" for when in ("before", "after") for i in range(50)]
        self.wait_for("eu", *good)
        self.wait_for("us", BIG, *good)
        self.wait_written("eu", 6)
        self.wait_written("us", 5)

        reasons = {"eu": ["bad_id", "damaged", "damaged", "no_id", "refused", "too_long"],
                   "us": ["bad_id", "damaged", "damaged", "no_id", "too_long"]}
        for target in ("eu", "us"):
            records = self.listed(target)
            self.assertEqual(sorted(r["reason"] for r in records), reasons[target])
            by_hash = {r.get("sha256"): r for r in records}
            for name, body in {**POISON, "broken": BROKEN}.items():
                record = by_hash[hashlib.sha256(body).hexdigest()]
                self.assertEqual(record["reason"], "damaged" if name == "broken" else name)
                self.assertEqual((record["v"], record["target"], record["feed"], record["range"], record["bytes"]),
                                 (1, target, "whisks", "0", len(body)))
                self.assertTrue(record["behind"])
        refused = next(r for r in self.listed("eu") if r["reason"] == "refused")
        self.assertEqual(refused["id"], BIG)
        self.assertGreater(refused["lsn"], 0)
        self.assertEqual([k for k, _ in self.kafka.messages("eu-dead") if k], [BIG])

        for target in ("eu", "us"):
            eventually("the books balance", lambda: metric(
                self.admin, "feedcast_changes_total", target=target) == metric(
                    self.admin, "feedcast_feed_items_total", target=target))
            self.assertEqual(metric(self.admin, "feedcast_changes_total", target=target, outcome="unusable"), 0)
        self.assertEqual(metric(self.admin, "feedcast_changes_total", target="eu", outcome="dead_lettered"), 6)
        self.assertEqual(metric(self.admin, "feedcast_dead_letters_waiting"), 0)
        self.assertEqual(stat.S_IMODE(os.stat(self.file).st_mode), 0o600)

        status = get(self.admin + "/api/v1/status")[1]
        shown = str(self.dlq("list")) + str(self.dlq("retry", "--plan"))
        self.assertEqual(self.process.stop(signal.SIGTERM), 0)
        with open(self.file, encoding="utf-8") as f:
            written = f.read()
        for where in (shown, written, status, self.process.output(), str(self.kafka.messages("eu-dead"))):
            self.assertNotIn(SECRET, where)

    def test_list_shows_the_newest_and_retry_sends_what_has_an_id(self):
        os.mkdir(os.path.dirname(self.file))
        self.put_raw("p", POISON["no_id"])
        self.write(BIG)
        self.wait_written("eu", 2)
        code, out, _ = self.dlq("list", "--limit", "1", "--target", "eu")
        self.assertEqual(code, 0)
        self.assertIn("1 of 2 dead letters", out)
        code, out, err = self.dlq("retry", "--target", "eu", "--plan")
        self.assertEqual((code, out.split()[:2]), (1, ["would", "be"]))
        self.assertIn("name no whole id", err)
        self.assertIn("hint:", err)
        self.assertEqual(self.kafka.messages("eu"), [])
        # What was refused is refused again, until the reason is gone.
        code, out, err = self.dlq("retry", "--target", "eu", "--id", BIG)
        self.assertEqual((code, out), (1, ""))
        self.assertIn("refused", err)
        mended = 'targets.eu.kafka.properties."message.max.bytes"=100000'
        code, out, err = self.dlq("retry", "--target", "eu", "--id", BIG.replace("/", "|"), "--json", "--set", mended)
        self.assertEqual(code, 0, err)
        self.assertEqual(json.loads(out)["ids"], [{"target": "eu", "id": BIG, "outcome": "sent"}])
        self.assertEqual(self.kafka.messages("eu"), [(BIG, message(BIG))])
        code, _, err = self.dlq("retry", "--target", "eu", "--id", "ns/none")
        self.assertEqual(code, 1)
        self.assertIn("no dead letter has the id ns/none", err)

    def test_a_place_that_can_not_be_written_holds_the_position_and_says_so(self):
        self.write("ns/first")
        self.wait_for("us", "ns/first")
        self.put_raw("p", POISON["no_id"])
        self.write("ns/second")
        self.wait_for("us", "ns/second")
        eventually("it waits", lambda: metric(self.admin, "feedcast_dead_letters_waiting", target="us") == 1)
        self.wait_written("eu", 1)
        self.process.wait_line(r"dead letters can't be written.*later/dead\.jsonl")
        held = self.status()["targets"]["us"]["dead_letters"]
        self.assertEqual((held["up"], held["waiting"]), (False, 1))
        self.assertIn(self.file, held["reason"])
        ready, body = get(self.admin + "/readyz?verbose")
        self.assertEqual((ready, json.loads(body)["status"]), (200, "degraded"))
        self.assertIn("can't write dead letters", body)
        eventually("the other target's position moves on", lambda: self.position("eu") != self.position("us"))
        before = self.position("us")
        eventually("its lag grows", lambda: next(
            r["lag_seconds"] for p in self.status()["processors"] if p["target"] == "us"
            for r in p["ranges"].values()) is not None)

        self.process.stop(signal.SIGKILL)
        self.process = self.start()
        eventually("the next run has it again",
                   lambda: metric(self.admin, "feedcast_dead_letters_waiting", target="us") == 1)
        self.assertEqual(self.position("us"), before)
        os.mkdir(os.path.dirname(self.file))
        self.process.wait_line(r"dead letters are written again")
        self.wait_written("us", 1)
        eventually("the position moves on", lambda: self.position("us") != before)
        self.assertEqual([r["reason"] for r in self.listed("us")], ["no_id"])
        eventually("well again", lambda: json.loads(get(self.admin + "/readyz?verbose")[1])["status"] == "ready")

    def test_check_tries_both_places(self):
        def check():
            done = subprocess.run([harness.binary("feedcast"), "check", "--connect", "--json", "-c", self.config],
                                  env={**os.environ, "TEST_KEY": harness.KEY}, capture_output=True, text=True,
                                  timeout=120, check=False)
            return {c["check"].split(": ", 1)[1]: c["ok"] for c in json.loads(done.stdout)["checks"]
                    if "dead letters" in c["check"]}
        self.assertEqual(check(), {"dead letters, topic eu-dead": True, f"dead letters, file {self.file}": False})
        os.mkdir(os.path.dirname(self.file))
        self.assertEqual(check(), {"dead letters, topic eu-dead": True, f"dead letters, file {self.file}": True})


if __name__ == "__main__":
    unittest.main()
