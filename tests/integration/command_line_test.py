"""Wrong input at the command line, in the configuration and at start: what is said, and the exit code."""
import os
import signal
import socket
import subprocess
import unittest

import harness
from harness import Emulator, IntegrationTest, Kafka, binary

MINIMAL = """accounts:
  main: {{type: cosmosdb, endpoint: "{endpoint}", key: "{key}", database: openwhisk}}
feeds:
  whisks: {{account: main}}
targets:
  eu:
    cluster_id: eu1
    feeds: [whisks]
    kafka: {{brokers: "{brokers}", topic: cacheInvalidation{more}}}
admin: {{listen: "{admin}"}}
"""


class CommandLine(IntegrationTest):
    def run_feedcast(self, *arguments, env=None, program="feedcast"):
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("FEEDCAST_", "COSMOSDB_", "KAFKA_"))}
        return subprocess.run([binary(program), *arguments], capture_output=True, text=True, timeout=120,
                              check=False, env={**clean, **(env or {})})

    def write_config(self, text=None, **values):
        path = os.path.join(self.folder, "feedcast.yaml")
        fields = {"endpoint": "http://127.0.0.1:9/", "key": harness.KEY, "brokers": "127.0.0.1:9",
                  "admin": "127.0.0.1:0", "more": "", **values}
        with open(path, "w", encoding="utf-8") as f:
            f.write(MINIMAL.format(**fields) if text is None else text)
        return path

    def test_wrong_usage_is_64_and_says_what_is_wrong(self):
        for arguments, text in [
                ([], "subcommand"),
                (["nonsense"], "nonsense"),
                (["run", "--nonsense"], "nonsense"),
                (["run", "-c"], "--config"),
                (["demo", "--seconds", "0"], "--seconds"),
                (["demo", "--rate", "many"], "--rate"),
                (["demo", "--ranges", "65"], "--ranges"),
                (["demo", "--couchdb", "http://127.0.0.1:9/", "--ranges", "2"], "--ranges"),
                (["check", "--output", "xml"], "xml"),
                (["run", "--log-level", "loud"], "loud")]:
            with self.subTest(arguments=arguments):
                done = self.run_feedcast(*arguments)
                self.assertEqual(done.returncode, 64, done.stdout + done.stderr)
                self.assertIn(text, done.stdout + done.stderr)

    def test_the_demo_over_a_server_says_what_it_can_not_use(self):
        for url, code, text in [
                ("http://me:hunter2@127.0.0.1:9/", 78, "COUCHDB_PASSWORD"),
                ("http://me@127.0.0.1:9/", 78, "COUCHDB_PASSWORD"),
                ("http://couch.example:5984/", 78, "http"),
                ("nonsense", 78, "--couchdb"),
                ("http://127.0.0.1:9/", 69, "--couchdb")]:
            with self.subTest(url):
                done = self.run_feedcast("demo", "--seconds", "1", "--couchdb", url, env={"COUCHDB_PASSWORD": ""})
                self.assertEqual(done.returncode, code, done.stdout + done.stderr)
                self.assertIn(text, done.stderr)
                self.assertNotIn("hunter2", done.stdout + done.stderr)

    def test_help_and_version_are_0(self):
        for arguments in (["--help"], ["run", "--help"], ["check", "--help"], ["demo", "--help"]):
            done = self.run_feedcast(*arguments)
            self.assertEqual(done.returncode, 0)
            self.assertIn("--help", done.stdout)
        self.assertRegex(self.run_feedcast("--version").stdout, r"^feedcast \d+\.\d+\.\d+\n$")

    def test_wrong_configuration_is_78_and_says_where(self):
        for text, wanted in [
                ("accounts: [", "feedcast.yaml:"),
                ("acounts: {}\n", 'did you mean "accounts"'),
                (MINIMAL.format(endpoint="http://example.com/", key=harness.KEY, brokers="b:9", admin="off", more=""),
                 "https"),
                (MINIMAL.format(endpoint="https://a.documents.azure.com/", key="not base64!", brokers="b:9",
                                admin="off", more=""), "base64"),
                (MINIMAL.format(endpoint="https://a.documents.azure.com/", key=harness.KEY, brokers="b:9",
                                admin="off", more=", properties: {nonsense.property: 1}"), "nonsense.property")]:
            with self.subTest(wanted=wanted):
                done = self.run_feedcast("run", "-c", self.write_config(text))
                self.assertEqual(done.returncode, 78, done.stderr)
                self.assertIn(wanted, done.stderr)
                self.assertNotIn(harness.KEY, done.stdout + done.stderr)

    def test_a_missing_file_is_78_and_named(self):
        done = self.run_feedcast("run", "-c", "/nowhere/feedcast.yaml")
        self.assertEqual(done.returncode, 78)
        self.assertIn("/nowhere/feedcast.yaml", done.stderr)

    def test_nothing_configured_is_78_and_names_what_is_missing(self):
        done = self.run_feedcast("run")
        self.assertEqual(done.returncode, 78)
        self.assertIn("COSMOSDB_ENDPOINT", done.stderr)

    def test_a_taken_admin_address_is_69(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            address = "127.0.0.1:%d" % taken.getsockname()[1]
            done = self.run_feedcast("run", "-c", self.write_config(admin=address))
        self.assertEqual(done.returncode, 69, done.stderr)
        self.assertIn(address, done.stderr)
        self.assertIn("hint", done.stderr)

    def test_unreachable_ends_do_not_end_the_service(self):
        process = harness.start_feedcast(self, ["run", "-c", self.write_config()], {})
        admin = process.wait_line(r"admin=(\S+)").group(1)
        process.wait_line(r"can't be looked after.*127\.0\.0\.1:9")
        process.wait_line(r"target can't be delivered to")
        self.assertEqual(harness.get(admin + "/livez")[0], 200)
        self.assertEqual(harness.get(admin + "/readyz")[0], 503)
        self.assertIn("127.0.0.1:9", harness.get(admin + "/readyz?verbose")[1])
        self.assertEqual(process.stop(signal.SIGTERM), 0, process.output())

    def test_check_connect_names_what_fails_and_passes_when_all_answers(self):
        done = self.run_feedcast("check", "--connect", "-c", self.write_config())
        self.assertEqual(done.returncode, 69, done.stderr)
        self.assertRegex(done.stderr, r"FAILED.*feed whisks.*127\.0\.0\.1:9")
        emulator = Emulator(self, ["openwhisk/whisks:3"])
        kafka = Kafka(self, "cacheInvalidation:1")
        good = self.write_config(endpoint=emulator.url, brokers=kafka.brokers)
        done = self.run_feedcast("check", "--connect", "-c", good)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("3 ranges", done.stdout)
        self.assertEqual(kafka.messages("cacheInvalidation"), [])
        done = self.run_feedcast("check", "--connect", "--produce", "-c", good)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"target eu: may write to topic cacheInvalidation: yes")
        self.assertIn("feedcast-check/no-such-entity", str(kafka.messages("cacheInvalidation")))
        wrong_key = self.write_config(endpoint=emulator.url, brokers=kafka.brokers, key="d3Jvbmc=")
        done = self.run_feedcast("check", "--connect", "-c", wrong_key)
        self.assertEqual(done.returncode, 77, done.stdout + done.stderr)

    def test_check_print_shows_origins_and_no_secret(self):
        done = self.run_feedcast("check", "--print", "-c", self.write_config(), "--set", "instance=me")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"instance: me\s+# --set")
        self.assertIn("<secret>", done.stdout)
        self.assertNotIn(harness.KEY, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
