"""Fault rules, felt by the official JavaScript SDK: each has been hit, says its counter, and had an effect."""
import collections
import time

from cloud import CloudTest


class CloudFaults(CloudTest):
    def add(self, **rule):
        self.control("POST", "/_emulator/faults", rule)

    def read_written(self, count=1, **plan):
        """What `count` reads of a document give, one after the other."""
        self.sdk("once", document={"id": "x", "text": "abcdefgh" * 40})
        return self.sdk("reads", count=count, **plan)["done"]

    def test_an_answer_that_is_cut_is_no_document(self):
        self.start()
        self.add(operation="read", kind="truncate", at_byte=200, hit_limit=1)

        cut, whole = self.read_written(2)

        self.assertEqual(self.hits(), 1)
        self.assertNotIn("status", cut)
        self.assertIn("JSON", cut["message"])
        self.assertEqual(whole["status"], 200)

    def test_an_answer_may_be_corrupt_and_look_well(self):
        """The byte is one of the text: no parser of JSON minds."""
        self.start()
        self.add(operation="read", kind="corrupt", at_byte=100, hit_limit=1)

        corrupt, well = self.read_written(2)

        self.assertEqual(self.hits(), 1)
        self.assertEqual([corrupt["status"], well["status"]], [200, 200])
        self.assertIn("\ufffd", corrupt["resource"]["text"])
        self.assertEqual(well["resource"]["text"], "abcdefgh" * 40)

    def test_an_answer_that_is_shorter_than_it_says_fails(self):
        self.start()
        self.add(operation="read", kind="wrong_length", length_by=10, hit_limit=1)

        short, whole = self.read_written(2)

        self.assertEqual(self.hits(), 1)
        self.assertNotIn("status", short)
        self.assertEqual(whole["status"], 200)

    def test_an_answer_that_drips_comes_late_and_whole(self):
        self.start()
        self.add(operation="read", kind="drip", piece=64, delay_ms=50, hit_limit=1)

        started = time.monotonic()
        (late,) = self.read_written()

        self.assertEqual(self.hits(), 1)
        self.assertEqual(late["resource"]["text"], "abcdefgh" * 40)
        self.assertGreater(time.monotonic() - started, 0.3)  # at least 7 pieces

    def test_a_rate_hits_a_share(self):
        self.start()
        self.add(operation="read", kind="status", status=400, rate=0.5)

        outcomes = collections.Counter(o.get("status") or o.get("error") for o in self.read_written(60))

        self.assertEqual(outcomes, {200: 60 - self.hits(), 400: self.hits()})
        self.assertGreater(outcomes[200], 0)
        self.assertGreater(outcomes[400], 0)

    def test_a_rule_ends_after_its_time(self):
        self.start()
        self.sdk("once", document={"id": "x"})
        self.add(operation="read", error="TooManyRequests", retry_after_ms=400, duration_ms=1000)

        (done,) = self.sdk("reads", count=1)["done"]

        self.assertEqual(done["status"], 200)
        self.assertGreater(self.hits(), 0)

    def test_a_rule_begins_after_its_delay(self):
        self.start()
        self.sdk("once", document={"id": "x"})
        self.add(operation="read", kind="status", status=400, start_delay_ms=1500)

        done = self.sdk("reads_until", error=400)["done"]

        self.assertEqual(done[0].get("status"), 200)
        self.assertEqual(done[-1].get("error"), 400)
        self.assertEqual(self.hits(), 1)

    def test_a_rule_of_one_region_leaves_the_others_alone(self):
        self.start_regions()
        self.add(operation="read", kind="status", status=503, region="East")

        done = self.read_written(3, preferred=["East", "West"])

        self.assertEqual(self.statuses(done), [200] * 3)
        self.assertGreater(self.hits(), 0)

    def test_a_lost_answer_and_a_lost_request_differ_in_what_was_done(self):
        self.start()
        for applied, name in ((True, "a"), (False, "b")):
            self.add(operation="create", kind="reset", apply=applied, hit_limit=1)
            self.assertEqual(self.sdk("once", document={"id": name}).get("error"), "ECONNRESET")

        again = [self.sdk("once", document={"id": name}) for name in ("a", "b")]

        self.assertEqual([o.get("status") or o.get("error") for o in again], [409, 201])
        self.assertEqual(self.hits(), 2)
