"""Who held which keys when, by the emulator's ledger and by when each process lived: never by what feedcast says.

A lease holds its keys from the moment when a living process wrote its name into it until that process ends, until another
name is written or the lease is given back or deleted. A process that was killed holds nothing, though its name stays in
the lease; neither does its next life before it wrote the lease anew.
"""
import dataclasses

from books import within
from ledger import Lease


@dataclasses.dataclass(frozen=True)
class Living:
    """A process: the name that it writes into leases, from when to when it ran, and how it ended."""
    name: str
    began_ms: int
    ended_ms: int | None = None
    end: str | None = None


@dataclasses.dataclass(frozen=True)
class Gap:
    """Keys that nobody held, or no lease covered, from `began_ms` until `ended_ms` (None: until the end)."""
    keys: tuple  # (min, max)
    began_ms: int
    ended_ms: int | None
    since_ms: int  # the last end of a process in that time, or the beginning: from then on it is late
    cause: str

    def milliseconds(self):
        return None if self.ended_ms is None else self.ended_ms - self.began_ms

    def late(self):
        return None if self.ended_ms is None else self.ended_ms - self.since_ms


@dataclasses.dataclass
class History:
    began_ms: int | None = None  # when every key was held for the first time
    unheld: list = dataclasses.field(default_factory=list)  # [Gap]
    uncovered: list = dataclasses.field(default_factory=list)  # [Gap]: keys without a lease document
    moves: int = 0  # leases taken from a process that lived
    taken: int = 0  # leases taken after their holder was killed, by another one
    resumed: int = 0  # leases taken back by the next life of their holder
    forms: dict = dataclasses.field(default_factory=dict)  # leases by what they stand for, at the end


@dataclasses.dataclass
class Held:
    token: str
    bounds: tuple
    owner: str | None
    life: Living | None  # of the owner; None: nobody's, or that of a host which is no process of ours


class Keeper:
    """Replays events in the order in which they happened."""

    def __init__(self, books, container, lives):
        self.books, self.container = books, container
        self.lives = sorted(lives, key=lambda l: l.began_ms)
        self.ours = {l.name for l in lives}
        self.ends = sorted(((l.ended_ms, l) for l in lives if l.ended_ms is not None), key=lambda one: one[0])
        self.leases = {}  # id -> Held
        self.cuts = []  # where slices of the key space begin
        self.history = History()
        self.open = {"unheld": {}, "uncovered": {}}  # kind -> {slice: (since, cause)}
        self.covered_once = False

    def life_of(self, name, ms):
        """The process of that name which lived then."""
        return next((l for l in self.lives if l.name == name and l.began_ms <= ms and (l.ended_ms is None or ms <= l.ended_ms)), None)

    def alive(self, life, ms):
        return life is not None and (life.ended_ms is None or ms < life.ended_ms)

    def holds(self, held, ms):
        if not held.owner:
            return False
        return held.owner not in self.ours or self.alive(held.life, ms)

    # -- events

    def replay(self, events, end_ms):
        bounds = sorted({b for r in self.books.ranges[self.container].values() for b in r})
        self.cuts = list(zip(bounds, bounds[1:]))
        self.ends = [one for one in self.ends if one[0] < end_ms]
        ends = list(self.ends)
        for e in events:
            if e.ms >= end_ms:
                break
            while ends and ends[0][0] <= e.ms:
                self.look(ends[0][0], ends.pop(0)[1].end or "its end")
            if isinstance(e, Lease):
                self.lease(e)
        for ms, life in ends:
            self.look(ms, life.end or "its end")
        self.look(end_ms, "the end")
        for kind, gaps in self.open.items():
            for keys, (began, cause) in gaps.items():
                self.note(kind, keys, began, None, cause)
        for held in self.leases.values():
            kind = "key spans" if "-" in held.token else "ranges"
            self.history.forms[kind] = self.history.forms.get(kind, 0) + 1
        return self.history

    def lease(self, e):
        bounds = self.books.bounds(self.container, e.token)
        if bounds is None:
            return
        before = self.leases.get(e.id)
        if e.kind in ("delete", "expire"):
            self.leases.pop(e.id, None)
            self.look(e.ms, "a lease that was deleted")
            return
        life = self.life_of(e.owner, e.ms)
        if before is not None and (before.owner, before.life) == (e.owner, life):
            return
        self.leases[e.id] = Held(e.token, bounds, e.owner, life)
        if e.owner and before is not None and before.owner:
            if before.owner == e.owner:
                self.history.resumed += 1
            elif self.holds(before, e.ms):
                self.history.moves += 1
            else:
                self.history.taken += 1
        self.look(e.ms, "given back" if not e.owner else "handed over")

    # -- the key space

    def look(self, ms, cause):
        held = [h.bounds for h in self.leases.values() if self.holds(h, ms)]
        every = [h.bounds for h in self.leases.values()]
        self.covered_once = self.covered_once or self.free(every) == []
        if self.history.began_ms is None:
            if self.free(held):
                return
            self.history.began_ms = ms
        self.turn("unheld", self.free(held), ms, cause)
        if self.covered_once:
            self.turn("uncovered", self.free(every), ms, cause)

    def free(self, bounds):
        """Slices of the key space that none of these bounds holds."""
        return [s for s in self.cuts if not any(within(s[0], b) for b in bounds)]

    def turn(self, kind, free, ms, cause):
        now, free = self.open[kind], set(free)
        for keys in [k for k in now if k not in free]:
            self.note(kind, keys, now[keys][0], ms, now[keys][1])
            del now[keys]
        for keys in free:
            now.setdefault(keys, (ms, cause))

    def note(self, kind, keys, began, ended, cause):
        if ended == began:
            return
        last = ended if ended is not None else 1 << 62
        since = max([began] + [ms for ms, _ in self.ends if began <= ms < last])
        getattr(self.history, kind).append(Gap(keys, began, ended, since, cause))


def history_of(books, events, container, lives, end_ms):
    """`events`: those of the ledger, of which leases count; `lives`: [Living]; what came from `end_ms` on is left out."""
    return Keeper(books, container, lives).replay([e for e in events if isinstance(e, Lease)], end_ms)


def widths(gaps):
    """How many gaps of each cause, and the longest, in milliseconds."""
    found = {}
    for gap in gaps:
        entry = found.setdefault(gap.cause, {"gaps": 0, "longest_ms": 0, "late_ms": 0, "open": 0})
        entry["gaps"] += 1
        if gap.ended_ms is None:
            entry["open"] += 1
        else:
            entry["longest_ms"] = max(entry["longest_ms"], gap.milliseconds())
            entry["late_ms"] = max(entry["late_ms"], gap.late())
    return found
