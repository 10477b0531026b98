"""feedcast and the official Java processor share the ranges of one feed on the same leases. Either is killed and comes back;
the Java host is stopped as an operator would stop it, and returns. What the two have handled together is every change; no
lease goes back in feedcast's hands or when it changes hands; who is gone is replaced in time. FEEDCAST_SDK_TIMERS=default for the lease timers that everybody has."""
import json
import os
import signal
import sys
import time
import unittest

from java_program import HERE, Java, account, harness
from raw_writer import Writer

sys.path.insert(0, os.path.join(os.environ["FEEDCAST_SOURCE_DIR"], "tests", "chaos"))
from ledger import Lease, LedgerReader  # noqa: E402  (from the folder above)

RANGES = 8
RATE = int(os.environ.get("FEEDCAST_SDK_RATE", "0")) or 500
PREFIX = "crash-"  # of the Java hosts
TOPIC = "cacheInvalidation"
DEFAULT = os.environ.get("FEEDCAST_SDK_TIMERS") == "default"
EXPIRY, LOOK = (60, 13) if DEFAULT else (6, 1.3)
BOUND = EXPIRY + 2 * LOOK + 1  # expiry, two looks, and the server's clock counts whole seconds
JAVA_BOUND = 60 + 13 * (RANGES + 2) if DEFAULT else 5 + 0.5 * (RANGES + 2) + 5  # it may take one a look
SHARING = 120 if DEFAULT else 30
CONFIG = """accounts:
  main: {{endpoint: "{endpoint}", key: {{from_env: ACCOUNT_KEY}}, database: {database}, ca_file: "{ca}"}}
feeds:
  feed: {{account: main, start: beginning}}
targets:
  eu: {{cluster_id: eu1, feeds: [feed], kafka: {{brokers: "{brokers}", topic: {topic}}}}}
leases: {{collection: leases, prefix: "{prefix}"}}
admin: {{listen: "127.0.0.1:0"}}
instance: feedcast
tuning: {{checkpoint: {{interval: 250ms}}{timers}}}
"""
TIMERS = "" if DEFAULT else ", leases: {expiry: 6s, look: 1300ms, renew: 1700ms}"


class MixedFleet(harness.IntegrationTest):
    def setUp(self):
        super().setUp()
        if account.GIVEN:
            self.skipTest("needs the emulator's controls")
        self.ledger_file = os.path.join(self.folder, "ledger.jsonl")
        self.account = account.Account(self, "--ledger", self.ledger_file)
        self.account.create_container("feed", RANGES)
        self.account.create_container("leases")
        self.kafka = harness.Kafka(self, TOPIC + ":4")
        self.config = os.path.join(self.folder, "feedcast.yaml")
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(CONFIG.format(endpoint=self.account.endpoint, database=self.account.database, topic=TOPIC,
                                  ca=self.account.certificate, brokers=self.kafka.brokers, prefix=PREFIX, timers=TIMERS))
        self.hosts, self.took = [], []
        self.leases = RANGES

    # -- the two

    def start_java(self):
        host = self.java.start(self, *self.command)
        host.wait_line("^started$")
        self.hosts.append(host)
        return host

    def stop_java(self, host):
        host.process.stdin.close()
        host.wait_line("^stopped$")
        host.process.wait(60)

    def start_feedcast(self):
        return harness.start_feedcast(self, ["run", "-c", self.config], {"ACCOUNT_KEY": harness.KEY})

    # -- what is seen of them

    def owners(self):
        """{owner: leases}, with None for nobody's."""
        documents = self.account.call("GET", "docs", f"dbs/{self.account.database}/colls/leases")["Documents"]
        owners = [one.get("Owner") for one in documents if "LeaseToken" in one]
        return {owner: owners.count(owner) for owner in owners}

    def await_owners(self, what, condition, seconds):
        """Looks until it is so; how long it took is told at the end."""
        began = time.monotonic()
        try:
            harness.eventually(what, lambda: condition(self.owners()), seconds)
        except AssertionError as e:
            raise AssertionError(f"{e}: leases of {self.owners()}\n{self.feedcast.output()[-3000:]}") from e
        self.took.append(f"{what} after {time.monotonic() - began:.1f} s")

    def shared(self, owners):
        """Each has half, or as near as can be."""
        mine, theirs = owners.get("feedcast", 0), owners.get("java", 0)
        return mine + theirs == sum(owners.values()) == self.leases and abs(mine - theirs) <= 1

    def all_of(self, name):
        return lambda owners: owners == {name: self.leases}

    def by_java(self):
        """Every id that its handlers were given, in order."""
        return [word for host in self.hosts for line in list(host.lines) if line and line.startswith("page ")
                for word in line.split()[1:]]

    def by_feedcast(self):
        return [json.loads(value)["key"]["mainId"] for _, value in self.kafka.messages(TOPIC)]

    # -- the story

    def share(self, java, command, split):
        self.java, self.command = java, command
        one = self.start_java()
        self.feedcast = None
        harness.eventually("Java has all", lambda: self.all_of("java")(self.owners()))
        writer = Writer(self.account, "feed", 10_000_000, RATE)
        writer.start()
        self.addCleanup(writer.join)
        self.addCleanup(writer.stop)
        harness.eventually("Java handles changes", self.by_java)

        self.feedcast = self.start_feedcast()
        self.await_owners("shared", self.shared, SHARING)
        one.process.kill()
        self.await_owners("feedcast has all of a killed host", self.all_of("feedcast"), BOUND)
        one = self.start_java()
        self.await_owners("Java has its share again", self.shared, SHARING)
        if split:
            self.account.split("feed", "0")
            self.account.split("feed", "5")
            self.leases += 2
            self.await_owners("two ranges split", self.shared, SHARING)
        self.feedcast.stop(signal.SIGKILL)
        self.await_owners("Java has all of a killed feedcast", self.all_of("java"), JAVA_BOUND)
        self.feedcast = self.start_feedcast()
        self.await_owners("feedcast has its share again", self.shared, SHARING)
        self.stop_java(one)
        self.await_owners("feedcast has all of a stopped host", self.all_of("feedcast"), BOUND)
        two = self.start_java()
        self.await_owners("Java has ranges back", self.shared, SHARING)
        self.feedcast.stop(signal.SIGTERM)
        self.await_owners("Java has all of a stopped feedcast", self.all_of("java"), JAVA_BOUND)
        self.feedcast = self.start_feedcast()
        self.await_owners("shared to the end", self.shared, SHARING)

        writer.stop()
        writer.join()
        self.assertIsNone(writer.problem)
        wanted = {f"item-{n}" for n in range(writer.written)}
        last = []

        def all_handled():
            last[:] = [wanted - set(self.by_java()) - set(self.by_feedcast())]
            return not last[0]
        try:
            harness.eventually("all are handled", all_handled, 60)
        except AssertionError as e:
            raise AssertionError(f"{e}: {len(last[0])} of {len(wanted)} are not, such as {sorted(last[0])[:20]}") from e
        self.stop_java(two)
        self.assertEqual(self.feedcast.stop(signal.SIGTERM), 0)
        self.tell(wanted)

    def tell(self, wanted):
        theirs, ours = self.by_java(), self.by_feedcast()
        self.assertLessEqual(set(theirs) | set(ours), wanted, "nothing else")
        found, writes = self.look_back()
        # Java 4 renews with the position that it knew before a checkpoint of its own; that harms nobody but itself.
        alone = [(b, e) for b, e in found if {b.owner, e.owner_before, e.owner} <= {"java"}]
        backwards = [one for one in found if one not in alone]
        print(f"{self.java.version} {' '.join(self.command)}: {len(wanted)} changes; handled by Java {len(set(theirs))}, by "
              f"feedcast {len(set(ours))}, more than once {len(theirs) + len(ours) - len(wanted)}; {writes} lease writes, "
              f"{len(alone)} of Java went behind its own, {len(backwards)} others went back; " + "; ".join(self.took), flush=True)
        self.assertEqual(backwards, [], "\n".join(f"{e.token}: {b.after} of {b.owner} at {b.ms} -> {e.after} of {e.owner_before} "
                                                  f"by {e.owner} at {e.ms}" for b, e in backwards))
        self.assertGreater(min(len(set(theirs)), len(set(ours))), len(wanted) // 10, "both had their part")

    def look_back(self):
        """(what was stored before and what was written, of lease writes that went back; all lease writes with a position)."""
        reader = LedgerReader(self.ledger_file)
        self.addCleanup(reader.close)
        stored, found, writes = {}, [], 0
        for e in reader.read():
            if not isinstance(e, Lease) or e.kind in ("delete", "expire"):
                continue
            before = stored.get(e.id)
            if e.after is None:
                if before is not None:
                    found.append((before, e))
                continue
            writes += 1
            if before is not None and e.after < before.after:
                found.append((before, e))
            stored[e.id] = e
        return found, writes

    def test_leases_of_ranges(self):
        java = Java(self, "sdk_java", sorted((HERE / "java").glob("*.java")))
        self.share(java, ["HostProcess", "java", "PK"], split=True)

    def test_leases_of_effective_partition_keys(self):
        java = Java(self, "sdk_java", sorted((HERE / "java").glob("*.java")))
        self.share(java, ["HostProcess", "java", "EPK"], split=True)

    def test_the_replaced_service(self):
        """Its library does not survive a split, so there is none."""
        shared = [HERE / "java" / name for name in ("Checks.java", "Reporter.java")]
        java = Java(self, "sdk_java3", [*sorted((HERE / "java3").glob("*.java")), *shared])
        self.share(java, ["HostProcess3", "java"], split=False)


if __name__ == "__main__":
    unittest.main()
