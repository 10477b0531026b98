"""deploy/Dockerfile without a Docker: its instructions are sound, and what its images hold runs as their user."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

ROOT = pathlib.Path(os.environ["FEEDCAST_SOURCE_DIR"])
sys.path.insert(0, str(ROOT / "tests/integration"))
import harness  # noqa: E402


def instructions():
    """(word, rest) of every instruction, comments and line ends taken out."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "deploy/Dockerfile").read_text(), flags=re.MULTILINE)
    return [tuple(line.split(None, 1)) for line in text.replace("\\\n", " ").splitlines() if line.strip()]


def stages():
    """The instructions of each stage."""
    found = []
    for word, rest in instructions():
        if word == "FROM":
            found.append([])
        found[-1].append((word, rest))
    return found


def sanitized():
    cache = pathlib.Path(harness.BINARIES) / "CMakeCache.txt"
    return bool(re.search(r"^FEEDCAST_SANITIZE:\w+=.+$", cache.read_text(), re.MULTILINE))


class Instructions(unittest.TestCase):
    def test_all_are_known(self):
        known = {"FROM", "WORKDIR", "COPY", "RUN", "ARG", "USER", "EXPOSE", "ENTRYPOINT", "CMD", "STOPSIGNAL", "HEALTHCHECK"}
        self.assertEqual({word for word, _ in instructions()} - known, set())

    def test_bases_are_pinned(self):
        names = set()
        for word, rest in instructions():
            if word == "FROM":
                base = rest.split()[0]
                self.assertTrue(base == "scratch" or base in names or re.fullmatch(r"[\w./-]+:[\w.-]*\d[\w.-]*", base), base)
                names |= set(re.findall(r" AS (\w+)", rest))

    def test_what_is_copied_exists_and_is_sent_to_the_builder(self):
        left_out = {line.strip("/") for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"}
        sources = 0
        for word, rest in instructions():
            if word == "COPY" and "--from=" not in rest:
                for source in rest.split()[:-1]:
                    sources += 1
                    self.assertTrue((ROOT / source).exists(), source)
                    self.assertNotIn(source.split("/")[0], left_out)
        self.assertGreater(sources, 1)
        for needed in re.findall(r"(?:deploy|scripts)/[\w.-]+", " ".join(rest for _, rest in instructions())):
            self.assertTrue((ROOT / needed).exists(), needed)

    def test_the_build_asks_cmake_for_options_that_exist(self):
        text = " ".join(rest for word, rest in instructions() if word == "RUN")
        known = (ROOT / "CMakeLists.txt").read_text() + (ROOT / "app/CMakeLists.txt").read_text()
        options = re.findall(r"-D(FEEDCAST_\w+)=", text)
        self.assertGreater(len(options), 2)
        for option in options:
            self.assertRegex(known, rf"(?:option|set)\({option}\b")

    def test_packages_are_those_of_the_build_alone(self):
        command = re.search(r"(sed '[^']*') scripts/packages.txt", " ".join(rest for _, rest in instructions()))[1]
        listed = subprocess.run(command + " scripts/packages.txt", shell=True, cwd=ROOT, check=True, capture_output=True,
                                text=True).stdout.split()
        self.assertIn("librdkafka-dev", listed)
        self.assertNotIn("libgtest-dev", listed)
        self.assertNotIn("prometheus", listed)

    def test_what_is_shipped_has_no_rights_no_shell_and_no_secret(self):
        for stage in stages()[1:]:
            words = dict(stage)
            self.assertTrue(words["FROM"].startswith("scratch"))
            self.assertEqual(words["USER"], "10001:10001")
            self.assertIsInstance(json.loads(words["ENTRYPOINT"]), list, "a string would need a shell")
            self.assertIsInstance(json.loads(words["CMD"]), list)
        for word, rest in instructions():
            if word in ("ARG", "ENV"):
                self.assertNotRegex(rest.lower(), "key|token|password|secret")
        self.assertEqual(dict(stages()[-1])["ENTRYPOINT"], '["/feedcast"]', "the service is what is built by default")


class Root(harness.IntegrationTest):
    def make(self, program):
        root = os.path.join(self.folder, program)
        subprocess.run([ROOT / "deploy/make-root", root, harness.binary(program)], check=True, capture_output=True, timeout=120)
        return root

    def run_inside(self, root, *arguments):
        """As a container does: its files alone, a /proc of its own, user 10001."""
        done = subprocess.run(
            ["unshare", "--mount", "--pid", "--fork", f"--root={root}", "--mount-proc", "--setgid=10001", "--setuid=10001",
             *arguments], capture_output=True, text=True, timeout=120, check=False,
            env={"ASAN_OPTIONS": "detect_leaks=0", "HOSTNAME": "container"})
        # "root filesystem propagation": we are in a chroot whose folder is no mount.
        if any(why in done.stderr for why in ("unshare failed", "Operation not permitted", "root filesystem propagation")):
            self.skipTest("namespaces can't be made here: " + done.stderr.strip())
        return done

    def test_the_service_runs_in_what_its_image_holds(self):
        root = self.make("feedcast")
        self.assertEqual(self.run_inside(root, "/feedcast", "--version").returncode, 0)
        done = self.run_inside(root, "/feedcast", "demo", "--seconds", "2", "--rate", "200")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("every write arrived", done.stdout)

    def test_the_emulator_runs_in_what_its_image_holds(self):
        done = self.run_inside(self.make("feedcast-emulator"), "/feedcast-emulator", "--version")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_it_trusts_what_the_system_trusts(self):
        root = self.make("feedcast")
        folder = re.search(r'"(.*)"', subprocess.run(["openssl", "version", "-d"], check=True, capture_output=True,
                                                      text=True).stdout)[1]
        bundle = os.path.join(root, os.readlink(root + folder + "/cert.pem").lstrip("/"))
        self.assertIn("BEGIN CERTIFICATE", pathlib.Path(bundle).read_text())

    def test_it_is_small_and_holds_no_tools(self):
        root = pathlib.Path(self.make("feedcast"))
        files = [path for path in root.rglob("*") if path.is_file()]
        for tool in ("sh", "bash", "busybox", "apt", "apt-get", "perl", "python3", "openssl", "ldd"):
            self.assertEqual([path for path in files if path.name == tool], [])
        size = sum(path.stat().st_size for path in files)
        print(f"the image holds {len(files)} files, {size / 2**20:.1f} MiB", file=sys.stderr)
        if not sanitized():
            self.assertLess(size, 40 << 20)


if __name__ == "__main__":
    unittest.main()
