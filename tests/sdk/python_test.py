"""The official Python SDK reads the change feed of an account over https, from every place where it can start."""
import datetime
import time
import unittest

from python_suite import PythonSuite
from azure.core import MatchConditions  # from the folder that was found above
from azure.cosmos import PartitionKey, exceptions


class LatestVersions(PythonSuite):
    def read(self, container, **options):
        """All there is now, each once: the ids, the token after it, and the documents."""
        found, token = self.changes(container, **options)
        ids = [one["id"] for one in found]
        self.assertEqual(len(ids), len(set(ids)), f"some come twice: {ids}")
        return set(ids), token, found

    def test_from_the_beginning_every_document_at_its_latest_version(self):
        container = self.container()
        wanted = self.write(container, 1, 60)
        container.replace_item("item-1", {"id": "item-1", "n": 2})
        container.delete_item("item-2", "item-2")
        ids, _, found = self.read(container, start_time="Beginning")
        self.assertEqual(ids, wanted - {"item-2"})
        self.assertEqual([one["n"] for one in found if one["id"] == "item-1"], [2])
        self.assertTrue(all(one["_lsn"] > 0 for one in found))

    def test_from_the_beginning_as_the_older_option_says(self):
        container = self.container()
        wanted = self.write(container, 1, 10)
        self.assertEqual(self.read(container, is_start_from_beginning=True)[0], wanted)

    def test_from_now_only_what_comes_later(self):
        container = self.container()
        self.write(container, 1, 20)
        ids, token, _ = self.read(container, start_time="Now")
        self.assertEqual(ids, set())
        later = self.write(container, 21, 40)
        self.assertEqual(self.read(container, continuation=token)[0], later)

    def test_now_is_where_it_starts_unless_told(self):
        container = self.container()
        self.write(container, 1, 5)
        self.assertEqual(self.read(container)[0], set())

    def test_from_a_point_in_time(self):
        container = self.container()
        early = self.write(container, 1, 10)
        time.sleep(2.1)  # times of changes are whole seconds
        start = datetime.datetime.now(datetime.timezone.utc)
        time.sleep(2.1)
        late = self.write(container, 11, 20)
        # The token after it is no good: this SDK writes milliseconds into it and reads them as seconds.
        ids, _, _ = self.read(container, start_time=start)
        self.assertLessEqual(late, ids)
        if self.account.emulated:
            self.assertFalse(ids & early)

    def test_of_one_partition_key(self):
        container = self.container()
        self.write(container, 1, 20)
        ids, token, _ = self.read(container, partition_key="item-7", start_time="Beginning")
        self.assertEqual(ids, {"item-7"})
        container.upsert_item({"id": "item-7", "n": 2})
        container.upsert_item({"id": "item-8", "n": 2})
        _, _, found = self.read(container, continuation=token)
        self.assertEqual([(one["id"], one["n"]) for one in found], [("item-7", 2)])

    def test_of_each_range(self):
        container = self.container()
        wanted = self.write(container, 1, 60)
        ranges = list(container.read_feed_ranges())
        if self.account.emulated:
            self.assertEqual(len(ranges), 4)
        parts = [self.read(container, feed_range=one, start_time="Beginning")[0] for one in ranges]
        self.assertEqual(set().union(*parts), wanted)
        self.assertEqual(sum(map(len, parts)), len(wanted), "none has another's")

    def test_of_a_range_by_its_id(self):
        container = self.container(1)
        wanted = self.write(container, 1, 10)
        ids, token, _ = self.read(container, partition_key_range_id="0", is_start_from_beginning=True)
        self.assertEqual(ids, wanted)
        more = self.write(container, 11, 15)
        self.assertEqual(self.read(container, partition_key_range_id="0", continuation=token)[0], more)

    def test_goes_on_page_by_page(self):
        container = self.container(1)  # this SDK can't read its own token while a range in it has not been read yet
        wanted = self.write(container, 1, 40)
        pages = container.query_items_change_feed(max_item_count=5, start_time="Beginning").by_page()
        seen = {one["id"] for one in next(pages)}
        token = container.client_connection.last_response_headers["etag"]
        rest, _, _ = self.read(container, continuation=token)
        self.assertTrue(seen and rest and not seen & rest)
        self.assertEqual(seen | rest, wanted)

    def test_a_token_from_before_a_split_is_good_after_it(self):
        self.needs_controls()
        container = self.container(2)
        self.write(container, 1, 20)
        _, token, _ = self.read(container, start_time="Beginning")
        self.account.split("feed", "0")
        later = self.write(container, 21, 60)
        self.assertEqual(self.read(container, continuation=token)[0], later)
        self.assertEqual(len(list(container.read_feed_ranges(force_refresh=True))), 3)

    def test_each_operation_is_throttled_twice(self):
        self.needs_controls()
        container = self.container()
        self.write(container, 1, 3)
        rule = {"operation": "read", "error": "TooManyRequests", "retry_after_ms": 1, "times_per_operation": 2}
        self.account.emulator.control("POST", "/_emulator/faults", rule)
        for n in (1, 2, 3):
            self.assertEqual(container.read_item(f"item-{n}", f"item-{n}")["n"], 1)
        (rule,) = self.account.emulator.control("GET", "/_emulator/faults")["faults"]
        self.assertEqual(rule["hits"], 6)

    def test_documents_conflicts_and_conditions(self):
        container = self.database.create_container_if_not_exists("docs", PartitionKey("/id"))
        made = container.create_item({"id": "a", "n": 1})
        with self.assertRaises(exceptions.CosmosResourceExistsError):
            container.create_item({"id": "a", "n": 2})
        match = {"etag": made["_etag"], "match_condition": MatchConditions.IfNotModified}
        replaced = container.replace_item("a", {"id": "a", "n": 3}, **match)
        with self.assertRaises(exceptions.CosmosAccessConditionFailedError):
            container.replace_item("a", {"id": "a", "n": 4}, **match)
        self.assertEqual(container.read_item("a", "a"), replaced)
        found = container.query_items("SELECT * FROM c WHERE STARTSWITH(c.id, @p)", enable_cross_partition_query=True,
                                      parameters=[{"name": "@p", "value": "a"}])
        self.assertEqual([one["n"] for one in found], [3])
        container.delete_item("a", "a")
        with self.assertRaises(exceptions.CosmosResourceNotFoundError):
            container.read_item("a", "a")


if __name__ == "__main__":
    unittest.main()
