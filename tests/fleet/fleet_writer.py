"""Writes whisks at thousands a second: requests go out by the batch, over connections that are kept."""
import json
import socket
import time
import urllib.parse

import model
from writer import Writer, sign

BATCH = 0.02  # seconds of writes that go out at once


class FleetWriter(Writer):
    """As Writer, for one collection and without poison."""

    def _draw(self):
        version = next(self.version)
        number = self.ids.draw(self.rng)
        origin = model.ORIGINS[number % len(model.ORIGINS)]
        identifier = model.whisk_id(number)
        return identifier, model.document(model.WHISKS, identifier, origin, version, self.rng.random() < 0.1)

    def _work(self, number, threads):
        due = time.monotonic()
        lane = None
        while True:
            with self.lock:
                while not self.running and not self.stopped:
                    self.state.wait()
                    due = time.monotonic()
                if self.stopped:
                    break
                self.busy += 1
                count = max(1, round(self.rate * BATCH / threads))
                drawn = [self._draw() for _ in range(count)]
            try:
                lane = lane or Lane(self.url)
                lane.upsert(drawn)
            except (AssertionError, OSError, ValueError) as e:
                self.failure = self.failure or f"{type(e).__name__}: {e}"
                lane = None
            with self.lock:
                self.busy -= 1
                self.written += count
                self.state.notify_all()
            due = max(due + count * threads / self.rate, time.monotonic() - 1)
            time.sleep(max(0.0, due - time.monotonic()))


class Lane:
    """One connection; upserts go out together and are answered in order."""

    LINK = f"dbs/{model.DATABASE}/colls/{model.WHISKS}"

    def __init__(self, url):
        place = urllib.parse.urlsplit(url)
        self.host = place.netloc
        self.socket = socket.create_connection((place.hostname, place.port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.answers = self.socket.makefile("rb")
        self.head, self.until = None, 0

    def upsert(self, documents):
        if time.monotonic() > self.until:
            signed = sign("POST", "docs", self.LINK) | {"content-type": "application/json", "prefer": "return=minimal",
                                                        "x-ms-documentdb-is-upsert": "True"}
            self.head = "".join(f"{name}: {value}\r\n" for name, value in signed.items())
            self.until = time.monotonic() + 60
        self.socket.sendall(b"".join(
            f"POST /{self.LINK}/docs HTTP/1.1\r\nhost: {self.host}\r\n{self.head}x-ms-documentdb-partitionkey: "
            f"{json.dumps([identifier])}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body
            for identifier, body in documents))
        for identifier, _ in documents:
            self._answer(identifier)

    def _answer(self, identifier):
        status = self.answers.readline()
        length = 0
        while (line := self.answers.readline()) not in (b"\r\n", b""):
            if line[:15].lower() == b"content-length:":
                length = int(line[15:])
        body = self.answers.read(length) if length else b""
        if status.split()[1:2] not in ([b"200"], [b"201"]):
            raise AssertionError(f"emulator: {identifier!r}: {status!r} {body[:300]!r}")
