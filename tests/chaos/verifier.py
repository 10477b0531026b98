"""The verdict: every write against what each target got.

A message whose document was found in a damaged page has no LSN (it says 0). Where nothing else meets an obligation and
such a message was appended after the commit, the obligation counts as met but uncertain, and how many there are is told.

An obligation is a write and a target that is not the cluster which wrote it. It is met if for each cache key of the
document the target's topic has

  strict    a message whose LSN is the write's or newer: an old message can't hide a lost one
  contract  any message that the broker appended after the commit

The latest-version feed leaves out a version that was replaced before it was read. The newer version's message meets both;
but if that newer version is the target's own, no message is owed for either, so that such a write counts as excused if it
was not met (and as an obligation if it was).
"""
import bisect
import collections
import dataclasses

import model
from books import UNKNOWN_LSN
from cursors import check_cursors


@dataclasses.dataclass
class Verdict:
    obligations: int = 0
    lost_strict: list = dataclasses.field(default_factory=list)  # (target, Write)
    lost_contract: list = dataclasses.field(default_factory=list)
    masked: list = dataclasses.field(default_factory=list)
    invented: list = dataclasses.field(default_factory=list)  # (target, Message)
    corrupt: list = dataclasses.field(default_factory=list)  # (target, what)
    misrouted: list = dataclasses.field(default_factory=list)  # (target, Message, Write)
    premature: list = dataclasses.field(default_factory=list)  # cursors.Premature
    backwards: list = dataclasses.field(default_factory=list)  # (Lease before, Lease after)
    no_base: list = dataclasses.field(default_factory=list)  # (lease collection, target, collection, range)
    uncertain: int = 0
    excused_own: int = 0
    excused_refused: int = 0
    before_now: int = 0
    records: int = 0
    checkpoints: int = 0
    latencies: list = dataclasses.field(default_factory=list)  # (ms of the commit, target, ms until the append)
    duplicates: list = dataclasses.field(default_factory=list)  # ms of each append of what was there already

    def good(self):
        return not (self.lost_strict or self.lost_contract or self.masked or self.invented or self.corrupt
                    or self.misrouted or self.premature or self.backwards or self.no_base)


class KeyHistory:
    """The messages of a key, to be asked by LSN."""

    def __init__(self, messages):
        known = sorted((m.lsn, m.ms) for m in messages if m.lsn is not None and m.lsn != UNKNOWN_LSN)
        self.unknown_ms = sorted(m.ms for m in messages if m.lsn == UNKNOWN_LSN)
        self.lsns = [lsn for lsn, _ in known]
        self.first_ms = [ms for _, ms in known]  # of this or any newer version
        for i in range(len(known) - 2, -1, -1):
            self.first_ms[i] = min(self.first_ms[i], self.first_ms[i + 1])
        self.last_ms = max((m.ms for m in messages), default=None)

    def first_covering(self, lsn):
        """When the first message of that version or a newer one was appended; None if there is none."""
        at = bisect.bisect_left(self.lsns, lsn)
        return self.first_ms[at] if at < len(self.lsns) else None

    def first_unknown(self, since_ms):
        """When the first message of unknown version since then was appended."""
        at = bisect.bisect_left(self.unknown_ms, since_ms)
        return self.unknown_ms[at] if at < len(self.unknown_ms) else None


NOTHING = KeyHistory([])


def judge(books):
    verdict = Verdict()
    bases = books.bases()
    histories = {}
    for name, target in books.targets.items():
        histories[name] = {key: KeyHistory(messages) for key, messages in target.by_key.items()}
        verdict.records += target.received
        verdict.corrupt += [(name, what) for what in target.corrupt]
        judge_writes(books, target, histories[name], bases, verdict)
        judge_messages(books, target, verdict)
    check_cursors(books, histories, bases, verdict)
    return verdict


def judge_writes(books, target, histories, bases, verdict):
    name = target.target.name
    for (container, _), versions in books.versions.items():
        superseded = None  # by a version of the target's own
        for w in reversed(versions):
            if target.own(w):
                superseded = w
                continue
            keys = books.keys(w)
            if not keys:
                continue
            base = books.base_of(bases, books.epoch_of(w.seq), name, container, w.range, w.epk)
            if base is None:
                verdict.no_base.append((books.epoch_of(w.seq), name, container, w.range))
            elif w.lsn <= base:
                verdict.before_now += 1
                continue
            covered = [histories.get(key, NOTHING).first_covering(w.lsn) for key in keys]
            if None in covered:
                covered = [ms or histories.get(key, NOTHING).first_unknown(w.ms) for key, ms in zip(keys, covered)]
                verdict.uncertain += None not in covered
            if None not in covered:
                verdict.obligations += 1
                verdict.latencies.append((w.ms, name, max(covered) - w.ms))
            elif superseded is not None:
                verdict.excused_own += 1
            elif any((name, key) in books.excused for key in keys):
                verdict.excused_refused += 1
            else:
                verdict.obligations += 1
                verdict.lost_strict.append((name, w))
                last = [histories.get(key, NOTHING).last_ms for key in keys]
                hidden = None not in last and min(last) >= w.ms
                (verdict.masked if hidden else verdict.lost_contract).append((name, w))
    verdict.no_base = sorted(set(verdict.no_base))


def judge_messages(books, target, verdict):
    name = target.target.name
    for key, messages in target.by_key.items():
        if key not in books.documents:
            verdict.invented += [(name, m) for m in messages]
            continue
        container, identifier = books.documents[key]
        by_lsn = {w.lsn: w for w in books.versions[container, identifier]}
        poison = identifier.startswith(model.POISON)
        count = collections.Counter()
        for m in messages:
            count[m.lsn] += 1
            if count[m.lsn] > 1:
                verdict.duplicates.append(m.ms)
            if m.lsn is None:
                verdict.corrupt.append((name, (m.ms, key, None, f"no header {model.LSN_HEADER}")))
            elif poison or m.lsn == UNKNOWN_LSN:
                continue
            elif m.lsn not in by_lsn:
                if (container, identifier, m.lsn) in books.undone:
                    continue
                verdict.invented.append((name, m))
            elif target.own(by_lsn[m.lsn]):
                verdict.misrouted.append((name, m, by_lsn[m.lsn]))
