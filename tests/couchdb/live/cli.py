"""What scripts/couchdb-live runs: reads the arguments, makes one run, writes and prints the result."""
import argparse
import json
import os
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "chaos"), str(HERE.parents[1] / "kafka")]

import peers  # noqa: E402  (from a folder above)

USAGE, UNAVAILABLE = 64, 69


class Arguments(argparse.ArgumentParser):
    def error(self, message):
        print(f"couchdb-live: error: {message} (--help shows how)", file=sys.stderr)
        sys.exit(USAGE)


def parse(arguments):
    parser = Arguments(prog="scripts/couchdb-live", add_help=False)
    add = parser.add_argument
    add("--seed", type=int, default=1)
    add("--writes", type=int, default=50_000)
    add("--kills", type=int, default=20)
    add("--restarts", type=int, default=5)
    add("--rate", type=int, default=200)
    add("--rss-limit", type=float, default=128)
    add("--profile", default="balanced")
    add("--json")
    add("--keep")
    add("--quiet", action="store_true")
    given = parser.parse_args(arguments)
    if given.writes < 100 * (given.kills + given.restarts + 1):
        parser.error("--writes: each end wants a hundred of them")
    return given


def main(arguments):
    given = parse(arguments)
    binaries = os.environ.get("FEEDCAST_BINARY_DIR")
    if not binaries:
        print("couchdb-live: error: FEEDCAST_BINARY_DIR is not set; scripts/couchdb-live sets it", file=sys.stderr)
        return UNAVAILABLE
    began = time.monotonic()

    def say(text):
        if not given.quiet:
            print(f"{time.monotonic() - began:7.1f} {text}", file=sys.stderr, flush=True)
    try:
        import couch_run
        import report
        result = couch_run.run(binaries, report.revision(ROOT, binaries), given.seed, given.writes, given.kills,
                               given.restarts, say, given.rate, given.keep, given.rss_limit,
                               given.profile)
    except peers.Missing as e:
        print(f"couchdb-live: error: {e}", file=sys.stderr)
        return UNAVAILABLE
    if given.json:
        partial = given.json + ".partial"
        with open(partial, "w", encoding="utf-8") as f:
            json.dump(result, f, indent=1)
        os.replace(partial, given.json)
    print(report.table(result))
    for line in result["details"]:
        print(line)
    return 0 if result["passed"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
