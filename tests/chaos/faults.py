"""How each kind of fault is put in force, felt and taken back.

A fault is a context manager of (rig, draw) that yields a function which says how often the fault was felt so far: by a
counter of the emulator or of a proxy, or by what it did to the topics. Never by the fault having been asked for.
"""
import bisect
import contextlib

import model
from rig import pause

FAULTS = {}
MOST_RANGES = 10  # of a collection; no splits beyond
PATIENCE_FOR_APPENDS = 60  # seconds for messages to flow again


class NotNow(Exception):
    """This fault makes no sense at the moment; another is dealt."""


def fault(function):
    FAULTS[function.__name__] = contextlib.contextmanager(function)
    return function


def stalled(rig, target, draw):
    """Keys that wait for the target beyond what was normal: 10 or more are noticed."""
    before = rig.books.outstanding(target)
    return lambda: max(0, rig.books.outstanding(target) - before - 9)


def appended_since(rig, target, since_ms):
    """When the first message after that moment was appended; None if there is none yet."""
    appends = rig.monitor.first_after[target]
    at = bisect.bisect_left(appends, since_ms)
    return appends[at] if at < len(appends) else None


def reconnected(rig, proxies):
    before = sum(p.connections for p in proxies)
    return lambda: sum(p.connections for p in proxies) - before


def proxies_of(rig, target):
    return [p for (name, _), p in rig.proxies.items() if name == target]


# -- the process. Kills and drains are felt when the process is gone, a stop when the kernel says so.

@fault
def kill(rig, draw):
    lives = len(rig.service.lives)
    rig.service.kill()
    yield lambda: int(rig.service.lives[lives - 1].end == "SIGKILL")
    rig.service.start()


@fault
def term(rig, draw):
    lives = len(rig.service.lives)
    rig.service.terminate()
    yield lambda: int(rig.service.lives[lives - 1].end == "SIGTERM")
    rig.service.start()


@fault
def stop(rig, draw):
    rig.service.suspend()
    try:
        yield lambda: int(rig.service.stopped())
    finally:
        rig.service.resume()


# -- brokers

def pick(draw, choices):
    choices = list(choices)
    return choices[int(draw.dice * len(choices))]


def broken(felt_one, felt_other):
    return lambda: felt_one() + felt_other()


def down(rig, draw, nodes):
    cluster = rig.clusters[draw.victim]
    felt = broken(stalled(rig, draw.victim, draw), reconnected(rig, [rig.proxies[draw.victim, n] for n in nodes]))
    for n in nodes:
        cluster.kill(n)
    try:
        yield felt
    finally:
        for n in nodes:
            cluster.start(n, wait=False)
        cluster.wait_ready()
        if len(cluster.nodes) > 1:
            cluster.wait_in_sync(model.TOPIC, len(cluster.nodes))


@fault
def broker_killed(rig, draw):
    yield from down(rig, draw, [pick(draw, rig.clusters[draw.victim].nodes)])


@fault
def one_of_three_down(rig, draw):
    yield from down(rig, draw, [pick(draw, rig.clusters[draw.victim].nodes)])


@fault
def all_brokers_down(rig, draw):
    yield from down(rig, draw, list(rig.clusters[draw.victim].nodes))


@fault
def broker_stopped(rig, draw):
    cluster = rig.clusters[draw.victim]
    node = pick(draw, cluster.nodes)
    felt = broken(stalled(rig, draw.victim, draw), reconnected(rig, [rig.proxies[draw.victim, node]]))
    cluster.suspend(node)
    try:
        yield felt
    finally:
        cluster.resume(node)
        cluster.wait_ready()
        if len(cluster.nodes) > 1:
            cluster.wait_in_sync(model.TOPIC, len(cluster.nodes))


@fault
def leader_moved(rig, draw):
    """Felt by what is appended under the new leader."""
    cluster = rig.clusters[draw.victim]
    partition = int(draw.dice * len(cluster.leaders(model.TOPIC)))
    old = cluster.leader_of(model.TOPIC, partition)
    new = pick(draw, [n for n in cluster.nodes if n != old])
    cluster.move_leader(model.TOPIC, new, partition)
    received = rig.books.targets[draw.victim].received
    # Asked each time: for a moment some brokers still name the old leader.
    yield lambda: (rig.books.targets[draw.victim].received - received) * (cluster.leader_of(model.TOPIC, partition) == new)


@fault
def topic_deleted(rig, draw):
    """Everything that was written is delivered and read first, for a deletion takes the evidence along. What is written
    while there is no topic has to be in the new one."""
    cluster, target = rig.clusters[draw.victim], next(t for t in model.TARGETS if t.name == draw.victim)
    rig.writer.pause()
    try:
        if not rig.monitor.wait_settled(30, draw.victim):
            raise NotNow
        cluster.delete_topic(model.TOPIC)
    finally:
        rig.writer.start()
    try:
        yield stalled(rig, draw.victim, draw)
    finally:
        rig.create_topic(target)
        rig.monitor.observers[draw.victim].restart()


@fault
def message_refused(rig, draw):
    """The topic takes single messages of the usual size and nothing larger: batches are refused for one of theirs, and
    some documents have ids that make a message too large in any company. Those are excused at this target; they count as
    felt when feedcast has given them up."""
    cluster = rig.clusters[draw.victim]
    cluster.set_topic_config(model.TOPIC, max_message_bytes=500)
    huge = [f"huge|{'x' * 220}-{int(draw.dice * 1e9)}-{n}" for n in range(3)]
    try:
        for identifier in huge:
            rig.books.excuse(draw.victim, model.keys_of(model.WHISKS, identifier)[0])
        pause(0.3)  # a topic's settings need a moment to reach its leaders
        rig.writer.write(huge)
        yield lambda: int(rig.service.metric("feedcast_target_messages_total", f'target="{draw.victim}"',
                                             'outcome="undeliverable"'))
    finally:
        cluster.set_topic_config(model.TOPIC, max_message_bytes=1_048_588)


# -- the way to the brokers

def way(rig, proxies, felt, mode, **how):
    for p in proxies:
        p.set_mode(mode, **how)
    try:
        yield felt
    finally:
        for p in proxies:
            p.set_mode("pass")


@fault
def broker_blackhole(rig, draw):
    yield from way(rig, proxies_of(rig, draw.victim), stalled(rig, draw.victim, draw), "blackhole")


@fault
def broker_reset(rig, draw):
    proxies = proxies_of(rig, draw.victim)
    yield from way(rig, proxies, reconnected(rig, proxies), "reset")


@fault
def broker_drip(rig, draw):
    proxies = proxies_of(rig, draw.victim)
    before = sum(p.bytes_up for p in proxies)
    yield from way(rig, proxies, lambda: sum(p.bytes_up for p in proxies) - before, "drip", rate=3000)


# -- the account

def rule(rig, **members):
    """A fault rule of the emulator; felt by its hits."""
    made = rig.wire.control("POST", "/_emulator/faults", members)["id"]
    hits = [0]

    def felt():
        for r in rig.wire.control("GET", "/_emulator/faults")["faults"]:
            if r["id"] == made:
                hits[0] = r["hits"]
        return hits[0]
    try:
        yield felt
    finally:
        felt()
        rig.wire.control("DELETE", f"/_emulator/faults/{made}")


def rule_kind(name, **members):
    def made(rig, draw):
        yield from rule(rig, **members)
    made.__name__ = name
    fault(made)


for _name, _members in {
        "feed_429": {"status": 429, "retry_after_ms": 200},
        "feed_503": {"status": 503},
        "feed_500": {"status": 500},
        "feed_408": {"status": 408},
        "feed_410": {"status": 410, "substatus": 1002, "times": 10},
        "feed_404_1002": {"status": 404, "substatus": 1002},
        "feed_401": {"status": 401},
        "feed_truncated": {"kind": "truncate", "rate": 0.7},
        # Rare, as a network that damages answers is: hardly ever the same page twice.
        "feed_corrupt": {"kind": "corrupt", "rate": 0.02},
        "feed_reset": {"kind": "reset", "at_byte": 400, "rate": 0.7},
        "feed_delayed": {"kind": "delay", "delay_ms": 700}}.items():
    rule_kind(_name, operation="feed", **_members)

rule_kind("ranges_503", operation="pkranges", status=503)
for _name, _members in {
        "lease_412": {"status": 412, "times": 20},
        "lease_409": {"status": 409, "times": 20},
        "lease_429": {"status": 429, "retry_after_ms": 300},
        "lease_503": {"status": 503},
        "lease_reset_before": {"kind": "reset", "apply": False},
        "lease_reset_after": {"kind": "reset"}}.items():
    rule_kind(_name, operation="replace", container="leases", **_members)


@fault
def split(rig, draw):
    """Felt when every target stored a position for both children."""
    container = model.SUBJECTS if draw.dice > 0.75 else model.WHISKS
    live = sorted(rig.books.live[container])
    if len(live) >= MOST_RANGES:
        raise NotNow
    parent = live[int(draw.dice * 1000) % len(live)]
    children = set(rig.wire.control(
        "POST", f"/_emulator/dbs/{model.DATABASE}/colls/{container}/split/{parent}")["children"])

    def felt():
        stored = set()
        for lease in list(rig.books.leases):
            target, where = rig.books.lease_place(lease)
            if where == container and lease.token in children and lease.after is not None:
                stored.add((target.target.name, lease.token))
        return len(stored) // (2 * len(model.TARGETS))
    yield felt


@fault
def account_blackhole(rig, draw):
    yield from way(rig, [rig.account_proxy], stalled(rig, None, draw), "blackhole")


@fault
def account_reset(rig, draw):
    yield from way(rig, [rig.account_proxy], reconnected(rig, [rig.account_proxy]), "reset")


@fault
def account_drip(rig, draw):
    before = rig.account_proxy.bytes_down
    yield from way(rig, [rig.account_proxy], lambda: rig.account_proxy.bytes_down - before, "drip", rate=40_000)
