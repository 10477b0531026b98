"""Where the programs of others are that tests run against, and how they get there.

Each lives in a folder named after a digest of what asks for it, so that a changed version is a new folder. A folder
appears by one rename after all of it was downloaded: it is complete or it is not there.
"""
import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SDK = HERE.parent / "sdk" / "javascript"
SDK_PYTHON = HERE.parent / "sdk" / "python"
SDK_JAVA = HERE.parent / "sdk" / "java"
SDK_JAVA3 = HERE.parent / "sdk" / "java3"
COUCHDB = HERE.parent / "couchdb" / "live"
# What each peer is, the files that decide its version, the program that downloads it.
PEERS = {
    "kafka": ("Apache Kafka, from Maven", [HERE / "pom.xml"], "mvn"),
    "client": ("a Kafka client for Python, from PyPI", [HERE / "requirements.txt"], sys.executable),
    "sdk": ("the JavaScript SDK of Azure Cosmos DB, from npm", [SDK / "package.json", SDK / "package-lock.json"], "npm"),
    "sdk_python": ("the Python SDK of Azure Cosmos DB, from PyPI", [SDK_PYTHON / "requirements.txt"], sys.executable),
    "sdk_java": ("the Java SDK of Azure Cosmos DB, from Maven", [SDK_JAVA / "pom.xml"], "mvn"),
    "sdk_java3": ("the Java SDK of Azure Cosmos DB, version 3, from Maven", [SDK_JAVA3 / "pom.xml"], "mvn"),
    "couchdb": ("PouchDB Server, which speaks as CouchDB does, from npm",
                [COUCHDB / "package.json", COUCHDB / "package-lock.json"], "npm"),
}


class Missing(Exception):
    """A peer is not there, or can't be had; the text says what helps."""


def cache():
    given = os.environ.get("FEEDCAST_PEERS_DIR")
    return pathlib.Path(given) if given else pathlib.Path(
        os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "feedcast" / "peers"


def place(name):
    """The folder of a peer, there or not."""
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in PEERS[name][1])).hexdigest()[:12]
    # Modules of Python fit one version of it.
    suffix = f"-{sys.implementation.cache_tag}" if name in ("client", "sdk_python") else ""
    return cache() / f"{name}-{digest}{suffix}"


def folder(name):
    """The folder of a peer that must be there."""
    if not place(name).is_dir():
        raise Missing(f"{PEERS[name][0]}, is not there; run: scripts/fetch-peers {name}")
    return place(name)


def commands(name, target):
    """What downloads a peer into `target`: (command, folder to run it in)."""
    versions = PEERS[name][1][0]
    if versions.name == "pom.xml":
        return [(["mvn", "-q", "-B", "-C", "-f", str(versions), "dependency:copy-dependencies",
                  "-DincludeScope=runtime", f"-DoutputDirectory={target}"], HERE)]
    if versions.name == "requirements.txt":
        return [([sys.executable, "-m", "pip", "install", "--quiet", "--only-binary", ":all:", "--target", str(target),
                  "--requirement", str(versions)], HERE)]
    for file in [*PEERS[name][1], versions.parent / ".npmrc"]:
        shutil.copy(file, target)
    return [(["npm", "ci", "--ignore-scripts", "--loglevel", "error"], target)]


def fetch(name):
    """Downloads a peer if it is not there. Two that try at once wait for each other."""
    what, _, program = PEERS[name]
    final = place(name)
    if final.is_dir():
        return final
    if not shutil.which(program):
        raise Missing(f"{what}: there is no {program}; scripts/setup installs it")
    final.parent.mkdir(parents=True, exist_ok=True)
    with open(final.parent / f".{name}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if final.is_dir():
            return final
        for leftover in final.parent.glob(f".{name}-*.partial"):  # of a run that was killed; ours is the lock now
            shutil.rmtree(leftover, ignore_errors=True)
        staging = tempfile.mkdtemp(prefix=f".{name}-", suffix=".partial", dir=final.parent)
        with contextlib.ExitStack() as undo:
            undo.callback(shutil.rmtree, staging, ignore_errors=True)
            for command, where in commands(name, staging):
                done = subprocess.run(command, cwd=where, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                      check=False)
                if done.returncode != 0:
                    raise Missing(f"{what}: {command[0]} failed; does it reach its registry?\n"
                                  + (done.stdout + done.stderr)[-2000:])
            os.chmod(staging, 0o755)
            os.rename(staging, final)
            undo.pop_all()
    return final
