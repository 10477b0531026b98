"""feedcast as a process: started, killed, stopped and measured."""
import dataclasses
import json
import os
import re
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request

DRAIN_DEADLINE = 10


def now_ms():
    return time.time_ns() // 1_000_000


@dataclasses.dataclass
class Life:
    """From one start to the end that followed."""
    pid: int
    began_ms: int
    ended_ms: int | None = None
    end: str | None = None  # SIGKILL, SIGTERM, or unexpected
    code: int | None = None
    seconds_to_end: float | None = None
    ready_ms: int | None = None
    samples: list = dataclasses.field(default_factory=list)  # (ms, resident bytes, fds, threads)

    def growth(self):
        """fds and threads at the end minus those when it was ready; None of a life too short to tell."""
        if self.ready_ms is None:
            return None
        settled = [s for s in self.samples if s[0] >= self.ready_ms + 3000]
        if len(settled) < 4:
            return None
        return {"seconds": round((settled[-1][0] - settled[0][0]) / 1000), "fds": settled[-1][2] - settled[0][2],
                "threads": settled[-1][3] - settled[0][3]}


def get(url, seconds=5):
    """(status, body) of a GET; (0, reason) if nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=seconds) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.read().decode()
    except OSError as e:
        return 0, str(e)


class Service:
    """One instance. For one thread at a time, except what only looks. `failures` collects what must not happen: an end
    that nobody asked for, a drain that does not end, an exit code that is neither 0 nor 75."""

    def __init__(self, binary, config, environment, admin_port, log, guard, more=()):
        self.more = more  # arguments
        self.binary, self.config, self.environment, self.log, self.guard = binary, config, environment, log, guard
        self.admin = f"http://127.0.0.1:{admin_port}"
        self.process = None
        self.expected_end = None
        self.lives = []
        self.failures = []
        self.lock = threading.RLock()
        self.closing = threading.Event()
        self.sampler = threading.Thread(target=self._sample, daemon=True)
        self.sampler.start()

    def start(self):
        with self.lock, open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.binary, "run", "-c", self.config, *self.more], env=self.environment, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True)
            self.expected_end = None
            self.guard(f"+{self.process.pid}")
            self.lives.append(Life(self.process.pid, now_ms()))
        return self.lives[-1]

    def ready(self):
        """Answers, with every range polled once and some target up."""
        return get(self.admin + "/readyz")[0] == 200

    def metrics(self):
        """{(name, labels as text): value}; empty if it does not answer."""
        status, text = get(self.admin + "/metrics")
        found = re.findall(r"^(\w+)(?:\{(.*)\})? (\S+)$", text, re.MULTILINE) if status == 200 else []
        return {(name, labels): float(value) for name, labels, value in found}

    def metric(self, name, *labels):
        """Sum of the samples that carry all of these, such as 'target="eu"'."""
        return sum(value for (n, text), value in self.metrics().items() if n == name and all(x in text for x in labels))

    def status(self):
        code, text = get(self.admin + "/api/v1/status")
        return json.loads(text) if code == 200 else {}

    def kill(self):
        with self.lock:
            if self.running():
                self._end(signal.SIGKILL, 30)

    def terminate(self, then_kill_after=None):
        """SIGTERM and the drain; with `then_kill_after` a SIGKILL so many seconds later, if it still runs then."""
        with self.lock:
            if not self.running():
                return
            if then_kill_after is not None:
                self.expected_end = "SIGTERM"
                self.process.send_signal(signal.SIGTERM)
                try:
                    self.process.wait(then_kill_after)
                except subprocess.TimeoutExpired:
                    self._end(signal.SIGKILL, 30)
                else:
                    self._buried("SIGTERM", self.process.returncode, then_kill_after)
                return
            self._end(signal.SIGTERM, DRAIN_DEADLINE + 2)  # one signal: a second one ends it at once

    def suspend(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def stopped(self):
        """Whether the kernel says that it stands still."""
        try:
            with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as f:
                return f.read().rsplit(")", 1)[1].split()[0] == "T"
        except OSError:
            return False

    def running(self):
        return self.process is not None and self.process.poll() is None

    def close(self):
        self.closing.set()
        self.kill()
        self.sampler.join()

    def _end(self, number, seconds):
        began = time.monotonic()
        name = signal.Signals(number).name
        self.expected_end = name
        self.process.send_signal(number)
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.failures.append(f"{name} at {now_ms()}: no end within {seconds} s")
            self.process.kill()
            code = self.process.wait(30)
        if number == signal.SIGTERM and code not in (0, 75):
            self.failures.append(f"{name} at {now_ms()}: exit code {code}, not 0 or 75")
        self._buried(name, code, time.monotonic() - began)

    def _buried(self, end, code, seconds):
        life = self.lives[-1]
        life.ended_ms, life.end, life.code, life.seconds_to_end = now_ms(), end, code, round(seconds, 3)
        self.guard(f"-{life.pid}")
        self.process = None

    def _sample(self):
        while not self.closing.wait(0.5):
            process, life = self.process, self.lives[-1] if self.lives else None
            if process is None or life is None or life.pid != process.pid:
                continue
            if process.poll() is not None:
                self._notice_end()
                continue
            try:
                with open(f"/proc/{process.pid}/status", encoding="ascii") as f:
                    text = f.read()
                fds = len(os.listdir(f"/proc/{process.pid}/fd"))
                resident = int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) * 1024
                threads = int(re.search(r"Threads:\s+(\d+)", text).group(1))
            except (OSError, AttributeError):
                continue  # it ended just now
            life.samples.append((now_ms(), resident, fds, threads))
            if life.ready_ms is None and not self.stopped() and self.ready():
                life.ready_ms = now_ms()

    def _notice_end(self):
        """Ends that nobody asked for fail the run; the service is started again, so that the run can go on."""
        with self.lock:
            if self.process is None or self.process.poll() is None or self.expected_end is not None:
                return
            code = self.process.returncode
            self.failures.append(f"ended by itself at {now_ms()} with code {code}; see the end of its log")
            self._buried("unexpected", code, 0.0)
            self.start()
