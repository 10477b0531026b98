"""Accounts of other shapes, ranges that come and go, and what a script makes of time, felt by the official JavaScript SDK."""
import os

from cloud import CloudTest


class CloudAccounts(CloudTest):
    def test_a_feed_goes_on_over_a_merge(self):
        self.start("--create", "db/coll:2")

        self.assertEqual(self.sdk("over", path="merge", body={"ranges": ["0", "1"]})["seen"], 40)
        self.assertGreater(self.answered("feed", 410), 0)

    def test_a_split_that_is_being_completed(self):
        """For a minute, which is for all of the test, the parent says 410/1007."""
        self.start("--create", "db/coll:1")

        self.assertEqual(self.sdk("over", path="split/0?completing_ms=60000")["seen"], 40)
        self.assertGreater(self.answered("feed", 410), 0)

    def test_start_times_are_honoured_to_some_seconds_only(self):
        self.start("--create", "db/coll:1", "--start-time-step", "5")
        self.assertEqual(self.sdk("starts_late", step=5)["seen"], ["before"])

    def test_start_times_are_honoured_exactly(self):
        self.start("--create", "db/coll:1", "--start-time-step", "1")
        self.assertEqual(self.sdk("starts_late", step=5)["seen"], [])

    def test_a_serverless_account_has_no_throughput_to_set(self):
        self.start("--create", "db/coll:1", "--serverless")

        done = self.sdk("throughput")

        self.assertEqual(done["with"].get("error"), 400, done)
        self.assertIn("serverless", done["with"]["message"])
        self.assertEqual(done["without"].get("status"), 201, done)
        self.assertEqual(done["offers"].get("error"), 400, done)
        self.assertEqual(self.answered("offers", 400), 1)

    def test_an_account_whose_key_is_for_data_only(self):
        self.start("--create", "db/coll:1", "--no-control-plane")

        done = self.sdk("throughput")

        self.assertEqual(done["without"].get("error"), 403, done)
        self.assertEqual(self.sdk("once", document={"id": "a"}).get("status"), 201)
        self.assertEqual(self.answered("container", 403), 2)

    def test_a_script_makes_a_region_fail_over(self):
        script = os.path.join(self.folder, "script")
        with open(script, "w", encoding="utf-8") as file:
            file.write('# As an operator would\n1500ms POST /_emulator/failover {"to":"East"}\n')
        self.start("--region", "West", "--region", "East", "--script", script)

        done = self.sdk("writes_until_moved")["done"]

        self.assertEqual(set(self.statuses(done)), {200, 201})
        self.assertEqual(self.answered("upsert", 403), 1)
        self.assertEqual([r["name"] for r in self.control("GET", "/_emulator/account")["regions"] if r["writes"]], ["East"])
