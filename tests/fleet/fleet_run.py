"""One run of a fleet: all share the feed, events, quiet, probes, verdict."""
import collections
import os
import shutil
import time
import types

import report
from fleet_rig import FEED, FleetRig
from lanes import Injected
from ownership import Living, history_of, widths
from rig import pause
from run import Phases, books_balance, probe, with_signals_held
from service import get, now_ms
from verifier import judge

STARTING = 90  # seconds for all to be ready and to share
QUIET = 90


class Fleet:
    """Carries out the plan. At least one instance runs at any time."""

    def __init__(self, rig, say):
        self.rig, self.say = rig, say
        self.due = {}  # number of an instance -> when it is started again
        self.injected = []

    def run(self, events):
        for n, e in enumerate(events):
            self.idle(time.monotonic() + e.gap)
            while len(self.running()) < 2:
                self.idle(min(self.due.values()))
            if e.reshape:
                self.reshape(e)
                self.idle(time.monotonic() + e.before)
            running = self.running()
            victim = running[int(e.dice * len(running))]
            self.end(victim, e)
            self.say(f"event {n + 1} of {len(events)}: {e.kind} {self.rig.names[victim]}, away {e.away:.1f} s; "
                     f"leases {self.rig.shares()}")
        while self.due:
            self.idle(min(self.due.values()))

    def running(self):
        return [n for n, s in enumerate(self.rig.services) if n not in self.due and s.running()]

    def idle(self, until):
        """Time that passes; what is due is started."""
        while True:
            now = time.monotonic()
            for n in [n for n, at in self.due.items() if at <= now]:
                self.rig.services[n].start()
                del self.due[n]
            if now >= until:
                return
            pause(max(0.0, min([until, *self.due.values()]) - now))

    def end(self, victim, e):
        done = Injected(e.kind, self.rig.names[victim], now_ms())
        service = self.rig.services[victim]
        if e.kind != "kill":  # one that has only just begun does not know the signal yet
            self.rig.monitor.wait(lambda: get(service.admin + "/livez")[0] != 0, 10)
        lives = len(service.lives)
        service.kill() if e.kind == "kill" else service.terminate()
        done.felt = int(service.lives[lives - 1].end == ("SIGKILL" if e.kind == "kill" else "SIGTERM"))
        done.healed_ms = now_ms()
        self.injected.append(done)
        self.due[victim] = time.monotonic() + e.away
        if not e.away:
            self.idle(0)

    def reshape(self, e):
        done = Injected(e.reshape, "", now_ms())
        done.victim = getattr(self.rig, e.reshape)(e.reshape_dice, e.completing)
        done.healed_ms, done.felt = now_ms(), 1
        self.injected.append(done)
        self.say(f"{e.reshape} of {done.victim}")


def start(rig, failures):
    """All are up and share the leases; seconds that it took."""
    began = time.monotonic()
    for s in rig.services:
        s.start()
    if not rig.monitor.wait(lambda: rig.ready() and rig.shared_equally(), STARTING):
        failures.append(f"after {STARTING} s not all are ready, or don't share: {rig.shares()}")
    return round(time.monotonic() - began, 2)


def lives_of(rig):
    return [Living(name, l.began_ms, l.ended_ms, l.end) for name, s in zip(rig.names, rig.services) for l in s.lives]


def judge_ownership(rig, timers, end_ms, failures):
    """The figures of who held what."""
    history = history_of(rig.books, rig.events, FEED, lives_of(rig), end_ms)
    bound = round(timers.bound() * 1000)
    if history.began_ms is None:
        failures.append("never was every range owned")
    late = [g for g in history.unheld if g.ended_ms is None or g.late() > bound]
    failures += [f"keys {g.keys[0]}-{g.keys[1]} were nobody's from {g.began_ms} to {g.ended_ms} ({g.cause}), {g.late()} ms "
                 f"since the last end of an instance, more than {bound}" for g in late[:10]]
    failures += [f"no lease covered {g.keys[0]}-{g.keys[1]} from {g.began_ms} to {g.ended_ms} ({g.cause})"
                 for g in history.uncovered[:10]]
    return {"owned_again_bound_ms": bound,
            "ranges_without_owner": widths(history.unheld),
            "owned_again_ms": report.spread([g.milliseconds() for g in history.unheld if g.ended_ms is not None]),
            "owned_again_ms_since_last_end": report.spread([g.late() for g in history.unheld if g.ended_ms is not None]),
            "coverage_gaps": len(history.uncovered), "moves_from_the_living": history.moves,
            "taken_after_a_death": history.taken, "taken_back_by_the_next_life": history.resumed,
            "leases_at_the_end": history.forms}


def conclude(rig, seed, phases, timers, injected, failures, revision, more, rss_limit):
    end = now_ms()
    for s in rig.services:
        s.terminate()
    rig.monitor.close()
    verdict = judge(rig.books)
    failures += rig.failures()
    if not verdict.good():
        failures.append("the verdict is bad")
    more |= judge_ownership(rig, timers, end, failures)
    processes = {name: report.processes(s) for name, s in zip(rig.names, rig.services)}
    rss = max(p["rss_max_mib"] for p in processes.values())
    if rss > rss_limit:
        failures.append(f"{rss} MiB resident are more than {rss_limit}")
    for s in rig.services:
        if s.lives[-1].code not in (0, None):
            failures.append(f"the last drain, with nothing to do, ended with {s.lives[-1].code}")
    appends = [m.ms for b in rig.books.targets.values() for ms in b.by_key.values() for m in ms]
    return {"passed": not failures, "mode": "fleet", "seed": seed, "revision": revision, "machine": report.machine(),
            "verdict": report.figures(verdict), "propagation_ms": report.propagation(verdict, phases.list),
            "duplicates": report.duplicates(verdict, appends, phases.list), "faults": report.by_kind(injected),
            "injected": [vars(f) for f in injected], "recovery": {},
            "process": {"instances": len(rig.names), "lives": sum(p["lives"] for p in processes.values()),
                        "ends": dict(sum((collections.Counter(p["ends"]) for p in processes.values()), collections.Counter())),
                        "kills_survived": sum(p["kills_survived"] for p in processes.values()),
                        "drain_seconds_max": max((p["drain_seconds_max"] or 0 for p in processes.values())),
                        "rss_max_mib": rss},
            "more": more, "failures": failures, "details": report.details(verdict, rig, injected)}


def settle(rig, timers, failures):
    """Until all has arrived and the fleet shares again; seconds of either."""
    began = time.monotonic()
    if not rig.monitor.wait_settled(QUIET):
        failures.append(f"{rig.books.outstanding()} keys still wait after {QUIET} s of quiet")
    settled = round(time.monotonic() - began, 2)
    if not rig.monitor.wait(lambda: rig.ready() and rig.shared_equally(), max(30, 2 * timers.bound())):
        failures.append(f"not all are ready and share again: {rig.shares()}, ready {[s.ready() for s in rig.services]}")
    return settled, round(time.monotonic() - began, 2)


def run(binaries, revision, seed, events, timers, say, rate=2000, keep=None, rss_limit=128, instances=3, ranges=16):
    failures = []
    rig = FleetRig(binaries, seed, rate, instances, ranges, timers)
    try:
        phases = Phases(say)
        phases.begin("start")
        shared = start(rig, failures)
        phases.begin("calm")
        began = time.monotonic()
        rig.writer.start()
        pause(3)
        phases.begin("events")
        fleet = Fleet(rig, say)
        if not failures:
            fleet.run(events)
        phases.begin("heal")
        pause(2)
        rig.writer.pause()
        rate_seen = round(rig.writer.written / (time.monotonic() - began))
        phases.begin("quiet")
        settled, shared_again = settle(rig, timers, failures)
        phases.begin("probe")
        probes = probe(rig, failures)
        for s in rig.services:
            books_balance(types.SimpleNamespace(service=s, monitor=rig.monitor), failures)
        shares = rig.shares()
        result = conclude(rig, seed, phases, timers, fleet.injected, failures, revision,
                          {"writes": rig.writer.written, "writes_per_second": rate_seen, "seconds_to_share": shared,
                           "seconds_to_settle": settled, "seconds_to_share_again": shared_again,
                           "seconds_of_probes": probes, "shares_at_the_end": shares}, rss_limit)
        if keep and not result["passed"]:
            os.makedirs(keep, exist_ok=True)
            for name in rig.kept():
                shutil.copy(os.path.join(rig.folder, name), keep)
        return result
    finally:
        with_signals_held(rig.close)
