"""The schedule is what the seed says, deals every kind, and names what it does not know; the writer's documents mean
what the books expect."""
import collections
import inspect
import itertools
import json
import pathlib
import random
import re
import tempfile
import unittest

import model
import report
import schedule
import summary
from verifier import Verdict
from writer import Zipf

HERE = pathlib.Path(__file__).resolve().parent


class Schedule(unittest.TestCase):
    def first(self, seed, lane, count):
        return list(itertools.islice(schedule.draws(seed, lane, schedule.KINDS), count))

    def test_a_seed_draws_the_same_again_and_another_seed_draws_something_else(self):
        for lane in schedule.LANES:
            self.assertEqual(self.first(7, lane, 50), self.first(7, lane, 50))
            self.assertNotEqual(self.first(7, lane, 50), self.first(8, lane, 50))

    def test_every_kind_comes_before_one_comes_again(self):
        for lane in schedule.LANES:
            kinds = {k.name for k in schedule.KINDS.values() if k.lane == lane}
            for seed in range(5):
                drawn = [d.kind.name for d in self.first(seed, lane, 2 * len(kinds))]
                self.assertEqual(collections.Counter(drawn), dict.fromkeys(kinds, 2))
                self.assertEqual(set(drawn[:len(kinds)]), kinds)

    def test_every_draw_keeps_to_its_kind(self):
        for lane in schedule.LANES:
            for d in self.first(1, lane, 100):
                self.assertIn(d.victim, d.kind.victims)
                self.assertTrue(d.kind.shortest <= d.seconds <= d.kind.longest)

    def test_kinds_are_chosen_by_name(self):
        self.assertEqual(schedule.chosen("none"), [])
        self.assertEqual(schedule.chosen("kill, split"), ["kill", "split"])
        self.assertEqual(schedule.chosen("all"), list(schedule.KINDS))
        self.assertEqual(schedule.chosen("all,-poison"), [k for k in schedule.KINDS if k != "poison"])
        with self.assertRaisesRegex(schedule.Unknown, "'kil'.*kill"):
            schedule.chosen("kil")
        self.assertEqual(list(schedule.draws(1, "kafka", ["kill"])), [])

    def test_every_kind_can_be_injected(self):
        made = set(re.findall(r"^@fault\ndef (\w+)", (HERE / "faults.py").read_text(), re.MULTILINE))
        made |= set(re.findall(r'^ +"(\w+)": \{', (HERE / "faults.py").read_text(), re.MULTILINE))
        made |= set(re.findall(r'^rule_kind\("(\w+)"', (HERE / "faults.py").read_text(), re.MULTILINE))
        self.assertEqual(made, {k.name for k in schedule.KINDS.values() if k.lane in schedule.LANES})


class Model(unittest.TestCase):
    def test_keys_of_documents_never_meet(self):
        keys = collections.Counter()
        for n in range(4000):
            keys.update(model.keys_of(model.WHISKS, model.whisk_id(n)))
            keys.update(model.keys_of(model.SUBJECTS, model.subject_id(n)))
        self.assertEqual(max(keys.values()), 1)

    def test_documents_say_what_their_ids_promise(self):
        subject = json.loads(model.document(model.SUBJECTS, "user-3", "eu1", 9, True))
        self.assertEqual(tuple(n["name"] for n in subject["namespaces"]), model.keys_of(model.SUBJECTS, "user-3"))
        self.assertEqual((subject["_clusterId"], subject["_deleted"], subject["updated"]), ("eu1", True, 9))
        self.assertNotIn("_deleted", json.loads(model.document(model.WHISKS, "ns|a", "eu1", 9, False)))

    def test_messages_are_those_of_the_replaced_service(self):
        self.assertEqual(model.value_of('ns/quote "1"'),
                         b'{"instanceId":"cache-invalidator","key":{"mainId":"ns/quote \\"1\\""}}')
        self.assertEqual(model.value_of("ns/größe"),
                         '{"instanceId":"cache-invalidator","key":{"mainId":"ns/größe"}}'.encode())

    def test_a_few_documents_are_written_often_and_all_can_be(self):
        rng = random.Random(1)
        zipf = Zipf(1000, rng)
        drawn = collections.Counter(zipf.draw(rng) for _ in range(100_000))
        self.assertGreater(drawn.most_common(1)[0][1], 2000)
        self.assertGreater(len(drawn), 950)
        self.assertTrue(set(drawn) <= set(range(1000)))


class Reports(unittest.TestCase):
    def result(self, **changes):
        return {"passed": True, "mode": "faults", "seed": 1, "revision": {"commit": "a" * 40, "dirty": False},
                "verdict": report.figures(Verdict(obligations=5)), "propagation_ms": {}, "duplicates": {},
                "faults": {"kill": {"injected": 2, "felt": 1}}, "recovery": {}, "failures": [],
                "process": {"kills_survived": 2, "rss_max_mib": 20.5}} | changes

    def test_phases_divide_the_run(self):
        phases = [(100, "calm"), (200, "faults")]
        self.assertEqual([report.phase_of(phases, ms) for ms in (99, 100, 199, 200)], ["before", "calm", "calm", "faults"])
        verdict = Verdict(latencies=[(150, "eu", 4), (250, "eu", 9), (260, "eu", 11)], duplicates=[210])
        self.assertEqual(report.propagation(verdict, phases)["calm"], {"n": 1, "p50": 4, "p99": 4, "max": 4})
        self.assertEqual(report.duplicates(verdict, [210, 210, 120], phases)["faults"],
                         {"records": 2, "repeated": 1, "ratio": 0.5})

    def test_a_summary_adds_up_and_fails_with_its_worst(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name)
        for name, result in (("one", self.result()), ("two", self.result(passed=False))):
            (path / f"{name}.json").write_text(json.dumps(result))
        line = summary.line([r for _, r in summary.load(path)])
        self.assertIn("1 of 2 runs passed; obligations 10, lost 0 strict", line)
        self.assertIn("faults felt 2 of 4", line)
        self.assertEqual(summary.load(path, "b" * 40), [])
        self.assertIn("FAILURE: x", report.table(self.result(failures=["x"])))

    def test_every_figure_of_a_verdict_is_reported(self):
        named = set(inspect.signature(Verdict).parameters) - {"latencies", "duplicates"}
        self.assertEqual(len(report.figures(Verdict())), len(named))


if __name__ == "__main__":
    unittest.main()
