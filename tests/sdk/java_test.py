"""The official Java SDKs over https, in gateway mode: the change feed processor itself, whose leases feedcast takes over,
and queries."""
import unittest

from java_program import HERE, Java, account


class JavaSuite(account.AccountTest):
    def test_documents_and_the_processor(self):
        self.account.create_container("pull", 4)
        self.run_suite("ProcessorSuite", "sdk_java", sorted((HERE / "java").glob("*.java")))

    def test_the_processor_of_all_versions(self):
        self.run_suite("AllVersionsSuite", "sdk_java", sorted((HERE / "java").glob("*.java")),
                       changeFeedPolicy={"retentionDuration": 5})

    def test_queries(self):
        self.account.create_container("queries", 4)
        self.run_suite("QuerySuite", "sdk_java", sorted((HERE / "java").glob("*.java")))

    def test_the_processor_of_the_replaced_service(self):
        shared = [HERE / "java" / name for name in ("Checks.java", "Reporter.java")]
        self.run_suite("ProcessorSuite3", "sdk_java3", [*sorted((HERE / "java3").glob("*.java")), *shared])

    def run_suite(self, main, peer, sources, **feed):
        self.account.create_container("feed", 8, **feed)
        self.account.create_container("leases")
        self.assertEqual(Java(self, peer, sources).run(main), 0)


if __name__ == "__main__":
    unittest.main()
