"""Two hosts of the change feed processor on eight ranges while many documents are written: one host is killed, one range is
split. Every change is seen at least once, and all leases end with the survivor. FEEDCAST_SDK_CHANGES says how many changes,
FEEDCAST_SDK_RATE how many a second are the least, written as well as from the first write until the last is seen."""
import os
import time
import unittest

from java_program import HERE, Java, account, harness
from raw_writer import Writer

CHANGES = int(os.environ.get("FEEDCAST_SDK_CHANGES", "12000"))
RATE = float(os.environ.get("FEEDCAST_SDK_RATE", "0"))
PACE = 3000
RANGES = 8


class CrashSuite(account.AccountTest):
    def setUp(self):
        super().setUp()
        self.needs_controls()
        self.account.create_container("feed", RANGES)
        self.account.create_container("leases")

    def owners(self):
        """How many leases each host owns."""
        documents = self.account.call("GET", "docs", f"dbs/{self.account.database}/colls/leases")["Documents"]
        owners = [one["Owner"] for one in documents if "LeaseToken" in one]
        return {owner: owners.count(owner) for owner in owners}

    def start(self, java, *command):
        host = java.start(self, *command)
        host.wait_line("^started$")
        return host

    @staticmethod
    def seen(hosts):
        """(different changes, all changes) that the hosts were handed."""
        pages = [line.split()[1:] for host in hosts for line in list(host.lines) if line and line.startswith("page ")]
        return len(set().union(*pages)), sum(map(len, pages))

    def survive(self, java, command, split):
        hosts = [self.start(java, *command(name)) for name in ("one", "two")]
        harness.eventually("each has half", lambda: self.owners() == {"one": RANGES // 2, "two": RANGES // 2})
        writer = Writer(self.account, "feed", CHANGES, PACE)
        began = time.monotonic()
        writer.start()
        harness.eventually("a third is written", lambda: writer.written > CHANGES // 3)
        hosts[0].process.kill()
        if split:
            self.account.split("feed", "0")
        self.assertLess(writer.written, CHANGES, "there are more to come")
        writer.join()
        wrote = time.monotonic() - began
        self.assertIsNone(writer.problem)
        self.assertEqual(writer.written, CHANGES)
        harness.eventually("all are seen", lambda: self.seen(hosts)[0] == CHANGES, 180)
        took = time.monotonic() - began
        wanted = {"two": RANGES + split}
        harness.eventually(f"leases {wanted}", lambda: self.owners() == wanted)
        print(f"azure-cosmos (Java) {java.version}, {' '.join(command('*'))}: {CHANGES} changes written at "
              f"{CHANGES / wrote:.0f}/s, all seen at {CHANGES / took:.0f}/s, {self.seen(hosts)[1] - CHANGES} more than once",
              flush=True)
        self.assertGreaterEqual(min(CHANGES / wrote, CHANGES / took), RATE)

    def test_leases_of_ranges(self):
        java = Java(self, "sdk_java", sorted((HERE / "java").glob("*.java")))
        self.survive(java, lambda name: ["HostProcess", name, "PK"], split=True)

    def test_leases_of_effective_partition_keys(self):
        java = Java(self, "sdk_java", sorted((HERE / "java").glob("*.java")))
        self.survive(java, lambda name: ["HostProcess", name, "EPK"], split=True)

    def test_the_replaced_service(self):
        """It does not survive a split, so there is none."""
        shared = [HERE / "java" / name for name in ("Checks.java", "Reporter.java")]
        java = Java(self, "sdk_java3", [*sorted((HERE / "java3").glob("*.java")), *shared])
        self.survive(java, lambda name: ["HostProcess3", name], split=False)


if __name__ == "__main__":
    unittest.main()
