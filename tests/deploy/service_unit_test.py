"""deploy/feedcast.service: accepted by systemd, as closed as the documentation says, and open enough for the program."""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(os.environ["FEEDCAST_SOURCE_DIR"])
UNIT = ROOT / "deploy/feedcast.service"
sys.path.insert(0, str(ROOT / "tests/integration"))
import harness  # noqa: E402

# glibc asks which addresses the machine has before it looks up a name; refused, it takes it to have IPv4 and IPv6.
HARMLESS_FAMILIES = {"AF_NETLINK"}


def settings():
    """(name, value) of every line of the unit."""
    return re.findall(r"^(\w+)=(.*)$", UNIT.read_text(), re.MULTILINE)


def syscalls_of(*groups):
    """The system calls of some of systemd's groups, and of the groups in them."""
    found = set()
    for group in groups:
        listing = subprocess.run(["systemd-analyze", "syscall-filter", group], check=True, capture_output=True, text=True).stdout
        for line in listing.splitlines()[1:]:
            name = line.strip()
            if name.startswith("@"):
                found |= syscalls_of(name)
            elif name and not name.startswith("#"):
                found.add(name)
    return found


class Unit(harness.IntegrationTest):
    def test_systemd_has_no_complaint(self):
        path = pathlib.Path(self.folder) / "feedcast.service"
        path.write_text(re.sub(r"^Documentation=.*\n", "", UNIT.read_text().replace("/usr/local/bin/feedcast", "/bin/true"),
                               flags=re.MULTILINE))
        done = subprocess.run(["systemd-analyze", "verify", path], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_its_exposure_is_as_documented_and_low(self):
        done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=20", UNIT],
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 0, "an exposure of more than 2.0:\n" + done.stdout)
        score = re.search(r"Overall exposure level for feedcast.service: ([\d.]+)", done.stdout)[1]
        documented = re.search(r"systemd-analyze security\S* .*?\*\*([\d.]+)\*\*", (ROOT / "docs/security.md").read_text(), re.DOTALL)
        self.assertEqual(score, documented[1])

    def test_what_does_not_mend_itself_is_not_started_again(self):
        codes = dict(re.findall(r"exit_(\w+) = (\d+)", (ROOT / "app/exit_code.hpp").read_text()))
        final = dict(settings())["RestartPreventExitStatus"].split()
        self.assertEqual(final, [codes["usage"], codes["permission"], codes["configuration"]])
        self.assertEqual(dict(settings())["SuccessExitStatus"], codes["deadline"])

    def test_the_program_asks_for_nothing_that_the_unit_forbids(self):
        """systemd is not asked to run it (there may be none): the calls of a run are held against the unit's lists."""
        if subprocess.run(["strace", "-f", "-o", "/dev/null", "true"], capture_output=True, check=False).returncode != 0:
            self.skipTest("strace may not trace here")
        trace = os.path.join(self.folder, "trace")
        emulator = harness.Emulator(self, ["openwhisk/whisks:2"], tls=True, folder=self.folder)
        kafka = harness.Kafka(self, "cacheInvalidation:1")
        port = harness.free_port()
        env = {k: v for k, v in os.environ.items() if not k.startswith("FEEDCAST_")}
        env.update({"COSMOSDB_ENDPOINT": emulator.url.replace("127.0.0.1", "localhost"), "COSMOSDB_KEY": harness.KEY,
                    "COSMOSDB_NAME": "openwhisk", "KAFKA_HOSTS": kafka.brokers, "SSL_CERT_FILE": emulator.certificate,
                    "FEEDCAST_ADMIN__LISTEN": f"127.0.0.1:{port}", "FEEDCAST_LOG_FORMAT": "logfmt", "FEEDCAST_INSTANCE": "test",
                    "ASAN_OPTIONS": "detect_leaks=0",  # that works by tracing, and one tracer is the limit
                    "FEEDCAST_LEASES__STORE": "file", "FEEDCAST_LEASES__PATH": self.folder + "/leases"})
        process = harness.Process(["strace", "-f", "-o", trace, harness.binary("feedcast"), "run"], env=env)
        self.addCleanup(process.stop, signal.SIGKILL)
        # First, for strace would leave it behind.
        self.addCleanup(subprocess.run, ["pkill", "-KILL", "-P", str(process.process.pid)], check=False)
        harness.wait_ready(f"http://127.0.0.1:{port}", 120)
        emulator.write("openwhisk", "whisks", [harness.entity(f"a/{i}", "us2") for i in range(100)], self.folder)
        harness.eventually("all are delivered", lambda: len(kafka.messages("cacheInvalidation")) >= 100, 120)
        child = subprocess.run(["pgrep", "-P", str(process.process.pid)], check=True, capture_output=True, text=True).stdout
        os.kill(int(child), signal.SIGTERM)
        self.assertEqual(process.process.wait(60), 0, process.output())
        self.judge(pathlib.Path(trace).read_text(errors="replace"))

    def judge(self, trace):
        calls = set(re.findall(r"^\d+ +(\w+)\(", trace, re.MULTILINE)) | set(re.findall(r"<\.\.\. (\w+) resumed", trace))
        self.assertGreater(len(calls), 30)
        denied = syscalls_of("@privileged", "@resources")
        allowed = syscalls_of("@system-service") - denied
        self.assertEqual(calls - allowed - {"execve"}, set(), "system calls that SystemCallFilter forbids")
        families = set(re.findall(r"\bsocket\((AF_\w+)", trace))
        self.assertLessEqual(families, set(dict(settings())["RestrictAddressFamilies"].split()) | HARMLESS_FAMILIES)
        self.assertEqual(re.findall(r"\b(?:mmap|mprotect)\([^)]*PROT_WRITE\|PROT_EXEC.*", trace), [],
                         "MemoryDenyWriteExecute forbids this")
        writes = re.findall(r'openat?\([^"]*"([^"]+)", [^)]*(?:O_WRONLY|O_RDWR|O_CREAT)[^)]*\) = \d', trace)
        outside = {path for path in writes if not path.startswith(self.folder) and path not in ("/dev/null", "/dev/tty")}
        self.assertEqual(outside, set(), "ProtectSystem=strict forbids writing there")


if __name__ == "__main__":
    unittest.main()
