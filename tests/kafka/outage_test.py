"""The only broker goes away and comes back: killed, for a while under load, before feedcast ever saw it.

python3 outage_test.py --seconds 300 makes the long outage as long as that; see --help.
"""
import os
import sys
import time
import unittest

from service import KafkaTest, eventually, harness, median

SECONDS = float(os.environ.get("FEEDCAST_OUTAGE_SECONDS", "10"))
KILLS = int(os.environ.get("FEEDCAST_OUTAGE_KILLS", "3"))
HANGS = 8  # seconds. How fast it is gets printed; on a busy machine this only tells a wait from a reconnection in time


class Outage(KafkaTest):
    def test_a_killed_broker_returns_and_messages_flow_at_once(self):
        self.cluster.create_topic(self.topic)
        self.start()
        writer = self.writer()
        times = []
        for _ in range(KILLS):
            self.wait_flowing()
            start = len(self.process.lines)
            self.cluster.kill()
            self.assert_class_logged("transport", start)
            eventually("readiness tells it", lambda: not self.up())
            times.append(self.resumed_after(self.cluster.start))
            self.assert_recovery_logged(start)
        ids = writer.stop()
        self.assert_nothing_lost(ids)
        self.say(f"resumed {median(times):.2f} s after the broker answered (median of {len(times)}; "
                 f"{', '.join(f'{t:.2f}' for t in times)})")
        self.assertLess(median(times), HANGS)

    def test_a_long_outage_under_load_costs_a_window_and_no_message(self):
        self.cluster.create_topic(self.topic)
        self.start()
        writer = self.writer(rate=500)
        self.wait_flowing()
        start = len(self.process.lines)
        rss_before = self.process.resident_bytes()
        self.cluster.kill()
        self.assert_class_logged("transport", start)
        began, rss = time.monotonic(), []
        while time.monotonic() - began < SECONDS:  # the outage itself, not a wait for something
            time.sleep(0.5)
            rss.append(self.process.resident_bytes())
            self.assertEqual(harness.get(self.admin + "/livez")[0], 200)
        self.assertEqual(harness.get(self.admin + "/readyz")[0], 503)
        resumed = self.resumed_after(self.cluster.start)
        writer.stop()
        self.assert_recovery_logged(start)
        self.say(f"down {SECONDS:.0f} s at 500 changes/s: resumed {resumed:.2f} s after the broker answered, RSS "
                 f"{rss_before / 2**20:.0f} -> {max(rss) / 2**20:.0f} MiB")
        lines = [line for line in self.process.lines[start:] if line and "can't be delivered to" in line]
        self.assertLess(len(lines), 20, "one line for a change of state, not one for each try")
        self.assert_nothing_lost(writer.ids, seconds=120)
        self.assertLess(resumed, HANGS)

    def test_brokers_that_are_not_there_yet_are_waited_for(self):
        self.cluster.create_topic(self.topic)
        self.cluster.stop()
        ids = self.write(500)
        self.start()
        self.assert_class_logged("transport")
        self.assertEqual(harness.get(self.admin + "/livez")[0], 200)
        before = self.acknowledged()
        resumed = self.resumed_after(self.cluster.start)
        self.assertEqual(before, 0)
        self.assert_nothing_lost(ids)
        self.say(f"delivered {resumed:.2f} s after the broker answered")


def main():
    if "--help" in sys.argv:
        print(__doc__ + "\n  --seconds N   how long the long outage lasts (default 10)\n  --kills N     how often the "
              "broker is killed (default 3)\nOther arguments go to unittest.")
        return
    global SECONDS, KILLS  # pylint: disable=global-statement
    for name in ("--seconds", "--kills"):
        if name in sys.argv:
            at = sys.argv.index(name)
            value = float(sys.argv[at + 1])
            del sys.argv[at:at + 2]
            if name == "--seconds":
                SECONDS = value
            else:
                KILLS = int(value)
    unittest.main()


if __name__ == "__main__":
    main()
