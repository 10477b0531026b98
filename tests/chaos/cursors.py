"""The cursor check: at each write of a lease, everything up to its new position must be in the topic already.

Brokers and emulator stamp with the same clock, so the question is answered from the broker's append times, for the moment
at which the lease was written, and a message that came later does not help. This finds a position that ran ahead even if
a later replay repaired it.
"""
import bisect
import dataclasses


@dataclasses.dataclass
class Premature:
    target: str
    lease: object  # ledger.Lease
    write: object  # ledger.Write
    appended: int | None  # when the message came, if it came


def check_cursors(books, histories, bases, verdict):
    checked = {}  # (lease collection, lease id) -> position up to which all was judged
    stored = {}  # ... -> the last lease with a position
    span = {}  # processor -> lowest and highest of the first positions of its leases
    for lease in books.leases:
        target, container = books.lease_place(lease)
        if target is None or lease.after is None or books.bounds(container, lease.token) is None:
            continue
        place = (lease.container, lease.id)
        before = stored.get(place)
        if before is not None and lease.after < before.after:
            verdict.backwards.append((before, lease))
        stored[place] = lease
        if before is not None and lease.after == before.after:
            continue
        verdict.checkpoints += 1
        name = target.target.name
        low, high = books.bounds(container, lease.token)
        earliest, latest = span.setdefault((lease.container, name, container), _bases_of(bases, lease.container, name, container))
        for w in books.writes_between(container, max(earliest, checked.get(place, 0)), lease.after):
            if not low <= w.epk < high or target.own(w) or _replaced(books, w, lease):
                continue
            if w.lsn <= latest and w.lsn <= (books.base_of(bases, lease.container, name, container, w.range, w.epk) or 0):
                continue  # written before the processor said `now`
            for key in books.keys(w):
                history = histories[name].get(key)
                appended = history.first_covering(w.lsn) if history else None
                if history and (appended is None or appended > lease.ms):
                    appended = history.first_unknown(w.ms) or appended
                if (appended is None or appended > lease.ms) and (name, key) not in books.excused:
                    verdict.premature.append(Premature(name, lease, w, appended))
        checked[place] = max(lease.after, checked.get(place, 0))


def _bases_of(bases, leases, target, container):
    found = [lsn for (l, t, c, _), lsn in bases.items() if (l, t, c) == (leases, target, container)]
    return min(found, default=0), max(found, default=0)


def _replaced(books, write, lease):
    """A newer version was there: within the position (then that one is judged), or behind it but before the lease was
    written (then the page may have shown neither)."""
    versions = books.versions[write.container, write.id]
    if versions[-1] is write:
        return False
    newer = versions[bisect.bisect_right(versions, write.lsn, key=lambda v: v.lsn)]
    return newer.lsn <= lease.after or newer.seq < lease.seq
