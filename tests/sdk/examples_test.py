"""The examples of docs/emulator-sdks.md do what they say, with the SDKs that they are for."""
import os
import subprocess
import sys
import unittest

from java_program import OPTIONS, harness, peers, trust_store

sys.path.insert(0, os.path.join(os.environ["FEEDCAST_SOURCE_DIR"], "tests", "docs"))
import documents  # noqa: E402  (from the folder above)


class Examples(harness.IntegrationTest):
    def setUp(self):
        super().setUp()
        self.emulator = harness.Emulator(self, [], tls=True, folder=self.folder)
        self.environment = {**os.environ, "ENDPOINT": self.emulator.url + "/", "KEY": harness.KEY}

    def run_example(self, block, name, command, **more):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(block.text)
        done = subprocess.run(command, cwd=self.folder, env={**self.environment, **more}, capture_output=True, text=True,
                              timeout=120, check=False)
        self.assertEqual(done.stdout, "order-1\n", f"{block.place}:\n{done.stderr}")

    def run_java(self, block, name, peer):
        store = trust_store(self.emulator.certificate, os.path.join(self.folder, "trust.p12"))
        self.run_example(block, name, ["java", *OPTIONS, *store, "-cp", f"{peers.folder(peer)}/*", name])

    def blocks(self, language):
        page = documents.ROOT / "docs/emulator-sdks.md"
        found = [one for one in documents.blocks(page) if one.language == language]
        self.assertTrue(all(one.covered_by == "sdk.examples" for one in found), language)
        return found

    def test_javascript(self):
        (block,) = self.blocks("js")
        self.run_example(block, "example.js", ["node", "example.js"], NODE_EXTRA_CA_CERTS=self.emulator.certificate,
                         NODE_PATH=str(peers.folder("sdk") / "node_modules"))

    def test_python(self):
        (block,) = self.blocks("python")
        self.run_example(block, "example.py", [sys.executable, "example.py"], PYTHONPATH=str(peers.folder("sdk_python")))

    def test_java(self):
        self.run_java(self.blocks("java")[0], "Example.java", "sdk_java")

    def test_java_3(self):
        self.run_java(self.blocks("java")[1], "Example3.java", "sdk_java3")


if __name__ == "__main__":
    unittest.main()
