"""Requests to a server that speaks CouchDB's HTTP."""
import base64
import contextlib
import http.client
import json
import urllib.parse

# What a request meets while the server is down, or as it goes down.
Unreachable = (OSError, http.client.HTTPException)


class Refused(AssertionError):
    """An answer other than 2xx."""

    def __init__(self, what, status, body):
        super().__init__(f"{what}: {status} {body[:300]!r}")
        self.status = status


def quoted(identifier):
    return urllib.parse.quote(identifier, safe="")


class Wire:
    """One kept-alive connection; for one thread. A request is sent once: whoever asks knows what a lost answer means.

    `url` may carry a name and password.
    """

    def __init__(self, url, seconds=20):
        parts = urllib.parse.urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self.connection = kind(parts.hostname, parts.port, timeout=seconds)
        self.headers = {"accept": "application/json"}
        if parts.username:
            login = f"{urllib.parse.unquote(parts.username)}:{urllib.parse.unquote(parts.password or '')}"
            self.headers["authorization"] = "Basic " + base64.b64encode(login.encode()).decode()

    def request(self, method, path, body=None, kind="application/json"):
        """What the server says, parsed. Throws Unreachable or Refused."""
        answer = self.open(method, path, body, kind)
        try:
            data = answer.read()
        except BaseException:
            self.close()
            raise
        if answer.status // 100 != 2:
            raise Refused(f"{method} {path}", answer.status, data)
        return json.loads(data)

    def open(self, method, path, body=None, kind="application/json"):
        """The answer with its body still to be read."""
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        headers = self.headers | ({"content-type": kind} if body is not None else {})
        try:
            self.connection.request(method, path, body, headers)
            return self.connection.getresponse()
        except BaseException:
            self.close()
            raise

    def revisions(self, database, identifiers):
        """{id: revision, also of what is deleted}; those that the database does not have are missing."""
        rows = self.request("POST", f"/{database}/_all_docs", {"keys": list(identifiers)})["rows"]
        return {row["id"]: row["value"]["rev"] for row in rows if row.get("value") and "error" not in row}

    def close(self):
        self.connection.close()


class Lines:
    """The rows of a database that is followed without end, in a thread of its own; it goes on after any end of the answer.

    `found(row)` is called for each.
    """

    HEARTBEAT = 2000  # milliseconds

    def __init__(self, url, database, found, documents=False):
        self.url, self.database, self.found, self.documents = url, database, found, documents

    def follow(self, closing):
        """Until `closing`, an event, is set."""
        since = "0"
        while not closing.is_set():
            wire = Wire(self.url, 3 * self.HEARTBEAT / 1000)
            with contextlib.suppress(*Unreachable, Refused), contextlib.closing(wire):
                answer = wire.open("GET", f"/{self.database}/_changes?feed=continuous&heartbeat={self.HEARTBEAT}&since={since}"
                                   + ("&include_docs=true" if self.documents else ""))
                while answer.status == 200 and not closing.is_set():
                    line = answer.readline()
                    if not line.endswith(b"\n"):  # it ended, perhaps amid a row
                        break
                    row = json.loads(line) if line.strip() else {}
                    if "id" in row:
                        since = quoted(str(row["seq"]))
                        self.found(row)
            closing.wait(0.1)
