"""Writes documents straight into the emulator, at a steady rate, as a seed says."""
import base64
import bisect
import email.utils
import hashlib
import hmac
import http.client
import itertools
import json
import random
import threading
import time
import urllib.parse

import dead_letters
import model

KEY = "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw=="
SUBJECT_SHARE = 0.15
DELETED_SHARE = 0.10
POISON_SHARE = 0.005
# Most documents are written by one cluster only, so that each obligation of theirs can be seen to be met. The others
# change hands, and a target may not be shown a version that its own cluster replaced.
CHANGING_HANDS = 0.2


def sign(verb, kind, link):
    """Headers of a request; good for some minutes."""
    date = email.utils.formatdate(usegmt=True)
    text = f"{verb.lower()}\n{kind}\n{link}\n{date.lower()}\n\n"
    digest = base64.b64encode(hmac.new(base64.b64decode(KEY), text.encode(), hashlib.sha256).digest()).decode()
    return {"x-ms-date": date, "x-ms-version": "2020-07-15",
            "authorization": urllib.parse.quote(f"type=master&ver=1.0&sig={digest}", safe="")}


class Zipf:
    """Numbers below `count`, small ones much more often, spread over all."""

    def __init__(self, count, rng, exponent=0.9):
        self.sums = list(itertools.accumulate((n + 1) ** -exponent for n in range(count)))
        self.order = rng.sample(range(count), count)

    def draw(self, rng):
        return self.order[bisect.bisect(self.sums, rng.random() * self.sums[-1])]


class Wire:
    """One kept-alive connection to the emulator."""

    def __init__(self, url):
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=60)
        self.signed = {}

    def request(self, method, path, body=None, headers=None):
        try:
            answer, data = self._exchange(method, path, body, headers)
        except (ConnectionError, http.client.RemoteDisconnected):  # it was idle for too long
            self.connection.close()
            answer, data = self._exchange(method, path, body, headers)
        if answer.status not in (200, 201, 204):
            raise AssertionError(f"emulator: {method} {path}: {answer.status} {data[:300]!r}")
        return data

    def _exchange(self, method, path, body, headers):
        self.connection.request(method, path, body, headers or {})
        answer = self.connection.getresponse()
        return answer, answer.read()

    def upsert(self, collection, identifier, body):
        link = f"dbs/{model.DATABASE}/colls/{collection}"
        signed, until = self.signed.get(collection, (None, 0))
        if time.monotonic() > until:
            signed = sign("POST", "docs", link) | {"content-type": "application/json", "prefer": "return=minimal",
                                                   "x-ms-documentdb-is-upsert": "True"}
            self.signed[collection] = (signed, time.monotonic() + 60)
        self.request("POST", f"/{link}/docs", body,
                     signed | {"x-ms-documentdb-partitionkey": json.dumps([identifier])})

    def raw(self, collection, range_id, identifier, body):
        self.request("POST", f"/_emulator/dbs/{model.DATABASE}/colls/{collection}/raw?range={range_id}"
                     f"&id={urllib.parse.quote(identifier)}", body)

    def control(self, method, path, body=None):
        return json.loads(self.request(method, path, None if body is None else json.dumps(body)) or b"null")

    def close(self):
        self.connection.close()


class Writer:
    """`rate` writes a second over `keys` documents, by some threads, until stop(). Any failed write is kept in `failure`.

    `poison` may be set to mix in documents that no client would write; `books` says which ranges live then.
    """

    def __init__(self, url, books, seed, rate=250, keys=4000, threads=3):
        self.url, self.books, self.rate = url, books, rate
        self.rng = random.Random(f"writer {seed}")
        self.ids = Zipf(keys, self.rng)
        self.version = itertools.count(1)
        self.lock = threading.Lock()
        self.state = threading.Condition(self.lock)
        self.running, self.stopped, self.busy = False, False, 0
        self.poison = False
        self.failure = None
        self.written = 0
        self.threads = [threading.Thread(target=self._work, args=[n, threads], daemon=True) for n in range(threads)]
        for thread in self.threads:
            thread.start()

    def start(self):
        with self.lock:
            self.running = True
            self.state.notify_all()

    def pause(self):
        """Returns when nothing is being written any more."""
        with self.lock:
            self.running = False
            while self.busy:
                self.state.wait()

    def stop(self):
        with self.lock:
            self.running, self.stopped = False, True
            self.state.notify_all()
        for thread in self.threads:
            thread.join()

    def write(self, identifiers, origin="xx1"):
        """Writes these documents of `whisks` now, whatever the state."""
        wire = Wire(self.url)
        for identifier in identifiers:
            with self.lock:
                version = next(self.version)
            wire.upsert(model.WHISKS, identifier, model.document(model.WHISKS, identifier, origin, version, False))
        wire.close()

    def _draw(self):
        """The next write: (collection, id, body, range or None). Under the lock."""
        version = next(self.version)
        rng = self.rng
        dice = rng.random()
        if dice < POISON_SHARE and self.poison and self.books.live[model.WHISKS]:
            identifier, body, key = model.poison(rng.choice(sorted(model.POISONS)), version)
            self.books.poison_keys[identifier] = key
            if key is None:
                self.books.undeliverable[dead_letters.digest(body)] = identifier
            return model.WHISKS, identifier, body, rng.choice(sorted(self.books.live[model.WHISKS]))
        number = self.ids.draw(rng)
        changing = number % 1000 < 1000 * CHANGING_HANDS
        origin = rng.choice(model.ORIGINS) if changing else model.ORIGINS[number % len(model.ORIGINS)]
        deleted = rng.random() < DELETED_SHARE
        collection = model.SUBJECTS if rng.random() < SUBJECT_SHARE else model.WHISKS
        identifier = model.subject_id(number) if collection == model.SUBJECTS else model.whisk_id(number)
        return collection, identifier, model.document(collection, identifier, origin, version, deleted), None

    def _work(self, number, threads):
        wire = Wire(self.url)
        interval = threads / self.rate
        due = time.monotonic() + interval * number / threads
        while True:
            with self.lock:
                while not self.running and not self.stopped:
                    self.state.wait()
                    due = time.monotonic()
                if self.stopped:
                    break
                self.busy += 1
                collection, identifier, body, range_id = self._draw()
            try:
                self._send(wire, collection, identifier, body, range_id)
            except (AssertionError, OSError, http.client.HTTPException) as e:
                self.failure = self.failure or f"{type(e).__name__}: {e}"
                wire.close()
            with self.lock:
                self.busy -= 1
                self.written += 1
                self.state.notify_all()
            due = max(due + interval, time.monotonic() - 1)  # a second of delay is made up for, no more
            time.sleep(max(0.0, due - time.monotonic()))
        wire.close()

    def _send(self, wire, collection, identifier, body, range_id):
        if range_id is None:
            wire.upsert(collection, identifier, body)
            return
        try:
            wire.raw(collection, range_id, identifier, body)
        except AssertionError:  # the range was split a moment ago
            if range_id in self.books.live[collection]:
                time.sleep(0.2)
            if range_id in self.books.live[collection]:
                raise
