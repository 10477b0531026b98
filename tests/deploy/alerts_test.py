"""deploy/alerts.yml and deploy/prometheus.yml: valid, about metrics that exist, silent in health, each alert felt."""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(os.environ["FEEDCAST_SOURCE_DIR"])
ALERTS = ROOT / "deploy/alerts.yml"

# Health: a series, and its values once a minute for 100 minutes, in promtool's notation.
HEALTH = {
    'up{job="feedcast",instance="a"}': "1x100",
    'feedcast_lag_seconds{target="eu",feed="whisks",instance="a"}': "0.5x100",
    'feedcast_feed_last_success_timestamp_seconds{target="eu",feed="whisks",instance="a"}': "0+60x100",
    'feedcast_target_up{target="eu",instance="a"}': "1x100",
    'feedcast_lease_coverage_ratio{target="eu",feed="whisks",instance="a"}': "1x100",
    'feedcast_leases{target="eu",feed="whisks",instance="a",state="owned"}': "4x100",
    'feedcast_leases{target="eu",feed="whisks",instance="a",state="unowned"}': "0x100",
    'feedcast_lease_changes_total{target="eu",feed="whisks",instance="a",reason="stolen_out"}': "0x100",
    'feedcast_feed_errors_total{target="eu",feed="whisks",instance="a",class="throttled"}': "0x100",
    'feedcast_feed_polls_total{target="eu",feed="whisks",instance="a",outcome="empty"}': "0+600x100",
    'feedcast_checkpoint_age_seconds{target="eu",feed="whisks",instance="a"}': "1x100",
    'feedcast_target_messages_total{target="eu",instance="a",outcome="undeliverable"}': "0x100",
    'feedcast_documents_unusable_total{target="eu",feed="whisks",instance="a",reason="no_key"}': "0x100",
    'feedcast_dead_letters_total{target="eu",instance="a"}': "0x100",
    'feedcast_dead_letters_waiting{target="eu",instance="a"}': "0x100",
    'feedcast_actor_restarts_total{instance="a",actor="partition",reason="failure"}': "0x100",
    'feedcast_config_info{instance="a",hash="1"}': "1x100",
    'feedcast_config_info{instance="b",hash="1"}': "1x100",
    'feedcast_clock_skew_seconds{instance="a"}': "0.1x100",
    'feedcast_propagation_seconds_bucket{target="eu",feed="whisks",instance="a",le="5"}': "0+100x100",
    'feedcast_propagation_seconds_count{target="eu",feed="whisks",instance="a"}': "0+100x100",
}

# What must differ for an alert to fire: series (by their beginning) and their values instead.
FAULTS = {
    "FeedcastAbsent": {"up{": "0x100"},
    "FeedcastLagHigh": {"feedcast_lag_seconds{": "31x100"},
    "FeedcastStalled": {"feedcast_feed_last_success": "1+0x100"},
    "FeedcastTargetDown": {"feedcast_target_up{": "0x100"},
    "FeedcastCoverageGap": {"feedcast_lease_coverage_ratio{": "0.75x100"},
    "FeedcastUnownedLeases": {'feedcast_leases{target="eu",feed="whisks",instance="a",state="unowned"': "1x100"},
    "FeedcastLeaseFlapping": {"feedcast_lease_changes_total{": "0+2x100"},
    "FeedcastThrottled": {"feedcast_feed_errors_total{": "0+60x100"},
    "FeedcastCheckpointStale": {"feedcast_checkpoint_age_seconds{": "61x100"},
    "FeedcastUndeliverable": {"feedcast_documents_unusable_total{": "0+1x100"},
    "FeedcastDeadLetters": {"feedcast_dead_letters_total{": "0+1x100"},
    "FeedcastDeadLettersWaiting": {"feedcast_dead_letters_waiting{": "1x100"},
    "FeedcastActorsRestarting": {"feedcast_actor_restarts_total{": "0+1x100"},
    "FeedcastConfigDrift": {'feedcast_config_info{instance="b"': None,
                            'feedcast_config_info{instance="b",hash="2"}': "1x100"},
    "FeedcastClockSkew": {"feedcast_clock_skew_seconds{": "-3x100"},
    "FeedcastPropagationBudgetBurnsFast": {"feedcast_propagation_seconds_bucket{": "0+98x100"},
    "FeedcastPropagationBudgetBurnsSlowly": {"feedcast_propagation_seconds_bucket{": "0+99x100"},
}
AT = "99m30s"


def series(changes):
    made = dict(HEALTH)
    for beginning, values in changes.items():
        same = [name for name in made if name.startswith(beginning)]
        for name in same:
            del made[name]
            if values:
                made[name] = values
        if not same and values:
            made[beginning] = values
    return [{"series": name, "values": values} for name, values in made.items()]


class Alerts(unittest.TestCase):
    def setUp(self):
        self.names = re.findall(r"^ *- alert: (\w+)$", ALERTS.read_text(), re.MULTILINE)
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def firing(self, changes):
        """The alerts that fire after 100 minutes, as promtool has it: it tells what it got where nothing was expected."""
        path = pathlib.Path(self.folder.name) / "test.yml"
        path.write_text(json.dumps({"rule_files": [str(ALERTS)], "evaluation_interval": "30s", "tests": [{
            "interval": "1m", "input_series": series(changes),
            "alert_rule_test": [{"eval_time": AT, "alertname": name, "exp_alerts": []} for name in self.names]}]}))
        done = subprocess.run(["promtool", "test", "rules", path], capture_output=True, text=True, timeout=120, check=False)
        found = set(re.findall(r"alertname: (\w+), time: ", done.stdout + done.stderr))
        self.assertEqual(done.returncode != 0, bool(found), done.stdout + done.stderr)
        return found

    def test_they_are_valid(self):
        for arguments in (["check", "rules", "deploy/alerts.yml"], ["check", "config", "deploy/prometheus.yml"]):
            done = subprocess.run(["promtool", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_they_ask_for_metrics_that_exist(self):
        known = set(re.findall(r'"(feedcast_\w+)"', (ROOT / "metrics/names.hpp").read_text()))
        asked = {re.sub(r"_(bucket|count|sum)$", "", name) for name in re.findall(r"\bfeedcast_\w+", ALERTS.read_text())}
        self.assertGreater(len(asked), 10)
        self.assertEqual(asked - known, set())

    def test_label_values_are_those_of_the_code(self):
        labels = (ROOT / "metrics/labels.hpp").read_text()
        for _, values in re.findall(r'(state|reason|class|outcome)(?:=~|!=|=)"([\w|]+)"', ALERTS.read_text()):
            for value in values.split("|"):
                self.assertIn(f'"{value}"', labels)

    def test_health_is_silent(self):
        self.assertEqual(self.firing({}), set())

    def test_each_fault_is_told(self):
        self.assertEqual(set(FAULTS), set(self.names), "every alert has its fault here")
        for alert, changes in FAULTS.items():
            with self.subTest(alert):
                self.assertIn(alert, self.firing(changes))

    def test_each_alert_says_what_to_do(self):
        page = (ROOT / "docs/operations.md").read_text()
        for alert in self.names:
            self.assertIn(f"`{alert}`", page)


if __name__ == "__main__":
    unittest.main()
