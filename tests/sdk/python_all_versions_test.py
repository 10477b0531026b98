"""The official Python SDK reads the change feed of all versions and deletes of an account over https."""
import datetime
import unittest

from account import harness  # from a folder that account finds
from python_suite import PythonSuite

MODE = "AllVersionsAndDeletes"
KEPT = {"changeFeedPolicy": {"retentionDuration": 5}}


def identity(change):
    return change.get("current", {}).get("id") or change["metadata"]["id"]


class AllVersions(PythonSuite):
    def from_now(self, container, **options):
        found, token = self.changes(container, mode=MODE, start_time="Now", **options)
        self.assertEqual(found, [])
        return token

    @staticmethod
    def live_once(container, name):
        container.create_item({"id": name, "n": 1})
        container.replace_item(name, {"id": name, "n": 2})
        container.upsert_item({"id": name, "n": 3})
        container.delete_item(name, name)

    def test_every_version_and_the_delete(self):
        container = self.container(**KEPT)
        self.write(container, 1, 5)
        token = self.from_now(container)
        for name in "abc":
            self.live_once(container, name)
        found, _ = self.changes(container, continuation=token)
        self.assertEqual(len(found), 12)
        for name in "abc":
            own = [one for one in found if identity(one) == name]
            self.assertEqual([one["metadata"]["operationType"] for one in own], ["create", "replace", "replace", "delete"])
            self.assertEqual([one["current"]["n"] for one in own[:3]], [1, 2, 3])
            self.assertEqual([one["previous"]["n"] for one in own[1:]], [1, 2, 3])

    def test_now_is_where_it_starts_unless_told(self):
        container = self.container(1, **KEPT)
        self.write(container, 1, 5)
        self.assertEqual(self.changes(container, mode=MODE)[0], [])

    def test_of_one_range(self):
        container = self.container(2, **KEPT)
        tokens = [self.from_now(container, feed_range=one) for one in list(container.read_feed_ranges())]
        wanted = self.write(container, 1, 30)
        parts = [{identity(one) for one in self.changes(container, continuation=token)[0]} for token in tokens]
        self.assertEqual(set().union(*parts), wanted)
        self.assertEqual(sum(map(len, parts)), len(wanted))

    def test_of_one_partition_key(self):
        container = self.container(**KEPT)
        token = self.from_now(container, partition_key="a")
        self.live_once(container, "b")
        self.live_once(container, "a")
        found, _ = self.changes(container, continuation=token)
        self.assertEqual([identity(one) for one in found], ["a"] * 4)

    def test_a_document_that_expires(self):
        container = self.container(1, **KEPT)
        token = self.from_now(container)
        container.create_item({"id": "brief", "ttl": 1})
        found = harness.eventually("its delete", lambda: (read := self.changes(container, continuation=token)[0])
                                   and len(read) == 2 and read, 20)
        self.assertTrue(found[1]["metadata"]["timeToLiveExpired"])

    def test_a_token_from_before_a_split_is_good_after_it(self):
        self.needs_controls()
        container = self.container(1, **KEPT)
        token = self.from_now(container)
        for n in range(10):
            self.live_once(container, f"before-{n}")
        self.account.split("feed", "0")
        for n in range(10):
            self.live_once(container, f"after-{n}")
        found, _ = self.changes(container, continuation=token)
        self.assertEqual(len({(identity(one), one["metadata"]["lsn"]) for one in found}), 80)
        self.assertEqual(len(found), 80)

    def test_other_starts_are_refused_by_the_sdk(self):
        container = self.container(1, **KEPT)
        for start in ("Beginning", datetime.datetime.now(datetime.timezone.utc)):
            with self.assertRaises(ValueError):
                self.changes(container, mode=MODE, start_time=start)


if __name__ == "__main__":
    unittest.main()
