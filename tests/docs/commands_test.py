#!/usr/bin/env python3
"""Runs every command that the documentation shows.

A block fenced as ```sh is run as a whole by bash, in a scratch folder that has configs/ in it, with the built programs on
the PATH and an emulator at $EMULATOR. ```console is shown output and is not run. A marker before the fence,
<!-- test: NAME -->, hands the block to the ctest of that name instead.
"""

import json
import os
import pathlib
import signal
import subprocess
import tempfile
import unittest

import documents

LANGUAGES = {"": "a picture", "console": "shown output", "sh": "run", "yaml": "data", "json": "data", "sql": "a grammar",
             "cpp": "code", "java": "code", "js": "code", "python": "code"}


def environment():
    """Without what would change what the commands mean."""
    clean = {name: value for name, value in os.environ.items()
             if not name.startswith(("FEEDCAST_", "COSMOSDB_", "KAFKA_", "CONFIG_")) and not name.lower().endswith("_proxy")}
    clean["PATH"] = ":".join([str(documents.BINARIES / "app"), str(documents.BINARIES / "emulator"), clean["PATH"]])
    return clean


class Commands(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        (self.folder / "configs").symlink_to(documents.ROOT / "configs")
        self.environment = environment()
        self.environment["HOSTNAME"] = "docs"
        emulator = subprocess.Popen(
            ["feedcast-emulator", "--listen", "127.0.0.1:0", "--create", "openwhisk/whisks:4"],
            stdout=subprocess.PIPE, text=True, env=self.environment)
        self.addCleanup(emulator.stdout.close)
        self.addCleanup(emulator.wait)
        self.addCleanup(emulator.send_signal, signal.SIGTERM)
        self.environment["EMULATOR"] = emulator.stdout.readline().strip()

    def test_every_command_of_the_documents_works(self):
        count = 0
        for document in documents.all_documents():
            for block in documents.blocks(document):
                if block.language == "sh" and not block.covered_by:
                    count += 1
                    with self.subTest(block.place):
                        self.run_block(block)
        self.assertGreater(count, 3, "the documents show fewer commands than there were; is the reader of them broken?")

    def run_block(self, block):
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", block.text], cwd=self.folder, env=self.environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100)
        self.assertEqual(done.returncode, 0, f"{block.text}\n{done.stdout}\n{done.stderr}")

    def test_every_block_says_what_it_is(self):
        for document in documents.all_documents():
            for block in documents.blocks(document):
                self.assertIn(block.language, LANGUAGES, block.place)

    def test_markers_name_tests_that_exist(self):
        listing = subprocess.run(["ctest", "--test-dir", str(documents.BINARIES), "--show-only=json-v1"],
                                 check=True, capture_output=True, text=True).stdout
        names = {test["name"] for test in json.loads(listing)["tests"]}
        for document in documents.all_documents():
            for block in documents.blocks(document):
                if block.covered_by:
                    self.assertIn(block.covered_by, names, block.place)


if __name__ == "__main__":
    unittest.main()
