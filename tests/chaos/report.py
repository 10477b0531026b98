"""The report of a run: figures as a dictionary for --json, as a table for people, and failures in full."""
import collections
import os
import platform
import statistics
import subprocess

SHOWN = 10  # of each kind of failure


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else None


def spread(values):
    return {"n": len(values), "p50": percentile(values, 0.5), "p99": percentile(values, 0.99),
            "max": max(values, default=None)}


def revision(source, binaries):
    """The commit, and whether the tree differs from it; what the program says of itself."""
    def ask(*command):
        done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else "unknown"
    return {"commit": ask("git", "rev-parse", "HEAD"), "dirty": bool(ask("git", "status", "--porcelain", "-uno")),
            "program": ask(os.path.join(binaries, "app", "feedcast"), "--version")}


def machine():
    with open("/proc/meminfo", encoding="ascii") as f:
        memory = int(f.readline().split()[1]) // (1 << 20)
    return f"{os.cpu_count()} processors, {memory} GiB, Linux {platform.release()}"


def phase_of(phases, ms):
    name = "before"
    for began, phase in phases:
        if ms >= began:
            name = phase
    return name


def propagation(verdict, phases):
    found = collections.defaultdict(list)
    for ms, _, latency in verdict.latencies:
        found[phase_of(phases, ms)].append(latency)
    return {phase: spread(found[phase]) for _, phase in phases if found[phase]}


def duplicates(verdict, records, phases):
    repeated = collections.Counter(phase_of(phases, ms) for ms in verdict.duplicates)
    total = collections.Counter(phase_of(phases, ms) for ms in records)
    return {phase: {"records": total[phase], "repeated": repeated[phase],
                    "ratio": round(repeated[phase] / total[phase], 5)} for _, phase in phases if total[phase]}


def recoveries(rig, injected, calm):
    """By kind: from the moment when all was mended to the first append, and until no more keys waited than in calm."""
    found = collections.defaultdict(lambda: {"first": [], "level": []})
    for f in injected:
        if f.healed_ms is None:
            continue
        targets = [f.victim] if f.victim else list(rig.monitor.first_after)
        appends = [next((ms for ms in rig.monitor.first_after[t] if ms >= f.healed_ms), None) for t in targets]
        if None not in appends:
            found[f.kind]["first"].append(max(appends) - f.healed_ms)
        level = next((ms for ms, owed in rig.monitor.owed if ms >= f.healed_ms
                      and all(owed[t] <= calm[t] for t in targets)), None)
        if level is not None:
            found[f.kind]["level"].append(level - f.healed_ms)
    return {kind: {"to_first_append_ms": [round(statistics.median(v["first"])), max(v["first"])] if v["first"] else None,
                   "to_calm_level_ms": [round(statistics.median(v["level"])), max(v["level"])] if v["level"] else None}
            for kind, v in sorted(found.items())}


def calm_level(rig, phases):
    """Keys that waited at most, for each target, in nearly all of the calm phase."""
    calm = [owed for ms, owed in rig.monitor.owed if phase_of(phases, ms) == "calm"]
    return {t: 10 + (percentile([o[t] for o in calm], 0.95) or 0) for t in rig.monitor.first_after}


def processes(service):
    lives = service.lives
    ends = collections.Counter(life.end for life in lives if life.end)
    growth = [g for g in (life.growth() for life in lives) if g]
    drains = [life for life in lives if life.end == "SIGTERM"]
    return {"lives": len(lives), "kills_survived": sum(1 for life in lives[:-1] if life.end == "SIGKILL"),
            "ends": dict(ends), "drain_exit_codes": dict(collections.Counter(str(life.code) for life in drains)),
            "drain_seconds_max": max((life.seconds_to_end for life in drains), default=None),
            "rss_max_mib": round(max((s[1] for life in lives for s in life.samples), default=0) / (1 << 20), 1),
            "fds_max": max((s[2] for life in lives for s in life.samples), default=None),
            "threads_max": max((s[3] for life in lives for s in life.samples), default=None),
            "growth": {"longest_life_seconds": max((g["seconds"] for g in growth), default=None),
                       "fds": [min((g["fds"] for g in growth), default=None), max((g["fds"] for g in growth), default=None)],
                       "threads": [min((g["threads"] for g in growth), default=None),
                                   max((g["threads"] for g in growth), default=None)]}}


def figures(verdict):
    return {"obligations": verdict.obligations, "lost_strict": len(verdict.lost_strict),
            "lost_contract": len(verdict.lost_contract), "masked": len(verdict.masked),
            "uncertain": verdict.uncertain, "invented": len(verdict.invented), "corrupt": len(verdict.corrupt), "misrouted": len(verdict.misrouted),
            "premature_checkpoints": len(verdict.premature), "cursors_backwards": len(verdict.backwards),
            "ranges_without_position": len(verdict.no_base), "checkpoints": verdict.checkpoints,
            "records": verdict.records, "excused_own_newer": verdict.excused_own,
            "excused_refused": verdict.excused_refused, "written_before_now": verdict.before_now}


def by_kind(injected):
    found = {}
    for f in injected:
        kind = found.setdefault(f.kind, {"injected": 0, "felt": 0})
        kind["injected"] += 1
        kind["felt"] += 1 if f.felt else 0
    return found


def details(verdict, rig, injected):
    """Lines about each failure of the verdict: what it was, leases around it, faults at that time."""
    lines = []

    def around(target, write):
        for lease in rig.books.leases:
            books, container = rig.books.lease_place(lease)
            if (books is not None and books.target.name == target and container == write.container
                    and lease.after is not None and (lease.before or 0) <= write.lsn <= lease.after):
                lines.append(f"    lease {lease.id} {lease.before} -> {lease.after} at {lease.ms} by {lease.owner}")
        for f in injected:
            if f.began_ms - 2000 <= write.ms <= (f.healed_ms or write.ms) + 2000:
                lines.append(f"    fault {f.kind} {f.victim} {f.began_ms}..{f.healed_ms} felt {f.felt}")

    for name, found in (("lost", verdict.lost_contract), ("masked", verdict.masked)):
        for target, w in found[:SHOWN]:
            lines.append(f"{name}: {target} {w.container} {w.id!r} lsn {w.lsn} range {w.range} epk {w.epk} at {w.ms} "
                         f"origin {w.origin} kind {w.kind}")
            around(target, w)
    for p in verdict.premature[:SHOWN]:
        lines.append(f"premature: {p.target} lease {p.lease.id} {p.lease.before} -> {p.lease.after} at {p.lease.ms} passed "
                     f"{p.write.container} {p.write.id!r} lsn {p.write.lsn} of {p.write.ms}, appended {p.appended}")
        around(p.target, p.write)
    for before, after in verdict.backwards[:SHOWN]:
        lines.append(f"backwards: lease {after.id} {before.after} at {before.ms} -> {after.after} at {after.ms}")
    for target, m in verdict.invented[:SHOWN]:
        lines.append(f"invented: {target} {m}")
    for target, what in verdict.corrupt[:SHOWN]:
        lines.append(f"corrupt: {target} {what}")
    for target, m, w in verdict.misrouted[:SHOWN]:
        lines.append(f"misrouted: {target} {m} of origin {w.origin}")
    lines += [f"no position was ever stored: {place}" for place in verdict.no_base[:SHOWN]]
    return lines


def table(result):
    """For people."""
    rows = [("result", "passed" if result["passed"] else "FAILED"),
            ("commit", result["revision"]["commit"][:12] + (" + changes" if result["revision"]["dirty"] else "")),
            ("mode, seed", f"{result['mode']}, {result['seed']}")]
    rows += [(name.replace("_", " "), value) for name, value in result["verdict"].items()]
    for phase, s in result["propagation_ms"].items():
        rows.append((f"propagation, {phase}", f"p50 {s['p50']} ms, p99 {s['p99']} ms, max {s['max']} ms ({s['n']})"))
    for phase, d in result["duplicates"].items():
        rows.append((f"duplicates, {phase}", f"{d['repeated']} of {d['records']} ({d['ratio']:.2%})"))
    for kind, f in sorted(result["faults"].items()):
        recovery = result["recovery"].get(kind, {})
        rows.append((f"fault {kind}", f"{f['felt']} of {f['injected']} felt; median, max to first append "
                     f"{recovery.get('to_first_append_ms')} ms, to calm {recovery.get('to_calm_level_ms')} ms"))
    rows += [(name.replace("_", " "), value) for name, value in result["process"].items()]
    rows += [(name.replace("_", " "), value) for name, value in result.get("more", {}).items()]
    width = max(len(name) for name, _ in rows)
    lines = [f"{name:<{width}}  {value}" for name, value in rows]
    return "\n".join(lines + [f"FAILURE: {f}" for f in result["failures"]])
