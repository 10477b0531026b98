"""Who held what, told from a few planted lines; and the plan of a run, as a seed draws it."""
import collections
import unittest

import model
import plan
from books import Books
from ledger import Lease, Ranges
from ownership import Living, history_of, widths

EU = model.Target("eu", "eu1", 1, 1)


class Run:
    """Two ranges, leases of `a` and `b`. Times are told."""

    def __init__(self):
        self.books = Books((EU,))
        self.events = []
        self.ranges(0, (), {"0": ("", "20"), "1": ("20", "FF")})

    def ranges(self, ms, parents, found):
        self.books.add_events([Ranges(len(self.events) + 1, ms, "whisks", parents, found)])

    def lease(self, ms, token, owner, kind="replace"):
        self.events.append(Lease(len(self.events) + 1, ms, "leases", kind, f"x..{token}", token, None, owner, None, 1))

    def history(self, lives, end=100_000):
        return history_of(self.books, self.events, "whisks", lives, end)

    def spans(self, gaps):
        return sorted((g.began_ms, g.ended_ms) for g in gaps)


def begun(second="b"):
    run = Run()
    run.lease(10, "0", "a", "create")
    run.lease(20, "1", second, "create")
    return run


class Ownership(unittest.TestCase):
    def test_a_fleet_that_nothing_happens_to_has_no_gap(self):
        history = begun().history([Living("a", 0), Living("b", 0)])
        self.assertEqual((history.began_ms, history.unheld, history.uncovered), (20, [], []))
        self.assertEqual(history.forms, {"ranges": 2})

    def test_what_a_killed_one_held_is_nobodys_until_another_takes_it(self):
        run = begun()
        run.lease(9000, "0", "b")
        history = run.history([Living("a", 0, 1000, "SIGKILL"), Living("b", 0)])
        gap, = history.unheld
        self.assertEqual((gap.keys, gap.began_ms, gap.ended_ms, gap.cause), (("", "20"), 1000, 9000, "SIGKILL"))
        self.assertEqual((history.taken, history.moves), (1, 0))
        self.assertEqual(widths([gap]), {"SIGKILL": {"gaps": 1, "longest_ms": 8000, "late_ms": 8000, "open": 0}})

    def test_the_next_life_of_a_name_holds_nothing_before_it_wrote(self):
        run = begun()
        run.lease(4000, "0", "a")
        history = run.history([Living("a", 0, 1000, "SIGKILL"), Living("a", 1500), Living("b", 0)])
        self.assertEqual((run.spans(history.unheld), history.resumed), ([(1000, 4000)], 1))

    def test_a_lease_that_is_never_taken_again_stays_open(self):
        history = begun().history([Living("a", 0, 1000, "SIGKILL"), Living("b", 0)])
        self.assertEqual(run_spans(history), [(1000, None)])

    def test_giving_back_and_handing_over(self):
        run = begun()
        run.lease(1000, "0", None)
        run.lease(1300, "0", "b")
        run.lease(2000, "1", "a")
        history = run.history([Living("a", 0), Living("b", 0)])
        self.assertEqual((run.spans(history.unheld), history.moves), ([(1000, 1300)], 1))
        self.assertEqual(history.unheld[0].cause, "given back")

    def test_lateness_counts_from_the_last_end_in_between(self):
        run = begun()
        run.lease(9000, "0", "b")
        lives = [Living("a", 0, 1000, "SIGKILL"), Living("b", 0, 6000, "SIGTERM"), Living("b", 6100)]
        run.lease(6200, "1", "b")
        run.events.sort(key=lambda e: e.ms)
        gap = next(g for g in run.history(lives).unheld if g.keys == ("", "20"))
        self.assertEqual((gap.milliseconds(), gap.late()), (8000, 3000))

    def test_a_parent_holds_its_keys_until_its_children_are_held(self):
        run = begun()
        run.ranges(1000, ("0",), {"2": ("", "10"), "3": ("10", "20")})
        run.lease(1100, "2", None, "create")
        run.lease(1110, "3", None, "create")
        run.lease(1150, "2", "a")
        run.lease(1300, "0", None, "delete")
        run.lease(1400, "3", "a")
        history = run.history([Living("a", 0), Living("b", 0)])
        self.assertEqual([(g.keys, g.began_ms, g.ended_ms) for g in history.unheld], [(("10", "20"), 1300, 1400)])
        self.assertEqual(history.uncovered, [])

    def test_a_parent_that_goes_before_its_child_is_there_leaves_a_gap(self):
        run = begun()
        run.ranges(1000, ("0",), {"2": ("", "10"), "3": ("10", "20")})
        run.lease(1100, "2", "a", "create")
        run.lease(1200, "0", None, "delete")
        run.lease(1250, "3", "a", "create")
        history = run.history([Living("a", 0), Living("b", 0)])
        self.assertEqual([(g.keys, g.began_ms, g.ended_ms) for g in history.uncovered], [(("10", "20"), 1200, 1250)])

    def test_leases_of_key_spans_take_over_from_merged_ranges(self):
        run = begun()
        run.ranges(1000, ("0", "1"), {"2": ("", "FF")})
        for token, old, owner in (("-20", "0", "a"), ("20-FF", "1", "b")):
            run.lease(1100, token, owner, "create")
            run.lease(1200, old, None, "delete")
        history = run.history([Living("a", 0), Living("b", 0)])
        self.assertEqual((history.unheld, history.uncovered, history.forms), ([], [], {"key spans": 2}))

    def test_another_kind_of_host_is_taken_at_its_word(self):
        history = begun("java").history([Living("a", 0)])
        self.assertEqual((history.began_ms, history.unheld), (20, []))

    def test_what_comes_after_the_end_is_left_out(self):
        run = begun()
        run.lease(5000, "0", None)
        self.assertEqual(run.history([Living("a", 0, 5001, "SIGTERM"), Living("b", 0)], 4000).unheld, [])


def run_spans(history):
    return [(g.began_ms, g.ended_ms) for g in history.unheld]


class Plan(unittest.TestCase):
    def test_a_seed_draws_the_same_again_and_another_seed_something_else(self):
        self.assertEqual(plan.plan(1, 50, 4, 2, 9.6), plan.plan(1, 50, 4, 2, 9.6))
        self.assertNotEqual(plan.plan(1, 50, 4, 2, 9.6), plan.plan(2, 50, 4, 2, 9.6))

    def test_every_kind_comes_and_so_do_all_splits_and_merges(self):
        for seed in range(20):
            for events, splits, merges in ((50, 4, 2), (6, 1, 1), (2, 1, 1), (3, 0, 0)):
                drawn = plan.plan(seed, events, splits, merges, 9.6)
                self.assertEqual(len(drawn), events)
                shapes = [e.reshape for e in drawn if e.reshape]
                self.assertEqual(collections.Counter(shapes), {k: n for k, n in (("split", splits), ("merge", merges)) if n})
                self.assertEqual(shapes[:1], ["split"][:splits])
                if events >= len(plan.DECK):
                    self.assertEqual({e.kind for e in drawn}, {"kill", "term", "restart"})
                    self.assertTrue(any(e.kind == "kill" and e.away > 9.6 for e in drawn))

    def test_the_bound_is_that_of_the_timers(self):
        self.assertEqual(plan.Timers().bound(), 60 + 26 + 1)
        self.assertAlmostEqual(plan.Timers(6, 1.3, 1.7).bound(), 9.6)
        self.assertEqual(plan.Timers().setting(), "")
        self.assertEqual(plan.Timers(6, 1.3, 1.7).setting(), ", leases: {expiry: 6000ms, look: 1300ms, renew: 1700ms}")


if __name__ == "__main__":
    unittest.main()
