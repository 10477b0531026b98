"""Every header of the product says what its types are for."""

import re

import layers

TYPE = re.compile(r"^(?:class|struct|enum class)\s+(?:\w+::)*(\w+)(?:<.*>)?(?:\s+final)?\s*(?::[^;]*)?(?:\{.*)?$")
# Structs and enums of so few lines, braces included, may speak for themselves.
SMALL = 6
TEMPLATE = re.compile(r"^(?:template\b|requires\b)")


def body(lines, start):
    """The lines of the definition that begins at index `start`, up to its closing brace in the first column."""
    end = start
    if not lines[start].rstrip().endswith("};"):
        while end < len(lines) and not lines[end].startswith("}"):
            end += 1
    return lines[start:end + 1]


def undocumented(lines):
    """(line number, name) of every type at namespace scope without a comment before it and without any inside."""
    for index, line in enumerate(lines):
        found = TYPE.match(line)
        if not found:
            continue
        before = index - 1
        while before >= 0 and TEMPLATE.match(lines[before]):
            before -= 1
        documented = before >= 0 and lines[before].startswith("//")
        inside = body(lines, index)
        small = len(inside) <= SMALL and not line.startswith("class")
        if not documented and not small and "///" not in "\n".join(inside):
            yield index + 1, found[1]


def check(repository):
    for path in repository.cpp(*layers.read_table(repository)["folders"]):
        if not path.endswith(".hpp"):
            continue
        lines = repository.lines(path)
        for number, name in undocumented(lines):
            yield f"{path}:{number}: {name} has no /// comment"
        declares = any(re.match(r"[\w:<>,&* ]+\(", line) or TYPE.match(line) for line in lines)
        if declares and not any("//" in line for line in lines):
            yield f"{path}: declares something and explains nothing"
