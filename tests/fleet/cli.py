"""What scripts/fleet runs: reads the arguments, makes one run, writes and prints the result."""
import argparse
import json
import os
import pathlib
import re
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), str(HERE.parent / "chaos"), str(HERE.parent / "kafka")]

import peers  # noqa: E402  (from a folder above)
import plan  # noqa: E402

USAGE, UNAVAILABLE = 64, 69


class Arguments(argparse.ArgumentParser):
    def error(self, message):
        print(f"fleet: error: {message} (--help shows how)", file=sys.stderr)
        sys.exit(USAGE)


def timers(text):
    """EXPIRY:LOOK:RENEW in seconds, or `default`."""
    if text == "default":
        return plan.Timers()
    if not re.fullmatch(r"[0-9.]+:[0-9.]+:[0-9.]+", text):
        raise argparse.ArgumentTypeError(f"'{text}' is not EXPIRY:LOOK:RENEW in seconds, such as 6:1.3:1.7")
    return plan.Timers(*map(float, text.split(":")))


def parse(arguments):
    parser = Arguments(prog="scripts/fleet", add_help=False)
    add = parser.add_argument
    add("--seed", type=int, default=1)
    add("--events", type=int, default=50)
    add("--splits", type=int, default=4)
    add("--merges", type=int, default=2)
    add("--instances", type=int, default=3)
    add("--ranges", type=int, default=16)
    add("--rate", type=int, default=2000)
    add("--timers", type=timers, default=timers("6:1.3:1.7"))
    add("--longest-gap", type=float, default=4.0)
    add("--rss-limit", type=float, default=128)
    add("--json")
    add("--keep")
    add("--quiet", action="store_true")
    given = parser.parse_args(arguments)
    if given.instances < 2:
        parser.error("--instances: a fleet has two or more")
    if given.splits + given.merges > given.events:
        parser.error("each split and merge comes with an event: --events must not be less than both")
    return given


def main(arguments):
    given = parse(arguments)
    binaries = os.environ.get("FEEDCAST_BINARY_DIR")
    if not binaries:
        print("fleet: error: FEEDCAST_BINARY_DIR is not set; scripts/fleet sets it", file=sys.stderr)
        return UNAVAILABLE
    try:
        import fleet_run
        import report
    except peers.Missing as e:
        print(f"fleet: error: {e}", file=sys.stderr)
        return UNAVAILABLE
    began = time.monotonic()

    def say(text):
        if not given.quiet:
            print(f"{time.monotonic() - began:7.1f} {text}", file=sys.stderr, flush=True)
    events = plan.plan(given.seed, given.events, given.splits, given.merges, given.timers.bound(), given.longest_gap)
    result = fleet_run.run(binaries, report.revision(ROOT, binaries), given.seed, events, given.timers, say, given.rate,
                           given.keep, given.rss_limit, given.instances, given.ranges)
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
