"""What the suites of the Python SDK share: a client, and the line with the counts."""
import sys

import account  # also finds the folders that follow
import peers

sys.path.insert(0, str(peers.folder("sdk_python")))
import azure.cosmos  # noqa: E402  (from the folder above)


class PythonSuite(account.AccountTest):
    def setUp(self):
        super().setUp()
        self.client = azure.cosmos.CosmosClient(self.account.endpoint, self.account.key)
        self.addCleanup(self.client.__exit__)
        self.database = self.client.get_database_client(self.account.database)

    def run(self, result=None):
        type(self).result = super().run(result)
        return self.result

    @classmethod
    def tearDownClass(cls):
        failed, skipped = len(cls.result.failures) + len(cls.result.errors), len(cls.result.skipped)
        passed = cls.result.testsRun - failed - skipped
        account.report("azure-cosmos (Python)", azure.cosmos.__version__, passed, failed, skipped)

    def container(self, ranges=4, **definition):
        self.account.create_container("feed", ranges, **definition)
        return self.database.get_container_client("feed")

    @staticmethod
    def write(container, first, last):
        for n in range(first, last + 1):
            container.create_item({"id": f"item-{n}", "n": 1})
        return {f"item-{n}" for n in range(first, last + 1)}

    @staticmethod
    def changes(container, **options):
        """All there is now, and the token after it."""
        found = list(container.query_items_change_feed(max_item_count=7, **options))
        return found, container.client_connection.last_response_headers["etag"]


__all__ = ["PythonSuite", "azure"]
