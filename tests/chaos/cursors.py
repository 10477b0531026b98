"""The cursor check: at each write of a lease, everything up to its new position must be in the topic already.

Brokers and emulator stamp with the same clock, so the question is answered from the broker's append times, for the moment
at which the lease was written, and a message that came later does not help. This finds a position that ran ahead even if
a later replay repaired it.
"""
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
    for lease in books.leases:
        target, container = books.lease_place(lease)
        if target is None or lease.after is None or lease.token not in books.ranges[container]:
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
        base = books.base_of(bases, lease.container, name, container, lease.token) or 0
        low, high = books.ranges[container][lease.token]
        for w in books.writes_between(container, max(base, checked.get(place, 0)), lease.after):
            if not low <= w.epk < high or target.own(w) or _replaced(books, w, lease):
                continue
            for key in books.keys(w):
                history = histories[name].get(key)
                appended = history.first_covering(w.lsn) if history else None
                if history and (appended is None or appended > lease.ms):
                    appended = history.first_unknown(w.ms) or appended
                if (appended is None or appended > lease.ms) and (name, key) not in books.excused:
                    verdict.premature.append(Premature(name, lease, w, appended))
        checked[place] = max(lease.after, checked.get(place, 0))


def _replaced(books, write, lease):
    """A newer version was there: within the position (then that one is judged), or behind it but before the lease was
    written (then the page may have shown neither)."""
    versions = books.versions[write.container, write.id]
    if versions[-1] is write:
        return False
    newer = next(v for v in versions if v.lsn > write.lsn)
    return newer.lsn <= lease.after or newer.seq < lease.seq
