"""`feedcast migrate openwhisk`: what it prints is a configuration that `feedcast check` takes; what it can't read is named."""
import os
import stat
import subprocess
import unittest

from harness import IntegrationTest, binary

SECRET = "aHVudGVyMg=="
# What deployments have: (name of the file, its text, variables that the printed configuration needs, texts in it).
SAMPLES = [
    ("controller.env", """# as the controllers' containers get it
CONFIG_whisk_couchdb_protocol=https
CONFIG_whisk_couchdb_host=couch.example
CONFIG_whisk_couchdb_port=6984
CONFIG_whisk_couchdb_provider=CouchDB
CONFIG_whisk_couchdb_username=whisk_admin
CONFIG_whisk_couchdb_password=aHVudGVyMg==
CONFIG_whisk_couchdb_databases_WhiskAuth=whisk_local_subjects
CONFIG_whisk_couchdb_databases_WhiskEntity=whisk_local_whisks
CONFIG_whisk_couchdb_databases_WhiskActivation=whisk_local_activations
CONFIG_whisk_kafka_hosts=kafka-0:9092,kafka-1:9092
CONFIG_whisk_kafka_topics_prefix=zone-
CONFIG_whisk_loadbalancer_blackboxFraction=10%
""", {"CONFIG_whisk_couchdb_password": SECRET}, ["couch.example:6984", "whisk_local_whisks", "identities: namespace"]),
    ("openwhisk.conf", """whisk {
  couchdb {
    protocol : http        # inside of the machine
    host     : "127.0.0.1"
    port     : 5984
    username : ${?DB_USERNAME}
    username : whisk
    password = ${?DB_PASSWORD}
    databases { WhiskEntity = whisks, WhiskAuth = subjects, WhiskActivation = whisks }
  }
  kafka { topics { prefix = "" } }
}
kafka.hosts = "k:9092"   // one
""", {"DB_PASSWORD": SECRET}, ["http://127.0.0.1:5984/", "Activations are in the database of the entities"]),
    ("cosmos.conf", """whisk.spi {
  ArtifactStoreProvider = org.apache.openwhisk.core.database.cosmosdb.CosmosDBArtifactStoreProvider
}
whisk.cosmosdb = {
  endpoint = "https://acme.documents.azure.com:443/"
  key = "aHVudGVyMg=="
  db = openwhisk
  cluster-id = eu1
  soft-delete-ttl = "10 h"
  connection-policy.preferred-locations = ["West Europe"]
  collections { WhiskActivation { time-to-live = 7 days } }
}
""", {"COSMOSDB_KEY": SECRET, "KAFKA_HOSTS": "k:9092"}, ["tombstone_ttl: 10h", "West Europe", "nobody caches activations"]),
    ("invalidator.env", """COSMOSDB_ENDPOINT=https://acme.documents.azure.com:443/
COSMOSDB_KEY="aHVudGVyMg=="
COSMOSDB_NAME=openwhisk
KAFKA_HOSTS=k:9092
CONFIG_whisk_cacheInvalidator_clusterId=eu1
CONFIG_whisk_cacheInvalidator_cosmosdb_leaseCollection=leases
""", {"COSMOSDB_KEY": SECRET}, ["collection: leases", "cluster_id: eu1"]),
]


class Migrate(IntegrationTest):
    def feedcast(self, *arguments, env=None):
        clean = {k: v for k, v in os.environ.items()
                 if not k.startswith(("FEEDCAST_", "COSMOSDB_", "KAFKA_", "CONFIG_", "DB_"))}
        return subprocess.run([binary("feedcast"), *arguments], capture_output=True, text=True, timeout=120, check=False,
                              env={**clean, **(env or {})})

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def test_what_is_printed_passes_the_check(self):
        for name, text, needed, wanted in SAMPLES:
            with self.subTest(name):
                done = self.feedcast("migrate", "openwhisk", self.write(name, text), env={k: v for k, v in needed.items()
                                                                                        if k.startswith("DB_")})
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertNotIn(SECRET, done.stdout)
                for part in wanted:
                    self.assertIn(part, done.stdout)
                checked = self.feedcast("check", "-c", self.write("feedcast.yaml", done.stdout), env=needed)
                self.assertEqual(checked.returncode, 0, checked.stderr + done.stdout)
                self.assertEqual(checked.stderr, "")

    def test_without_a_file_the_environment_is_read(self):
        variables = dict(line.split("=", 1) for line in SAMPLES[0][1].splitlines() if line.startswith("CONFIG_"))
        target = os.path.join(self.folder, "made.yaml")
        done = self.feedcast("migrate", "openwhisk", "--output", target, env=variables)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        with open(target, encoding="utf-8") as f:
            text = f.read()
        self.assertIn("environment CONFIG_whisk_couchdb_host", text)
        self.assertNotIn(SECRET, text)
        self.assertTrue(stat.S_ISREG(os.stat(target).st_mode))

    def test_several_files_are_laid_over_each_other(self):
        first = self.write("a.conf", SAMPLES[1][1])
        second = self.write("b.conf", "whisk.couchdb.databases.WhiskEntity = others\n")
        done = self.feedcast("migrate", "openwhisk", first, second)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("collection: others", done.stdout)

    def test_what_can_not_be_read_is_named_with_its_line(self):
        for text, wanted in [
                ("whisk {\n  include \"other.conf\"\n}\n", "bad.conf:2: include is not read here"),
                ("whisk.couchdb.host = \"a\" \"b\"\n", "bad.conf:1: there is more behind a value"),
                ("CONFIG_whisk_couchdb_host=a\nwhat is this\n", "bad.conf:2: is not NAME=VALUE"),
                ("whisk.couchdb.host = couch\n", "whisk.couchdb.databases.WhiskEntity is missing"),
                ("", "there are no settings")]:
            with self.subTest(wanted):
                done = self.feedcast("migrate", "openwhisk", self.write("bad.conf", text))
                self.assertEqual((done.returncode, done.stdout), (78, ""))
                self.assertIn(wanted, done.stderr)
        done = self.feedcast("migrate", "openwhisk", os.path.join(self.folder, "nowhere.conf"))
        self.assertEqual(done.returncode, 78)
        self.assertIn("nowhere.conf", done.stderr)

    def test_wrong_usage_is_64(self):
        for arguments in (["migrate"], ["migrate", "redis"], ["migrate", "openwhisk", "--nonsense"]):
            self.assertEqual(self.feedcast(*arguments).returncode, 64)


if __name__ == "__main__":
    unittest.main()
