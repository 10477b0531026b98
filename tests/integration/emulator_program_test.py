"""The emulator as a program: what it says about bad options and scripts, and that scripts and regions do what they say."""
import os
import signal
import subprocess
import unittest
import urllib.request

import harness


class EmulatorProgram(harness.IntegrationTest):
    def write(self, text):
        path = os.path.join(self.folder, "drill.txt")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def refused(self, *options):
        done = subprocess.run([harness.binary("feedcast-emulator"), "--listen", "127.0.0.1:0", *options],
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stdout), (64, ""), done.stderr)
        return done.stderr

    def start(self, *options):
        emulator = harness.Process([harness.binary("feedcast-emulator"), "--listen", "127.0.0.1:0", *options])
        self.addCleanup(emulator.stop, signal.SIGTERM)
        return emulator, emulator.wait_line(r"http://[0-9.:]+").group(0)

    def get(self, url):
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.read().decode()

    def test_a_bad_script_is_refused_with_its_lines(self):
        path = self.write("# drill\n1s POST /_emulator/faults {\"kind\":\"explode\"}\nsoon GET /_emulator/stats\n")
        said = self.refused("--script", path)
        self.assertIn(f"{path}:2: error: 'kind' must be", said)
        self.assertIn(f"{path}:3: error: 'soon' is no time", said)

    def test_a_script_happens(self):
        emulator, url = self.start("--script", self.write(
            "10ms POST /_emulator/faults {\"operation\":\"query\",\"status\":503}\n"
            "20ms POST /_emulator/regions/Nowhere {}\n"
            "30ms POST /_emulator/throughput {\"container\":\"c\",\"units\":7}\n"))
        harness.eventually("the fault rule", lambda: '"operation":"query"' in self.get(url + "/_emulator/faults"))
        emulator.wait_line(r"script step refused.*Nowhere")
        emulator.wait_line(r"script step done.*throughput")

    def test_regions_are_told_with_their_addresses(self):
        emulator, url = self.start("--region", "West Europe", "--region", "North Europe=127.0.0.2:0")
        west = emulator.wait_line(r"^West Europe (http://127\.0\.0\.1:\d+)$").group(1)
        north = emulator.wait_line(r"^North Europe (http://127\.0\.0\.2:\d+)$").group(1)
        for endpoint in (url, west, north):
            state = self.get(endpoint + "/_emulator/account")
            self.assertIn('"West Europe"', state)
        self.assertEqual(len({url, west, north}), 3)

    def test_bad_regions_are_refused(self):
        for options in (["--region", "=127.0.0.1:1"], ["--region", "A="], ["--region", "A", "--region", "A"],
                        ["--region", "A/B"], ["--region", "A", "--region", "B", "--serverless"],
                        ["--region", "A", "--region", "B=nowhere"]):
            with self.subTest(options=options):
                self.assertRegex(self.refused(*options), "region|NAME|listen")


if __name__ == "__main__":
    unittest.main()
