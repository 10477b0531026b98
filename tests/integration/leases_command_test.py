"""`feedcast leases` on real lease documents in an emulator, with and without a service that owns them."""
import json
import os
import signal
import subprocess
import unittest
import urllib.parse
import urllib.request

import harness
from harness import Emulator, IntegrationTest, Kafka, entity, eventually, message

CONFIG = """accounts:
  main: {{type: cosmosdb, endpoint: "{endpoint}", key: {{from_env: TEST_KEY}}, database: openwhisk}}
feeds:
  whisks: {{account: main, start: beginning}}
targets:
  eu:
    cluster_id: eu1
    feeds: [whisks]
    kafka: {{brokers: "{brokers}", topic: eu}}
leases: {leases}
admin: {{listen: "127.0.0.1:0"}}
instance: {instance}
tuning:
  poll: {{min: 20ms, max: 200ms}}
  checkpoint: {{interval: 100ms}}
  leases: {{look: 1s}}
"""
IN_A_CONTAINER = "{store: cosmosdb, collection: leases}"
RANGES = ["0", "1", "2", "3"]


class LeasesCommand(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.emulator = Emulator(self, ["openwhisk/whisks:4"])
        self.kafka = Kafka(self, "eu:1")
        self.config = self.write_config("feedcast.yaml")

    def write_config(self, name, **values):
        path = os.path.join(self.folder, name)
        fields = {"endpoint": self.emulator.url, "brokers": self.kafka.brokers, "leases": IN_A_CONTAINER,
                  "instance": "test", **values}
        with open(path, "w", encoding="utf-8") as f:
            f.write(CONFIG.format(**fields))
        return path

    def start(self, config=None):
        process = harness.start_feedcast(self, ["run", "-c", config or self.config], {"TEST_KEY": harness.KEY})
        self.admin = process.wait_line(r"admin=(\S+)").group(1)
        harness.wait_ready(self.admin)
        eventually("all ranges are owned", lambda: self.owners(config) == {"test"})
        return process

    def leases(self, *arguments, config=None, stdin=None):
        """(exit code, standard output, standard error) of `feedcast leases`."""
        done = subprocess.run([harness.binary("feedcast"), "leases", arguments[0], "-c", config or self.config,
                               *arguments[1:]], env={**os.environ, "TEST_KEY": harness.KEY}, input=stdin,
                              capture_output=True, text=True, timeout=120, check=False)
        self.assertNotIn(harness.KEY, done.stdout + done.stderr)
        return done.returncode, done.stdout, done.stderr

    def listed(self, config=None):
        code, out, err = self.leases("list", "--json", config=config)
        self.assertEqual(code, 0, err)
        return json.loads(out)

    def owners(self, config=None):
        return {lease["owner"] for lease in self.listed(config)["leases"]}

    def positions(self, config=None):
        return {lease["range"]: lease["position"] for lease in self.listed(config)["leases"]}

    def documents(self):
        """All documents of the lease container, by id."""
        link = "dbs/openwhisk/colls/leases"
        request = urllib.request.Request(f"{self.emulator.url}/{link}/docs",
                                         headers=self.emulator.headers("GET", "docs", link))
        with urllib.request.urlopen(request, timeout=30) as answer:
            return {d["id"]: d for d in json.loads(answer.read())["Documents"]}

    def remove(self, identifier):
        link = f"dbs/openwhisk/colls/leases/docs/{identifier}"
        headers = self.emulator.headers("DELETE", "docs", link)
        headers["x-ms-documentdb-partitionkey"] = json.dumps([identifier])
        request = urllib.request.Request(f"{self.emulator.url}/{urllib.parse.quote(link)}", method="DELETE",
                                         headers=headers)
        urllib.request.urlopen(request, timeout=30).read()

    def write(self, *ids):
        self.emulator.write("openwhisk", "whisks", [entity(i, "asia1") for i in ids], self.folder)

    def counts(self, ids):
        """How many messages of each id there are."""
        values = [value for _, value in self.kafka.messages("eu")]
        return {i: values.count(message(i)) for i in ids}

    def deliver(self, *ids, times=1):
        eventually(f"{ids} delivered {times} times", lambda: min(self.counts(ids).values()) >= times)

    def test_what_a_service_owns_is_shown_and_touched_only_when_told(self):
        service = self.start()
        ids = [f"guest/a{n}" for n in range(20)]
        self.write(*ids)
        self.deliver(*ids)
        eventually("positions are stored", lambda: all(self.positions().values()))

        listing = self.listed()
        self.assertEqual([lease["range"] for lease in listing["leases"]], RANGES)
        self.assertEqual((listing["coverage"], listing["gaps"], listing["initialised"]), (1, [], True))
        self.assertEqual(listing["owners"], [{"owner": "test", "leases": 4, "expired": 0}])
        text = self.leases("list")[1]
        self.assertIn("100 % of the key space", text)
        self.assertRegex(text, r"(?m)^0 +-\w+ +pk +test +\d+ s +owned +yes +\S+$")

        code, out, err = self.leases("show", "2", "--json")
        self.assertEqual(code, 0, err)
        shown = json.loads(out)
        self.assertEqual(shown["range"], "2")
        self.assertEqual(shown["document"]["LeaseToken"], "2")
        self.assertEqual(shown["position"], shown["document"]["ContinuationToken"])
        self.assertEqual(self.leases("show", "7")[0], 1)

        before = {i: (d["ContinuationToken"], "test") for i, d in self.documents().items() if ".." in i}
        for command in (["release", "--all"], ["rewind", "--to-beginning"], ["rewind", "1", "--to", "2026-01-01T00:00:00Z"]):
            code, out, err = self.leases(*command)
            self.assertEqual(code, 1, out + err)
            self.assertRegex(err, r"lease 1 is owned by test, which wrote it \d+ s ago")
            self.assertIn("--steal", err)
            code, out, err = self.leases(*command, "--plan")
            self.assertEqual(code, 0, out + err)
            self.assertIn("needs --steal: lease 1 is owned by test", out)
        code, out, _ = self.leases("release", "--all", "--json")
        answer = json.loads(out)
        self.assertEqual((code, answer["refused"], len(answer["objections"])), (1, True, 4))
        after = {i: (d["ContinuationToken"], d["Owner"]) for i, d in self.documents().items() if ".." in i}
        self.assertEqual(after, before)

        start = len(service.lines)
        code, out, err = self.leases("release", "1", "--steal")
        self.assertEqual(code, 0, out + err)
        self.assertRegex(out, r"(?m)^1  of test, written \d+ s ago -> nobody's, position \S+ stays$")
        service.wait_line(r"lease was taken over.*range=1 ", start=start)
        eventually("the service takes it again", lambda: self.owners() == {"test"})
        self.write("guest/after")
        self.deliver("guest/after")
        self.assertEqual(service.stop(), 0, service.output())

    def test_a_rewind_under_a_running_service_is_read_again_once(self):
        service = self.start()
        ids = [f"guest/b{n}" for n in range(20)]
        self.write(*ids)
        self.deliver(*ids)
        eventually("positions are stored", lambda: all(self.positions().values()))
        code, out, err = self.leases("rewind", "--to-beginning", "--steal", "--json")
        self.assertEqual(code, 0, out + err)
        answer = json.loads(out)
        self.assertTrue(answer["ok"])
        self.assertEqual([e["done"] for e in answer["edits"]], [True] * 4)
        self.assertIn("another library", " ".join(answer["notes"]))
        self.deliver(*ids, times=2)
        eventually("positions take the place of the start", lambda: all(
            d.get("ContinuationToken") and "feedcastStart" not in d["properties"]
            for i, d in self.documents().items() if ".." in i))
        self.assertEqual(set(self.counts(ids).values()), {2})
        self.assertEqual(service.stop(), 0, service.output())

    def test_a_rewind_of_what_nobody_owns_needs_no_force_and_waits_for_the_next_start(self):
        service = self.start()
        ids = [f"guest/c{n}" for n in range(20)]
        self.write(*ids)
        self.deliver(*ids)
        self.assertEqual(service.stop(), 0, service.output())
        self.assertEqual(self.owners(), {None})
        now = self.listed()["now"]
        code, out, err = self.leases("rewind", "--to", "2099-01-01T00:00:00Z")
        self.assertEqual(code, 64)
        self.assertIn("future", err)
        before = self.documents()
        code, out, err = self.leases("rewind", "--to", now, "--plan")
        self.assertEqual(code, 0, err)
        self.assertIn("plan: 4 of the leases", out)
        self.assertEqual(self.documents(), before)
        code, out, err = self.leases("rewind", "--to", "2026-01-01T00:00:00Z", "0", "3")
        self.assertEqual(code, 0, err)
        starts = {d["LeaseToken"]: (d["ContinuationToken"], d["properties"].get("feedcastStart"))
                  for i, d in self.documents().items() if ".." in i}
        for untouched in ("1", "2"):
            self.assertIsNone(starts[untouched][1])
        for rewound in ("0", "3"):
            self.assertEqual(starts[rewound], (None, "2026-01-01T00:00:00.000Z"))
        self.assertIn("from time 2026-01-01T00:00:00.000Z", self.leases("list")[1])
        total = len(self.kafka.messages("eu"))
        self.start()
        self.write("guest/last")
        self.deliver("guest/last")
        eventually("positions", lambda: all(self.positions().values()))
        again = len(self.kafka.messages("eu")) - total - 1
        self.assertGreater(again, 0)
        self.assertLess(again, len(ids), "two of the ranges were not rewound")

    def test_an_export_brings_removed_leases_back(self):
        service = self.start()
        ids = [f"guest/d{n}" for n in range(20)]
        self.write(*ids)
        self.deliver(*ids)
        self.assertEqual(service.stop(), 0, service.output())
        positions = self.positions()
        file = os.path.join(self.folder, "leases.json")
        code, out, err = self.leases("export", file)
        self.assertEqual((code, out), (0, ""), err)
        code, out, err = self.leases("export", "-")
        with open(file, encoding="utf-8") as f:
            self.assertEqual(json.loads(out)["leases"], json.load(f)["leases"])
        export = json.loads(out)
        self.assertTrue(export["processor"]["collection_rid"])

        for identifier in list(self.documents()):
            self.remove(identifier)
        self.assertEqual(self.listed()["leases"], [])
        code, out, err = self.leases("import", file, "--plan")
        self.assertEqual(code, 0, err)
        self.assertEqual(self.documents(), {})
        code, out, err = self.leases("import", file)
        self.assertEqual(code, 0, err)
        self.assertEqual(self.positions(), positions)
        self.assertTrue(self.listed()["initialised"])
        self.assertEqual(self.listed()["anchor"], export["marker"]["anchor"])
        self.assertEqual(self.leases("import", file)[0], 0, "again, with nothing to do")

        total = len(self.kafka.messages("eu"))
        service = self.start()
        self.write("guest/new")
        self.deliver("guest/new")
        self.assertEqual(len(self.kafka.messages("eu")), total + 1, "nothing was read again")
        eventually("stored", lambda: self.positions() != positions)
        code, out, err = self.leases("import", file)
        self.assertEqual(code, 1, out + err)
        self.assertIn("owned by test", err)
        code, out, err = self.leases("import", "-", "--steal", stdin=json.dumps(export))
        self.assertEqual(code, 0, err)
        self.deliver("guest/new", times=2)

        export["processor"]["collection_rid"] = "AAAAAA=="
        code, out, err = self.leases("import", "-", "--steal", stdin=json.dumps(export))
        self.assertEqual(code, 1)
        self.assertIn("_rid AAAAAA==", err)
        self.assertEqual(self.leases("import", "-", stdin="{}")[0], 1)
        self.assertEqual(self.leases("import", "/nowhere/file")[0], 1)

    def test_leases_under_another_host_name_are_adopted(self):
        renamed = self.write_config("renamed.yaml", endpoint=self.emulator.url.replace("127.0.0.1", "localhost"))
        service = self.start()
        ids = [f"guest/e{n}" for n in range(20)]
        self.write(*ids)
        self.deliver(*ids)
        eventually("positions are stored", lambda: all(self.positions().values()))
        code, out, err = self.leases("list", config=renamed)
        self.assertEqual(code, 78, out + err)
        self.assertIn("adopt", err)
        code, out, err = self.leases("adopt", "--from", "127.0.0.1", config=renamed)
        self.assertEqual(code, 1, out + err)
        self.assertRegex(err, r"lease 0 is owned by test, which wrote it \d+ s ago, under 127\.0\.0\.1")
        self.assertEqual(service.stop(), 0, service.output())
        positions = self.positions()
        for wrong, code in (("nohost.example", 1), ("localhost", 64), ("https://127.0.0.1/", 64)):
            self.assertEqual(self.leases("adopt", "--from", wrong, config=renamed)[0], code, wrong)

        old = self.documents()
        self.assertEqual(self.leases("adopt", "--from", "127.0.0.1", "--plan", config=renamed)[0], 0)
        self.assertEqual(self.documents(), old)
        code, out, err = self.leases("adopt", "--from", "127.0.0.1", config=renamed)
        self.assertEqual(code, 0, out + err)
        self.assertIn("left as they are", out)
        new = self.documents()
        self.assertEqual({i: new[i] for i in old}, old)
        self.assertEqual(len(new), 2 * len(old))
        self.assertEqual(self.positions(renamed), positions)
        self.assertEqual(self.leases("adopt", "--from", "127.0.0.1", config=renamed)[0], 0, "again: nothing to do")

        total = len(self.kafka.messages("eu"))
        self.write("guest/meanwhile")
        service = self.start(renamed)
        self.deliver("guest/meanwhile")
        self.assertEqual(len(self.kafka.messages("eu")), total + 1, "nothing was read again")
        eventually("stored", lambda: self.positions(renamed) != positions)
        self.assertEqual(service.stop(), 0, service.output())
        code, out, err = self.leases("adopt", "--from", "127.0.0.1", config=renamed)
        self.assertEqual(code, 1, out + err)
        self.assertIn("has a position already", err)

    def test_wrong_usage_and_what_does_not_answer_have_their_exit_codes(self):
        for arguments, code, text in [
                (["release"], 64, "--all"),
                (["release", "0", "--all"], 64, "--all"),
                (["rewind"], 64, "--to"),
                (["rewind", "--to-beginning", "--to", "2026-01-01T00:00:00Z"], 64, "--to"),
                (["rewind", "--to", "yesterday"], 64, "yesterday"),
                (["list", "--target", "asia"], 64, "eu/whisks"),
                (["adopt"], 64, "--from"),
                (["show"], 64, "RANGE")]:
            with self.subTest(arguments=arguments):
                got, out, err = self.leases(*arguments)
                self.assertEqual(got, code, out + err)
                self.assertIn(text, out + err)
        code, out, err = self.leases("list", config=self.write_config("gone.yaml", endpoint="http://127.0.0.1:9/"))
        self.assertEqual(code, 69, err)
        self.assertIn("127.0.0.1:9", err)
        code, out, err = self.leases("list", "--set", "leases.prefix=")
        self.assertEqual(code, 0, err)

    def test_a_lease_file_is_mended_like_a_container_but_not_while_it_is_used(self):
        config = self.write_config("file.yaml", leases='{store: file, path: "%s"}' % os.path.join(self.folder, "leases"))
        service = harness.start_feedcast(self, ["run", "-c", config], {"TEST_KEY": harness.KEY})
        admin = service.wait_line(r"admin=(\S+)").group(1)
        harness.wait_ready(admin)
        self.write("guest/f")
        self.deliver("guest/f")
        code, out, err = self.leases("list", config=config)
        self.assertEqual(code, 69, err)
        self.assertIn("stop it", err)
        self.assertEqual(service.stop(), 0, service.output())
        self.assertEqual(len(self.positions(config)), 4)
        code, out, err = self.leases("rewind", "--to-beginning", config=config)
        self.assertEqual(code, 0, err)
        service = harness.start_feedcast(self, ["run", "-c", config], {"TEST_KEY": harness.KEY})
        self.deliver("guest/f", times=2)
        self.assertEqual(service.stop(), 0, service.output())


if __name__ == "__main__":
    unittest.main()
