"""No secret comes out: canaries in every place that holds one, a run through errors and crashes, and all that was said."""
import base64
import glob
import json
import os
import resource
import signal
import subprocess
import sys
import unittest
import urllib.request

import harness
from harness import Emulator, IntegrationTest, Kafka, Process, binary, entity, eventually, get, message, metric

sys.path.insert(0, os.path.join(harness.SOURCES, "tests/tools"))
import canaries  # noqa: E402
from canaries import CANARIES, leaks  # noqa: E402

CONFIG = """accounts:
  main: {{type: cosmosdb, endpoint: "{endpoint}", key: {{from_file: "{folder}/key"}}, database: openwhisk}}
  far:
    endpoint: https://acme.documents.example/
    key: {{from_env: CANARY_KEY}}
    database: openwhisk
    proxy: http://somebody:{proxy}@127.0.0.1:9
feeds:
  whisks: {{account: main}}
  subjects: {{account: main, identities: namespace}}
  remote: {{account: far, collection: whisks}}
targets:
  eu:
    cluster_id: eu1
    feeds: [whisks, subjects]
    kafka: {{brokers: "{brokers}", topic: cacheInvalidation}}
    dead_letter: {{topic: dead}}
  sasl:                          # the mock broker knows no SASL
    cluster_id: us1
    feeds: [whisks, remote]
    dead_letter: {{file: "{folder}/dead"}}
    kafka:
      brokers: "{brokers}"
      properties:
        debug: security,broker,protocol
        security.protocol: SASL_PLAINTEXT
        sasl.mechanisms: PLAIN
        sasl.username: somebody
        sasl.password: {{from_file: "{folder}/sasl"}}
  pem:                           # the password does not open the key: an actor that crashes at each start
    cluster_id: ap1
    feeds: [whisks]
    kafka:
      brokers: "{brokers}"
      properties:
        security.protocol: SSL
        ssl.certificate.location: "{folder}/client.pem"
        ssl.key.location: "{folder}/client.key"
        ssl.key.password: {{from_env: CANARY_PEM}}
    dead_letter: {{file: "{folder}/none"}}
admin: {{listen: "127.0.0.1:0", token: {{from_file: "{folder}/token"}}}}
instance: test
tuning:
  poll: {{min: 20ms, max: 200ms}}
  checkpoint: {{interval: 100ms}}
  produce: {{message_timeout: 2s}}
"""
TOPIC = "cacheInvalidation"
KEY = CANARIES["account key"]
BODY = CANARIES["body of a document"]


class Secrets(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.emulator = Emulator(self, ["openwhisk/whisks:2", "openwhisk/subjects"], key=KEY)
        self.kafka = Kafka(self, TOPIC + ":2", "dead:1")
        self.said = {}  # where it was said: what
        for name, text in (("key", KEY), ("sasl", CANARIES["SASL password"]), ("token", CANARIES["admin token"])):
            with open(os.path.join(self.folder, name), "w", encoding="utf-8") as f:
                f.write(text + "\n")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-keyout", self.folder + "/client.key", "-out",
                        self.folder + "/client.pem", "-subj", "/CN=client", "-passout", "pass:another-password"],
                       check=True, capture_output=True, timeout=60)
        self.config = os.path.join(self.folder, "feedcast.yaml")
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(CONFIG.format(endpoint=self.emulator.url, brokers=self.kafka.brokers, folder=self.folder,
                                  proxy=CANARIES["proxy password"]))
        self.environment = {"CANARY_KEY": KEY, "CANARY_PEM": CANARIES["password of a key file"],
                            "FEEDCAST_LOG_LEVEL": "debug"}

    def start(self, log_format):
        process = harness.start_feedcast(self, ["run", "-c", self.config],
                                         {**self.environment, "FEEDCAST_LOG_FORMAT": log_format})
        self.admin = process.wait_line(r'admin"?[=:]"?(http://[\d.:]+)').group(1)
        eventually("its healthy target is ready", lambda: get(self.admin + "/readyz?target=eu")[0] == 200)
        return process

    def look(self, process, name):
        """What the admin server and the kernel show of a running process."""
        for path in ("/api/v1/status", "/metrics", "/readyz?verbose", "/version", "/nowhere"):
            self.said[f"{name}: {path}"] = get(self.admin + path)[1]
        for path in ("cmdline", "comm"):
            with open(f"/proc/{process.process.pid}/{path}", encoding="utf-8") as f:
                self.said[f"{name}: /proc/PID/{path}"] = f.read()

    def post(self, token, path="/api/v1/targets/eu/restart"):
        request = urllib.request.Request(self.admin + path, method="POST", headers={"Authorization": f"Bearer {token}"})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as e:
            self.said[f"answer {e.code} to a write"] = e.read().decode() + str(e.headers)
            return e.code

    def plant_documents(self):
        subject = {"id": "carol@x", "subject": "carol@x", "namespaces": [
            {"key": CANARIES["key of a subject"], "name": "beta-us", "uuid": CANARIES["uuid of a subject"]}]}
        self.emulator.write("openwhisk", "subjects", [subject], self.folder)
        self.emulator.write("openwhisk", "whisks", [
            entity(f"ns/secret-{i}", "us2", parameters=[{"key": "password", "value": BODY}]) for i in range(50)], self.folder)
        for n, raw in enumerate([
                '{"name":"%s"}' % BODY, '{"id":{"x":"%s"}}' % BODY, '{"id":"poison|cut","code":"%s' % BODY,
                '{"code":"%s\x01","id":"poison|control"}' % BODY, '{"id":"poison|a","x":"%s","id":"poison|b"' % BODY,
                '{"id":"poison|kind","entityType":"%s"}' % BODY, '{"%s":1,"id":"poison|name"}' % BODY,
                '{"id":"poison|ts","_ts":"%s","_lsn":"%s","_clusterId":["%s"]}' % (BODY, BODY, BODY)]):
            request = urllib.request.Request(
                self.emulator.url + f"/_emulator/dbs/openwhisk/colls/whisks/raw?range=0&id=poison-{n}",
                data=raw.encode(), method="POST")
            urllib.request.urlopen(request, timeout=30).read()

    def go_through_errors(self):
        for rule in ({"kind": "status", "status": 401}, {"kind": "status", "status": 403}, {"kind": "reset"},
                     {"kind": "status", "status": 429, "retry_after_ms": 10}, {"kind": "truncate", "at_byte": 700},
                     {"kind": "corrupt", "at_byte": 600}):
            self.emulator.control("POST", "/_emulator/faults", {"container": "whisks", "operation": "feed", "times": 3, **rule})
        self.plant_documents()
        wanted = {message(i) for i in ("beta-us", "poison/cut", "poison/control", *(f"ns/secret-{i}" for i in range(50)))}
        eventually("what can be delivered is", lambda: wanted <= {v for _, v in self.kafka.messages(TOPIC)})
        eventually("what can't be is a dead letter", lambda: metric(self.admin, "feedcast_dead_letters_total", target="eu") >= 2)
        eventually("in a file too, without a broker", lambda: metric(self.admin, "feedcast_dead_letters_total", target="sasl") >= 2)

    def lease_documents(self):
        link = "dbs/openwhisk/colls/cache-invalidator-lease"
        request = urllib.request.Request(f"{self.emulator.url}/{link}/docs", headers=self.emulator.headers("GET", "docs", link))
        with urllib.request.urlopen(request, timeout=30) as answer:
            documents = answer.read().decode()
        self.assertGreater(len(json.loads(documents)["Documents"]), 3)
        return documents

    def test_no_secret_comes_out_of_a_run_through_errors_and_crashes(self):
        resource_before = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (resource_before[1], resource_before[1]))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_CORE, resource_before)

        process = self.start("json")
        self.go_through_errors()
        eventually("the target without SASL is down", lambda: metric(self.admin, "feedcast_target_errors_total", target="sasl") > 0)
        eventually("an actor crashed", lambda: metric(self.admin, "feedcast_actor_restarts_total", reason="exception") > 1)
        eventually("the proxy was asked for", lambda: "127.0.0.1:9" in process.output())
        self.assertEqual(self.post(CANARIES["wrong admin token"]), 401)
        self.assertEqual(self.post(CANARIES["admin token"], path="/api/v1/targets/" + CANARIES["wrong admin token"] + "/restart"), 404)
        self.assertEqual(self.post(CANARIES["admin token"]), 202)
        self.look(process, "first run")
        process.stop(signal.SIGTERM)
        self.said["log as JSON, ended by SIGTERM"] = process.output()

        process = self.start("logfmt")
        self.look(process, "second run")
        self.assertNotEqual(process.stop(signal.SIGABRT), 0)
        self.said["log as logfmt, ended by SIGABRT"] = process.output()
        self.assertEqual(glob.glob(self.folder + "/core*") + glob.glob("core*"), [], "a core dump holds every secret")

        self.said["lease documents"] = self.lease_documents()
        self.said["messages"] = repr(self.kafka.messages(TOPIC))
        self.said["dead letters"] = repr(self.kafka.messages("dead"))
        with open(self.folder + "/dead", encoding="utf-8") as f:
            self.said["dead letters in a file"] = f.read()
        self.said["emulator"] = self.emulator.process.output()
        self.run_other_commands()
        for where, text in self.said.items():
            self.assertNotEqual(text, "", where)
            self.assertEqual(leaks(text), [], f"{where} holds secrets")
        self.assertGreater(len(self.said), 15)
        self.assert_errors_were_felt()

    def assert_errors_were_felt(self):
        log = self.said["log as JSON, ended by SIGTERM"]
        for event in ('"level":"debug"', "401", "403", "sasl", "document without a usable id", "ended, restarting",
                      "a restart was asked for", "draining"):
            self.assertIn(event, log)

    def run_other_commands(self):
        broken = os.path.join(self.folder, "broken.yaml")
        with open(broken, "w", encoding="utf-8") as f:
            f.write(f"admin: {{token: {CANARIES['admin token'][:15]}}}\n"
                    f"accounts: {{main: {{key: [{KEY}], endpoint: 'AccountEndpoint=https://x/;AccountKey={KEY};'}}}}\n"
                    f"targets: {{eu: {{kafka: {{properties: {{sasl.password: {{from_literal: {CANARIES['SASL password']}}},"
                    f" ssl.keystore.password: [{CANARIES['SASL password']}]}}}}}}}}\n")
        for name, arguments, code in [
                ("check --print", ["check", "--print", "-c", self.config], 0),
                ("check --print --json", ["check", "--print", "--json", "-c", self.config], 0),
                ("check --connect", ["check", "--connect", "-c", self.config], None),
                ("dlq list", ["dlq", "list", "-c", self.config, "--target", "eu"], 0),
                ("dlq list --json", ["dlq", "list", "--json", "-c", self.config, "--target", "eu"], 0),
                ("dlq list of a file", ["dlq", "list", "-c", self.config, "--target", "sasl"], 0),
                ("dlq retry --plan", ["dlq", "retry", "--plan", "-c", self.config, "--target", "eu"], 1),
                ("run, refused configuration", ["run", "-c", self.config, "-c", broken], 78),
                ("run, taken address", ["run", "-c", self.config, "--set", "admin.listen=192.0.2.1:1"], 69)]:
            done = subprocess.run([binary("feedcast"), *arguments], capture_output=True, text=True, timeout=120, check=False,
                                  env={**os.environ, **self.environment}, cwd=self.folder)
            if code is not None:
                self.assertEqual(done.returncode, code, name)
            self.said[name] = done.stdout + done.stderr

    def test_a_planted_leak_is_found_in_every_form(self):
        raw = base64.b64decode(KEY)
        for name, value in CANARIES.items():
            for text in (value, f"a{value}b", value[3:30], base64.b64encode(b"ab" + value.encode() + b"c").decode(),
                         base64.b64encode(value.encode()).decode(), value.encode().hex(),
                         urllib.parse.quote(value, safe=""), json.dumps({"x": value})):
                self.assertIn(name, leaks(f"ts=1 level=info msg=\"{text}\""), name)
        for text in (raw.hex(), base64.b64encode(b"x" + raw).decode(), base64.urlsafe_b64encode(raw).decode()):
            self.assertIn("account key", leaks(text))
        self.assertEqual(leaks("level=info msg=\"feedcast is running\" key=<secret>"), [])


if __name__ == "__main__":
    unittest.main()
