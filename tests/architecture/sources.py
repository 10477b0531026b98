"""How source files look from outside: length, names, and that the build knows each of them."""

import posixpath
import re

import layers

MAX_LINES = 400
SOURCE = (".cpp", ".hpp", ".py", ".cmake", "CMakeLists.txt")
SNAKE_PATH = re.compile(r"[a-z0-9_]+(/[a-z0-9_]+)*\.(cpp|hpp|py)")
TEST = re.compile(r"^(?:TYPED_)?TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", re.MULTILINE)


def check_length(repository):
    for path in repository.files:
        if path.endswith(SOURCE) or path.startswith("scripts/"):
            count = len(repository.lines(path))
            if count > MAX_LINES:
                yield f"{path}: {count} lines; more than {MAX_LINES} are two topics"


def check_names(repository):
    for path in repository.files:
        if path.endswith((".cpp", ".hpp", ".py")) and not SNAKE_PATH.fullmatch(path):
            yield f"{path}: names are snake_case"
    for path in repository.cpp("tests"):
        tests = TEST.findall(repository.text(path))
        if tests and path.endswith(".cpp") and not path.endswith("_test.cpp"):
            yield f"{path}: holds tests, so its name ends in _test.cpp"
        for suite, name in tests:
            if not re.fullmatch(r"[a-z][a-z0-9_]*", suite + name):
                yield f"{path}: {suite}.{name}: a test is named by a sentence in snake_case"


def listed(repository):
    """Every path that some CMakeLists.txt names."""
    for listing in repository.files:
        if listing.endswith("CMakeLists.txt"):
            for word in re.split(r"[\s()\"]+", repository.text(listing)):
                yield posixpath.normpath(posixpath.join(posixpath.dirname(listing), word))


def check_listed(repository):
    """A file that no CMakeLists.txt names is neither compiled nor checked by anything."""
    included = set()
    for path in repository.cpp():
        for _, _, header in layers.includes(repository, path):
            included |= {header, posixpath.join(posixpath.dirname(path), header)}
    known = set(listed(repository))
    for path in repository.cpp():
        # Headers that tests share belong to no program.
        shared = path.startswith("tests/") and path.endswith(".hpp") and path in included
        if path not in known and not shared:
            yield f"{path}: not listed in any CMakeLists.txt"
