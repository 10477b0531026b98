"""Each kind of credential against the emulator and a token endpoint, and what check --connect says of missing rights."""
import json
import os
import subprocess
import unittest

from harness import KEY, Emulator, IntegrationTest, Kafka, binary, entity, eventually, message, start_feedcast
from issuer import Issuer

TOKEN, SECRET, WRONG = "token-of-the-account-7", "client-secret-5", "wrong-secret-4"
READ_ONLY_KEY = "cmVhZC1vbmx5LWtleS0x"
RESOURCE_TOKEN = "type=resource&ver=1&sig=resource-token-2"
COLLECTIONS = ["openwhisk/whisks:2", "openwhisk/cache-invalidator-lease:1:/id"]
ACTION = "Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/"


class Credentials(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.kafka = Kafka(self, "cacheInvalidation:1")

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path + ".new", "w", encoding="utf-8") as f:
            f.write(text)
        os.rename(path + ".new", path)
        return path

    def config(self, emulator, credential, **more):
        return self.write("feedcast.yaml", json.dumps({
            "accounts": {"main": {"endpoint": emulator.url, "database": "openwhisk", **credential}},
            "feeds": {"whisks": {"account": "main", "start": "beginning"}},
            "targets": {"eu": {"cluster_id": "eu1", "feeds": ["whisks"], "kafka": {"brokers": self.kafka.brokers}}},
            "admin": {"listen": "127.0.0.1:0"}, "instance": "test",
            "tuning": {"poll": {"min": "20ms", "max": "100ms"}}, **more}))

    def file_leases(self):
        return {"store": "file", "path": os.path.join(self.folder, "leases")}

    def check(self, config, env=None):
        """The exit code, {what was checked: its finding}, and all that was said."""
        done = subprocess.run([binary("feedcast"), "check", "--connect", "--json", "-c", config], capture_output=True,
                              text=True, timeout=120, check=False, env={**os.environ, **(env or {})})
        said = done.stdout + done.stderr
        for secret in (TOKEN, SECRET, WRONG, KEY, READ_ONLY_KEY, RESOURCE_TOKEN):
            self.assertNotIn(secret, said)
        return done.returncode, {c["check"].rsplit(": ", 1)[-1]: c for c in json.loads(done.stdout)["checks"]}, said

    def client_secret(self, issuer, file):
        return {"aad": {"tenant": "t.example", "client_id": "me", "client_secret": {"from_file": file},
                        "authority": issuer.url}}

    def issuer(self, **more):
        return Issuer(self, lambda method, path, headers, form: path == "/t.example/oauth2/v2.0/token" and
                      form == {"grant_type": "client_credentials", "client_id": "me", "client_secret": SECRET,
                               "scope": "https://127.0.0.1/.default"}, lambda: TOKEN, **more)

    def entra_emulator(self):
        self.ledger = os.path.join(self.folder, "ledger.jsonl")
        return Emulator(self, COLLECTIONS, options=["--aad-only", "--aad-token", TOKEN, "--ledger", self.ledger])

    def test_a_changed_client_secret_needs_no_restart(self):
        emulator, issuer = self.entra_emulator(), self.issuer()
        secret = self.write("secret", WRONG)
        process = start_feedcast(self, ["run", "-c", self.config(emulator, self.client_secret(issuer, secret))], {})
        process.wait_line(r"AADSTS7000215, the client secret is wrong")
        self.write("secret", SECRET)
        eventually("a token was had", lambda: issuer.tokens)
        process.wait_line("leases joined")
        self.assertEqual(process.stop(), 0, process.output())
        for text in (TOKEN, SECRET, WRONG):
            self.assertNotIn(text, process.output())

    def test_changes_are_delivered_with_a_read_only_key_and_positions_in_files(self):
        emulator = Emulator(self, COLLECTIONS, options=["--read-only-key", READ_ONLY_KEY])
        emulator.write("openwhisk", "whisks", [entity("guest/hello", "us2")], self.folder)
        config = self.config(emulator, {"key": {"from_file": self.write("key", READ_ONLY_KEY)}}, leases=self.file_leases())
        code, checks, said = self.check(config)
        self.assertEqual(code, 0, said)
        self.assertEqual(checks["may read the feed"]["text"], "yes")
        process = start_feedcast(self, ["run", "-c", config], {})
        eventually("it is told", lambda: message("guest/hello") in str(self.kafka.messages("cacheInvalidation")))
        self.assertEqual(process.stop(), 0, process.output())

    def test_a_resource_token_reads_its_feed(self):
        emulator = Emulator(self, COLLECTIONS, options=["--resource-token", RESOURCE_TOKEN])
        file = self.write("token", RESOURCE_TOKEN)
        config = self.config(emulator, {"resource_token": {"from_file": file}}, leases=self.file_leases())
        code, _, said = self.check(config)
        self.assertEqual(code, 0, said)

    def test_a_workload_and_a_managed_identity_get_in(self):
        emulator = self.entra_emulator()
        workload = Issuer(self, lambda method, path, headers, form: method == "POST" and
                          form["client_assertion"] == "federated" and form["client_id"] == "me", lambda: TOKEN)
        code, _, said = self.check(
            self.config(emulator, {"aad": {"identity": "workload_identity"}}),
            {"AZURE_TENANT_ID": "t.example", "AZURE_CLIENT_ID": "me", "AZURE_AUTHORITY_HOST": workload.url + "/",
             "AZURE_FEDERATED_TOKEN_FILE": self.write("federated", "federated\n")})
        self.assertEqual(code, 0, said)
        managed = Issuer(self, lambda method, path, headers, form: method == "GET" and headers["metadata"] == "true" and
                         path == "/token?api-version=2018-02-01&resource=https%3A%2F%2F127.0.0.1", lambda: TOKEN)
        code, _, said = self.check(self.config(emulator, {"aad": {
            "identity": "managed_identity", "identity_endpoint": managed.url + "/token"}}))
        self.assertEqual(code, 0, said)
        self.assertEqual((workload.refused, managed.refused), (0, 0))

    def test_check_names_each_missing_right_and_leaves_nothing_behind(self):
        emulator, issuer = self.entra_emulator(), self.issuer()
        config = self.config(emulator, self.client_secret(issuer, self.write("secret", SECRET)))
        code, checks, said = self.check(config)
        self.assertEqual(code, 0, said)
        self.assertEqual(
            [name for name in checks if name.startswith("may ")],
            ["may read the account", "may read the feed's container", "may read the feed", "may read the lease container",
             "may list leases", "may read leases", "may replace leases", "may delete leases", "may create leases"])
        for operation, container, name, action in [
                ("feed", "whisks", "may read the feed", "readChangeFeed"),
                ("read", "cache-invalidator-lease", "may read leases", "items/read"),
                ("replace", "cache-invalidator-lease", "may replace leases", "items/replace"),
                ("delete", "cache-invalidator-lease", "may delete leases", "items/delete"),
                ("create", "cache-invalidator-lease", "may create leases", "items/create"),
                ("query", "cache-invalidator-lease", "may list leases", "executeQuery")]:
            with self.subTest(right=name):
                rule = emulator.control("POST", "/_emulator/faults", {
                    "operation": operation, "container": container, "kind": "status", "status": 403, "substatus": 5301})
                code, checks, said = self.check(config)
                emulator.control("DELETE", f"/_emulator/faults/{rule['id']}")
                self.assertEqual(code, 77, said)
                self.assertFalse(checks[name]["ok"], said)
                self.assertIn(ACTION + action, checks[name]["text"])
                self.assertIn("Cosmos DB Built-in Data", checks[name]["text"])
        with open(self.ledger, encoding="utf-8") as f:
            writes = [json.loads(line) for line in f]
        made = [w["id"] for w in writes if w["event"] == "write" and w["kind"] == "create"]
        gone = [w["id"] for w in writes if w["event"] == "write" and w["kind"] == "delete"]
        self.assertTrue(made and all(i.startswith("feedcast-check-") for i in made), made)
        self.assertEqual(sorted(made), sorted(gone))

    def test_check_names_what_a_read_only_key_can_t_do(self):
        emulator = Emulator(self, COLLECTIONS, options=["--read-only-key", READ_ONLY_KEY])
        config = self.config(emulator, {"key": {"from_file": self.write("key", READ_ONLY_KEY)}})
        code, checks, said = self.check(config)
        self.assertEqual(code, 77, said)
        failed = [name for name, c in checks.items() if not c["ok"]]
        self.assertEqual(failed, ["may replace leases", "may delete leases", "may create leases"])
        self.assertIn("read-write", checks["may replace leases"]["text"])


if __name__ == "__main__":
    unittest.main()
