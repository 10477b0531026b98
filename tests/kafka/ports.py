"""Ports on loopback that stay ours while whoever uses them is down."""
import contextlib
import random
import socket


def _ephemeral_first():
    try:
        with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as f:
            return int(f.read().split()[0])
    except OSError:
        return 32768


class PortPool:
    """Free ports below those that the kernel gives to outgoing connections, which could otherwise sit on the port of a
    broker that is about to come back. Other processes that ask a pool are told of each taken one by a name in the
    abstract socket namespace; the names go when this process ends."""

    def __init__(self):
        self.claims = []
        self.random = random.SystemRandom()

    def take(self):
        first, last = 10240, min(32767, _ephemeral_first() - 1)
        for _ in range(10_000):
            port = self.random.randint(first, last)
            claim = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            with contextlib.suppress(OSError):
                claim.bind(f"\0feedcast-test-port-{port}")
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
                self.claims.append(claim)
                return port
            claim.close()
        raise AssertionError("no free port on loopback")

    def close(self):
        for claim in self.claims:
            claim.close()
        self.claims.clear()
