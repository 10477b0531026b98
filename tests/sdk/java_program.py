"""Java programs of this folder: compiled with the compiler that is in every Java 17, run with the SDK that they test."""
import os
import pathlib
import re
import subprocess
import sys

import account  # also finds the folders that follow
import harness
import peers

HERE = pathlib.Path(__file__).resolve().parent
# They run for seconds, many side by side: the quick compiler and one collector's thread serve them best.
OPTIONS = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Xmx512m",
           # Loopback only: without this the SDK asks the host of a virtual machine what machine it is.
           "-DCOSMOS.DISABLE_IMDS_ACCESS=true"]


def trust_store(certificate, store):
    """The options that have Java trust this certificate, and no other."""
    subprocess.run(["keytool", "-importcert", "-noprompt", "-alias", "account", "-file", certificate, "-keystore", store,
                    "-storetype", "PKCS12", "-storepass", "changeit"], check=True, capture_output=True, timeout=60)
    return [f"-Djavax.net.ssl.trustStore={store}", "-Djavax.net.ssl.trustStorePassword=changeit"]


class Java:
    """The classes of some sources, with what they need to run against an account. Made by a test, whose folder it uses."""

    def __init__(self, test, peer, sources):
        jars = peers.folder(peer)
        self.account = test.account
        self.version = re.search(r"azure-cosmos-([0-9.]+)\.jar", " ".join(os.listdir(jars))).group(1)
        self.classes = os.path.join(test.folder, "classes")
        self.log_level = os.environ.get("FEEDCAST_SDK_LOG", "off")  # refusals are errors to it, and part of the tests
        # The compiler is in the Java of a packaged JRE, too; only the command javac is not.
        done = subprocess.run(
            ["java", "-m", "jdk.compiler/com.sun.tools.javac.Main", "-proc:none", "-d", self.classes,
             "-cp", os.pathsep.join(map(str, jars.glob("*.jar"))), *map(str, sources)],
            capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        self.options = [*OPTIONS, "-cp", f"{self.classes}{os.pathsep}{jars}/*",
                        f"-Dorg.slf4j.simpleLogger.defaultLogLevel={self.log_level}"]
        if self.account.certificate:
            self.options += trust_store(self.account.certificate, os.path.join(test.folder, "trust.p12"))

    def command(self, main, *arguments):
        return ["java", *self.options, main, *arguments]

    def environment(self):
        return {**self.account.environment(), "FEEDCAST_TEST_SDK": self.version}

    def start(self, test, main, *arguments):
        """A process that ends with the test."""
        process = harness.Process(self.command(main, *arguments), env=self.environment(), stdin=subprocess.PIPE)
        test.addCleanup(process.stop)
        return process

    def run(self, main):
        """Runs a suite to its end; its exit code."""
        sys.stdout.flush()
        return subprocess.run(self.command(main), env=self.environment(), timeout=240, check=False).returncode


__all__ = ["HERE", "Java", "OPTIONS", "account", "harness", "peers", "trust_store"]
