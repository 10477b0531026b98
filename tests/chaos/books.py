"""All that was written, stored and received, and what is still owed."""
import bisect
import collections
import dataclasses

import model
from ledger import Cut, Lease, Ranges, Refused, Write


# What feedcast says of a document that it found in a damaged page, where `_lsn` could not be read.
UNKNOWN_LSN = 0


@dataclasses.dataclass(slots=True)
class Message:
    """A record of a target's topic. `ms` is when the broker appended it (the topics say LogAppendTime)."""
    key: str
    lsn: int | None  # of the header; None: it has none
    ms: int


@dataclasses.dataclass
class TargetBooks:
    """What one target got."""
    target: model.Target
    by_key: dict = dataclasses.field(default_factory=lambda: collections.defaultdict(list))  # key -> [Message]
    corrupt: list = dataclasses.field(default_factory=list)  # (ms, key, value, why)
    received: int = 0
    owed: dict = dataclasses.field(default_factory=dict)  # key -> newest LSN that has not come yet
    seen: dict = dataclasses.field(default_factory=dict)  # key -> newest LSN that came
    damaged: dict = dataclasses.field(default_factory=dict)  # key -> when the last message without a known LSN came

    def own(self, write):
        return write.origin == self.target.cluster


class Books:
    """Fed by one thread at a time. `excused` has (target name, key) pairs that the target is known to refuse."""

    def __init__(self, targets=model.TARGETS, leases="leases"):
        self.targets = {t.name: TargetBooks(t) for t in targets}
        self.epochs = [(0, leases)]  # (seq from which it counts, lease collection)
        self.writes = {c: [] for c in model.COLLECTIONS}  # by LSN
        self.lsns = {c: [] for c in model.COLLECTIONS}
        self.versions = collections.defaultdict(list)  # (collection, id) -> [Write], by LSN
        self.documents = {}  # cache key -> (collection, id)
        self.ranges = {c: {} for c in model.COLLECTIONS}  # every range that ever was -> (min, max)
        self.parents = {c: {} for c in model.COLLECTIONS}  # range -> those that it replaced
        self.live = {c: {} for c in model.COLLECTIONS}  # those that take writes
        self.leases = []  # [Lease] with a continuation
        self.first_positions = {}  # see bases()
        self.lease_writes = 0
        self.refused = []
        self.poison_keys = {}  # raw document -> its key, or None
        self.undeliverable = {}  # hash of a raw document without a key -> its id
        self.unexpected = []
        self.excused = set()
        self.undone = set()  # (collection, id, LSN) of writes that a failover cut off

    # -- what the emulator recorded

    def add_events(self, events):
        for e in events:
            if isinstance(e, Write):
                if e.container in self.writes:
                    self._add_write(e)
            elif isinstance(e, Lease):
                self.lease_writes += 1
                self.leases.append(e)
                books, container = self.lease_place(e)
                if books is not None and e.after is not None:
                    self.first_positions.setdefault((e.container, books.target.name, container, e.token), e.after)
            elif isinstance(e, Ranges):
                if e.container in self.ranges:
                    self._add_ranges(e)
            elif isinstance(e, Refused):
                self.refused.append(e)
            elif isinstance(e, Cut):
                if e.container in self.writes:
                    self._cut(e)

    def _add_ranges(self, e):
        self.ranges[e.container].update(e.ranges)
        self.live[e.container].update(e.ranges)
        for parent in e.parents:
            self.live[e.container].pop(parent, None)
        if e.parents:
            self.parents[e.container].update(dict.fromkeys(e.ranges, e.parents))

    def _cut(self, e):
        """What was written after that LSN never was: nobody is owed it, and who saw it did not invent it."""
        keep = bisect.bisect_right(self.lsns[e.container], e.lsn)
        for w in self.writes[e.container][keep:]:
            self.undone.add((w.container, w.id, w.lsn))
            versions = self.versions[w.container, w.id]
            versions.remove(w)
            for books in self.targets.values():
                for key in self.keys(w):
                    if books.owed.get(key) == w.lsn:
                        del books.owed[key]
                        if versions and not books.own(versions[-1]) and books.seen.get(key, -1) < versions[-1].lsn:
                            books.owed[key] = versions[-1].lsn
        del self.writes[e.container][keep:], self.lsns[e.container][keep:]

    def bounds(self, container, token):
        """(min, max) of a lease's keys: of its range, or as its token says; None if there never was such a range."""
        known = self.ranges[container].get(token)
        if known is None and "-" in token:
            low, _, high = token.partition("-")
            return low, high
        return known

    def _add_write(self, w):
        self.writes[w.container].append(w)
        self.lsns[w.container].append(w.lsn)
        self.versions[w.container, w.id].append(w)
        for key in self.keys(w):
            self.documents[key] = (w.container, w.id)
            for books in self.targets.values():
                if books.own(w):
                    books.owed.pop(key, None)  # the feed shows the newest version only, and that one is its own
                elif books.seen.get(key, -1) < w.lsn and books.damaged.get(key, -1) < w.ms and (books.target.name, key) not in self.excused:
                    books.owed[key] = w.lsn

    def keys(self, w):
        """The cache keys that a write means."""
        if w.kind == "raw":
            key = self.poison_keys.get(w.id)
            return () if key is None else (key,)
        return model.keys_of(w.container, w.id)

    def is_poison(self, key):
        return key in self.documents and self.documents[key][1].startswith(model.POISON)

    def writes_between(self, container, after, to):
        """Writes with after < LSN <= to."""
        lsns = self.lsns[container]
        return self.writes[container][bisect.bisect_right(lsns, after):bisect.bisect_right(lsns, to)]

    # -- what the consumer read

    def add_record(self, target, key, value, ms, headers):
        books = self.targets[target]
        books.received += 1
        try:
            text = key.decode()
            lsn = next((int(v) for name, v in headers if name == model.LSN_HEADER), None)
        except (AttributeError, UnicodeDecodeError, ValueError):
            books.corrupt.append((ms, repr(key), repr(value), f"key or header: {headers}"))
            return
        if value != model.value_of(text):
            books.corrupt.append((ms, text, repr(value), "value"))
            return
        if text.startswith(model.POISON.replace("|", "/")):
            lsn = 1 << 62  # its bytes hold no `_lsn`; its id is never used twice, so any message is the right one
        books.by_key[text].append(Message(text, lsn, ms))
        if lsn == UNKNOWN_LSN:
            books.damaged[text] = max(ms, books.damaged.get(text, 0))
            if text in self.documents and self.versions[self.documents[text]][-1].ms <= ms:
                books.owed.pop(text, None)
        newest = max(books.seen.get(text, -1), -1 if lsn is None else lsn)
        books.seen[text] = newest
        if text in books.owed and books.owed[text] <= newest:
            del books.owed[text]

    # -- what is owed

    def outstanding(self, target=None):
        """How many cache keys still wait for a message."""
        return sum(len(b.owed) for name, b in self.targets.items() if target in (None, name))

    def excuse(self, target, key):
        self.excused.add((target, key))
        self.targets[target].owed.pop(key, None)

    def begin_epoch(self, leases):
        """From here on positions are kept in another, new lease collection."""
        last = max((w[-1].seq for w in self.writes.values() if w), default=0)
        last = max(last, self.leases[-1].seq if self.leases else 0)
        self.epochs.append((last + 1, leases))

    def epoch_of(self, seq):
        return self.epochs[bisect.bisect_right(self.epochs, (seq, "\U0010ffff")) - 1][1]

    def lease_place(self, lease):
        """(target, collection) that a lease belongs to: its id begins with <cluster>-<collection>."""
        for books in self.targets.values():
            for container in model.COLLECTIONS:
                if lease.id.startswith(f"{books.target.cluster}-{container}"):
                    return books, container
        return None, None

    def bases(self):
        """{(lease collection, target, collection, range): first position that was ever stored}. What was written up to
        there was written before the processor said `now`."""
        return dict(self.first_positions)

    def forget_before_now(self):
        """Of what waits: what was written before a new lease store had its first position is not owed."""
        for name, books in self.targets.items():
            for key, lsn in list(books.owed.items()):
                container, identifier = self.documents[key]
                w = self.versions[container, identifier][-1]
                base = self.base_of(self.first_positions, self.epoch_of(w.seq), name, container, w.range, w.epk)
                if base is not None and lsn <= base:
                    del books.owed[key]

    def base_of(self, bases, leases, target, container, range_id, epk):
        """The first position of the oldest ancestor that has one; where no range has one, that of a lease of key spans;
        None if none was ever stored."""
        base = None
        while range_id is not None:
            base = bases.get((leases, target, container, range_id), base)
            range_id = next((p for p in self.parents[container].get(range_id, ())
                             if within(epk, self.ranges[container][p])), None)
        if base is None:
            spans = [lsn for (l, t, c, token), lsn in bases.items() if (l, t, c) == (leases, target, container)
                     and "-" in token and within(epk, self.bounds(container, token))]
            base = min(spans, default=None)
        return base


def within(epk, bounds):
    return bounds[0] <= epk < bounds[1]
