"""What ends when, as a seed says."""
import dataclasses
import random

# Moments at which feedcast gets SIGKILL, and how often each is chosen.
POINTS = {"random": 3, "acked": 3, "starting": 2, "server_down": 1, "read_again": 1}
WITH_A_RESTART = ("server_down", "read_again")


@dataclasses.dataclass(frozen=True)
class Event:
    kind: str  # kill (of feedcast), restart (of the server, which is killed)
    point: str  # when feedcast is killed; empty: it is not
    at: int  # when so many writes were acknowledged
    before: float  # seconds to wait at that moment
    away: float  # seconds until it is started again


def plan(seed, writes, kills, restarts):
    """Spread over the middle of the run, in order."""
    rng = random.Random(f"couchdb {seed}")
    deck = [point for point, weight in POINTS.items() for _ in range(weight)]
    rng.shuffle(deck)
    points = [deck[n % len(deck)] for n in range(kills)]
    along = [p for p in points if p in WITH_A_RESTART]
    ends = [("restart", along[n] if n < len(along) else "") for n in range(restarts)]
    ends += [("kill", p) for p in points if p not in WITH_A_RESTART] + [("kill", "random")] * (len(along) - restarts)
    rng.shuffle(ends)
    events = []
    for n, (kind, point) in enumerate(ends):
        share = (n + rng.uniform(0.6, 1.0)) / (len(ends) + 1)
        events.append(Event(kind, point, int(writes * share), rng.uniform(0, 0.5),
                            rng.choice((0.0, 0.0, rng.uniform(0, 2.0)))))
    return events


def kills_of(events):
    return sum(1 for e in events if e.point)


def restarts_of(events):
    return sum(1 for e in events if e.kind == "restart")
