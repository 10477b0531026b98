"""The verdict itself: each kind of failure is found when it is there, and only then."""
import collections
import unittest

import couch_plan
import model
from couch_books import Books, Stored, Written, first_since, judge


class Run:
    """A little run, written down by hand. Times are milliseconds."""

    def __init__(self):
        self.books = Books()
        self.rows = {"whisks": []}

    def write(self, identifier, sent, acked=None, told=True, keys=None):
        sequence = len(self.rows["whisks"]) + 1
        revision = f"{sequence}-x"
        self.rows["whisks"].append((sequence, identifier, revision))
        w = Written("whisks", identifier, revision, keys or (identifier,), sent, sent + 5 if acked is None else acked, told)
        self.books.add_events([w])
        return sequence

    def message(self, key, ms, value=None):
        self.books.add_record("eu", key.encode(), value or model.value_of(key), ms, ())

    def judge(self, *stored):
        return judge(self.books, self.rows, [Stored(ms, "lease", "whisks", "me", sequence) for ms, sequence in stored])


class Judge(unittest.TestCase):
    def test_a_good_run_is_good(self):
        run = Run()
        last = run.write("ns/a", 10)
        run.message("ns/a", 30)
        verdict = run.judge((40, last))
        self.assertTrue(verdict.good())
        self.assertEqual((verdict.obligations, verdict.once, verdict.passed, verdict.latencies), (1, 1, 1, [(15, 15)]))

    def test_nothing_written_proves_nothing(self):
        self.assertFalse(Run().judge().good())

    def test_a_write_without_a_message_is_lost(self):
        run = Run()
        run.write("ns/a", 10)
        run.write("ns/b", 10)
        run.message("ns/a", 30)
        self.assertEqual([key for key, _ in run.judge().lost], ["ns/b"])

    def test_a_message_of_an_earlier_version_does_not_count(self):
        run = Run()
        run.write("ns/a", 10)
        run.message("ns/a", 30)
        run.write("ns/a", 40)
        verdict = run.judge()
        self.assertEqual([w.sent_ms for _, w in verdict.lost], [40])
        self.assertEqual(run.books.outstanding(), 1)

    def test_one_message_counts_for_all_versions_before_it(self):
        run = Run()
        for sent in (10, 20, 30):
            run.write("ns/a", sent)
        run.message("ns/a", 40)
        verdict = run.judge()
        self.assertEqual((verdict.obligations, verdict.lost, verdict.repeated), (3, [], []))

    def test_all_names_of_a_subject_are_owed(self):
        run = Run()
        run.write("user-3", 10, keys=("user-3", "user-3.extra"))
        run.message("user-3", 20)
        self.assertEqual([key for key, _ in run.judge().lost], ["user-3.extra"])

    def test_messages_that_nothing_called_for_are_counted_as_duplicates(self):
        run = Run()
        run.write("ns/a", 10)
        for ms in (20, 21, 50):
            run.message("ns/a", ms)
        self.assertEqual(run.judge().repeated, [21, 50])
        run.write("ns/a", 45)
        self.assertEqual(run.judge().repeated, [21])

    def test_a_key_that_nobody_wrote_is_found(self):
        run = Run()
        run.write("ns/a", 10)
        run.message("ns/a", 20)
        run.message("_design/x", 20)
        self.assertEqual(run.judge().invented, ["_design/x"])
        self.assertFalse(run.judge().good())

    def test_a_wrong_value_is_found_and_counts_for_nothing(self):
        run = Run()
        run.write("ns/a", 10)
        run.message("ns/a", 20, b"{}")
        verdict = run.judge()
        self.assertEqual((len(verdict.corrupt), len(verdict.lost)), (1, 1))

    def test_an_answer_that_was_lost_has_no_latency(self):
        run = Run()
        run.write("ns/a", 10, acked=900, told=False)
        run.message("ns/a", 30)
        verdict = run.judge()
        self.assertEqual((verdict.lost, verdict.latencies), ([], []))


class Positions(unittest.TestCase):
    def test_a_position_ahead_of_a_message_is_found(self):
        run = Run()
        first, last = run.write("ns/a", 10), run.write("ns/b", 11)
        run.message("ns/a", 30)
        run.message("ns/b", 60)
        verdict = run.judge((40, first), (50, last), (70, last))
        self.assertEqual([(s.ms, w.id) for s, _, w in verdict.premature], [(50, "ns/b")])
        self.assertEqual(verdict.passed, 2)

    def test_a_position_ahead_of_a_message_that_never_came_is_found(self):
        run = Run()
        last = run.write("ns/a", 10)
        self.assertEqual(len(run.judge((40, last)).premature), 1)

    def test_a_row_that_was_replaced_in_time_needs_no_message(self):
        run = Run()
        run.write("ns/a", 10)
        other = run.write("ns/b", 11)
        run.message("ns/b", 15)
        run.write("ns/a", 20)
        run.message("ns/a", 60)
        self.assertEqual(run.judge((40, other)).premature, [])
        self.assertEqual(len(run.judge((19, other)).premature), 1)

    def test_going_back_to_the_beginning_is_allowed(self):
        run = Run()
        first, last = run.write("ns/a", 10), run.write("ns/b", 11)
        run.message("ns/a", 30)
        run.message("ns/b", 31)
        self.assertEqual(run.judge((40, last), (50, 0), (60, first), (70, last)).premature, [])


class Plan(unittest.TestCase):
    def test_a_seed_says_all_and_counts_are_kept(self):
        for kills, restarts in ((20, 5), (3, 1), (20, 0), (0, 2), (1, 1)):
            events = couch_plan.plan(7, 50_000, kills, restarts)
            self.assertEqual(events, couch_plan.plan(7, 50_000, kills, restarts))
            self.assertEqual((couch_plan.kills_of(events), couch_plan.restarts_of(events)), (kills, restarts))
            self.assertEqual([e.at for e in events], sorted(e.at for e in events))
            self.assertLess(max((e.at for e in events), default=0), 50_000)

    def test_every_point_comes_up(self):
        points = collections.Counter(e.point for e in couch_plan.plan(1, 50_000, 20, 5))
        self.assertLessEqual(set(couch_plan.POINTS), set(points))


class FirstSince(unittest.TestCase):
    def test_finds_the_first_at_or_after(self):
        self.assertEqual([first_since([10, 20], ms) for ms in (5, 10, 11, 20, 21)], [10, 10, 20, 20, None])


if __name__ == "__main__":
    unittest.main()
