"""The official JavaScript SDK against an account over https: node runs the tests in javascript/, a file per topic."""
import json
import pathlib
import re
import subprocess
import unittest

import account  # also finds the folders that follow
import peers

TESTS = pathlib.Path(__file__).resolve().parent / "javascript"


class JavaScriptSuite(account.AccountTest):
    def test_all_topics(self):
        sdk = peers.folder("sdk")
        version = json.loads((sdk / "node_modules/@azure/cosmos/package.json").read_text(encoding="utf-8"))["version"]
        done = subprocess.run(
            ["node", "--test", "--test-reporter=spec", *map(str, sorted(TESTS.glob("*.test.cjs")))],
            env={**self.account.environment(), "FEEDCAST_TEST_SDK": str(sdk)}, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=240, check=False)
        print(done.stdout, flush=True)
        counts = {what: int(n) for what, n in re.findall(r"^\S+ (pass|fail|cancelled|skipped) (\d+)$", done.stdout, re.M)}
        self.assertGreater(counts.get("pass", 0), 0, "no test passed")
        account.report("@azure/cosmos (JavaScript)", version, counts["pass"], counts["fail"] + counts["cancelled"],
                       counts["skipped"])
        self.assertEqual(done.returncode, 0)


if __name__ == "__main__":
    unittest.main()
