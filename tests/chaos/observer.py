"""Reads the topics and the ledger while the run goes on, and keeps the books."""
import queue
import threading
import time

from consumer import TopicReader
from service import now_ms


class TopicObserver:
    """Reads a target's topic in a thread of its own."""

    def __init__(self, target, bootstrap, topic, found):
        self.target, self.bootstrap, self.topic, self.found = target, bootstrap, topic, found
        self.anew = threading.Event()
        self.closing = threading.Event()
        self.failure = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def restart(self):
        """The topic was deleted and made again."""
        self.anew.set()

    def close(self):
        self.closing.set()
        self.thread.join()

    def _run(self):
        try:
            reader = TopicReader(self.bootstrap, self.topic)
            while not self.closing.is_set():
                if self.anew.is_set():
                    self.anew.clear()
                    reader.restart()
                fresh = reader.poll(0.1)
                reader.records.clear()
                if fresh:
                    self.found.put((self.target, fresh))
            reader.close()
        except Exception as e:  # whatever it is, a run without its consumer proves nothing
            self.failure = f"the consumer of {self.target} ended: {type(e).__name__}: {e}"


class Monitor:
    """The one thread that feeds the books; every tick it notes how much is owed.

    `listeners` are called after each tick with (events, records): what is new of the ledger, and [(target, [Record])].
    """

    TICK = 0.05

    def __init__(self, books, ledger, brokers, topic):
        self.books, self.ledger = books, ledger
        self.found = queue.SimpleQueue()
        self.observers = {name: TopicObserver(name, bootstrap, topic, self.found)
                          for name, bootstrap in brokers.items()}
        self.owed = []  # (ms, {target: keys that wait})
        self.first_after = {name: [] for name in brokers}  # ms of appends, one for each 10 ms at most
        self.listeners = []
        self.failure = None
        self.closing = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def close(self):
        for observer in self.observers.values():
            observer.close()
        self.closing.set()
        self.thread.join()
        self.failure = self.failure or next((o.failure for o in self.observers.values() if o.failure), None)

    def wait(self, condition, seconds):
        """Whether condition() became true; looked at after each tick or so."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end or self.failure:
                return False
            time.sleep(self.TICK)
        return True

    def wait_settled(self, seconds, target=None):
        """Until nothing is owed, counting what the writer wrote up to now. Pause the writer first."""
        time.sleep(2 * self.TICK)  # the ledger is read up to its end at the next tick
        return self.wait(lambda: self.books.outstanding(target) == 0, seconds)

    def _run(self):
        try:
            while not self.closing.is_set():
                self._tick()
                time.sleep(self.TICK)
            self._tick()
        except Exception as e:
            self.failure = f"the books can't be kept: {type(e).__name__}: {e}"

    def _tick(self):
        events = self.ledger.read()
        self.books.add_events(events)
        if len(self.books.epochs) > 1:
            self.books.forget_before_now()
        batches = []
        while not self.found.empty():
            target, records = self.found.get()
            batches.append((target, records))
            appends = self.first_after[target]
            for r in records:
                self.books.add_record(target, r.key, r.value, r.timestamp, r.headers)
                if not appends or r.timestamp >= appends[-1] + 10:
                    appends.append(r.timestamp)
        self.owed.append((now_ms(), {name: len(b.owed) for name, b in self.books.targets.items()}))
        for listener in self.listeners:
            listener(events, batches)
