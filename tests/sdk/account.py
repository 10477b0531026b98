"""The account that a suite of an SDK runs against.

It is an emulator over https, started for the test; or, with FEEDCAST_TEST_ENDPOINT and FEEDCAST_TEST_KEY in the
environment, one that is there already. Either way the suite has a database of its own, which is gone afterwards.
"""
import json
import os
import ssl
import sys
import unittest
import urllib.error
import urllib.parse
import urllib.request
import uuid

for folder in ("integration", "kafka"):
    sys.path.insert(0, os.path.join(os.environ["FEEDCAST_SOURCE_DIR"], "tests", folder))
import harness  # noqa: E402  (from the folders above)

GIVEN = os.environ.get("FEEDCAST_TEST_ENDPOINT")
ID_IS_KEY = {"paths": ["/id"], "kind": "Hash", "version": 2}


class Account:
    """Made by a test, which its database does not outlive."""

    def __init__(self, test, *emulator_options):
        self.emulated = not GIVEN
        self.database = f"feedcast-{uuid.uuid4().hex[:12]}"
        self.emulator = None
        if self.emulated:
            self.emulator = harness.Emulator(test, [], True, test.folder, options=emulator_options)
            self.endpoint, self.key = self.emulator.url + "/", harness.KEY
            self.certificate = self.emulator.certificate
        else:
            self.endpoint, self.key = GIVEN.rstrip("/") + "/", os.environ["FEEDCAST_TEST_KEY"]
            self.certificate = os.environ.get("FEEDCAST_TEST_CERTIFICATE")
        self.trust = ssl.create_default_context(cafile=self.certificate)
        self.call("POST", "dbs", "", {"id": self.database})
        test.addCleanup(self.remove)

    def call(self, verb, kind, link, body=None, path="", more=()):
        """One signed request without an SDK, to `path`, or to the feed of `kind` below `link`."""
        signed = harness.sign(self.key, verb, kind, link)
        request = urllib.request.Request(
            self.endpoint + (path or (f"{link}/" if link else "") + kind), method=verb,
            data=None if body is None else json.dumps(body).encode(),
            headers={**signed, "content-type": "application/json", **dict(more)})
        with urllib.request.urlopen(request, timeout=60, context=self.trust) as answer:
            return json.loads(answer.read() or b"null")

    def create_container(self, name, ranges=1, ttl=-1, **definition):
        """`ranges` is granted by the emulator; a real account gives what its throughput asks for. With the least throughput
        of a container the share of each of several ranges would be tiny."""
        more = {"x-feedcast-ranges": str(ranges), "x-ms-offer-throughput": str(10_000 * ranges)} if self.emulated else {}
        return self.call("POST", "colls", f"dbs/{self.database}",
                         {"id": name, "partitionKey": ID_IS_KEY, "defaultTtl": ttl, **definition}, more=more)

    def split(self, container, range_id):
        return self.emulator.control("POST", f"/_emulator/dbs/{self.database}/colls/{container}/split/{range_id}")

    def remove(self):
        link = f"dbs/{self.database}"
        try:
            self.call("DELETE", "dbs", link, path=link)
        except urllib.error.HTTPError as gone:
            if gone.code != 404:
                raise

    def environment(self):
        """What a suite in another language is told."""
        told = {"FEEDCAST_TEST_ENDPOINT": self.endpoint, "FEEDCAST_TEST_KEY": self.key,
                "FEEDCAST_TEST_DATABASE": self.database, "FEEDCAST_TEST_EMULATED": "1" if self.emulated else ""}
        if self.certificate:
            told["NODE_EXTRA_CA_CERTS"] = told["SSL_CERT_FILE"] = self.certificate
        return {**os.environ, **told}


class AccountTest(harness.IntegrationTest):
    """Each test has an account, or a database of the account, for itself."""

    def setUp(self):
        super().setUp()
        self.account = Account(self)

    def needs_controls(self):
        if not self.account.emulated:
            self.skipTest("needs the emulator's controls")


def report(sdk, version, passed, failed, skipped):
    """The line by which the runs of a suite are compared."""
    print(f"{sdk} {version}: {passed} passed, {failed} failed, {skipped} skipped", flush=True)
