"""The official Python SDK asks queries of an account over https, as they come and merged over ranges."""
import unittest

from python_suite import PythonSuite
from azure.cosmos import exceptions  # from the folder that was found above


class Queries(PythonSuite):
    def numbered(self):
        """57 documents over four ranges; n goes from 0 to 56, in no order."""
        container = self.container()
        for n in range(57):
            container.create_item({"id": f"item-{n}", "n": n * 37 % 57, "g": n % 3, "tags": [f"tag-{n}", "all"]})
        return container

    def test_queries_that_it_merges_over_ranges(self):
        container, rising = self.numbered(), list(range(57))
        for query, wanted in {
                "SELECT VALUE c.n FROM c ORDER BY c.n": rising,
                "SELECT VALUE c.n FROM c ORDER BY c.n DESC": rising[::-1],
                "SELECT TOP 5 VALUE c.n FROM c ORDER BY c.n": rising[:5],
                "SELECT VALUE c.n FROM c ORDER BY c.n OFFSET 7 LIMIT 4": rising[7:11],
                "SELECT VALUE COUNT(1) FROM c": [57],
                "SELECT TOP 1 VALUE COUNT(r) FROM root r WHERE r.g = 1": [19],
                "SELECT VALUE SUM(c.n) FROM c": [1596],
                "SELECT VALUE MIN(c.n) FROM c": [0],
                "SELECT VALUE MIN(c.n) FROM c WHERE c.n > 40 AND c.n < 43": [41],
                "SELECT VALUE MAX(c.n) FROM c": [56],
                "SELECT VALUE AVG(c.n) FROM c": [28],
        }.items():
            for size in (None, 3):
                with self.subTest(query=query, size=size):
                    found = container.query_items(query, enable_cross_partition_query=True, max_item_count=size)
                    self.assertEqual(list(found), wanted)

    def test_queries_that_come_as_they_are(self):
        container = self.numbered()
        for query, count in {
                "SELECT * FROM c": 57,
                "SELECT TOP 5 * FROM c": 5,
                "SELECT * FROM c OFFSET 50 LIMIT 20": 7,
                "SELECT * FROM c WHERE STARTSWITH(c.id, @prefix)": 11,  # KEDA reads leases so
                "SELECT * FROM c WHERE c.g IN (0, 2) AND NOT (c.n < 10)": 31,
                "SELECT r AS view FROM root r JOIN t IN r.tags WHERE t = @tag": 1,
                "SELECT c.id, t AS tag FROM c JOIN t IN c.tags": 114,
        }.items():
            with self.subTest(query=query):
                found = container.query_items(
                    query, parameters=[{"name": "@prefix", "value": "item-1"}, {"name": "@tag", "value": "tag-5"}],
                    enable_cross_partition_query=True, max_item_count=4)
                self.assertEqual(len(list(found)), count)
        self.assertEqual(list(container.query_items("SELECT VALUE COUNT(1) FROM c", partition_key="item-5")), [1])

    def test_a_query_that_is_not_supported_is_named(self):
        self.needs_controls()
        container = self.container()
        for query, named in {
                "SELECT c.g FROM c GROUP BY c.g": "asks for GROUP BY, which this emulator does not support, at line 1, column 19",
                "SELECT c.n\n  + 1 FROM c": "asks for the operator +, which this emulator does not support, at line 2, column 3",
        }.items():
            with self.subTest(query=query), self.assertRaises(exceptions.CosmosHttpResponseError) as refused:
                list(container.query_items(query, enable_cross_partition_query=True))
            self.assertEqual(refused.exception.status_code, 400)
            self.assertIn(named, refused.exception.message)


if __name__ == "__main__":
    unittest.main()
