"""The cloud's ways, felt by the official JavaScript SDK: each has an effect that the SDK saw and a counter of the emulator
that says that it happened."""
import os
import time

from cloud import TOKEN, CloudTest


class Cloud(CloudTest):
    def test_throttled_writes_are_repeated_when_told_to(self):
        self.start()
        self.control("POST", "/_emulator/throughput", {"units": 40, "competitor": 0.5})

        started = time.monotonic()
        done = self.sdk("writes", count=12)["done"]

        self.assertEqual(self.statuses(done), [201] * 12)
        figures = self.control("GET", "/_emulator/throughput")["ranges"][0]
        self.assertGreater(figures["throttled"], 0)
        self.assertEqual(figures["charged"], 60)
        self.assertGreater(figures["eaten"], 10)
        self.assertGreater(time.monotonic() - started, 1.5)  # 60 units, 20 of them saved up, 20 a second

    def test_a_write_whose_answer_is_lost_was_done_all_the_same(self):
        self.start()
        self.control("POST", "/_emulator/faults", {"operation": "create", "kind": "reset", "hit_limit": 1})

        first = self.sdk("once", document={"id": "a"})
        second = self.sdk("once", document={"id": "a"})

        self.assertEqual(self.hits(), 1)
        self.assertEqual(first.get("error"), "ECONNRESET")
        self.assertEqual(second.get("error"), 409)

    def test_a_read_whose_answer_is_cut_is_repeated(self):
        self.start()
        self.sdk("once", document={"id": "x"})
        self.control("POST", "/_emulator/faults", {"operation": "read", "kind": "reset", "at_byte": 400, "hit_limit": 2})

        done = self.sdk("reads", count=1)["done"]

        self.assertEqual(self.statuses(done), [200])
        self.assertEqual(self.hits(), 2)

    def test_a_feed_goes_on_over_a_split(self):
        self.start()
        self.assertEqual(self.sdk("over", path="split/0")["seen"], 40)
        self.assertGreater(self.answered("feed", 410), 0)

    def test_a_session_reads_what_it_wrote_although_replicas_lag(self):
        self.start()
        self.control("POST", "/_emulator/regions/South%20Central%20US", {"replicas": [0, 60000]})

        done = self.sdk("reads", count=20, write=True, consistency="Session")["done"]

        self.assertEqual([o["resource"]["n"] for o in done], list(range(20)))

    def test_without_a_session_a_read_may_be_stale(self):
        self.start()
        self.control("POST", "/_emulator/account", {"consistency": "Eventual"})
        self.control("POST", "/_emulator/regions/South%20Central%20US", {"replicas": [0, 60000]})

        done = self.sdk("reads", count=30, write=True, consistency="Eventual")["done"]

        self.assertIn(404, [o.get("status") or o.get("error") for o in done])
        self.assertIn(200, self.statuses(done))

    def test_a_session_that_no_replica_has_reached_is_told(self):
        self.start()
        self.control("POST", "/_emulator/regions/South%20Central%20US", {"replicas": [60000]})

        done = self.sdk("reads", count=1, write=True, consistency="Session")["done"]

        self.assertEqual(done[0].get("status") or done[0].get("error"), 404)
        self.assertGreater(self.answered("read", 404), 1)  # it was tried again

    def test_a_region_that_is_behind_says_so_to_a_session(self):
        """This SDK then asks again without its session, and in the same region."""
        self.start_regions()
        self.control("POST", "/_emulator/regions/East", {"delay_ms": 60000})
        behind, level = (self.sdk("reads", count=3, write=True, preferred=[r], consistency="Session")["done"]
                         for r in ("East", "West"))

        self.assertEqual([o.get("status") or o.get("error") for o in behind], [404] * 3)
        self.assertGreater(self.answered("read", 404), 3)
        self.assertEqual([o["resource"]["n"] for o in level], [0, 1, 2])

    def test_the_feed_steps_back_below_session_consistency(self):
        self.start()
        self.control("POST", "/_emulator/account", {"consistency": "Eventual"})
        self.control("POST", "/_emulator/regions/South%20Central%20US", {"replicas": [0, 300]})

        self.assertGreater(self.sdk("steps_back")["back"], 0)

    def test_writes_follow_a_planned_failover(self):
        self.start_regions()

        done = self.sdk_meanwhile("upsert", 201, way="writes", count=3000,
                                  happens=lambda: self.control("POST", "/_emulator/failover", {"to": "East"}))

        self.assertEqual(self.statuses(done), [201] * 3000)
        self.assertGreater(self.answered("upsert", 403), 0)

    def test_reads_leave_a_region_that_is_gone(self):
        self.start_regions()
        self.sdk("once", document={"id": "x"})

        done = self.sdk_meanwhile("read", 200, way="reads", count=3000, preferred=["East", "West"],
                                  happens=lambda: self.control("POST", "/_emulator/regions/East", {"removed": True}))

        self.assertEqual(self.statuses(done), [200] * 3000)
        self.assertGreater(self.answered("read", 403), 0)

    def test_reads_leave_a_region_that_is_out(self):
        self.start_regions()
        self.sdk("once", document={"id": "x"})
        self.control("POST", "/_emulator/regions/East", {"outage": "unavailable"})

        done = self.sdk("reads", count=2, preferred=["East", "West"])["done"]

        self.assertEqual(self.statuses(done), [200, 200])
        self.assertGreater(self.answered("read", 503), 0)

    def test_an_unplanned_failover_takes_the_tail(self):
        self.start_regions()
        self.control("POST", "/_emulator/regions/East", {"delay_ms": 3600000})
        self.sdk("once", document={"id": "x"})
        self.control("POST", "/_emulator/regions/West", {"outage": "unavailable"})

        lost = self.control("POST", "/_emulator/failover", {"to": "East", "planned": False})["lost"]
        done = self.sdk("once", document={"id": "x"})

        self.assertEqual(lost, 1)
        self.assertEqual(done.get("status"), 201)  # it is not there any more

    def test_an_account_of_tokens(self):
        certificate = os.path.join(self.folder, "emulator.pem")
        self.start("--aad-only", "--tls", "--write-certificate", certificate)

        done = self.sdk("token", token=TOKEN, certificate=certificate)

        self.assertEqual(done["by_token"].get("status"), 201, done)
        self.assertEqual(done["metadata"].get("error"), 403, done)
        self.assertEqual(done["by_key"].get("error"), 401, done)
