"""SIGKILL, many times, at random and at chosen points, with the timers that everybody has."""
import collections
import random
import threading

import model
import report
from faults import PATIENCE_FOR_APPENDS
from ledger import Lease
from lanes import Injected
from rig import Rig, pause
from run import Phases, conclude, probe, settle, with_signals_held
from service import now_ms

FIRST_INVALIDATION = 5000  # milliseconds from a start to the first message at every target
# How often each point is chosen.
POINTS = {"random": 6, "acked": 5, "drain": 4, "starting": 3, "first_now": 2}


class Watch:
    """Told of everything that is new in the ledger and the topics; lets one wait for the next of a kind."""

    def __init__(self, monitor):
        self.record, self.lease = threading.Event(), threading.Event()
        self.books = monitor.books
        self.since_ms, self.fresh = 0, {}  # target -> first append of a change that was committed since then
        self.collection = None
        monitor.listeners.append(self._look)

    def _look(self, events, batches):
        if batches:
            self.record.set()
        for target, records in batches:
            if target not in self.fresh:
                self._look_for_fresh(target, records)
        if any(isinstance(e, Lease) and e.container == self.collection for e in events):
            self.lease.set()

    def expect_fresh(self, since_ms):
        """From here on `fresh` has what only a process that was started since then can have sent: what a killed one left
        on the way to the broker, in the proxy's hands, is about older changes."""
        self.since_ms, self.fresh = since_ms, {}

    def _look_for_fresh(self, target, records):
        fresh = self.fresh
        for r in records:
            key = r.key.decode()
            lsn = next((int(v) for name, v in r.headers if name == model.LSN_HEADER), None)
            container, identifier = self.books.documents.get(key, (None, None))
            if any(w.lsn == lsn and w.ms >= self.since_ms for w in reversed(self.books.versions.get((container, identifier), ()))):
                fresh.setdefault(target, r.timestamp)
                return


class Kills:
    def __init__(self, rig, seed, say):
        self.rig, self.say = rig, say
        self.rng = random.Random(f"kills {seed}")
        self.watch = Watch(rig.monitor)
        self.injected, self.restarts, self.failures = [], [], []
        self.fresh = 0

    def run(self, count):
        deck = [point for point, weight in POINTS.items() for _ in range(weight)]
        for n in range(count):
            if n % len(deck) == 0:
                self.rng.shuffle(deck)
            point = deck[n % len(deck)]
            done = Injected(f"kill_{point}", "", now_ms())
            getattr(self, point)()
            done.felt = int(self.rig.service.lives[-1].end == "SIGKILL")
            self.injected.append(done)
            self.restart(point, done)
            if n % 10 == 9:
                self.say(f"{n + 1} kills, last restart {self.restarts[-1][1]} ms")

    # -- the points

    def random(self):
        pause(self.rng.uniform(0.2, 2.5))
        self.rig.service.kill()

    def acked(self):
        """Right after a message was seen in a topic: likely before its position was stored."""
        pause(self.rng.uniform(0.1, 1.2))
        self.watch.record.clear()
        self.watch.record.wait(10)
        self.rig.service.kill()

    def drain(self):
        pause(self.rng.uniform(0.2, 1.0))
        self.rig.service.terminate(then_kill_after=self.rng.choice((0.0, 0.001, 0.003, 0.01, 0.03, 0.1)))
        if self.rig.service.lives[-1].end != "SIGKILL":  # it was faster
            self.rig.service.start()
            self.rig.service.terminate(then_kill_after=0.0)

    def starting(self):
        """Killed, started, and killed again on the way."""
        self.rig.service.kill()
        self.rig.service.start()
        pause(self.rng.uniform(0.0, 0.4))
        self.rig.service.kill()

    def first_now(self):
        """The same with a lease store that is new: what counts is what the ledger says was stored first."""
        rig = self.rig
        rig.writer.pause()
        if not rig.monitor.wait_settled(60):
            self.failures.append(f"{rig.books.outstanding()} keys still wait before a fresh lease store")
        rig.service.kill()
        self.fresh += 1
        rig.leases = self.watch.collection = f"leases-{self.fresh}"
        rig.books.begin_epoch(rig.leases)
        rig.write_config()
        self.watch.lease.clear()
        rig.writer.start()
        rig.service.start()
        if self.rng.random() < 0.5:
            self.watch.lease.wait(10)
            pause(self.rng.choice((0.0, 0.0, 0.01, 0.05)))
        else:
            pause(self.rng.uniform(0.0, 0.4))
        rig.service.kill()

    def restart(self, point, done):
        done.healed_ms = done.asked_back_ms = now_ms()
        began = now_ms()
        self.watch.expect_fresh(began)
        self.rig.service.start()
        if not self.rig.monitor.wait(lambda: len(self.watch.fresh) == len(model.TARGETS), PATIENCE_FOR_APPENDS):
            self.failures.append(f"no message at some target within {PATIENCE_FOR_APPENDS} s of a start ({point})")
            return
        self.restarts.append((point, max(self.watch.fresh.values()) - began))


def restarts_by_point(restarts):
    found = collections.defaultdict(list)
    for point, ms in restarts:
        found[point].append(ms)
    return {point: report.spread(values) for point, values in sorted(found.items())}


def run(binaries, revision, seed, count, say, rate=250, keep=None, rss_limit=128):
    rig = Rig(binaries, seed, rate, tuning="", leases="leases-0")
    try:
        phases = Phases(say)
        rig.start_service()
        phases.begin("calm")
        rig.writer.start()
        pause(5)
        phases.begin("kills")
        kills = Kills(rig, seed, say)
        kills.run(count)
        phases.begin("heal")
        pause(2)
        rig.writer.pause()
        phases.begin("quiet")
        failures = kills.failures
        settled = settle(rig, failures)
        phases.begin("probe")
        probes = probe(rig, failures)
        slow = [(point, ms) for point, ms in kills.restarts if ms > FIRST_INVALIDATION]
        failures += [f"first message {ms} ms after a start ({point}), more than {FIRST_INVALIDATION}" for point, ms in slow[:10]]
        result = conclude(rig, "kills", seed, phases, kills.injected, failures, revision,
                          {"kills": count, "writes": rig.writer.written, "fresh_lease_stores": kills.fresh,
                           "start_to_first_message_ms": report.spread([ms for _, ms in kills.restarts]),
                           "by_point_ms": restarts_by_point(kills.restarts),
                           "seconds_to_settle": settled, "seconds_of_probes": probes}, rss_limit)
        if keep and not result["passed"]:
            rig.keep(keep)
        return result
    finally:
        with_signals_held(rig.close)
