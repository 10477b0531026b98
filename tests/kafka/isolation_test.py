"""One of three targets dies: the others go on, and it gets everything once it is back.

How fast the others go on is a matter of the machine: perf/isolation measures it.
"""
import time
import unittest

from service import eventually, harness
from three_targets import ThreeTargets


class Isolation(ThreeTargets):
    def values(self, ids):
        return {harness.message(i).encode() for i in ids}

    def test_a_dead_target_holds_up_no_other_and_misses_nothing(self):
        self.start(config=self.three_targets(tuning=True))
        writer = self.writer(rate=300)
        for name in self.clusters:
            eventually(f"{name} gets messages", lambda n=name: self.acknowledged(n) > 100)
        self.clusters["eu"].kill()
        written = len(writer.ids)
        eventually("it is told", lambda: not self.up("eu"))
        dead = self.acknowledged("eu")
        # So much that what the dead one may have in flight is full, and then more.
        eventually("much is written", lambda: len(writer.ids) > written + 3000)
        ids = list(writer.ids)
        began = time.monotonic()
        for name in ("us", "asia"):
            self.readers[name].wait_for_values(self.values(ids), seconds=10)
            self.assertTrue(self.up(name))
        self.say(f"{len(ids) - written} written while it was dead; the others had all of them "
                 f"{time.monotonic() - began:.1f} s later")
        self.assertEqual(self.acknowledged("eu"), dead)
        status, body = harness.get(self.admin + "/readyz")
        self.assertEqual((status, "degraded" in body), (200, True), body)
        self.assertEqual(harness.get(self.admin + "/readyz?target=eu")[0], 503)
        self.assertEqual(harness.get(self.admin + "/readyz?target=us")[0], 200)

        self.clusters["eu"].start()
        ids = writer.stop()
        for name, reader in self.readers.items():
            reader.wait_for_values(self.values(ids))
        self.assertEqual(self.process.stop(), 0, self.process.output()[-3000:])
        for name, reader in self.readers.items():
            values = [r.value for r in reader.read_to_end()]
            self.assertEqual(set(values), self.values(ids))
            self.say(f"{name}: {len(ids)} written, 0 lost, {len(values) - len(ids)} duplicates")


if __name__ == "__main__":
    unittest.main()
