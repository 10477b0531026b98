"""The lag that KEDA's scaler reckons from the leases, beside feedcast_lag_items: equal while nothing is written, and never
further apart than by what is written meanwhile."""
import os
import signal
import threading
import time
import unittest

import harness
import keda
from harness import Emulator, IntegrationTest, Kafka, entity, eventually, metric

CONFIG = """accounts:
  main: {{type: cosmosdb, endpoint: "{endpoint}", key: {{from_env: TEST_KEY}}, database: openwhisk}}
feeds:
  whisks: {{account: main}}
targets:
  eu:
    cluster_id: eu1
    feeds: [whisks]
    kafka: {{brokers: "{brokers}", topic: cacheInvalidation}}
leases: {{collection: leases}}
admin: {{listen: "127.0.0.1:0"}}
instance: test
tuning:
  poll: {{min: 20ms, max: 100ms}}
  checkpoint: {{interval: 100ms}}
  window: {{keys: 5000}}
"""
TOPIC = "cacheInvalidation"
RANGES = 4
AGE = 2.2  # seconds that a figure may be old: beats of a second each to the collection and to the metric, a poll


class Lag(IntegrationTest):
    def begin(self, ranges=RANGES):
        self.emulator = Emulator(self, [f"openwhisk/whisks:{ranges}"])
        self.kafka = Kafka(self, TOPIC + ":2")
        self.config = os.path.join(self.folder, "feedcast.yaml")
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(CONFIG.format(endpoint=self.emulator.url, brokers=self.kafka.brokers))
        self.start()
        self.scaler = keda.Scaler(self.emulator.url, harness.KEY, "openwhisk", "whisks", "leases", "eu1-whisks")
        self.written = 0

    def start(self):
        self.process = harness.start_feedcast(self, ["run", "-c", self.config], {"TEST_KEY": harness.KEY})
        self.admin = self.process.wait_line(r"admin=(\S+)").group(1)
        harness.wait_ready(self.admin)

    def write(self, count):
        self.emulator.write("openwhisk", "whisks", [entity(f"ns/a{self.written + n}") for n in range(count)], self.folder)
        self.written += count

    def ours(self):
        return int(metric(self.admin, "feedcast_lag_items"))

    def both(self):
        """(KEDA's, ours), read one after the other; nothing is written meanwhile."""
        return self.scaler.estimate().lag, self.ours()

    def settled(self, what, condition, seconds=30):
        """Both figures once they have come to what is expected; figures of a second ago are shown, positions are stored
        every now and then."""
        last = []

        def look():
            last[:] = [self.both()]
            return condition(*last[0])
        try:
            eventually(what, look, seconds)
        except AssertionError as e:
            raise AssertionError(f"{e}; KEDA's lag and ours: {last[0]}") from e
        print(f"{what}: KEDA {last[0][0]}, feedcast_lag_items {last[0][1]}", flush=True)
        return last[0]

    def test_nothing_is_behind_once_all_is_delivered(self):
        self.begin()
        self.write(200)
        self.settled("all delivered", lambda theirs, ours: theirs == ours == 0)
        self.assertEqual(self.scaler.estimate().forms, {0: RANGES})

    def test_both_say_how_far_behind_a_target_that_is_down_is(self):
        for ranges in (1, RANGES):
            with self.subTest(ranges=ranges):
                self.begin(ranges)
                self.write(100)
                self.settled("before", lambda theirs, ours: theirs == ours == 0)
                self.kafka.tell("down")
                self.write(300)
                behind, _ = self.settled(f"300 wait, {ranges} ranges", lambda theirs, ours: theirs == ours >= 300)
                if ranges == 1:
                    self.assertEqual(behind, 300)
                self.write(50)
                self.settled("50 more", lambda theirs, ours: theirs == ours >= 350)
                self.kafka.tell("up")
                self.settled("after", lambda theirs, ours: theirs == ours == 0)

    def test_a_backlog_larger_than_the_window_still_grows(self):
        self.begin()
        self.kafka.tell("down")
        self.write(6000 * RANGES)
        self.settled("windows are full", lambda theirs, ours: theirs == ours >= 6000 * RANGES, 60)
        self.write(500)
        self.settled("500 more", lambda theirs, ours: theirs == ours >= 6000 * RANGES + 500)
        self.kafka.tell("up")
        self.settled("after", lambda theirs, ours: theirs == ours == 0, 60)

    def test_leases_of_key_spans_are_reckoned_as_newer_scalers_do(self):
        self.begin()
        self.write(100)
        self.settled("before", lambda theirs, ours: theirs == ours == 0)
        self.emulator.control("POST", "/_emulator/dbs/openwhisk/colls/whisks/merge", {"ranges": ["0", "1"]})
        eventually("two leases of key spans", lambda: self.scaler.estimate().forms == {0: RANGES - 2, 1: 2})
        self.write(100)
        self.settled("after the merge", lambda theirs, ours: theirs == ours == 0)
        self.kafka.tell("down")
        self.write(200)
        self.settled("200 wait", lambda theirs, ours: theirs == ours >= 200)
        self.kafka.tell("up")
        self.settled("after", lambda theirs, ours: theirs == ours == 0)

    def test_what_is_written_while_nobody_runs_activates_the_scaler_and_is_worked_off(self):
        self.begin()
        self.write(50)
        self.settled("before", lambda theirs, ours: theirs == ours == 0)
        self.process.stop(signal.SIGTERM)
        self.assertEqual(self.scaler.estimate().lag, 0)
        self.write(200)
        estimate = self.scaler.estimate()
        print(f"nobody runs: KEDA {estimate.lag} of {estimate.behind} leases", flush=True)
        self.assertGreaterEqual(estimate.lag, 200)
        self.assertEqual((estimate.behind, estimate.gone), (RANGES, 0))
        self.start()
        self.settled("after", lambda theirs, ours: theirs == ours == 0)

    def test_under_load_they_differ_by_no_more_than_was_written_meanwhile(self):
        """Ours is about the last answer of the feed and shown once a second, so it is of up to two seconds ago; that time
        counts as reading, too. One range, for its sequence numbers are the number of changes."""
        self.begin(1)
        times = []  # when each write was done
        stop = threading.Event()

        def write():
            while not stop.wait(0.05):
                self.write(10)
                times.extend([time.monotonic()] * 10)
        writer = threading.Thread(target=write)
        writer.start()
        self.addCleanup(writer.join)
        self.addCleanup(stop.set)
        shown = []
        for down in (False, True):
            self.kafka.tell("down" if down else "up")
            for _ in range(12):
                time.sleep(0.3)  # samples are to be of different moments
                began = time.monotonic()
                theirs, ours = self.both()
                ended = time.monotonic()
                written = sum(1 for t in list(times) if began - AGE <= t <= ended + 0.2)
                shown.append((theirs, ours, written))
        stop.set()
        writer.join()
        print(f"under load (KEDA, ours, written meanwhile): {shown}", flush=True)
        self.assertEqual([s for s in shown if abs(s[0] - s[1]) > s[2]], [])
        self.assertGreater(shown[-1][0], 200, "it fell behind while the target was down")
        self.kafka.tell("up")
        self.settled("after", lambda theirs, ours: theirs == ours == 0)


if __name__ == "__main__":
    unittest.main()
