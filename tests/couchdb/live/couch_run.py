"""One run: calm, ends of feedcast and of the server under writes, quiet, probes, verdict."""
import random
import threading
import time

import couch_plan
import report
from couch_books import judge
from couch_rig import CouchRig
from lanes import Injected
from rig import pause
from run import Phases, books_balance, probe, settle, with_signals_held
from service import now_ms

PATIENCE = 180  # seconds for what was disturbed to flow again
LEVEL = 1000  # milliseconds that a write waits at most once it does
SHOWN = 10


class Disturber:
    """Carries out the plan. `windows` are the times from an end until all flowed again, (ms, ms), and
    the second before it, for what was on its way."""

    def __init__(self, rig, seed, say):
        self.rig, self.say = rig, say
        self.rng = random.Random(f"moments {seed}")
        self.record = threading.Event()
        rig.monitor.listeners.append(lambda _, batches: self.record.set() if batches else None)
        self.injected, self.windows, self.failures = [], [], []
        self.flowing = 0  # looks at which all flowed, one after the other

    def run(self, events):
        for n, e in enumerate(events):
            # It goes on writing meanwhile, but leaves something for what is still to come.
            self.rig.writer.allow(events[n + 1].at if n + 1 < len(events) else self.rig.writer.total)
            if not self.rig.monitor.wait(lambda e=e: self.rig.writer.written >= e.at or self.rig.writer.done(), 24 * 3600):
                return
            pause(e.before)
            name = f"{e.kind}_{e.point}".rstrip("_")
            done = Injected(name, "", now_ms())
            getattr(self, name)(e)
            done.felt = 1
            done.asked_back_ms = done.healed_ms = now_ms()
            self.injected.append(done)
            self.flowing = 0
            flows = self.rig.monitor.wait(self.flows, PATIENCE)
            self.windows.append((done.began_ms - LEVEL, now_ms()))
            if not flows:
                self.failures.append(f"no flow {PATIENCE} s after {name}: {self.rig.books.outstanding()} keys wait")
            self.say(f"{n + 1} of {len(events)}: {name} after {e.at} writes, flows again after "
                     f"{(now_ms() - done.healed_ms) / 1000:.1f} s")

    def flows(self):
        """For longer than a write may wait: what stands still shows by then."""
        level = self.rig.books.longest_wait(now_ms()) < LEVEL and self.rig.service.ready()
        self.flowing = self.flowing + 1 if level else 0
        return self.flowing * self.rig.monitor.TICK > 1.5 * LEVEL / 1000

    # -- ends of feedcast

    def kill_random(self, e):
        self.rig.service.kill()
        pause(e.away)
        self.rig.service.start()

    def kill_acked(self, e):
        """Right after a message was seen in the topic: likely before its position was stored."""
        self.record.clear()
        self.record.wait(10)
        self.kill_random(e)

    def kill_starting(self, e):
        """Killed, started, and killed again on the way."""
        self.rig.service.kill()
        self.rig.service.start()
        pause(self.rng.uniform(0.0, 0.6))
        self.kill_random(e)

    # -- ends of the server

    def restart(self, e):
        self.rig.server.kill()
        pause(e.away)
        self.rig.server.start()

    def restart_server_down(self, e):
        """feedcast starts while the server is away."""
        self.rig.server.kill()
        self.rig.service.kill()
        self.rig.service.start()
        pause(e.away)
        self.rig.server.start()

    def restart_read_again(self, e):
        """feedcast is killed as it finds another database in the place of the one that it knew."""
        self.restart(e)
        pause(self.rng.uniform(0.0, 2.0))
        self.kill_random(e)


def within(windows, ms):
    return any(began <= ms <= ended for began, ended in windows)


def by_window(windows, values):
    """{"outside": values, "within": values} of (ms, value)."""
    found = {"outside": [], "within": []}
    for ms, value in values:
        found["within" if within(windows, ms) else "outside"].append(value)
    return found


def propagation(verdict, windows):
    found = by_window(windows, verdict.latencies)
    return {"all": report.spread([ms for _, ms in verdict.latencies]), "outside the ends": report.spread(found["outside"]),
            "around the ends": report.spread(found["within"])}


def duplicates(verdict, appends, windows):
    repeated = by_window(windows, [(ms, ms) for ms in verdict.repeated])
    records = by_window(windows, [(ms, ms) for ms in appends])
    return {phase: {"records": len(records[place]), "repeated": len(repeated[place]),
                    "ratio": round(len(repeated[place]) / len(records[place]), 5)}
            for phase, place in (("outside the ends", "outside"), ("around the ends", "within")) if records[place]}


def figures(verdict, ordered):
    return {"obligations": verdict.obligations, "of_keys_written_once": verdict.once, "lost": len(verdict.lost),
            "invented": len(verdict.invented), "corrupt": len(verdict.corrupt), "records": verdict.records,
            "duplicates": len(verdict.repeated),
            "positions_ahead": len(verdict.premature) if ordered else "can't be told: sequences have no order",
            "positions_seen": verdict.positions, "rows_passed": verdict.passed}


def details(verdict, windows):
    lines = [f"lost: {key} {w.database} {w.id!r} {w.revision} sent {w.sent_ms} acked {w.acked_ms} told {w.told}"
             for key, w in verdict.lost[:SHOWN]]
    lines += [f"ahead: {s.lease} at {s.sequence} by {s.owner} at {s.ms} passed {row}, sent {w.sent_ms}"
              for s, row, w in verdict.premature[:SHOWN]]
    lines += [f"invented: {key}" for key in verdict.invented[:SHOWN]]
    lines += [f"corrupt: {c}" for c in verdict.corrupt[:SHOWN]]
    if lines:
        lines += [f"    an end at {began}, flows at {ended}" for began, ended in windows]
    return lines


def conclude(rig, seed, phases, disturber, failures, revision, more, rss_limit):
    rig.service.terminate()
    rig.writer.stop()
    forgotten = rig.forgotten()
    rig.rows.close()
    rig.positions.close()
    rig.monitor.close()
    verdict = judge(rig.books, rig.rows.rows if rig.rows.ordered else None, rig.positions.stored)
    failures += rig.failures()
    if rig.service.lives[-1].code == 75:
        failures.append("the last drain, with nothing to do, took more than its deadline")
    if forgotten:
        failures.append(f"the server has forgotten {len(forgotten)} writes that it acknowledged: {forgotten[:3]}")
    if not verdict.good():
        failures.append("the verdict is bad")
    process = report.processes(rig.service)
    if process["rss_max_mib"] > rss_limit:
        failures.append(f"{process['rss_max_mib']} MiB resident are more than {rss_limit}")
    appends = [ms for appends in rig.books.messages.values() for ms in appends]
    windows = disturber.windows
    return {"passed": not failures, "mode": "couchdb", "seed": seed, "revision": revision, "machine": report.machine(),
            "verdict": figures(verdict, rig.rows.ordered), "propagation_ms": propagation(verdict, windows),
            "duplicates": duplicates(verdict, appends, windows), "faults": report.by_kind(disturber.injected),
            "injected": [vars(f) for f in disturber.injected],
            "recovery": report.recoveries(rig, disturber.injected, report.calm_level(rig, phases.list)),
            "process": process, "more": more, "failures": failures, "details": details(verdict, windows)}


def run(binaries, revision, seed, total, kills, restarts, say, rate=200, keep=None, rss_limit=128, profile="balanced"):
    failures = []
    began = time.monotonic()
    rig = CouchRig(binaries, seed, rate, total, max(200, total // 3), profile=profile)
    try:
        events = couch_plan.plan(seed, total, kills, restarts if rig.server.comes_back else 0)
        phases = Phases(say)
        phases.begin("start")
        rig.start_service()
        phases.begin("calm")
        writing = time.monotonic()
        disturber = Disturber(rig, seed, say)
        disturber.run(events)
        rig.writer.allow(total)
        phases.begin("rest")
        if not rig.monitor.wait(rig.writer.done, 24 * 3600):
            failures.append("not all was written")
        writing = time.monotonic() - writing
        phases.begin("quiet")
        settled = settle(rig, failures)
        phases.begin("probe")
        probes = probe(rig, failures)
        books_balance(rig, failures)
        failures += disturber.failures
        more = {"writes": rig.writer.written, "writes_with_a_lost_answer": rig.writer.unclear,
                "design_documents": rig.writer.designs, "writes_per_second": round(rig.writer.written / writing),
                "server_restarts": couch_plan.restarts_of(events), "read_from_the_beginning": rig.read_again(),
                "seconds_to_settle": settled,
                "seconds_of_probes": probes, "seconds": round(time.monotonic() - began)}
        result = conclude(rig, seed, phases, disturber, failures, revision, more, rss_limit)
        if keep and not result["passed"]:
            rig.keep(keep)
        return result
    finally:
        with_signals_held(rig.close)
