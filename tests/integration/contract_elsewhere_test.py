"""feedcast's reader is held against an account that is there already, and leaves nothing behind. That account is an emulator,
too, but the suite isn't told."""
import json
import os
import re
import ssl
import subprocess
import unittest
import urllib.request

import harness


class ContractElsewhere(harness.IntegrationTest):
    def databases(self):
        request = urllib.request.Request(self.emulator.url + "/dbs", headers=self.emulator.headers("GET", "dbs", ""))
        trust = ssl.create_default_context(cafile=self.emulator.certificate)
        with urllib.request.urlopen(request, timeout=30, context=trust) as answer:
            return [one["id"] for one in json.load(answer)["Databases"]]

    def test_all_but_what_needs_controls_passes(self):
        self.emulator = harness.Emulator(self, ["ow/whisks"], tls=True, folder=self.folder)

        done = subprocess.run(
            [os.path.join(os.environ["FEEDCAST_BINARY_DIR"], "tests/contract/contract_test"),
             "--gtest_filter=-couchdb_*"], capture_output=True, text=True, timeout=120, check=False,
            env={**{k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")},
                 "FEEDCAST_TEST_ENDPOINT": self.emulator.url + "/", "FEEDCAST_TEST_KEY": harness.KEY,
                 "FEEDCAST_TEST_CERTIFICATE": self.emulator.certificate})

        self.assertEqual(done.returncode, 0, done.stdout[-5000:])
        self.assertEqual(re.search(r"\[  SKIPPED \] (\d+) test", done.stdout)[1], "4", done.stdout)
        self.assertEqual(done.stdout.count("[ LEFT OUT ]"), 2, done.stdout)
        self.assertGreater(int(re.search(r"\[  PASSED  \] (\d+) tests", done.stdout)[1]), 15)
        self.assertEqual(self.databases(), ["ow"])


if __name__ == "__main__":
    unittest.main()
