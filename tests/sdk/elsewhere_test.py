"""A suite runs against an account that is there already: what needs the emulator's controls is skipped, and nothing is left
behind. That account is an emulator, too, but the suite isn't told."""
import os
import re
import subprocess
import sys
import unittest

import account  # also finds the folder that follows
import harness


class Elsewhere(account.AccountTest):
    def databases(self):
        return {one["id"] for one in self.account.call("GET", "dbs", "")["Databases"]}

    def test_a_suite_skips_what_it_can_not_do_and_cleans_up(self):
        self.needs_controls()
        before = self.databases()
        done = subprocess.run(
            [sys.executable, "-m", "unittest", "javascript_test"], cwd=os.path.dirname(os.path.abspath(__file__)),
            env={**os.environ, "FEEDCAST_TEST_ENDPOINT": self.account.endpoint, "FEEDCAST_TEST_KEY": harness.KEY,
                 "FEEDCAST_TEST_CERTIFICATE": self.account.certificate},
            capture_output=True, text=True, timeout=240, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        passed, skipped = map(int, re.search(r"(\d+) passed, 0 failed, (\d+) skipped", done.stdout).groups())
        self.assertGreater(passed, 20)
        self.assertGreater(skipped, 2)
        self.assertEqual(self.databases(), before)


if __name__ == "__main__":
    unittest.main()
