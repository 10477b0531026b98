"""What could not be delivered: is each such document, and each refused message, in the file of dead letters of its target?

A raw document is shown as it was written, so a dead letter names it by the hash of its bytes; a refused message by its key.
"""
import collections
import dataclasses
import hashlib
import json
import os


@dataclasses.dataclass
class Found:
    owed: int = 0
    missing: list = dataclasses.field(default_factory=list)  # (target, id or key)
    written: int = 0
    repeated: int = 0  # after a kill that is right
    others: collections.Counter = dataclasses.field(default_factory=collections.Counter)  # reason -> how many nobody owed

    def figures(self):
        return {"dead_letters_owed": self.owed, "dead_letters_missing": len(self.missing),
                "dead_letters_written": self.written, "dead_letters_repeated": self.repeated,
                "dead_letters_not_owed": dict(self.others)}

    def failures(self):
        if not self.missing:
            return []
        return [f"{len(self.missing)} of {self.owed} dead letters are missing, such as {self.missing[:5]}"]


def file_of(folder, target):
    return os.path.join(folder, f"dead-letters-{target}")


def digest(body):
    return hashlib.sha256(body).hexdigest()


def read(path):
    """Those of one target; none if there is no such file. A line that a kill cut short stands for nothing."""
    records = []
    if os.path.exists(path):
        with open(path, encoding="utf-8") as f:
            for line in f:
                try:
                    records.append(json.loads(line))
                except ValueError:
                    continue
    return records


def judge(books, records):
    """`records`: target name -> its dead letters."""
    found = Found()
    written = {identifier for _, identifier in books.versions}
    for name, target in books.targets.items():
        said = collections.Counter(r.get("sha256") or (r["reason"], r.get("id")) for r in records[name])
        found.written += sum(said.values())
        owed = {h: identifier for h, identifier in books.undeliverable.items() if identifier in written}
        owed |= {("refused", key): key for who, key in books.excused if who == name and key in books.documents
                 and key not in target.by_key}
        found.owed += len(owed)
        found.missing += [(name, identifier) for what, identifier in owed.items() if not said[what]]
        found.repeated += sum(said[what] - 1 for what in owed if said[what])
        for r in records[name]:
            if (r.get("sha256") or (r["reason"], r.get("id"))) not in owed:
                found.others[r["reason"]] += 1
    return found
