"""Merged ranges, leases of key spans, and writes that a failover undid, in the books and to the verdict."""
import base64
import json
import unittest

from ledger import Cut, Lease, Ranges, lsn_of, parse
from verifier_test import EU, HIGH, LOW, US, Run


def state(token, low="", high="20"):
    """A position as Java writes it into a lease of a key span."""
    inner = {"V": 1, "Rid": "r", "Continuation": [{"token": token, "range": {"min": low, "max": high}}],
             "Range": {"min": low, "max": high}}
    whole = {"V": 1, "Rid": "r", "Mode": "INCREMENTAL", "StartFrom": {"Type": "BEGINNING"}, "Continuation": inner}
    return base64.urlsafe_b64encode(json.dumps(whole).encode()).decode()


class Merges(unittest.TestCase):
    def merged(self):
        """Ranges 0 and 1 became 2; for each target two leases go on, each with the keys that it had."""
        run = Run().good_run()
        run.event(Ranges, "whisks", ("0", "1"), {"2": ("", "FF")})
        for target in (EU, US):
            run.lease(target, "-20", run.lsn)
            run.lease(target, "20-FF", run.lsn)
        return run

    def write(self, run, identifier, epk):
        w = run.write(identifier, epk=epk)
        w.range = "2"
        return w

    def test_a_run_goes_on_with_leases_of_key_spans(self):
        run = self.merged()
        w = self.write(run, "ns|new", LOW)
        for target in (EU, US):
            run.message(target, w)
            run.lease(target, "-20", run.lsn, run.lsn - 1)
            run.lease(target, "20-FF", run.lsn, run.lsn - 1)
        verdict = run.judge()
        self.assertTrue(verdict.good(), verdict)
        self.assertEqual(run.books.live["whisks"], {"2": ("", "FF")})

    def test_a_premature_position_of_a_key_span_is_found_and_that_of_its_neighbour_is_none(self):
        run = self.merged()
        w = self.write(run, "ns|late", LOW)
        run.message(US, w)
        run.lease(EU, "20-FF", run.lsn, run.lsn - 1)
        early = run.lease(EU, "-20", run.lsn, run.lsn - 1)
        run.message(EU, w)
        self.assertEqual([(p.lease, p.write) for p in run.judge().premature], [(early, w)])

    def test_a_span_that_goes_back_or_begins_ahead_is_found(self):
        run = self.merged()
        run.lease(EU, "-20", 3, run.lsn)
        self.assertEqual(len(run.judge().backwards), 1)
        run = Run()
        w = run.write("ns|a", epk=HIGH)
        run.message(US, w)
        run.event(Ranges, "whisks", ("0", "1"), {"2": ("", "FF")})
        run.lease(EU, "20-FF", 1)
        run.message(EU, w)
        self.assertEqual(len(run.judge().premature), 1)

    def test_what_was_written_before_now_is_told_by_the_parent_whose_key_it_has(self):
        run = Run()
        run.books.begin_epoch("fresh")
        for token, now in (("0", 1), ("1", 0)):
            run.lease(EU, token, now, collection="fresh")
            run.lease(US, token, now, collection="fresh")
        run.event(Ranges, "whisks", ("0", "1"), {"2": ("", "FF")})
        self.write(run, "ns|before", LOW)
        owed = self.write(run, "ns|owed", HIGH)
        verdict = run.judge()
        self.assertEqual((verdict.before_now, verdict.lost_strict), (2, [("eu", owed), ("us", owed)]))

    def test_a_store_that_never_had_leases_of_ranges_has_a_base_too(self):
        run = Run()
        run.books.begin_epoch("fresh")
        for target in (EU, US):
            for token in ("-20", "20-FF"):
                run.lease(target, token, 1, collection="fresh")
        run.write("ns|before", epk=LOW)
        verdict = run.judge()
        self.assertEqual((verdict.before_now, verdict.no_base, verdict.obligations), (2, [], 0))


class Cuts(unittest.TestCase):
    def test_what_a_failover_undid_is_neither_owed_nor_invented_and_its_number_is_used_again(self):
        run = Run().good_run()
        older = run.write("ns|kept")
        gone = run.write("ns|kept")
        run.message(US, gone)
        self.assertEqual(run.books.outstanding(), 1)
        run.event(Cut, "whisks", run.lsn - 1)
        self.assertEqual(run.books.outstanding(), 1)  # the older version, at the target that has seen nothing
        run.lsn -= 1
        after = run.write("ns|other")
        self.assertEqual(after.lsn, gone.lsn)
        for target in (EU, US):
            run.message(target, older)
            run.message(target, after)
        verdict = run.judge()
        self.assertTrue(verdict.good(), verdict)

    def test_what_it_did_not_undo_is_still_owed(self):
        run = Run().good_run()
        w = run.write("ns|kept")
        run.event(Cut, "whisks", run.lsn)
        self.assertEqual(run.judge().lost_strict, [("eu", w), ("us", w)])


class Lines(unittest.TestCase):
    def test_positions_of_every_form_are_numbers(self):
        self.assertEqual([lsn_of(p) for p in (None, "", '"17"', "17", state('"17"'))], [None, None, 17, 17, 17])
        unread = {"V": 1, "Rid": "r", "Mode": "INCREMENTAL", "StartFrom": {"Type": "NOW"}, "Range": {"min": "", "max": "FF"}}
        self.assertIsNone(lsn_of(base64.urlsafe_b64encode(json.dumps(unread).encode()).decode()))
        with self.assertRaises(ValueError):
            lsn_of("what is this")

    def test_merges_and_cuts_are_read(self):
        merge = parse('{"seq":1,"ms":1,"event":"merge","container":"whisks","parents":["4","5"],'
                      '"ranges":[{"id":"6","min":"","max":"FF"}]}')
        self.assertEqual(merge, Ranges(1, 1, "whisks", ("4", "5"), {"6": ("", "FF")}))
        split = parse('{"seq":1,"ms":1,"event":"split","container":"whisks","parent":"0",'
                      '"ranges":[{"id":"1","min":"","max":"20"},{"id":"2","min":"20","max":"FF"}]}')
        self.assertEqual((split.parents, len(split.ranges)), (("0",), 2))
        self.assertEqual(parse('{"seq":1,"ms":1,"event":"cut","container":"whisks","lsn":7,"lost":2}'), Cut(1, 1, "whisks", 7))

    def test_a_lease_of_a_key_span_is_read(self):
        line = {"seq": 1, "ms": 1, "event": "lease", "container": "leases", "kind": "create", "id": "x..-20", "token": "-20",
                "owner_before": None, "owner": "me", "before": None, "after": state('"5"')}
        lease = parse(json.dumps(line))
        self.assertIsInstance(lease, Lease)
        self.assertEqual((lease.token, lease.after), ("-20", 5))


if __name__ == "__main__":
    unittest.main()
