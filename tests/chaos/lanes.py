"""Runs a schedule: one thread a lane."""
import contextlib
import dataclasses
import threading
import time

from faults import FAULTS, NotNow
from rig import pause
from schedule import LANES, draws
from service import now_ms

PATIENCE = 60  # seconds that a fault stays in force beyond its time until it is felt


@dataclasses.dataclass
class Injected:
    kind: str
    victim: str
    began_ms: int
    felt: int = 0
    asked_back_ms: int | None = None  # when it began to be taken back
    healed_ms: int | None = None
    problem: str | None = None


class Gate:
    """Faults of all lanes may overlap, but for those that want to be alone."""

    def __init__(self):
        self.state = threading.Condition()
        self.inside, self.waiting = 0, 0

    @contextlib.contextmanager
    def shared(self):
        with self.state:
            while self.waiting:
                self.state.wait()
            self.inside += 1
        try:
            yield
        finally:
            with self.state:
                self.inside -= 1
                self.state.notify_all()

    @contextlib.contextmanager
    def alone(self):
        with self.state:
            self.waiting += 1
            while self.inside:
                self.state.wait()
        try:
            yield
        finally:
            with self.state:
                self.waiting -= 1
                self.state.notify_all()


class Lanes:
    """Breaks things until `seconds` are over, then waits until all is mended. `injected` has what was done."""

    def __init__(self, rig, seed, names, say):
        self.rig, self.seed, self.names, self.say = rig, seed, names, say
        self.gate = Gate()
        self.lock = threading.Lock()
        self.injected = []
        self.failures = []

    def run(self, seconds):
        self.end = time.monotonic() + seconds
        threads = [threading.Thread(target=self._lane, args=[lane], daemon=True) for lane in LANES]
        for thread in threads:
            thread.start()
        pause(max(0.0, self.end - time.monotonic()))
        for thread in threads:
            thread.join()

    def _lane(self, lane):
        for draw in draws(self.seed, lane, self.names):
            if time.monotonic() + draw.gap >= self.end:
                return
            pause(draw.gap)
            try:
                self._inject(draw)
            except NotNow:
                continue
            except Exception as e:  # the rig's own trouble, such as a broker that does not come back
                self.failures.append(f"{draw.kind.name} {draw.victim}: {type(e).__name__}: {e}")

    def _inject(self, draw):
        done = Injected(draw.kind.name, draw.victim, now_ms())
        alone = self.gate.alone() if draw.kind.name == "topic_deleted" else self.gate.shared()
        with contextlib.ExitStack() as stack:
            entry = stack.enter_context(alone)
            del entry
            fault = FAULTS[draw.kind.name](self.rig, draw)
            felt = fault.__enter__()
            with self.lock:
                self.injected.append(done)
            done.began_ms = now_ms()
            self.say(f"+ {done.kind} {done.victim}")
            try:
                pause(draw.seconds)
                patience = time.monotonic() + PATIENCE
                while not (now := felt()) and time.monotonic() < patience:
                    pause(0.05)
                done.felt = now
                done.asked_back_ms = now_ms()
            finally:
                fault.__exit__(None, None, None)
                done.felt = max(done.felt, 0)
            done.healed_ms = now_ms()
            self.say(f"- {done.kind} {done.victim}: felt {done.felt}")
