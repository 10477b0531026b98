"""Two instances on one database and target: one reads, the other stands by."""
import os
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "chaos"), str(HERE.parents[1] / "kafka")]

import couch_model  # noqa: E402  (from folders above)
from couch_books import judge  # noqa: E402
from couch_rig import CouchRig  # noqa: E402
from service import now_ms  # noqa: E402

BINARIES = os.environ.get("FEEDCAST_BINARY_DIR", str(HERE.parents[2] / "build" / "dev"))
EXPIRY, LOOK, RENEW = 6.0, 1.0, 1.5  # seconds
# It expires by the server's clock, which counts whole seconds; the first look may see it a moment too early.
BOUND = EXPIRY + 2 * LOOK + 1
SETTLING = 60


class Standby(unittest.TestCase):
    def setUp(self):
        timers = {"expiry": f"{EXPIRY:.0f}s", "look": f"{LOOK:.0f}s", "renew": f"{RENEW * 1000:.0f}ms"}
        self.rig = CouchRig(BINARIES, 1, 150, 1_000_000, 900, instances=2, timers=timers, feeds=(couch_model.WHISKS,))
        self.addCleanup(self.rig.close)
        self.rig.start_service()
        self.rig.services[1].start()
        self.rig.writer.allow(self.rig.total)
        self.await_("the standby is up", self.rig.services[1].ready)
        self.lease, = self.rig.positions.owners

    def await_(self, what, condition, seconds=30):
        if not self.rig.monitor.wait(condition, seconds):
            self.fail(f"not within {seconds} s: {what}\n" + "\n".join(self.rig.tail(f"{n}.log") for n in self.rig.names))

    def owner(self):
        return self.rig.positions.owners[self.lease]

    def reader(self):
        """(instance that reads, the other one)."""
        reader, other = self.rig.services if self.owner() == self.rig.names[0] else reversed(self.rig.services)
        return reader, other

    def moved_by(self, owner, since_ms):
        """Moments at which that owner stored another position."""
        stored = list(self.rig.positions.stored)
        return [b.ms for a, b in zip(stored, stored[1:])
                if b.owner == owner and b.ms >= since_ms and a.sequence != b.sequence]

    def taken_over(self, before, since_ms):
        """Awaits that another than `before` owns the lease and has stored a position; milliseconds until it owned it."""
        other, = set(self.rig.names) - {before}
        self.await_(f"{other} reads", lambda: self.owner() == other and self.moved_by(other, since_ms), BOUND + 20)
        return next(s.ms for s in self.rig.positions.stored if s.ms >= since_ms and s.owner == other) - since_ms

    def judge(self):
        """Ends the writing, waits until all was told, and judges."""
        self.rig.writer.stop()
        if not self.rig.monitor.wait_settled(SETTLING):
            self.fail(f"{self.rig.books.outstanding()} keys still wait")
        for part in (self.rig.rows, self.rig.positions, self.rig.monitor):
            part.close()
        self.assertEqual(self.rig.failures(), [])
        verdict = judge(self.rig.books, self.rig.rows.rows if self.rig.rows.ordered else None, self.rig.positions.stored)
        self.assertTrue(verdict.good(), f"lost {verdict.lost[:3]}, invented {verdict.invented[:3]}, corrupt "
                                        f"{verdict.corrupt[:3]}, ahead {verdict.premature[:3]}")
        return verdict

    def owners(self):
        """One after the other, without repetitions."""
        names = [s.owner for s in self.rig.positions.stored if s.owner]
        return [name for n, name in enumerate(names) if n == 0 or names[n - 1] != name]

    def test_the_standby_takes_over_from_the_killed(self):
        before = self.owner()
        reader, _ = self.reader()
        self.await_("it reads", lambda: len(self.moved_by(before, 0)) > 3)
        killed = now_ms()
        reader.kill()
        took = self.taken_over(before, killed)
        self.assertLessEqual(took, BOUND * 1000)
        after = self.owner()
        reader.start()
        self.await_("the killed one is back", reader.ready)
        self.await_("the successor goes on", lambda: len(self.moved_by(after, reader.lives[-1].began_ms)) > 3)
        verdict = self.judge()
        self.assertEqual(self.owners(), [before, after])
        print(f"  {verdict.obligations} obligations, 0 lost; the lease was taken over {took} ms after the kill", flush=True)

    def test_one_that_stood_still_stores_nothing_over_its_successor(self):
        before = self.owner()
        reader, _ = self.reader()
        self.await_("it reads", lambda: len(self.moved_by(before, 0)) > 3)
        stopped = now_ms()
        reader.suspend()
        try:
            took = self.taken_over(before, stopped)
        finally:
            resumed = now_ms()
            reader.resume()
        after = self.owner()
        self.await_("the successor goes on", lambda: len(self.moved_by(after, resumed)) > 8)
        self.assertLessEqual(took, BOUND * 1000)
        verdict = self.judge()
        self.assertEqual(self.moved_by(before, stopped + round(took)), [])
        self.assertEqual(self.owners(), [before, after])
        print(f"  {verdict.obligations} obligations, 0 lost; the lease was taken over {took} ms after the halt", flush=True)


if __name__ == "__main__":
    unittest.main()
