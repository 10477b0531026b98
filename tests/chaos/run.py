"""One run of the chaos test: warm-up, calm, faults, heal, quiet, probes, verdict."""
import signal
import time

import dead_letters
import report
from lanes import Injected, Lanes
from rig import Rig, pause
from schedule import chosen
from service import get, now_ms
from verifier import judge

WARM_UP = 10
CALM = 10
HEAL = 5  # seconds that writing goes on after all was mended
QUIET = 90  # at most, until everything has arrived
HEALTHY = 30  # at most, until the service says so itself
UNCERTAIN_SHARE = 0.002  # of all obligations, at most
PROBES = 20
PROBE_SECONDS = 5  # for each probe to arrive


class Phases:
    def __init__(self, say):
        self.list, self.say = [], say  # [(ms, name)]

    def begin(self, name):
        self.list.append((now_ms(), name))
        self.say(f"phase: {name}")


def probe(rig, failures):
    """Writes that come after everything; each is to arrive everywhere soon."""
    began = time.monotonic()
    rig.writer.write([f"probe|p{n}-{now_ms()}" for n in range(PROBES)])
    if not rig.monitor.wait_settled(PROBE_SECONDS, None):
        failures.append(f"{rig.books.outstanding()} probes did not arrive within {PROBE_SECONDS} s")
    return round(time.monotonic() - began, 2)


def settle(rig, failures):
    """Until all has arrived and the service is well; seconds that it took."""
    began = time.monotonic()
    if not rig.monitor.wait_settled(QUIET):
        failures.append(f"{rig.books.outstanding()} keys still wait after {QUIET} s of quiet: "
                        + str({n: len(b.owed) for n, b in rig.books.targets.items()}))
    settled = round(time.monotonic() - began, 2)
    if not rig.monitor.wait(rig.service.ready, HEALTHY):
        failures.append(f"not healthy {HEALTHY} s after all was mended: {get(rig.service.admin + '/readyz?verbose')}")
    return settled


def books_balance(rig, failures):
    """Once nothing is in flight every change that was read has an outcome."""
    def off():
        metrics = rig.service.metrics()
        totals = {}
        for (name, labels), value in metrics.items():
            place = ",".join(x for x in labels.split(",") if x.startswith(("target=", "feed=")))
            sign = {"feedcast_feed_items_total": 1, "feedcast_changes_total": -1}.get(name)
            if sign:
                totals[place] = totals.get(place, 0) + sign * value
        return {place: n for place, n in totals.items() if n} if totals else {"no metrics": 0}
    if not rig.monitor.wait(lambda: not off(), 10):
        failures.append(f"changes read without an outcome: {off()}")


def conclude(rig, mode, seed, phases, injected, failures, revision, more, rss_limit):
    """Drains, judges and returns the result as a dictionary."""
    rig.service.terminate()
    rig.monitor.close()
    say_of_drain = rig.service.lives[-1]
    if say_of_drain.code == 75:
        failures.append("the last drain, with nothing to do, took more than its deadline")
    verdict = judge(rig.books)
    failures += rig.failures()
    put_aside = dead_letters.judge(rig.books, rig.dead_letters())
    failures += put_aside.failures()
    faults = report.by_kind(injected)
    failures += [f"fault {kind} was injected {f['injected']} times and never felt"
                 for kind, f in faults.items() if not f["felt"]]
    if verdict.uncertain > verdict.obligations * UNCERTAIN_SHARE:
        failures.append(f"{verdict.uncertain} obligations are met by messages of unknown version only")
    if not verdict.good():
        failures.append("the verdict is bad")
    process = report.processes(rig.service)
    if process["rss_max_mib"] > rss_limit:
        failures.append(f"{process['rss_max_mib']} MiB resident are more than {rss_limit}")
    appends = [m.ms for b in rig.books.targets.values() for ms in b.by_key.values() for m in ms]
    return {"passed": not failures, "mode": mode, "seed": seed, "revision": revision, "machine": report.machine(),
            "verdict": report.figures(verdict), "propagation_ms": report.propagation(verdict, phases.list),
            "duplicates": report.duplicates(verdict, appends, phases.list), "faults": faults,
            "injected": [vars(f) for f in injected],
            "recovery": report.recoveries(rig, injected, report.calm_level(rig, phases.list)),
            "process": process, "more": more | put_aside.figures(), "failures": failures,
            "details": report.details(verdict, rig, injected)}


def poisons_felt(rig):
    """How many of the documents that no client would write were delivered."""
    keys = [key for key in rig.books.poison_keys.values() if key]
    return sum(1 for key in keys if any(key in b.seen for b in rig.books.targets.values()))


def run(binaries, revision, seed, seconds, faults, say, rate=250, keep=None, rss_limit=128):
    names = chosen(faults)
    failures = []
    rig = Rig(binaries, seed, rate)
    try:
        phases = Phases(say)
        rig.start_service()
        phases.begin("warm-up")
        rig.writer.start()
        pause(WARM_UP)
        phases.begin("calm")
        pause(CALM)
        lanes = Lanes(rig, seed, names, say)
        if seconds:
            phases.begin("faults" if names else "no faults")
            rig.writer.poison = "poison" in names
            began = now_ms()
            lanes.run(seconds)
            rig.writer.poison = False
            if "poison" in names:
                lanes.injected.append(Injected("poison", "", began, poisons_felt(rig), now_ms(), now_ms()))
        phases.begin("heal")
        if not rig.service.running():
            rig.service.start()
        pause(HEAL)
        rig.writer.pause()
        phases.begin("quiet")
        settled = settle(rig, failures)
        phases.begin("probe")
        probes = probe(rig, failures)
        books_balance(rig, failures)
        failures += lanes.failures
        result = conclude(rig, "faults" if names else "no faults", seed, phases, lanes.injected, failures, revision,
                          {"seconds_of_faults": seconds, "writes": rig.writer.written, "seconds_to_settle": settled,
                           "seconds_of_probes": probes}, rss_limit)
        if keep and not result["passed"]:
            rig.keep(keep)
        return result
    finally:
        with_signals_held(rig.close)


def with_signals_held(action):
    """So that a second Ctrl-C does not leave brokers behind."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        action()
    finally:
        signal.signal(signal.SIGINT, before)
