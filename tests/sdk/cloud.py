"""What the tests of the cloud's ways share: an emulator with them, and the official JavaScript SDK as its client."""
import json
import os
import subprocess
import sys
import urllib.request

for folder in ("integration", "kafka"):
    sys.path.insert(0, os.path.join(os.environ["FEEDCAST_SOURCE_DIR"], "tests", folder))
import harness  # noqa: E402  (from the folders above)
import peers  # noqa: E402

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "javascript", "cloud.cjs")
TOKEN = "feedcast-emulator-token"


class CloudTest(harness.IntegrationTest):
    def start(self, *options):
        containers = [] if "--create" in options else ["--create", "db/coll:1"]
        emulator = harness.Process([harness.binary("feedcast-emulator"), "--listen", "127.0.0.1:0",
                                    *containers, *options])
        self.addCleanup(emulator.stop)
        self.url = emulator.wait_line(r"https?://[0-9.:]+").group(0)

    def start_regions(self):
        self.start("--region", "West", "--region", "East")

    def control(self, method, path, body=None):
        request = urllib.request.Request(self.url + path, method=method,
                                         data=json.dumps(body).encode() if body is not None else None)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    def sdk(self, way, certificate=None, **plan):
        plan = {"sdk": str(peers.folder("sdk")), "way": way, "endpoint": self.url, "key": harness.KEY, **plan}
        environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        if certificate:
            environment["NODE_EXTRA_CA_CERTS"] = certificate
        done = subprocess.run(["node", PROGRAM], input=json.dumps(plan), capture_output=True, text=True, timeout=120,
                              check=False, env=environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def answered(self, operation, status):
        """How often the emulator gave that answer."""
        requests = self.control("GET", "/_emulator/stats")["requests"]
        return requests.get(operation, {}).get(str(status), 0)

    def hits(self):
        return sum(r["hits"] for r in self.control("GET", "/_emulator/faults")["faults"])

    def statuses(self, outcomes):
        return [o.get("status") for o in outcomes]

    def sdk_meanwhile(self, operation, status, happens, **plan):
        """What the SDK sees if something happens while it works."""
        plan = {"sdk": str(peers.folder("sdk")), "endpoint": self.url, "key": harness.KEY, **plan}
        with subprocess.Popen(["node", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
            client.stdin.write(json.dumps(plan))
            client.stdin.close()
            harness.eventually(operation, lambda: self.answered(operation, status) > 20)
            happens()
            output = client.stdout.read()
        self.assertEqual(client.returncode, 0)
        return json.loads(output)["done"]


__all__ = ["CloudTest", "TOKEN", "harness"]
