"""What happens to the fleet and to the feed, as a seed says."""
import dataclasses
import random


@dataclasses.dataclass(frozen=True)
class Timers:
    """Of leases, in seconds."""
    expiry: float = 60.0
    look: float = 13.0
    renew: float = 17.0

    def bound(self):
        """A lease whose holder died is held again after so long at the latest: it expires by the server's clock, which
        counts whole seconds, and instances look every so often; the first look may see it a moment too early."""
        return self.expiry + 2 * self.look + 1

    def setting(self):
        return "" if self == Timers() else (f", leases: {{expiry: {round(self.expiry * 1000)}ms, "
                                            f"look: {round(self.look * 1000)}ms, renew: {round(self.renew * 1000)}ms}}")


@dataclasses.dataclass(frozen=True)
class Event:
    """An instance ends and comes back; a split or merge may come just before."""
    kind: str  # kill: SIGKILL; term: SIGTERM; restart: SIGTERM and started again at once
    gap: float  # seconds to wait before
    away: float  # seconds until it is started again
    dice: float  # which of those that run
    reshape: str | None = None  # split or merge
    reshape_dice: float = 0.0
    completing: int = 0  # ms for which ranges that are gone say that the split is not complete
    before: float = 0.0  # seconds from the split or merge to the end of the instance


# Each deck: how often which kind comes, and how long the instance stays away, in parts of the bound.
DECK = (("kill", 0.0, 0.1), ("kill", 0.1, 0.5), ("kill", 1.0, 1.3), ("term", 0.0, 0.2), ("term", 0.3, 1.0),
        ("restart", 0.0, 0.0))


def plan(seed, events, splits, merges, bound, longest_gap=4.0):
    """[Event]. Splits come before merges in equal parts of the run; the first half of the events has at least one."""
    rng = random.Random(f"fleet {seed}")
    reshapes = ["split"] * splits + ["merge"] * merges
    rng.shuffle(reshapes)
    if "merge" in reshapes[:1] and splits:  # a merge of what was split is the harder one
        reshapes.insert(0, reshapes.pop(reshapes.index("split")))
    places = {round((n + 0.5) * events / len(reshapes) - 0.5): name for n, name in enumerate(reshapes)} if reshapes else {}
    drawn = []
    while len(drawn) < events:
        deck = list(DECK)
        rng.shuffle(deck)
        for kind, low, high in deck[:events - len(drawn)]:
            drawn.append(Event(kind, rng.uniform(0.5, longest_gap), bound * rng.uniform(low, high), rng.random(),
                               places.get(len(drawn)), rng.random(), rng.choice((0, 300, 800)),
                               rng.choice((0.0, 0.05, 0.3, 1.5))))
    return drawn
