#!/usr/bin/env python3
"""What the documents refer to exists: links, their anchors, and files that are named."""

import re
import subprocess
import unittest

import documents

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
# A path of ours between backticks: something with a slash or an extension that begins like one of our folders or files.
NAMED = re.compile(r"`((?:\.ci|actors|app|cmake|configs|core|deploy|docs|emulator|feeds|http|leases|metrics|perf|pipeline|"
                   r"scripts|settings|sinks|tests)/[\w./-]*)`")


def anchors(document):
    """The anchors of a document's headings, as code hosts make them."""
    for heading in re.findall(r"^#+ (.*)$", document.read_text(), re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def words_of_tests():
    """Every word that stands in a test: a test that is named nowhere else is none."""
    words = set()
    for kind in ("*.cpp", "*.hpp", "*.py"):
        for path in (documents.ROOT / "tests").rglob(kind):
            words.update(re.findall(r"\w+", path.read_text()))
    return words


class References(unittest.TestCase):
    def test_links_lead_somewhere(self):
        for document in documents.all_documents():
            for link in LINK.findall(documents.without_code(document.read_text())):
                if link.startswith(("http://", "https://")):
                    continue
                path, _, anchor = link.partition("#")
                target = (document.parent / path).resolve() if path else document
                with self.subTest(document=documents.name_of(document), link=link):
                    self.assertTrue(target.exists())
                    if anchor:
                        self.assertIn(anchor, anchors(target))

    def test_files_that_are_named_exist(self):
        for document in documents.all_documents():
            for path in NAMED.findall(document.read_text()):
                if path.isupper() or any(part.isupper() for part in path.split("/")):
                    continue  # NAME and its like stand for anything
                with self.subTest(document=documents.name_of(document), path=path):
                    self.assertTrue((documents.ROOT / path).exists())

    def test_the_life_of_a_change_names_its_files(self):
        story = (documents.ROOT / "docs/ARCHITECTURE.md").read_text().split("\n## ")[1]
        self.assertTrue(story.startswith("The life of a change"))
        for stop in re.split(r"^\d+\. ", story, flags=re.MULTILINE)[1:]:
            self.assertRegex(stop, r"`[a-z_]+/[a-z_/]+\.(cpp|hpp)`")

    def test_tests_that_reliability_and_features_name_exist(self):
        words = words_of_tests()
        for page in ("docs/reliability.md", "docs/features.md"):
            for row in re.findall(r"^\|.*\|$", (documents.ROOT / page).read_text(), re.MULTILINE):
                cells = row.split(" | ")
                for name in re.findall(r"`(\w+)`", cells[2] if len(cells) > 2 else ""):
                    with self.subTest(page=page, name=name):
                        self.assertTrue(name in words)

    def test_each_feature_is_shown_by_a_test_or_says_why_not(self):
        rows = re.findall(r"^\| (?!What |---)(.*) \|(?: \|)?$", (documents.ROOT / "docs/features.md").read_text(), re.MULTILINE)
        self.assertGreater(len(rows), 25)
        for row in rows:
            cells = row.split(" | ")
            with self.subTest(row=cells[0]):
                self.assertTrue(len(cells) > 2 and "`" in cells[2] or re.match(r"no: \w", cells[1]))

    def test_each_fact_of_couchdb_is_held_by_a_test_or_is_not_used(self):
        page = (documents.ROOT / "docs/couchdb.md").read_text().split("\n## Facts\n")[1]
        rows = [row.strip("| ").split(" | ") for row in re.findall(r"^\| \d.*\|$", page, re.MULTILINE)]
        self.assertGreater(len(rows), 50)
        numbers = [tuple(map(int, cells[0].split("."))) for cells in rows]
        self.assertEqual(numbers, sorted(set(numbers)))
        words = words_of_tests()
        for cells in rows:
            with self.subTest(fact=cells[0]):
                named = re.findall(r"`(\w+)`", cells[3] if len(cells) > 3 else "")
                self.assertTrue(named or cells[2].startswith("not used: "))
                for name in named:
                    self.assertIn(name, words)

    def test_every_decision_is_in_the_list(self):
        folder = documents.ROOT / "docs/adr"
        listed = LINK.findall((folder / "README.md").read_text())
        self.assertEqual(sorted(listed), sorted(page.name for page in folder.glob("0*.md")))


class Generated(unittest.TestCase):
    def test_generated_parts_are_up_to_date(self):
        done = subprocess.run([documents.ROOT / "scripts/generate-docs", "--check"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
