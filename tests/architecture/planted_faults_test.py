#!/usr/bin/env python3
"""Plants one fault of every kind in a copy of the project and sees each of them caught.

A rule that never complains may hold, or may look at nothing at all; this tells the two apart.
"""

import pathlib
import shutil
import tempfile
import unittest

import repository
import rules

ROOT = pathlib.Path(__file__).resolve().parents[2]


class PlantedFaults(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name)
        for path in repository.Repository(ROOT).files:
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, self.root / path)

    def complaints(self, rule):
        return list(rules.RULES[rule](repository.Repository(self.root)))

    def append(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        with open(self.root / path, "a", encoding="utf-8") as file:
            file.write(text)

    def expect_only(self, rule, before, *wanted):
        """Exactly one complaint is new, and it holds every wanted text."""
        new = [complaint for complaint in self.complaints(rule) if complaint not in before]
        self.assertEqual(len(new), 1, new)
        for text in wanted:
            self.assertIn(text, new[0])

    def plant(self, rule, path, text, *wanted):
        before = self.complaints(rule)
        self.append(path, text)
        self.expect_only(rule, before, *wanted)

    def test_a_layer_that_includes_upwards(self):
        self.plant("layers", "core/clock.cpp", '#include "pipeline/batch.hpp"\n', "core/clock.cpp", "may not include")

    def test_a_layer_that_includes_sideways(self):
        self.plant("layers", "emulator/rid.cpp", '#include "feeds/cosmos/signer.hpp"\n', "emulator/ may not include feeds/")

    def test_the_inside_of_another_folder(self):
        self.plant("layers", "feeds/cosmos/account.cpp", '#include "http/detail/net.hpp"\n', "http/detail/ is for http/")

    def test_an_own_header_without_its_path(self):
        self.plant("layers", "core/clock.cpp", '#include "error.hpp"\n', "by their path from the root")

    def test_a_third_party_header_outside_its_folder(self):
        self.plant("layers", "feeds/cosmos/account.cpp", "#include <boost/beast/core.hpp>\n", "stays in http")

    def test_a_third_party_header_that_nobody_decided_on(self):
        self.plant("layers", "core/clock.cpp", "#include <fmt/format.h>\n", "fmt/format.h", "who may include it?")

    def test_an_unknown_top_level_folder(self):
        self.plant("layers", "utils/helpers.cpp", "\n", "utils/: unknown top-level folder")

    def test_a_table_of_layers_that_goes_in_a_circle(self):
        before = self.complaints("layers")
        table = (self.root / "layers.toml").read_text()
        (self.root / "layers.toml").write_text(table.replace("core     = []", 'core     = ["settings"]'))
        self.expect_only("layers", before, "in a circle", "core")

    def test_a_word_of_one_database_in_a_comment_for_all(self):
        self.plant("words", "pipeline/ports.hpp", "// as CouchDB does\n", "pipeline/ports.hpp", '"couch" stays in')

    def test_a_file_named_after_one_database(self):
        self.plant("words", "actors/couch_rows.hpp", "\n", "actors/couch_rows.hpp:0")

    def test_a_word_among_the_feeds_of_another_database(self):
        self.plant("words", "feeds/cosmos/account.cpp", "// not a couch\n", "feeds/cosmos/account.cpp")

    def test_a_word_that_is_let_into_no_folder(self):
        before = self.complaints("words")
        table = (self.root / "layers.toml").read_text()
        (self.root / "layers.toml").write_text(table.replace('"feeds/couchdb",', '"feeds/couchdb", "sofas",'))
        self.expect_only("words", before, "sofas/, which has no sources")

    def test_a_source_of_too_many_lines(self):
        self.plant("length", "core/clock.cpp", "\n" * 401, "core/clock.cpp", "more than 400")

    def test_a_file_name_in_camel_case(self):
        self.plant("names", "core/hostName.cpp", "\n", "core/hostName.cpp")

    def test_a_test_outside_a_test_file(self):
        self.plant("names", "tests/unit/core/helpers.cpp", "TEST(clock, ticks) {}\n", "ends in _test.cpp")

    def test_a_test_in_camel_case(self):
        self.plant("names", "tests/unit/core/planted_test.cpp", "TEST(ClockTest, Ticks) {}\n", "ClockTest.Ticks")

    def test_a_source_that_the_build_does_not_know(self):
        self.plant("listed_sources", "core/orphan.cpp", "\n", "core/orphan.cpp", "not listed")

    def test_a_header_that_no_test_includes(self):
        self.plant("listed_sources", "tests/support/orphan.hpp", "\n", "tests/support/orphan.hpp")

    def test_a_type_without_a_comment(self):
        self.plant("documented_headers", "core/clock.hpp", "\nclass sundial {\n public:\n  void tick();\n};\n",
                   "core/clock.hpp", "sundial")

    def test_an_open_end(self):
        self.plant("clean_texts", "core/clock.cpp", "// TO" "DO later\n", "core/clock.cpp", "open end")

    def test_a_path_of_a_machine(self):
        self.plant("clean_texts", "README.md", "see /ho" "me/somebody/notes\n", "README.md", "somebody's machine")


if __name__ == "__main__":
    unittest.main()
