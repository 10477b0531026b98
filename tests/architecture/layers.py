"""Who may include whom: holds every include of the product against layers.toml."""

import re
import tomllib

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')
# Top-level folders without product code. Any other must be named in layers.toml.
OTHER_FOLDERS = {".ci", "cmake", "configs", "deploy", "docs", "perf", "scripts", "tests"}


def read_table(repository):
    return tomllib.loads(repository.text("layers.toml"))


def includes(repository, path):
    """(line number, delimiter, header) of every include."""
    for number, line in enumerate(repository.lines(path), 1):
        if found := INCLUDE.match(line):
            yield number, found[1], found[2]


def cycle(folders):
    """A path from a folder to itself along the allowed includes; None if there is none."""
    def walk(at, path):
        for below in folders.get(at, []):
            if below in path:
                return path[path.index(below):] + [below]
            if found := walk(below, path + [below]):
                return found
        return None
    return next((found for start in folders if (found := walk(start, [start]))), None)


def own_include(folders, path, header):
    """What is wrong with including a header of our own; None if nothing is."""
    here, there = path.split("/")[0], header.split("/")[0]
    if "/" not in header or there not in folders:
        return "own headers are included by their path from the root, and lie in a folder of layers.toml"
    if there != here and there not in folders[here]:
        return f"{here}/ may not include {there}/ (layers.toml)"
    if there != here and "/detail/" in header:
        return f"{there}/detail/ is for {there}/ alone"
    return None


def foreign_include(table, path, header):
    """What is wrong with including a header of somebody else; None if nothing is."""
    prefixes = [prefix for prefix in table["third_party"] if header.startswith(prefix)]
    if prefixes:
        prefix = max(prefixes, key=len)
        allowed = table["third_party"][prefix]
        return None if path.split("/")[0] in allowed else f"{prefix} stays in {', '.join(allowed)} (layers.toml)"
    standard = re.fullmatch(r"[a-z_]+", header) or header in table["system"]["headers"]
    return None if standard else "neither the standard library's nor in layers.toml; who may include it?"


def strayed_words(repository, table):
    """Words of one kind of database where another kind must do as well."""
    for word, places in table["words"].items():
        for path in repository.cpp(*table["folders"]):
            if any(path.startswith(place + "/") for place in places):
                continue
            for number, line in enumerate([path, *repository.lines(path)]):
                if word in line.lower():
                    yield f"{path}:{number}: \"{word}\" stays in {', '.join(places)} (layers.toml)"


def check_words(repository):
    table = read_table(repository)
    for word, places in table["words"].items():
        for place in places:
            if not any(path.startswith(place + "/") for path in repository.cpp(*table["folders"])):
                yield f"layers.toml: lets \"{word}\" into {place}/, which has no sources"
    yield from strayed_words(repository, table)


def check(repository):
    table = read_table(repository)
    folders = table["folders"]
    if found := cycle(folders):
        yield "layers.toml: includes go in a circle: " + " -> ".join(found)
    for folder in {path.split("/")[0] for path in repository.files if "/" in path}:
        if folder not in folders and folder not in OTHER_FOLDERS:
            yield f"{folder}/: unknown top-level folder; layers.toml names those that may exist"
    for folder in folders:
        if not repository.cpp(folder):
            yield f"layers.toml: names {folder}/, which has no sources"
    for path in repository.cpp(*folders):
        for number, delimiter, header in includes(repository, path):
            wrong = own_include(folders, path, header) if delimiter == '"' else foreign_include(table, path, header)
            if wrong:
                yield f"{path}:{number}: {header}: {wrong}"
