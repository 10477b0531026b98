#!/usr/bin/env python3
"""What the documents say about the programs and scripts is what these say about themselves."""

import re
import subprocess
import unittest

import documents

COMMANDS = (("run",), ("check",), ("dlq",), ("dlq", "list"), ("dlq", "retry"), ("leases",),
            *(("leases", name) for name in ("list", "show", "release", "rewind", "export", "import", "adopt")), ("cost",),
            ("migrate",), ("migrate", "openwhisk"), ("demo",))


def help_of(program, *command):
    folder = "emulator" if program == "feedcast-emulator" else "app"
    return subprocess.run([documents.BINARIES / folder / program, *command, "--help"],
                          check=True, capture_output=True, text=True).stdout


def options(text):
    """The options that a help text describes, each at the start of its line."""
    return {option for line in re.findall(r"^\s+(-.*)$", text, re.MULTILINE)
            for option in re.findall(r"(?<![\w-])--?[a-z][\w-]*", line.split("  ")[0])}


class Programs(unittest.TestCase):
    def test_the_man_page_has_every_option_and_no_other(self):
        page = (documents.ROOT / "docs/feedcast.1").read_text().replace("\\-", "-")
        described = set()
        for command in [(), *COMMANDS]:
            for option in options(help_of("feedcast", *command)):
                described.add(option)
                with self.subTest(command=command, option=option):
                    self.assertRegex(page, rf"(?<![\w-]){re.escape(option)}(?![\w-])")
        for option in set(re.findall(r"(?<![\w-])--[a-z][\w-]*", page)) - described:
            self.fail(f"docs/feedcast.1 describes {option}, which feedcast does not know")

    def test_the_man_page_is_well_formed(self):
        done = subprocess.run(["man", "--warnings", "-l", documents.ROOT / "docs/feedcast.1"],
                              capture_output=True, text=True, env={"MANWIDTH": "100", "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_exit_codes_are_those_of_the_code(self):
        code = (documents.ROOT / "app/exit_code.hpp").read_text()
        known = set(re.findall(r"exit_\w+ = (\d+)", code))
        readme = re.search(r"^Exit codes:.*?\.", (documents.ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)[0]
        page = (documents.ROOT / "docs/feedcast.1").read_text().split(".SH EXIT STATUS")[1].split(".SH")[0]
        self.assertEqual(set(re.findall(r"\d+", readme)), known)
        self.assertEqual(set(re.findall(r"^\.B (\d+)$", page, re.MULTILINE)), known)

    def test_the_emulator_page_names_what_fault_rules_accept(self):
        page = (documents.ROOT / "docs/emulator.md").read_text()
        accepted = (documents.ROOT / "emulator/fault_json.cpp").read_text()
        members = set(re.findall(r'(?:_member\(|return \{)"(\w+)"', accepted))
        self.assertGreater(len(members), 10)
        for member in members | set(re.findall(r'\{"(\w+)", [45]\d\d, ', accepted)):
            self.assertIn(f"`{member}`", page)
        unknown = set(re.findall(r"(?<![\w-])--[a-z][\w-]*", page)) - options(help_of("feedcast-emulator"))
        self.assertLessEqual(unknown, {"--set", "--help"})

    def test_profiles_of_the_page_are_the_built_in_ones(self):
        page = (documents.ROOT / "docs/configuration.md").read_text().split("## The profiles")[1].split("##")[0]
        files = {path.stem for path in (documents.ROOT / "configs/profiles").glob("*.yaml")}
        self.assertEqual(set(re.findall(r"^\| `([\w-]+)`", page, re.MULTILINE)), files)


class Scripts(unittest.TestCase):
    def test_each_script_explains_itself(self):
        for script in sorted((documents.ROOT / "scripts").iterdir()):
            if script.suffix:
                continue  # data, or sourced by the others
            with self.subTest(script.name):
                done = subprocess.run([script, "--help"], capture_output=True, text=True)
                self.assertIn("Usage: scripts/" + script.name, done.stdout + done.stderr)

    def test_scripts_refuse_what_they_do_not_know(self):
        for name in ("setup", "build", "test", "check-format", "tidy", "generate-docs", "tsan"):
            with self.subTest(name):
                done = subprocess.run([documents.ROOT / "scripts" / name, "--nonsense"], capture_output=True, text=True)
                self.assertEqual(done.returncode, 64, done.stderr)


if __name__ == "__main__":
    unittest.main()
