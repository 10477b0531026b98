#!/usr/bin/env python3
"""Holds the project's files against one rule of its architecture.

Usage: rules.py RULE [ROOT]
"""

import pathlib
import sys

import documentation
import layers
import repository
import sources
import texts

RULES = {
    "layers": layers.check,
    "words": layers.check_words,
    "length": sources.check_length,
    "names": sources.check_names,
    "listed_sources": sources.check_listed,
    "documented_headers": documentation.check,
    "clean_texts": texts.check,
}


def main(rule, root=pathlib.Path(__file__).resolve().parents[2]):
    complaints = list(RULES[rule](repository.Repository(root)))
    print("\n".join(complaints) or f"{rule}: nothing to complain about")
    return 1 if complaints else 0


if __name__ == "__main__":
    if not 2 <= len(sys.argv) <= 3 or sys.argv[1] not in RULES:
        sys.exit(__doc__ + "RULE is one of " + ", ".join(RULES))
    sys.exit(main(*sys.argv[1:]))
