"""The keys of subjects come out nowhere: canaries flow through every mode of `identities`, through faults of the feed, a
broker that is down, documents that are damaged, and crashes; then all that was sent, said, shown and stored is searched."""
import glob
import json
import os
import resource
import signal
import sys
import unittest
import urllib.parse
import urllib.request

import harness
from harness import Emulator, IntegrationTest, Kafka, binary, entity, eventually, get, message, metric

sys.path.insert(0, os.path.join(harness.SOURCES, "tests/tools"))
from canaries import CANARIES, leaks  # noqa: E402

CONFIG = """accounts:
  main: {{type: cosmosdb, endpoint: "{endpoint}", key: {{from_file: "{folder}/key"}}, database: openwhisk}}
feeds:
  whisks: {{account: main}}
  subjects: {{account: main}}                                                # mode namespace
  subjects_uuid: {{account: main, collection: subjects, identities: uuid}}
  subjects_off: {{account: main, collection: subjects, identities: off}}
targets:
  names:
    cluster_id: eu1
    feeds: [subjects]
    kafka: {{brokers: "{brokers}", topic: names}}
    dead_letter: {{topic: names-dead}}
  uuids:
    cluster_id: us1
    feeds: [subjects_uuid]
    kafka: {{brokers: "{brokers}", topic: uuids}}
    dead_letter: {{file: "{folder}/dead"}}
  "off":
    cluster_id: ap1
    feeds: [whisks, subjects_off]
    kafka: {{brokers: "{brokers}", topic: none}}
    dead_letter: {{topic: none-dead}}
admin: {{listen: "127.0.0.1:0"}}
instance: test
leases: {{store: file, path: "{folder}/leases"}}
tuning:
  poll: {{min: 20ms, max: 200ms}}
  page: {{max_items: 20}}
  checkpoint: {{interval: 100ms}}
  produce: {{message_timeout: 2s}}
"""
KEY, NEXT_KEY = CANARIES["key of a subject"], CANARIES["next key of a subject"]
EARLY_KEY, EARLY_UUID = CANARIES["key of an early subject"], CANARIES["uuid of an early subject"]
DAMAGED_KEY, ODD_KEY = CANARIES["key in a damaged subject"], CANARIES["key in a place of its own"]
UUID, NEXT_UUID = CANARIES["uuid of a subject"], CANARIES["next uuid of a subject"]
DAVES_UUID = "dddddddd-0000-4000-8000-000000000000"
SANITIZED = b"__asan_init"


def subject(name, *elements, **more):
    return {"id": name, "subject": name, "_clusterId": "us2",
            "namespaces": [{"key": key, "name": space, "uuid": uuid} for space, uuid, key in elements], **more}


def crowd(step, key):
    """Subjects enough for several pages, each with a key."""
    return [subject(f"member-{i}@x", (f"crowd-{step}-{i}", f"{step:08d}-0000-4000-8000-{i:012d}", key)) for i in range(60)]


POISON = [text.encode() if isinstance(text, str) else text for text in (
    '{"namespaces":[{"key":"%s","name":"x"}]}' % DAMAGED_KEY,
    '{"id":{"key":"%s"},"namespaces":[]}' % DAMAGED_KEY,
    '{"id":"poison|cut","namespaces":[{"name":"cut","key":"%s' % DAMAGED_KEY,
    '{"id":"poison|open","namespaces":[{"name":tru,"key":"%s"}]}' % DAMAGED_KEY,
    '{"id":"poison|control","namespaces":[{"name":"a\x01","key":"%s"}]}' % DAMAGED_KEY,
    '{"id":"poison|in-key","namespaces":[{"name":"in-key","key":"%s\x02"}]}' % DAMAGED_KEY,
    b'{"id":"poison|utf8","namespaces":[{"name":"\xff","key":"' + DAMAGED_KEY.encode() + b'"}]}',
    b'{"id":"poison|key-utf8","namespaces":[{"name":"key-utf8","key":"\xfe' + DAMAGED_KEY.encode() + b'"}]}',
    '{"id":"poison|list","key":"%s","namespaces":"%s"}' % (ODD_KEY, ODD_KEY),
    '{"id":"poison|swapped","namespaces":[{"name":"swapped","uuid":"%s","key":"x"}]}' % ODD_KEY,
    '{"id":"poison|own","uuid":"%s","key":"%s"}' % (ODD_KEY, ODD_KEY),
    '{"%s":1,"id":"poison|member","namespaces":[{"%s":1,"name":"member"}]}' % (ODD_KEY, ODD_KEY),
    '{"id":"poison|types","_ts":"%s","_lsn":"%s","_clusterId":["%s"],"_deleted":"%s"}' % ((ODD_KEY,) * 4),
    '["%s"]' % ODD_KEY, '"%s"' % ODD_KEY)]


class SecretsOfSubjects(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.emulator = Emulator(self, ["openwhisk/whisks", "openwhisk/subjects"])
        self.kafka = Kafka(self, "names:1", "uuids:1", "none:1", "names-dead:1", "none-dead:1")
        self.said = {}  # where: what
        with open(os.path.join(self.folder, "key"), "w", encoding="utf-8") as f:
            f.write(harness.KEY)
        self.config = os.path.join(self.folder, "feedcast.yaml")
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(CONFIG.format(endpoint=self.emulator.url, brokers=self.kafka.brokers, folder=self.folder))
        limits = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (limits[1], limits[1]))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_CORE, limits)

    def start(self, log_format):
        process = harness.start_feedcast(self, ["run", "-c", self.config], {
            "FEEDCAST_LOG_LEVEL": "debug", "FEEDCAST_LOG_FORMAT": log_format})
        self.admin = process.wait_line(r'admin"?[=:]"?(http://[\d.:]+)').group(1)
        return process

    def write(self, *documents):
        self.emulator.write("openwhisk", "subjects", documents, self.folder)

    def put_raw(self, name, body):
        url = f"{self.emulator.url}/_emulator/dbs/openwhisk/colls/subjects/raw?range=0&id={name}"
        urllib.request.urlopen(urllib.request.Request(url, data=body, method="POST"), timeout=30).read()

    def wait_for(self, topic, *keys):
        wanted = {message(k) for k in keys}
        eventually(f"{sorted(keys)} on {topic}", lambda: wanted <= {v for _, v in self.kafka.messages(topic)})

    def look(self, process, name):
        for path in ("/api/v1/status", "/metrics", "/readyz?verbose", "/version"):
            self.said[f"{name}: {path}"] = get(self.admin + path)[1]
        with open(f"/proc/{process.process.pid}/cmdline", encoding="utf-8") as f:
            self.said[f"{name}: /proc/PID/cmdline"] = f.read()

    def forbids_dumps(self, process):
        with open(binary("feedcast"), "rb") as f:
            if SANITIZED in f.read():
                return None  # a sanitizer has its own rules
        with open(f"/proc/{process.process.pid}/limits", encoding="ascii") as f:
            return next(line.split()[4:6] for line in f if line.startswith("Max core file size")) == ["0", "0"]

    def break_the_feed(self):
        for rule in ({"kind": "status", "status": 429, "retry_after_ms": 10}, {"kind": "status", "status": 503},
                     {"kind": "reset", "at_byte": 900}, {"kind": "truncate", "at_byte": 700},
                     {"kind": "drip", "piece": 64, "delay_ms": 1},
                     # Each once: what comes twice the same is taken for what is stored.
                     *({"kind": "corrupt", "at_byte": at, "times": 1} for at in (40, 90, 150, 333))):
            self.emulator.control("POST", "/_emulator/faults",
                                  {"container": "subjects", "operation": "feed", "times": 2, **rule})

    def first_run(self):
        self.write(subject("carol@x", ("beta-us", UUID, KEY)), subject("dave@x", ("lab", DAVES_UUID, KEY)),
                   {"id": "early-one", "subject": "early-one", "uuid": EARLY_UUID, "key": EARLY_KEY}, *crowd(1, KEY))
        self.break_the_feed()
        process = self.start("json")
        for target in ("names", "uuids", "off"):
            eventually(f"{target} is ready", lambda t=target: get(f"{self.admin}/readyz?target={t}")[0] == 200)
        self.break_the_feed()
        self.write(subject("carol@x", ("beta-us", NEXT_UUID, NEXT_KEY)), subject("dave@x", ("lab-two", DAVES_UUID, KEY)),
                   {"id": "beta-us|limits", "invocationsPerMinute": 0}, *crowd(2, NEXT_KEY))
        self.wait_for("names", "beta-us", "lab", "lab-two", "crowd-1-0", "crowd-2-59")
        self.wait_for("uuids", "beta-us", "lab", UUID, NEXT_UUID, "crowd-1-0", "crowd-2-59")

        self.kafka.tell("down")
        for n, raw in enumerate(POISON):
            self.put_raw(f"poison-{n}", raw)
        self.write({"id": "early-one", "subject": "early-one", "namespaces": []},
                   subject("dave@x", blocked=True, _deleted=True, ttl=3600))
        self.emulator.write("openwhisk", "whisks", [entity("ns/after", "us2")], self.folder)
        eventually("the broker is missed",
                   lambda: metric(self.admin, "feedcast_target_errors_total", target="uuids") > 0)
        self.look(process, "without a broker")
        self.kafka.tell("up")
        self.wait_for("names", "early-one", "member", "in-key", "swapped")
        self.wait_for("uuids", "early-one", EARLY_UUID, "member", "in-key", "swapped")
        self.wait_for("none", "ns/after")
        for target in ("names", "uuids"):
            eventually("what can't be delivered is a dead letter",
                       lambda t=target: metric(self.admin, "feedcast_dead_letters_total", target=t) >= 7)
        self.look(process, "first run")
        return process

    def test_no_key_of_a_subject_comes_out_in_any_mode(self):
        process = self.first_run()
        self.assertIn(self.forbids_dumps(process), (None, True))
        self.write(*crowd(3, KEY))
        process.stop(signal.SIGKILL)
        self.said["log as JSON, ended by SIGKILL"] = process.output()
        process = self.start("logfmt")
        self.write(subject("carol@x", ("gamma", NEXT_UUID, KEY)))
        self.wait_for("names", "gamma", "beta-us", "crowd-3-59")
        self.wait_for("uuids", "gamma", "crowd-3-59")
        self.look(process, "second run")
        self.assertNotEqual(process.stop(signal.SIGABRT), 0)
        self.said["log as logfmt, ended by SIGABRT"] = process.output()
        self.assertEqual(glob.glob(self.folder + "/core*") + glob.glob("core*"), [], "a core dump holds every secret")

        for topic in ("names", "uuids", "none", "names-dead", "none-dead"):
            self.said["topic " + topic] = repr(self.kafka.messages(topic))
        for path in sorted(glob.glob(self.folder + "/leases/*") + [self.folder + "/dead"]):
            with open(path, encoding="utf-8") as f:
                self.said[os.path.relpath(path, self.folder)] = f.read()
        self.judge()

    def judge(self):
        allowed = {"topic uuids": {name for name in CANARIES if "uuid" in name}}
        for where, text in self.said.items():
            self.assertTrue(text or where.endswith(".lock"), where + " is empty")
            self.assertEqual(set(leaks(text)) - allowed.get(where, set()), set(), f"{where} holds secrets")
        size = sum(len(text.encode()) for text in self.said.values())
        print(f"looked through {size} bytes for {len(CANARIES)} canaries, found none:")
        for where, text in self.said.items():
            print(f"  {len(text.encode()):8} {where}")
        # All of it did flow, and was felt.
        self.assertIn(UUID, self.said["topic uuids"])
        self.assertNotIn("secondaryId", self.said["topic uuids"])
        self.assertEqual(set(self.kafka.messages("none")), {("ns/after", message("ns/after"))})
        self.assertNotIn('"subjects_off"', self.said["first run: /api/v1/status"])
        log = self.said["log as JSON, ended by SIGKILL"]
        for event in ("malformed", "throttled", "subjects are known, delivery begins", "taking what can be read"):
            self.assertIn(event, log)
        for where in ("topic names-dead", "dead"):
            self.assertIn('"reason":"damaged"', self.said[where])
            self.assertNotIn("sha256", self.said[where])

    def test_the_scan_would_find_each_of_them(self):
        for name in CANARIES:
            if "subject" in name or "place" in name:
                value = CANARIES[name]
                self.assertIn(name, leaks(json.dumps({"key": value})))
                self.assertIn(name, leaks(urllib.parse.quote(value)[5:35]))


if __name__ == "__main__":
    unittest.main()
