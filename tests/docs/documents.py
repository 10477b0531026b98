"""The project's documents, as the tests of this folder read them."""

import dataclasses
import os
import pathlib
import re

ROOT = pathlib.Path(os.environ.get("FEEDCAST_SOURCE_DIR") or pathlib.Path(__file__).resolve().parents[2])
BINARIES = pathlib.Path(os.environ.get("FEEDCAST_BINARY_DIR") or ROOT / "build/dev")

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
MARKER = re.compile(r"<!-- test: (\S+) -->\s*$")


def all_documents():
    """README.md and its like, and everything below docs/."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def name_of(document):
    return document.relative_to(ROOT).as_posix()


def without_code(text):
    return re.sub(r"`[^`\n]*`", "", FENCE.sub("", text))


@dataclasses.dataclass
class Block:
    """One fenced block: where it begins, its language, its text, and the ctest that its marker names."""
    place: str
    language: str
    text: str
    covered_by: str


def blocks(document):
    text = document.read_text()
    for found in FENCE.finditer(text):
        marker = MARKER.search(text[:found.start()])
        line = text.count("\n", 0, found.start()) + 1
        yield Block(f"{name_of(document)}:{line}", found[1], found[2], marker[1] if marker else "")
