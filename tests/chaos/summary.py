"""One line over a folder of results, and one for each run."""
import json


def load(folder, commit=None):
    found = []
    for file in sorted(folder.glob("*.json")):
        result = json.loads(file.read_text(encoding="utf-8"))
        if commit in (None, result["revision"]["commit"]):
            found.append((file.stem, result))
    return found


def total(results, name):
    return sum(r["verdict"][name] for r in results)


def kinds(results):
    """{kind: [injected, felt]} over all runs."""
    found = {}
    for r in results:
        for kind, f in r["faults"].items():
            entry = found.setdefault(kind, [0, 0])
            entry[0] += f["injected"]
            entry[1] += f["felt"]
    return found


def line(results):
    felt = kinds(results)
    return (f"{sum(r['passed'] for r in results)} of {len(results)} runs passed; obligations {total(results, 'obligations')}, "
            f"lost {total(results, 'lost_strict')} strict, {total(results, 'lost_contract')} contract, "
            f"masked {total(results, 'masked')}, invented {total(results, 'invented')}, corrupt {total(results, 'corrupt')}, "
            f"misrouted {total(results, 'misrouted')}, premature {total(results, 'premature_checkpoints')} of "
            f"{total(results, 'checkpoints')} checkpoints; kinds felt {sum(1 for _, f in felt.values() if f)} of {len(felt)}, "
            f"faults felt {sum(f for _, f in felt.values())} of {sum(i for i, _ in felt.values())}; "
            f"kills survived {sum(r['process']['kills_survived'] for r in results)}; "
            f"max RSS {max((r['process']['rss_max_mib'] for r in results), default=0)} MiB")


def print_folder(folder, commit=None):
    """Exit code: 0 if there is something and all of it passed."""
    found = load(folder, commit)
    for name, r in found:
        print(f"{'passed' if r['passed'] else 'FAILED'}  {name}  {r['verdict']['obligations']} obligations"
              + "".join(f"\n        {f}" for f in r["failures"]))
    print(line([r for _, r in found]))
    return 0 if found and all(r["passed"] for _, r in found) else 1
