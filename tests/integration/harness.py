"""What the integration tests share: processes that end with the test, the wire to the emulator, and awaited events.

Nothing here is ours at the two ends: documents are written with curl, messages are read with kcat.
"""
import base64
import contextlib
import email.utils
import hashlib
import hmac
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

BINARIES = os.environ["FEEDCAST_BINARY_DIR"]
SOURCES = os.environ["FEEDCAST_SOURCE_DIR"]
KEY = "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw=="


def binary(name):
    places = {"feedcast": "app", "feedcast-emulator": "emulator", "mock_kafka": "tests/integration"}
    return os.path.join(BINARIES, places[name], name)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def eventually(what, condition, seconds=60):
    """Waits for a truthy condition(); looks again often, because most events here have no bell to ring."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.05)


class Process:
    """A child whose output is collected line by line and can be waited for. With TEST_OUTPUTS, a folder, in the environment
    it is also left there, to be searched for secrets once all tests have run."""

    def __init__(self, arguments, env=None, stdin=None):
        self.lines = []
        self.changed = threading.Condition()
        self.process = subprocess.Popen(
            arguments, env=env, stdin=stdin or subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace")
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            with self.changed:
                self.lines.append(line.rstrip("\n"))
                self.changed.notify_all()
        with self.changed:
            self.lines.append(None)
            self.changed.notify_all()
        if folder := os.environ.get("TEST_OUTPUTS"):
            with open(os.path.join(folder, f"{self.process.pid}-{time.time_ns()}.log"), "w", encoding="utf-8") as f:
                f.write(self.output())

    def wait_line(self, pattern, seconds=60, start=0):
        """The first match of `pattern` in the output from line `start` on."""
        end = time.monotonic() + seconds
        at = start
        with self.changed:
            while True:
                while at < len(self.lines):
                    line = self.lines[at]
                    if line is None:
                        raise AssertionError(f"ended before printing {pattern!r}:\n" + self.output())
                    found = re.search(pattern, line)
                    if found:
                        return found
                    at += 1
                if not self.changed.wait(end - time.monotonic()):
                    raise AssertionError(f"no line like {pattern!r} within {seconds} s:\n" + self.output())

    def output(self):
        return "\n".join(l for l in self.lines if l is not None)

    def stop(self, number=signal.SIGTERM, seconds=60):
        """Sends a signal and returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(seconds)
        self.reader.join()
        return code

    def resident_bytes(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as f:
            return int(re.search(r"VmRSS:\s+(\d+) kB", f.read()).group(1)) * 1024


def sign(key, verb, kind, link):
    """The headers of a request that is signed with the account's key."""
    date = email.utils.formatdate(usegmt=True)
    text = f"{verb.lower()}\n{kind}\n{link}\n{date.lower()}\n\n"
    digest = hmac.new(base64.b64decode(key), text.encode(), hashlib.sha256).digest()
    token = f"type=master&ver=1.0&sig={base64.b64encode(digest).decode()}"
    return {"x-ms-date": date, "x-ms-version": "2020-07-15", "authorization": urllib.parse.quote(token, safe="")}


class Emulator:
    def __init__(self, test, containers, tls=False, folder=None, key=KEY, options=()):
        self.key = key
        self.certificate = os.path.join(folder, "emulator.pem") if tls else None
        arguments = [binary("feedcast-emulator"), "--listen", "127.0.0.1:0", "--key", key, *options]
        if tls:
            arguments += ["--tls", "--write-certificate", self.certificate]
        for c in containers:
            arguments += ["--create", c]
        self.process = Process(arguments)
        test.addCleanup(self.process.stop, signal.SIGKILL)
        self.url = self.process.wait_line(r"https?://[0-9.:]+").group(0)

    def headers(self, verb, kind, link):
        return sign(self.key, verb, kind, link)

    def write(self, database, collection, documents, folder, parallel=32):
        """Upserts documents with curl: one signature serves them all, for it covers verb, link and date only."""
        link = f"dbs/{database}/colls/{collection}"
        common = self.headers("POST", "docs", link)
        script = os.path.join(folder, f"writes-{time.monotonic_ns()}.curl")
        with open(script, "w", encoding="utf-8") as f:
            for n, d in enumerate(documents):
                body = json.dumps(d, separators=(",", ":"), ensure_ascii=False)
                key = json.dumps([d["id"]])
                f.write("next\n" if n else "")
                f.write(f'url = "{self.url}/{link}/docs"\noutput = "/dev/null"\nfail\nshow-error\n')
                f.write(f'write-out = "%{{http_code}}\\n"\n')
                if self.certificate:
                    f.write(f'cacert = "{self.certificate}"\n')
                for name, value in {**common, "x-ms-documentdb-is-upsert": "True",
                                    "content-type": "application/json",
                                    "x-ms-documentdb-partitionkey": key}.items():
                    f.write('header = "%s"\n' % f"{name}: {value}".replace("\\", "\\\\").replace('"', '\\"'))
                f.write('data-raw = "%s"\n' % body.replace("\\", "\\\\").replace('"', '\\"'))
        done = subprocess.run(
            ["curl", "--silent", "--parallel", "--parallel-max", str(parallel), "--config", script],
            capture_output=True, text=True, timeout=300, check=False,
            env={k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")})
        codes = done.stdout.split()
        assert done.returncode == 0 and len(codes) == len(documents) and set(codes) <= {"200", "201"}, \
            f"curl: {done.returncode}, {len(codes)} answers, {set(codes)}: {done.stderr[-500:]}"

    def control(self, method, path, body=None):
        """A call to /_emulator/..., which needs no signature."""
        request = urllib.request.Request(self.url + path, method=method,
                                         data=json.dumps(body).encode() if body is not None else None)
        trust = ssl.create_default_context(cafile=self.certificate) if self.certificate else None
        with urllib.request.urlopen(request, timeout=30, context=trust) as answer:
            return json.loads(answer.read() or b"null")


class Kafka:
    """librdkafka's mock cluster in a process of its own; read with kcat."""

    def __init__(self, test, *topics):
        self.process = Process([binary("mock_kafka"), "1", *topics], stdin=subprocess.PIPE)
        test.addCleanup(self.process.stop, signal.SIGKILL)
        self.brokers = self.process.wait_line(r"127\.0\.0\.1:\d+").group(0)

    def tell(self, word):
        start = len(self.process.lines)
        self.process.process.stdin.write(word + "\n")
        self.process.process.stdin.flush()
        self.process.wait_line(f"^{word}$", start=start)

    def messages(self, topic):
        """All (key, value) pairs of the topic so far."""
        out = subprocess.run(
            ["kcat", "-C", "-q", "-e", "-o", "beginning", "-b", self.brokers, "-t", topic,
             "-f", "%k\\x01%s\\x02"],
            capture_output=True, timeout=120, check=False)
        assert out.returncode == 0, out.stderr.decode()
        records = out.stdout.decode().split("\x02")[:-1]
        return [tuple(r.split("\x01", 1)) for r in records]


def start_feedcast(test, arguments, environment):
    env = {k: v for k, v in os.environ.items()
           if not k.startswith(("FEEDCAST_", "COSMOSDB_", "KAFKA_", "CONFIG_"))}
    env.update(environment)
    env.setdefault("FEEDCAST_LOG_FORMAT", "logfmt")
    process = Process([binary("feedcast"), *arguments], env=env)
    test.addCleanup(process.stop, signal.SIGKILL)
    return process


def get(url):
    """(status, body) of a GET; (0, reason) if nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as e:
        return e.code, e.read().decode()
    except (urllib.error.URLError, ConnectionError, socket.timeout) as e:
        return 0, str(e)


def wait_ready(admin, seconds=60):
    eventually("ready", lambda: get(admin + "/readyz")[0] == 200, seconds)


def metric(admin, name, **labels):
    """Sum of the samples of a metric that carry these labels."""
    total = 0.0
    for line in get(admin + "/metrics")[1].splitlines():
        m = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line)
        if m and m.group(1) == name and all(f'{k}="{v}"' in (m.group(2) or "") for k, v in labels.items()):
            total += float(m.group(3))
    return total


def entity(identifier, cluster=None, kind="action", **more):
    document = {"id": identifier.replace("/", "|"), "entityType": kind, "name": "x",
                "exec": {"kind": "nodejs:20", "code": "function main(){return 1}" * 20}, **more}
    if cluster:
        document["_clusterId"] = cluster
    return document


def message(main_id):
    """The bytes that the replaced service writes for this key."""
    return '{"instanceId":"cache-invalidator","key":{"mainId":%s}}' % json.dumps(main_id, ensure_ascii=False)


class IntegrationTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="feedcast-test-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
