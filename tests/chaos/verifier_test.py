"""The verifier finds every kind of fault that is planted in an otherwise good run, and none in the good run itself."""
import json
import os
import tempfile
import unittest

import model
from books import Books
from ledger import LedgerReader, Lease, Ranges, Write, parse
from verifier import judge

EU = model.Target("eu", "eu1", 1, 1)
US = model.Target("us", "us1", 1, 1)
LOW, HIGH = "10", "30"  # effective partition keys in the two ranges


class Run:
    """Two targets, collection whisks with ranges 0 and 1, whose positions begin at 0. Time is counted by hand."""

    def __init__(self):
        self.books = Books((EU, US))
        self.seq = 0
        self.ms = 1000
        self.lsn = 0
        self.event(Ranges, "whisks", (), {"0": ("", "20"), "1": ("20", "FF")})
        for target in (EU, US):
            for token in "01":
                self.lease(target, token, 0, before=None)

    def event(self, kind, container, *rest):
        self.seq += 1
        self.ms += 1
        e = kind(self.seq, self.ms, container, *rest)
        self.books.add_events([e])
        return e

    def write(self, identifier, origin="xx1", epk=LOW, kind="upsert"):
        self.lsn += 1
        return self.event(Write, "whisks", kind, "0" if epk == LOW else "1", epk, self.lsn, identifier, origin, False)

    def message(self, target, write, lsn=None, key=None, value=None, later=1, headers=None):
        self.ms += later
        key = key or model.keys_of("whisks", write.id)[0]
        headers = [(model.LSN_HEADER, str(lsn or write.lsn).encode())] if headers is None else headers
        self.books.add_record(target.name, key.encode(), value or model.value_of(key), self.ms, headers)

    def lease(self, target, token, after, before=None, collection="leases"):
        return self.event(Lease, collection, "replace", f"{target.cluster}-whiskshost_db_whisks..{token}", token, "me",
                          "me", before, after)

    def good_run(self):
        for n in range(10):
            w = self.write(f"ns|a{n % 5}", model.ORIGINS[n % 3], LOW if n % 2 else HIGH)
            for target in (EU, US):
                if w.origin != target.cluster:
                    self.message(target, w)
        for target in (EU, US):
            self.lease(target, "0", self.lsn, 0)
            self.lease(target, "1", self.lsn, 0)
        return self

    def judge(self):
        return judge(self.books)


class Verifier(unittest.TestCase):
    def test_a_good_run_has_no_fault(self):
        verdict = Run().good_run().judge()
        self.assertTrue(verdict.good(), verdict)
        self.assertEqual(verdict.obligations, 13)  # 10 writes, 2 targets, 4 + 3 of their own
        self.assertEqual(verdict.checkpoints, 4 + 4)
        self.assertEqual(verdict.records, 13)
        self.assertEqual(len(verdict.latencies), 13)

    def test_a_lost_message_is_found(self):
        run = Run().good_run()
        lost = run.write("ns|new")
        run.message(EU, lost)
        self.assertEqual(run.books.outstanding(), 1)
        verdict = run.judge()
        self.assertEqual(verdict.lost_strict, [("us", lost)])
        self.assertEqual(verdict.lost_contract, [("us", lost)])
        self.assertEqual(verdict.masked, [])
        self.assertFalse(verdict.good())

    def test_an_old_message_that_comes_late_does_not_hide_a_lost_one(self):
        run = Run()
        old = run.write("ns|a")
        lost = run.write("ns|a")
        run.message(US, lost)
        run.message(EU, old)  # after the newer version was committed
        verdict = run.judge()
        self.assertEqual((verdict.lost_strict, verdict.masked, verdict.lost_contract), ([("eu", lost)], [("eu", lost)], []))
        self.assertFalse(verdict.good())

    def test_an_old_message_that_came_before_hides_nothing_from_either(self):
        run = Run()
        old = run.write("ns|a")
        run.message(EU, old)
        run.message(US, old)
        lost = run.write("ns|a")
        run.message(US, lost)
        verdict = run.judge()
        self.assertEqual((verdict.lost_contract, verdict.masked), ([("eu", lost)], []))

    def test_a_newer_message_stands_for_older_versions(self):
        run = Run()
        run.write("ns|a")
        newest = run.write("ns|a")
        for target in (EU, US):
            run.message(target, newest)
        verdict = run.judge()
        self.assertTrue(verdict.good())
        self.assertEqual(verdict.obligations, 4)

    def test_a_version_replaced_by_the_targets_own_is_excused(self):
        run = Run()
        first = run.write("ns|a")
        run.write("ns|a", "eu1")
        self.assertEqual(run.books.outstanding("eu"), 0)
        run.message(US, first, lsn=2)
        verdict = run.judge()
        self.assertTrue(verdict.good(), verdict)
        self.assertEqual((verdict.excused_own, verdict.obligations), (1, 2))

    def test_a_premature_position_is_found_even_if_the_message_comes_later(self):
        run = Run().good_run()
        w = run.write("ns|late", epk=LOW)
        run.message(US, w)
        early = run.lease(EU, "0", run.lsn, 10)
        run.message(EU, w)
        verdict = run.judge()
        self.assertEqual([(p.target, p.lease, p.write) for p in verdict.premature], [("eu", early, w)])
        self.assertIsNotNone(verdict.premature[0].appended)
        self.assertEqual(verdict.lost_strict, [])
        self.assertFalse(verdict.good())

    def test_a_position_of_another_range_says_nothing_about_a_write(self):
        run = Run().good_run()
        w = run.write("ns|late", epk=LOW)
        run.lease(EU, "1", run.lsn, 10)
        for target in (EU, US):
            run.message(target, w)
        self.assertTrue(run.judge().good())

    def test_a_child_range_is_held_to_what_its_parent_took_in(self):
        run = Run()
        w = run.write("ns|a", epk=HIGH)
        run.message(US, w)
        run.event(Ranges, "whisks", ("1",), {"2": ("20", "40"), "3": ("40", "FF")})
        run.lease(EU, "3", 1)
        self.assertEqual(len(run.judge().premature), 0)
        run.lease(EU, "2", 1)
        run.message(EU, w)
        self.assertEqual(len(run.judge().premature), 1)

    def test_a_version_replaced_before_the_position_was_stored_is_not_asked_for(self):
        run = Run()
        run.write("ns|a")
        newest = run.write("ns|a")
        run.lease(EU, "0", 1, 0)
        for target in (EU, US):
            run.message(target, newest)
        self.assertTrue(run.judge().good())

    def test_a_position_that_goes_back_is_found(self):
        run = Run().good_run()
        run.lease(EU, "0", 3, 10)
        self.assertEqual(len(run.judge().backwards), 1)

    def test_a_corrupt_value_is_found(self):
        run = Run().good_run()
        w = run.write("ns|new")
        for target in (EU, US):
            run.message(target, w)
        run.message(EU, w, value=b'{"instanceId":"cache-invalidator","key":{"mainId":"ns/neu"}}')
        verdict = run.judge()
        self.assertEqual(len(verdict.corrupt), 1)
        self.assertFalse(verdict.good())

    def test_a_message_without_its_version_is_corrupt(self):
        run = Run().good_run()
        w = run.write("ns|new")
        run.message(US, w)
        run.message(EU, w)
        run.message(EU, w, headers=[])
        self.assertEqual(len(run.judge().corrupt), 1)

    def test_an_invented_key_and_an_invented_version_are_found(self):
        run = Run().good_run()
        w = run.write("ns|new")
        for target in (EU, US):
            run.message(target, w)
        run.message(EU, w, key="ns/never-written")
        run.message(EU, w, lsn=3)  # a version of another document
        self.assertEqual(sorted(m.key for _, m in run.judge().invented), ["ns/never-written", "ns/new"])

    def test_a_message_of_a_damaged_page_meets_what_was_committed_before_it_and_is_told(self):
        run = Run().good_run()
        before = run.write("ns|new", epk=LOW)
        run.message(US, before)
        run.message(EU, before, headers=[(model.LSN_HEADER, b"0")])
        self.assertEqual(run.books.outstanding(), 0)
        run.lease(EU, "0", run.lsn, 10)
        after = run.write("ns|new", epk=LOW)
        run.message(US, after)
        self.assertEqual(run.books.outstanding(), 1)
        verdict = run.judge()
        self.assertEqual((verdict.uncertain, verdict.lost_strict, verdict.invented), (1, [("eu", after)], []))
        self.assertEqual(verdict.premature, [])

    def test_a_position_that_passed_a_damaged_page_too_early_is_found(self):
        run = Run().good_run()
        w = run.write("ns|new", epk=LOW)
        run.message(US, w)
        run.lease(EU, "0", run.lsn, 10)
        run.message(EU, w, headers=[(model.LSN_HEADER, b"0")])
        self.assertEqual(len(run.judge().premature), 1)

    def test_a_misrouted_message_is_found(self):
        run = Run().good_run()
        w = run.write("ns|new", "eu1")
        run.message(US, w)
        run.message(EU, w)
        verdict = run.judge()
        self.assertEqual([(name, write) for name, _, write in verdict.misrouted], [("eu", w)])

    def test_duplicates_are_counted(self):
        run = Run().good_run()
        w = run.write("ns|new")
        for target in (EU, US, US):
            run.message(target, w)
        verdict = run.judge()
        self.assertEqual(len(verdict.duplicates), 1)
        self.assertTrue(verdict.good())

    def test_both_namespaces_of_a_subject_are_owed(self):
        run = Run()
        run.event(Ranges, "subjects", (), {"0": ("", "FF")})
        for target in (EU, US):
            run.event(Lease, "leases", "replace", f"{target.cluster}-subjectshost_db_subjects..0", "0", None, "me",
                      None, 0)
        w = run.event(Write, "subjects", "upsert", "0", LOW, 1, "user-3", "xx1", False)
        for target, keys in ((EU, ["user-3"]), (US, ["user-3", "user-3.extra"])):
            for key in keys:
                run.message(target, w, key=key)
        verdict = run.judge()
        self.assertEqual((verdict.obligations, verdict.lost_strict), (2, [("eu", w)]))

    def test_what_was_written_before_now_is_not_owed_and_a_second_now_is_a_loss(self):
        run = Run()
        run.books.begin_epoch("fresh")
        run.write("ns|before")
        for target in (EU, US):
            run.lease(target, "0", run.lsn, None, "fresh")
        after = run.write("ns|after")
        for target in (EU, US):
            run.lease(target, "0", run.lsn, None, "fresh")
        verdict = run.judge()
        self.assertEqual(verdict.before_now, 2)
        self.assertEqual(verdict.lost_strict, [("eu", after), ("us", after)])
        self.assertEqual(len(verdict.premature), 2)

    def test_what_was_written_before_now_does_not_wait(self):
        run = Run()
        run.books.begin_epoch("fresh")
        run.write("ns|before")
        run.write("ns|again")
        self.assertEqual(run.books.outstanding(), 4)
        run.lease(EU, "0", 1, None, "fresh")
        run.books.forget_before_now()
        self.assertEqual((run.books.outstanding("eu"), run.books.outstanding("us")), (1, 2))

    def test_a_processor_that_never_stored_a_position_is_found(self):
        run = Run()
        run.books.begin_epoch("fresh")
        w = run.write("ns|a")
        for target in (EU, US):
            run.message(target, w)
        self.assertEqual(len(run.judge().no_base), 2)

    def test_a_poison_document_needs_no_version(self):
        run = Run()
        identifier, _, key = model.poison("utf8", 1)
        run.books.poison_keys[identifier] = key
        w = run.write(identifier, None, kind="raw")
        self.assertEqual(run.books.outstanding(), 2)
        run.message(EU, w, key=key, headers=[])
        self.assertEqual(run.books.outstanding(), 1)
        self.assertEqual(run.judge().lost_strict, [("us", w)])
        useless, _, key = model.poison("no-id", 2)
        self.assertIsNone(key)
        run.books.poison_keys[useless] = None
        run.write(useless, None, kind="raw")
        self.assertEqual(run.judge().obligations, 2)

    def test_what_a_target_refuses_is_excused_for_that_target_only(self):
        run = Run()
        w = run.write("ns|huge")
        run.books.excuse("eu", "ns/huge")
        verdict = run.judge()
        self.assertEqual((verdict.excused_refused, verdict.lost_strict), (1, [("us", w)]))


class Outstanding(unittest.TestCase):
    def test_counts_keys_that_wait_and_forgets_them_when_they_come(self):
        run = Run()
        w = run.write("ns|a", "us1")
        self.assertEqual((run.books.outstanding(), run.books.outstanding("us")), (1, 0))
        newer = run.write("ns|a", "us1")
        run.message(EU, w)
        self.assertEqual(run.books.outstanding(), 1)
        run.message(EU, newer)
        self.assertEqual(run.books.outstanding(), 0)

    def test_a_message_may_be_read_before_the_write(self):
        run = Run()
        run.lsn = 1
        early = Write(0, 0, "whisks", "upsert", "0", LOW, 2, "ns|a", "xx1", False)
        run.message(EU, early)
        run.message(US, early)
        run.write("ns|a")
        self.assertEqual(run.books.outstanding(), 0)


class Ledger(unittest.TestCase):
    LINES = [
        {"seq": 1, "ms": 5, "event": "ranges", "container": "whisks", "ranges": [{"id": "0", "min": "", "max": "FF"}]},
        {"seq": 2, "ms": 6, "event": "lease", "container": "leases", "kind": "replace", "range": "0", "lsn": 3, "id": "x..0",
         "etag": "e", "token": "0", "owner_before": None, "owner": "me", "before": None, "after": "\"17\""},
        {"seq": 3, "ms": 7, "event": "refused", "container": "leases", "kind": "replace", "id": "x..0", "status": 412}]

    def test_lines_are_read_once_and_only_when_complete(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = os.path.join(folder.name, "ledger")
        with open(path, "w", encoding="utf-8") as out:
            reader = LedgerReader(path)
            self.addCleanup(reader.close)
            first, second, third = (json.dumps(line) + "\n" for line in self.LINES)
            out.write(first + second[:10])
            out.flush()
            self.assertEqual([e.seq for e in reader.read()], [1])
            self.assertEqual(reader.read(), [])
            out.write(second[10:])
            out.flush()
            lease, = reader.read()
            self.assertEqual((lease.before, lease.after), (None, 17))
            out.write(third.replace('"seq": 3', '"seq": 4'))
            out.flush()
            with self.assertRaises(AssertionError):
                reader.read()

    def test_an_unknown_event_is_not_overlooked(self):
        with self.assertRaises(ValueError):
            parse('{"seq":1,"ms":1,"event":"new","container":"x"}')


if __name__ == "__main__":
    unittest.main()
