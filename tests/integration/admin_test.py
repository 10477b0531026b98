"""The admin server over the wire: writes, strangers, and a thousand connections that only want to be open."""
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
import unittest

import harness
from harness import Emulator, IntegrationTest, Kafka, entity, eventually, get, message, metric

CONFIG = """accounts:
  main: {{type: cosmosdb, endpoint: "{endpoint}", key: {{from_file: "{folder}/key"}}, database: openwhisk}}
feeds:
  whisks: {{account: main}}
targets:
  eu:
    feeds: [whisks]
    kafka: {{brokers: "{brokers}", topic: cacheInvalidation}}
admin: {{listen: "127.0.0.1:0"{token}}}
instance: test
tuning:
  poll: {{min: 20ms, max: 200ms}}
"""
TOPIC = "cacheInvalidation"
TOKEN = "canary-admin-token-c2d1f7a86b9e40e5"
RESTART = "/api/v1/targets/eu/restart"

# Keeps N connections open, each with a request that never ends, and opens a new one for each that is closed.
SLOW_LORIS = """
import selectors, socket, sys, time
port, count = int(sys.argv[1]), int(sys.argv[2])
poll, opened, dropped = selectors.DefaultSelector(), 0, 0
def open_one():
    global opened
    s = socket.socket()
    s.setblocking(False)
    s.connect_ex(("127.0.0.1", port))
    poll.register(s, selectors.EVENT_READ)
    opened += 1
while True:
    while len(poll.get_map()) < count:
        open_one()
    for key, _ in poll.select(0):
        try:
            data = key.fileobj.recv(100)
        except OSError:
            data = b""
        if not data:
            poll.unregister(key.fileobj)
            key.fileobj.close()
            dropped += 1
    for key in list(poll.get_map().values()):
        try:
            key.fileobj.send(b"G" if time.monotonic() % 2 else b"x")
        except OSError:
            pass
    print(opened, dropped, flush=True)
    time.sleep(0.05)
"""


class Admin(IntegrationTest):
    def start(self, token=True):
        self.emulator = Emulator(self, ["openwhisk/whisks:2"])
        self.kafka = Kafka(self, TOPIC + ":2")
        for name, text in (("key", harness.KEY), ("token", TOKEN)):
            with open(os.path.join(self.folder, name), "w", encoding="utf-8") as f:
                f.write(text + "\n")
        config = os.path.join(self.folder, "feedcast.yaml")
        with open(config, "w", encoding="utf-8") as f:
            f.write(CONFIG.format(endpoint=self.emulator.url, brokers=self.kafka.brokers, folder=self.folder,
                                  token=f', token: {{from_file: "{self.folder}/token"}}' if token else ""))
        self.process = harness.start_feedcast(self, ["run", "-c", config], {})
        self.admin = self.process.wait_line(r"admin=(\S+)").group(1)
        harness.wait_ready(self.admin)

    def curl(self, path, *arguments):
        """(status, body) of a request with curl, a client that is not ours."""
        done = subprocess.run(["curl", "--silent", "--show-error", "--noproxy", "*", "--write-out", "\n%{http_code}",
                               *arguments, self.admin + path], capture_output=True, text=True, timeout=30, check=True)
        body, _, status = done.stdout.rpartition("\n")
        return int(status), body

    def post(self, *headers, path=RESTART):
        return self.curl(path, "--request", "POST", *[a for h in headers for a in ("--header", h)])

    def restarts(self):
        return metric(self.admin, "feedcast_actor_restarts_total", actor="target", reason="requested")

    def test_only_the_token_restarts_a_target_and_nothing_is_lost_by_it(self):
        self.start()
        bearer = f"Authorization: Bearer {TOKEN}"
        for headers, status in [
                ([], 401), (["Authorization: Bearer wrong-token-of-any-kind"], 401), ([bearer[:-1]], 401),
                ([bearer, "Host: evil.example"], 403), ([bearer, "Origin: http://evil.example"], 403),
                ([bearer, "Content-Type: application/x-www-form-urlencoded"], 415)]:
            with self.subTest(headers=headers):
                self.assertEqual(self.post(*headers)[0], status)
        self.assertEqual(self.curl(RESTART, "--header", bearer)[0], 405, "GET changes nothing")
        self.assertEqual(self.post(bearer, path="/api/v1/targets/us/restart")[0], 404)
        self.assertEqual(self.curl("/metrics", "--header", "Host: evil.example")[0], 403)
        self.assertEqual(self.restarts(), 0)
        ids = [f"restart/{i}" for i in range(2000)]
        writer = harness.threading.Thread(target=self.emulator.write, args=(
            "openwhisk", "whisks", [entity(i, "us2") for i in ids], self.folder))
        writer.start()
        eventually("some of it is read", lambda: metric(self.admin, "feedcast_feed_items_total") > 50)
        self.assertEqual(self.post(bearer)[0], 202)
        writer.join()
        eventually("all are delivered", lambda: {message(i) for i in ids} <= {v for _, v in self.kafka.messages(TOPIC)})
        self.assertEqual(self.restarts(), 1)
        self.assertIn("a restart was asked for", get(self.admin + "/api/v1/status")[1])
        self.assertNotIn(TOKEN, self.process.output())

    def test_without_a_token_nothing_can_be_written(self):
        self.start(token=False)
        status, body = self.post("Authorization: Bearer ")
        self.assertEqual(status, 403)
        self.assertIn("admin.token", json.loads(body)["message"])
        self.assertEqual(self.restarts(), 0)

    def test_a_changed_account_key_is_read_from_its_file(self):
        self.start()
        with open(os.path.join(self.folder, "key"), "w", encoding="utf-8") as f:
            f.write("d3JvbmcgYnV0IGJhc2U2NA==\n")
        # The service tells a wrong key by refusing it: then the file is looked at, and holds a wrong one first.
        self.emulator.control("POST", "/_emulator/faults", {
            "operation": "feed", "container": "whisks", "kind": "status", "status": 401, "times": 1})
        self.process.wait_line("the account's credential was refused and is renewed")
        eventually("requests are refused", lambda: metric(self.admin, "feedcast_feed_errors_total", **{"class": "auth"}) > 0)
        with open(os.path.join(self.folder, "key"), "w", encoding="utf-8") as f:
            f.write(harness.KEY + "\n")
        self.emulator.write("openwhisk", "whisks", [entity("key/changed", "us2")], self.folder)
        eventually("it is delivered", lambda: message("key/changed") in {v for _, v in self.kafka.messages(TOPIC)})

    def test_a_thousand_slow_connections_keep_nobody_out(self):
        self.start()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        files = min(4096, hard if hard != resource.RLIM_INFINITY else 4096)
        if files > soft:
            resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
            self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        count = min(1000, files - 100)
        ids = [f"loris/{i}" for i in range(2000)]
        attacker = harness.Process([sys.executable, "-c", SLOW_LORIS, self.admin.rpartition(":")[2], str(count)])
        self.addCleanup(attacker.stop, signal.SIGKILL)
        eventually("the connections were opened", lambda: attacker.lines
                   and int((attacker.lines[-1] or "0").split()[0]) >= count)
        writer = harness.threading.Thread(target=self.emulator.write, args=(
            "openwhisk", "whisks", [entity(i, "us2") for i in ids], self.folder))
        writer.start()
        slowest = 0
        for _ in range(40):
            began = time.monotonic()
            self.assertEqual(get(self.admin + "/livez")[0], 200)
            slowest = max(slowest, time.monotonic() - began)
            time.sleep(0.05)  # spreads the probes over the attack
        writer.join()
        eventually("all are delivered", lambda: {message(i) for i in ids} <= {v for _, v in self.kafka.messages(TOPIC)})
        opened, dropped = map(int, attacker.lines[-1].split())
        files_of_feedcast = int(metric(self.admin, "process_open_fds"))
        print(f"{count} slow connections, {opened} opened, {dropped} dropped: /livez within {slowest * 1000:.0f} ms, "
              f"{files_of_feedcast} files open", file=sys.stderr)
        self.assertLess(slowest, 5)
        self.assertGreater(dropped, count // 2, "the attack was not felt")
        self.assertLess(files_of_feedcast, 200)
        self.assertIsNone(self.process.process.poll())


if __name__ == "__main__":
    unittest.main()
