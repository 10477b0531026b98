"""Writes many documents to an emulator at a rate, so that a test can tell what readers do at that rate: no SDK, a few
connections, several requests on the way on each."""
import json
import socket
import ssl
import threading
import time
import urllib.parse

import account  # also finds the folder that follows
import harness

CONNECTIONS = 4
ON_THE_WAY = 16


class Writer(threading.Thread):
    """Creates documents "item-0" and so on in a container, `rate` a second; `written` says how many are there. Joined by
    who made it."""

    def __init__(self, to, container, count, rate):
        super().__init__(daemon=True)
        self.to, self.count, self.rate = to, count, rate
        self.lock = threading.Lock()
        self.next = self.written = 0
        self.problem = None
        link = f"dbs/{to.database}/colls/{container}"
        signed = harness.sign(to.key, "POST", "docs", link)  # one signature serves them all: it covers no body
        fields = {**signed, "host": self.address(), "content-type": "application/json", "prefer": "return=minimal"}
        self.head = f"POST /{link}/docs HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items())

    def stop(self):
        """Writes no more; `count` is then how many there will be."""
        with self.lock:
            self.count = self.next

    def address(self):
        return urllib.parse.urlsplit(self.to.endpoint).netloc

    def run(self):
        self.began = time.monotonic()
        lanes = [threading.Thread(target=self.lane, daemon=True) for _ in range(CONNECTIONS)]
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join()

    def lane(self):
        host, _, port = self.address().partition(":")
        try:
            with socket.create_connection((host, int(port)), 60) as plain, \
                    self.to.trust.wrap_socket(plain, server_hostname=host) as connection:
                while numbers := self.take():
                    time.sleep(max(0.0, self.began + numbers[0] / self.rate - time.monotonic()))
                    connection.sendall("".join(map(self.request, numbers)).encode())
                    self.expect(connection, len(numbers))
                    with self.lock:
                        self.written += len(numbers)
        except (OSError, ssl.SSLError, AssertionError) as problem:
            self.problem = problem

    def take(self):
        with self.lock:
            begin, self.next = self.next, min(self.count, self.next + ON_THE_WAY)
            return range(begin, self.next)

    def request(self, number):
        body = json.dumps({"id": f"item-{number}", "text": "x" * 100})
        return (f'{self.head}x-ms-documentdb-partitionkey: ["item-{number}"]\r\n'
                f"content-length: {len(body)}\r\n\r\n{body}")

    @staticmethod
    def expect(connection, count):
        """That many answers, which have no body."""
        answers = b""
        while answers.count(b"\r\n\r\n") < count:
            piece = connection.recv(65536)
            assert piece, "the emulator closed the connection"
            answers += piece
        assert answers.count(b"HTTP/1.1 201") == count, answers[:500]


__all__ = ["Writer", "account", "harness"]
