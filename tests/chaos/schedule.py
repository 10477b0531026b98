"""What breaks when, as a seed says. Three lanes, each with one fault at a time, so that there are never more than three.

Each lane deals its kinds from a shuffled deck, so that every kind comes up before one comes again. The same seed draws
the same kinds, victims and durations; how long each takes to mend is up to the machine.
"""
import dataclasses
import random

import model

SINGLES = tuple(t.name for t in model.TARGETS if t.brokers == 1)
CLUSTERED = tuple(t.name for t in model.TARGETS if t.brokers > 1)
EVERY = tuple(t.name for t in model.TARGETS)


@dataclasses.dataclass(frozen=True)
class Kind:
    name: str
    lane: str
    shortest: float  # seconds in force
    longest: float
    victims: tuple = ("",)


KINDS = {k.name: k for k in (
    # The process itself. For kill and term: how long it stays away.
    Kind("kill", "process", 0.0, 2.0),
    Kind("term", "process", 0.0, 2.0),
    Kind("stop", "process", 1.0, 6.0),
    # Brokers and the way to them.
    Kind("broker_killed", "kafka", 1.0, 4.0, EVERY),
    Kind("broker_stopped", "kafka", 2.0, 6.0, EVERY),
    Kind("one_of_three_down", "kafka", 3.0, 8.0, CLUSTERED),
    Kind("leader_moved", "kafka", 1.0, 2.0, CLUSTERED),
    Kind("all_brokers_down", "kafka", 3.0, 8.0, EVERY),
    Kind("topic_deleted", "kafka", 2.0, 4.0, EVERY),
    Kind("message_refused", "kafka", 2.0, 4.0, EVERY),
    Kind("broker_blackhole", "kafka", 3.0, 8.0, EVERY),
    Kind("broker_reset", "kafka", 1.0, 3.0, EVERY),
    Kind("broker_drip", "kafka", 2.0, 5.0, EVERY),
    # The account: feed, ranges, leases, and the way to it.
    Kind("feed_429", "account", 1.0, 3.0),
    Kind("feed_503", "account", 1.0, 3.0),
    Kind("feed_500", "account", 1.0, 3.0),
    Kind("feed_408", "account", 1.0, 3.0),
    Kind("feed_410", "account", 0.5, 2.0),
    Kind("feed_404_1002", "account", 1.0, 3.0),
    Kind("feed_401", "account", 0.5, 2.0),
    Kind("feed_truncated", "account", 1.0, 3.0),
    Kind("feed_corrupt", "account", 1.0, 3.0),
    Kind("feed_reset", "account", 1.0, 3.0),
    Kind("feed_delayed", "account", 1.0, 3.0),
    Kind("ranges_503", "account", 1.0, 3.0),
    Kind("split", "account", 0.5, 1.0),
    Kind("lease_412", "account", 1.0, 3.0),
    Kind("lease_409", "account", 1.0, 3.0),
    Kind("lease_429", "account", 1.0, 3.0),
    Kind("lease_503", "account", 1.0, 3.0),
    Kind("lease_reset_before", "account", 1.0, 3.0),
    Kind("lease_reset_after", "account", 1.0, 3.0),
    Kind("account_blackhole", "account", 2.0, 5.0),
    Kind("account_reset", "account", 1.0, 3.0),
    Kind("account_drip", "account", 2.0, 4.0),
    # In the documents themselves, all the time: see writer.Writer.poison.
    Kind("poison", "documents", 0.0, 0.0),
)}
LANES = ("process", "kafka", "account")


class Unknown(Exception):
    """There is no such kind; the text says which there are."""


def chosen(text):
    """The kinds that --faults names: none, all, or a list in which all may stand and -KIND takes one out."""
    names = []
    for word in filter(None, (w.strip() for w in text.split(","))):
        name = word.removeprefix("-")
        if word not in ("all", "none") and name not in KINDS:
            raise Unknown(f"there is no fault '{name}'; there are: {', '.join(KINDS)}")
        if word == "all":
            names += [k for k in KINDS if k not in names]
        elif word.startswith("-"):
            names = [k for k in names if k != name]
        elif word != "none":
            names.append(name)
    return names


@dataclasses.dataclass(frozen=True)
class Draw:
    kind: Kind
    gap: float  # seconds to wait before
    seconds: float  # in force
    victim: str
    dice: float  # for whatever else the kind decides


def draws(seed, lane, names):
    """The faults of a lane, without end; none if it has no kinds."""
    rng = random.Random(f"{lane} {seed}")
    kinds = sorted((KINDS[n] for n in names if KINDS[n].lane == lane), key=lambda k: k.name)
    while kinds:
        deck = list(kinds)
        rng.shuffle(deck)
        for kind in deck:
            gap = rng.uniform(1.0, 6.0) if lane == "process" else rng.uniform(0.2, 1.0)
            yield Draw(kind, gap, rng.uniform(kind.shortest, kind.longest), rng.choice(kind.victims), rng.random())
