"""What scripts/chaos runs: reads the arguments, makes one run or a series, writes and prints the results."""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), str(HERE.parent / "kafka")]

import peers  # noqa: E402  (from the folder above)
import schedule  # noqa: E402

USAGE, UNAVAILABLE = 64, 69


class Arguments(argparse.ArgumentParser):
    def error(self, message):
        print(f"chaos: error: {message} (--help shows how)", file=sys.stderr)
        sys.exit(USAGE)


def parse(arguments):
    parser = Arguments(prog="scripts/chaos", add_help=False)
    add = parser.add_argument
    add("--seed", type=int, default=1)
    add("--seconds", type=int, default=120)
    add("--faults", default="all")
    add("--kills", type=int)
    add("--outage", type=int)
    add("--series", type=int)
    add("--out")
    add("--json")
    add("--keep")
    add("--rate", type=int, default=250)
    add("--rss-limit", type=float, default=128)
    add("--quiet", action="store_true")
    given = parser.parse_args(arguments)
    try:
        schedule.chosen(given.faults)
    except schedule.Unknown as e:
        parser.error(str(e))
    if given.series is not None and not given.out:
        parser.error("--series needs --out FOLDER")
    if given.kills is not None and given.outage is not None:
        parser.error("--kills and --outage are two different runs")
    return given


def say_since(began, quiet):
    def say(text):
        if not quiet:
            print(f"{time.monotonic() - began:7.1f} {text}", file=sys.stderr, flush=True)
    return say


def one(given, binaries):
    import kills
    import outage
    import report
    import run
    say = say_since(time.monotonic(), given.quiet)
    revision = report.revision(ROOT, binaries)
    common = {"rate": given.rate, "keep": given.keep, "rss_limit": given.rss_limit}
    if given.kills is not None:
        result = kills.run(binaries, revision, given.seed, given.kills, say, **common)
    elif given.outage is not None:
        result = outage.run(binaries, revision, given.seed, given.outage, say, **common)
    else:
        result = run.run(binaries, revision, given.seed, given.seconds, given.faults, say, **common)
    if given.json:
        partial = given.json + ".partial"
        with open(partial, "w", encoding="utf-8") as f:
            json.dump(result, f, indent=1)
        os.replace(partial, given.json)
    print(report.table(result))
    for line in result["details"]:
        print(line)
    return 0 if result["passed"] else 1


def series(given, binaries):
    """Seeds from --seed on, each in a process of its own; those of this program that are there already are skipped."""
    import report
    import summary
    folder = pathlib.Path(given.out)
    folder.mkdir(parents=True, exist_ok=True)
    commit = report.revision(ROOT, binaries)["commit"]
    kind = "no-faults" if given.faults == "none" else "faults"
    for seed in range(given.seed, given.seed + given.series):
        name = f"{commit[:12]}-{kind}-{given.seconds}s-seed{seed}"
        file = folder / f"{name}.json"
        if file.exists():
            print(f"chaos: seed {seed}: there already", file=sys.stderr)
            continue
        command = [sys.executable, __file__, "--seed", str(seed), "--seconds", str(given.seconds), "--faults", given.faults,
                   "--rate", str(given.rate), "--rss-limit", str(given.rss_limit), "--json", str(file),
                   "--keep", str(folder / name)] + (["--quiet"] if given.quiet else [])
        with open(folder / f"{name}.txt", "w", encoding="utf-8") as log:
            code = subprocess.run(command, stdout=log, stderr=log, check=False).returncode
        print(f"chaos: seed {seed}: {'passed' if code == 0 else f'FAILED ({code}), see {name}.txt'}", file=sys.stderr)
    return summary.print_folder(folder, commit)


def main(arguments):
    given = parse(arguments)
    binaries = os.environ.get("FEEDCAST_BINARY_DIR")
    if not binaries:
        print("chaos: error: FEEDCAST_BINARY_DIR is not set; scripts/chaos sets it", file=sys.stderr)
        return UNAVAILABLE
    try:
        return series(given, binaries) if given.series is not None else one(given, binaries)
    except peers.Missing as e:
        print(f"chaos: error: {e}", file=sys.stderr)
        return UNAVAILABLE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
