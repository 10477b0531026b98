"""The official Java SDKs over https, in gateway mode: the change feed processor itself, whose leases feedcast takes over."""
import unittest

from java_program import HERE, Java, account


class JavaSuite(account.AccountTest):
    def setUp(self):
        super().setUp()
        self.account.create_container("feed", 8)
        self.account.create_container("leases")

    def test_the_processor(self):
        java = Java(self, "sdk_java", sorted((HERE / "java").glob("*.java")))
        self.assertEqual(java.run("ProcessorSuite"), 0)

    def test_the_processor_of_the_replaced_service(self):
        shared = [HERE / "java" / name for name in ("Checks.java", "Reporter.java")]
        java = Java(self, "sdk_java3", [*sorted((HERE / "java3").glob("*.java")), *shared])
        self.assertEqual(java.run("ProcessorSuite3"), 0)


if __name__ == "__main__":
    unittest.main()
