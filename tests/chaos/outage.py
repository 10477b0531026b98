"""All brokers of all targets down under load, for long."""
import concurrent.futures
import statistics

import model
import report
from faults import PATIENCE_FOR_APPENDS, appended_since
from lanes import Injected
from rig import Rig, pause
from run import Phases, conclude, probe, settle, with_signals_held
from service import now_ms

RESUMED = 2000  # milliseconds from the return of the brokers to the first message; the median over the targets


def bring_back(rig, target):
    """When the topic could take messages again."""
    cluster = rig.clusters[target.name]
    cluster.start(wait=False)
    enough = min(2, target.brokers)
    cluster.wait_in_sync(model.TOPIC, enough, seconds=120)
    return target.name, now_ms()


def run(binaries, revision, seed, seconds, say, rate=250, keep=None, rss_limit=128):
    rig = Rig(binaries, seed, rate, tuning="")
    try:
        phases = Phases(say)
        failures = []
        rig.start_service()
        phases.begin("warm-up")
        rig.writer.start()
        pause(10)
        phases.begin("calm")
        pause(10)
        before = rig.service.lives[-1].samples[-1][1]
        phases.begin("outage")
        outage = Injected("all_down", "", now_ms())
        for cluster in rig.clusters.values():
            cluster.kill()
        pause(seconds)
        outage.felt = rig.books.outstanding()
        outage.asked_back_ms = now_ms()
        phases.begin("heal")
        with concurrent.futures.ThreadPoolExecutor() as threads:
            back = dict(threads.map(lambda t: bring_back(rig, t), model.TARGETS))
        outage.healed_ms = max(back.values())
        flows = {}

        def all_flow():
            flows.update({t: appended_since(rig, t, outage.asked_back_ms) for t in back})
            return None not in flows.values()
        if not rig.monitor.wait(all_flow, PATIENCE_FOR_APPENDS):
            failures.append(f"no message within {PATIENCE_FOR_APPENDS} s of the brokers' return: {flows}")
        # What asks the brokers looks from time to time, so feedcast may well have been faster.
        resumed = {t: max(0, ms - back[t]) for t, ms in flows.items() if ms is not None}
        if resumed and statistics.median(resumed.values()) > RESUMED:
            failures.append(f"resumed {resumed} ms after the brokers' return; the median is more than {RESUMED}")
        pause(5)
        rig.writer.pause()
        phases.begin("quiet")
        settled = settle(rig, failures)
        phases.begin("probe")
        probes = probe(rig, failures)
        samples = [s for s in rig.service.lives[-1].samples if outage.began_ms <= s[0] <= outage.asked_back_ms]
        half = [s[1] for s in samples[len(samples) // 2:]]
        result = conclude(rig, "outage", seed, phases, [outage], failures, revision,
                          {"seconds_of_outage": seconds, "writes": rig.writer.written, "resumed_ms": resumed,
                           "rss_mib": {"before": round(before / (1 << 20), 1),
                                       "outage_max": round(max((s[1] for s in samples), default=0) / (1 << 20), 1),
                                       "growth_in_second_half": round((half[-1] - half[0]) / (1 << 20), 2) if half else None},
                           "seconds_to_settle": settled, "seconds_of_probes": probes}, rss_limit)
        if keep and not result["passed"]:
            rig.keep(keep)
        return result
    finally:
        with_signals_held(rig.close)
