"""What must not stand in any file of the project."""

import re

# Spelt so that this file does not find itself.
FORBIDDEN = {
    re.compile(r"/(?:work|farm|root|home)/\w"): "a path of somebody's machine",
    re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b"): "an open end; do it, or file an issue",
    re.compile(r"^(?:<{7}|>{7}|={7})(?:\s|$)"): "a conflict that was not resolved",
}


def check(repository):
    for path in repository.files:
        for number, line in enumerate(repository.lines(path), 1):
            for pattern, why in FORBIDDEN.items():
                if pattern.search(line):
                    yield f"{path}:{number}: {why}"
