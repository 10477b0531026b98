"""All that was written and received, what is still owed, and what the stored positions passed."""
import bisect
import collections
import dataclasses

import couch_model
import model


@dataclasses.dataclass(slots=True)
class Written:
    """A write that the server has for sure. `sent_ms`: before the request that stored it can have been served; `acked_ms`:
    when the writer knew."""
    database: str
    id: str
    revision: str
    keys: tuple
    sent_ms: int
    acked_ms: int
    told: bool  # by its own answer; else by reading the document again, some time later


@dataclasses.dataclass(slots=True)
class Stored:
    """A position as it was read in the leases' database."""
    ms: int
    lease: str
    database: str
    owner: str
    sequence: object  # None: none is stored


@dataclasses.dataclass
class TargetBooks:
    owed: dict = dataclasses.field(default_factory=dict)  # key -> when its newest write was sent


class Books:
    """Fed by observer.Monitor's thread; whoever judges waits for its end."""

    def __init__(self):
        self.targets = {couch_model.TARGET.name: TargetBooks()}
        self.epochs = [(0, couch_model.LEASES)]
        self.writes = []
        self.messages = collections.defaultdict(list)  # key -> [ms of its append], ascending
        self.corrupt = []
        self.received = 0
        self.acked = {}  # key -> when the write that is owed was acknowledged

    @property
    def owed(self):
        return self.targets[couch_model.TARGET.name].owed

    def add_events(self, events):
        for w in events:
            self.writes.append(w)
            for key in w.keys:
                appends = self.messages.get(key)
                if not appends or appends[-1] < w.sent_ms:
                    self.owed[key] = w.sent_ms
                    self.acked[key] = w.acked_ms

    def add_record(self, _, key, value, ms, __):
        self.received += 1
        text = (key or b"").decode("utf-8", "replace")
        if value != model.value_of(text):
            self.corrupt.append((ms, text, repr(value)))
            return
        bisect.insort(self.messages[text], ms)  # partitions are read as they come
        if text in self.owed and self.owed[text] <= ms:
            del self.owed[text]
            del self.acked[text]

    def outstanding(self, _=None):
        return len(self.owed)

    def longest_wait(self, now):
        """For how long the oldest acknowledged write waits, in milliseconds."""
        return now - min(list(self.acked.values()), default=now)


def first_since(appends, ms):
    at = bisect.bisect_left(appends, ms)
    return appends[at] if at < len(appends) else None


@dataclasses.dataclass
class Verdict:
    obligations: int = 0
    lost: list = dataclasses.field(default_factory=list)  # (key, Written)
    once: int = 0  # obligations of keys that were written once
    invented: list = dataclasses.field(default_factory=list)  # keys that nobody wrote
    corrupt: list = dataclasses.field(default_factory=list)
    records: int = 0
    repeated: list = dataclasses.field(default_factory=list)  # ms of messages that no write since the last one called for
    latencies: list = dataclasses.field(default_factory=list)  # (ms of the acknowledgement, milliseconds until the append)
    premature: list = dataclasses.field(default_factory=list)  # (Stored, row, Written)
    positions: int = 0  # stored ones that were looked at
    passed: int = 0  # rows that they passed and whose message was looked for

    def good(self):
        return self.obligations and not (self.lost or self.invented or self.corrupt or self.premature)


def judge(books, rows=None, stored=()):
    """`rows`: {database: [(sequence, id, revision)], ascending}; None if the server's sequences have no order."""
    verdict = Verdict(corrupt=books.corrupt, records=books.received)
    by_key = collections.defaultdict(list)
    for w in books.writes:
        for key in w.keys:
            by_key[key].append(w)
    for key, writes in by_key.items():
        writes.sort(key=lambda w: w.sent_ms)
        appends = books.messages.get(key, [])
        verdict.obligations += len(writes)
        verdict.once += len(writes) == 1
        for w in writes:
            append = first_since(appends, w.sent_ms)
            if append is None:
                verdict.lost.append((key, w))
            elif w.told:
                verdict.latencies.append((w.acked_ms, max(0, append - w.acked_ms)))
        verdict.repeated += repeated(writes, appends)
    verdict.invented = sorted(set(books.messages) - set(by_key))
    if rows is not None:
        _judge_positions(verdict, books, rows, stored)
    return verdict


def repeated(writes, appends):
    """Of the messages of a key those before which nothing was written since the message before."""
    found, at = [], 0
    for ms in appends:
        paid = at
        while paid < len(writes) and writes[paid].sent_ms <= ms:
            paid += 1
        if paid == at:
            found.append(ms)
        at = paid
    return found


def _judge_positions(verdict, books, rows, stored):
    """Each row that a position passes had its message by then, unless the document was written again before: a feed shows
    the newest row of a document only."""
    written = {(w.database, w.id, w.revision): w for w in books.writes}
    versions = collections.defaultdict(list)
    for w in books.writes:
        versions[w.database, w.id].append(w)
    passed = collections.Counter()  # database -> sequence up to which rows were looked at
    for s in stored:
        if not isinstance(s.sequence, int) or s.database not in rows:
            continue
        verdict.positions += 1
        sequences = rows[s.database]
        first = bisect.bisect_right(sequences, (passed[s.database], "\U0010ffff"))
        for row in sequences[first:bisect.bisect_right(sequences, (s.sequence, "\U0010ffff"))]:
            w = written.get((s.database, row[1], row[2]))
            if w is None or any(v is not w and w.sent_ms <= v.sent_ms <= s.ms for v in versions[s.database, w.id]):
                continue
            verdict.passed += 1
            for key in w.keys:
                append = first_since(books.messages.get(key, []), w.sent_ms)
                if append is None or append > s.ms:
                    verdict.premature.append((s, row, w))
        passed[s.database] = max(passed[s.database], s.sequence)
