#!/usr/bin/env python3
"""Secrets that exist only to be looked for: tests plant them, and nothing that comes out may hold one.

Usage: tests/tools/canaries.py PATH...
  Looks through files, such as the log of a whole test run, and all files of folders. Exit code 1 and a line for each find;
  a find is told by its name, never shown. Exit code 1 as well if there is nothing to look through.
"""

import base64
import pathlib
import sys
import urllib.parse

# In the order of the life of a secret: configuration, environment, documents. `key` and the like name where it stands.
CANARIES = {
    "account key": "WPoMOM5QZNil/sUAdrGrpqdPPfFkvZR2JuwvhLKj72BWnSZCBCTNa7UP7g1o6yuQLfh8pfEoXtzUMO+eTbSZ7w==",
    "SASL password": "sasl-12d88fc52cc612e8b706db93da10710416146132",
    "password of a key file": "pem-80e38c21562df6c510d8dde3aca7b2a8d2a7e1b6",
    "proxy password": "proxy-c330bbb723f49f56c1948818432860ccafa18961",
    "admin token": "admin-8bcd2b94ac26c89c9a9316c610d259e095638e69",
    "wrong admin token": "guess-5485747c61d42d80675985fd36a4843d99ae0a1b",
    "key of a subject": "subject-4cd03b08348b9d2705517ffa94ef77a785597914",
    "uuid of a subject": "d690f24e-8204-483e-9abb-10c42748e6a8",
    "next key of a subject": "Zq3vX8cT1mKd9RwYb7NfLs5GhJ2pUe6AtV4xC0iOzWnQkBrDySgMlHaEjFuPo8Tq",
    "key of an early subject": "V9tLm2XcQ7aRw4ZsYk8NbGd1HfJ6pUe3ToVx5CiOzWnQ0BrDySgMlKhEjAuFq2Pn",
    "key in a damaged subject": "dM4gK7xT0qVbL9wRz2YcNf8HsJ5pUe1AoX6tC3iOnWkQGrBySvMlDhZjEaFu7PqLd",
    "key in a place of its own": "wP8nE5kX2rTbM0vQy7LcZf4GsJ9pUh3AoV6tD1iOkWlQHrBxSgNmCeYjRaFu8TqKz",
    "uuid of an early subject": "0f3c9ad2-71be-4d8a-a6d4-5e21b97c4f10",
    "next uuid of a subject": "7be81f52-3c0d-49e6-8f7a-9d64c2a05b38",
    "body of a document": "body-a9b0d1f6c8427e35-must-not-be-shown-1d7c",
    # Of other tests.
    "key of a subject, service_test": "IgxLd6GncfBAepfJBd0Kh8oOOL8dKLzdocJ2isAjIhKtJ0RlgLKOmxgJTeKdNnFR",
    "body of a document, service_test": "BODY-THAT-MUST-NOT-BE-SHOWN",
    "account key of the emulator": "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==",
    "admin token, admin_test": "canary-admin-token-c2d1f7a86b9e40e5",
}

PIECE = 12  # whoever leaks 2 * PIECE - 1 characters in a row leaks a whole piece


def base64_forms(raw):
    """What is the same in every base64 that holds these bytes, wherever they begin in it."""
    for before in range(3):
        text = base64.b64encode(b"\0" * before + raw).decode()
        yield text[-(-8 * before // 6):len(text) - (4 if (before + len(raw)) % 3 else 0)]


def forms(secret):
    """Every text that gives a secret away: itself, pieces of it, and its usual encodings."""
    raws = {secret.encode()}
    if secret.endswith("="):
        raws.add(base64.b64decode(secret))
    found = {secret, urllib.parse.quote(secret, safe=""), secret.replace("/", "\\/")}
    found |= {secret[i:i + PIECE] for i in range(0, len(secret) - PIECE, PIECE)}
    for raw in raws:
        found |= {raw.hex(), raw.hex().upper(), raw.hex(" "), raw.hex(":")}
        for text in base64_forms(raw):
            found |= {text, text.replace("+", "-").replace("/", "_")}
    return {form for form in found if len(form) >= PIECE}


FORMS = {name: forms(value) for name, value in CANARIES.items()}


def leaks(text):
    """Names of the canaries that `text` holds in any form."""
    return [name for name, known in FORMS.items() if any(form in text for form in known)]


def main(paths):
    files = [file for path in map(pathlib.Path, paths) for file in (sorted(path.rglob("*")) if path.is_dir() else [path])]
    texts = [(file, file.read_text(encoding="utf-8", errors="replace")) for file in files if file.is_file()]
    found = [(file, name) for file, text in texts for name in leaks(text)]
    for file, name in found:
        print(f"{file}: holds the {name}")
    size = sum(len(text) for _, text in texts)
    print(f"{len(found)} secrets in {len(texts)} files, {size / 1e6:.1f} MB")
    return 1 if found or size == 0 else 0


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help"):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
