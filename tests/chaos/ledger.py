"""The emulator's ledger, read while it grows."""
import base64
import dataclasses
import json


@dataclasses.dataclass(slots=True)
class Write:
    """A document was written in a collection."""
    seq: int
    ms: int
    container: str
    kind: str
    range: str
    epk: str
    lsn: int
    id: str
    origin: str | None
    deleted: bool


@dataclasses.dataclass(slots=True)
class Lease:
    """A lease was written or deleted: `before` and `after` are LSNs, or None where no continuation is stored."""
    seq: int
    ms: int
    container: str
    kind: str
    id: str
    token: str
    owner_before: str | None
    owner: str | None
    before: int | None
    after: int | None


@dataclasses.dataclass(slots=True)
class Ranges:
    """Ranges of a collection came to be; `parents` are those that they replace: none, one that was split, or several that
    were merged."""
    seq: int
    ms: int
    container: str
    parents: tuple
    ranges: dict  # id -> (min, max)


@dataclasses.dataclass(slots=True)
class Refused:
    """A write that what is stored forbade."""
    seq: int
    ms: int
    container: str
    kind: str
    id: str
    status: int


@dataclasses.dataclass(slots=True)
class Cut:
    """A failover undid the writes of a collection after this LSN."""
    seq: int
    ms: int
    container: str
    lsn: int


def lsn_of(continuation):
    """The emulator's continuation is an LSN in quotes; Java's leases of key spans wrap it in a state, base64 of JSON."""
    if not continuation:
        return None
    if continuation.strip('"').isdigit():
        return int(continuation.strip('"'))
    state = json.loads(base64.urlsafe_b64decode(continuation))
    if "Continuation" not in state:
        return None  # it has not been read yet
    one, = state["Continuation"]["Continuation"]
    return lsn_of(one.get("token"))


def parse(line):
    o = json.loads(line)
    event, seq, ms, container = o["event"], o["seq"], o["ms"], o["container"]
    if event == "write":
        return Write(seq, ms, container, o["kind"], o["range"], o["epk"], o["lsn"], o["id"], o["origin"], o["deleted"])
    if event == "lease":
        return Lease(seq, ms, container, o["kind"], o["id"], o["token"], o["owner_before"], o["owner"],
                     lsn_of(o["before"]), lsn_of(o["after"]))
    if event in ("ranges", "split", "merge"):
        parents = tuple(o["parents"]) if event == "merge" else (o["parent"],) if event == "split" else ()
        return Ranges(seq, ms, container, parents, {r["id"]: (r["min"], r["max"]) for r in o["ranges"]})
    if event == "cut":
        return Cut(seq, ms, container, o["lsn"])
    if event == "refused":
        return Refused(seq, ms, container, o["kind"], o["id"], o["status"])
    raise ValueError(f"unknown event in the ledger: {line[:200]!r}")


class LedgerReader:
    """Complete lines of a file that somebody appends to, each once. For one thread."""

    def __init__(self, path):
        self.file = open(path, "rb")
        self.rest = b""
        self.last = 0

    def read(self):
        """What is new."""
        lines = (self.rest + self.file.read()).split(b"\n")
        self.rest = lines.pop()
        events = [parse(line) for line in lines]
        for e in events:
            if e.seq != self.last + 1:
                raise AssertionError(f"the ledger has line {e.seq} after {self.last}")
            self.last = e.seq
        return events

    def close(self):
        self.file.close()
