"""One Apache Kafka node, broker and KRaft controller in one process, and how it is configured."""
import dataclasses
import os
import shutil
import signal
import subprocess

import peers

JVM = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-XX:-UsePerfData",
       "-Dorg.slf4j.simpleLogger.showDateTime=true", "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS"]


def class_archive():
    """Kafka's classes as the JVM keeps them (class data sharing): a broker that finds them starts with a third less work.
    Ignored by a JVM of another version."""
    return peers.folder("kafka") / "classes.jsa"


# Small, and quick to notice that a neighbour is gone; whatever concerns durability is as Kafka has it.
SETTINGS = {
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "auto.create.topics.enable": "false",
    "unclean.leader.election.enable": "false",
    "auto.leader.rebalance.enable": "false",
    "num.network.threads": "2",
    "num.io.threads": "2",
    "num.recovery.threads.per.data.dir": "1",
    "background.threads": "2",
    "log.index.size.max.bytes": "65536",
    "offsets.topic.num.partitions": "1",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.num.partitions": "1",
    "transaction.state.log.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    "broker.session.timeout.ms": "2000",
    "broker.heartbeat.interval.ms": "400",
    "replica.lag.time.max.ms": "5000",
    "replica.fetch.wait.max.ms": "100",
    "controller.quorum.election.timeout.ms": "500",
    "controller.quorum.election.backoff.max.ms": "300",
    "controller.quorum.fetch.timeout.ms": "1000",
}


@dataclasses.dataclass(frozen=True)
class Listener:
    """How clients may come in. `keystore` is for SSL and SASL_SSL (certificates.Authority.issue); SASL is SCRAM-SHA-512,
    or PLAIN with the passwords of `plain`, {user: password}. With `advertised`, {node: port}, clients are sent to those
    ports instead: to a proxy's."""
    protocol: str = "PLAINTEXT"
    keystore: str | None = None
    advertised: dict | None = None
    plain: dict | None = None


def configuration(node, ports, listeners, voters, folder, more):
    """The lines of server.properties. `ports` has this node's, by name of listener."""
    order = ["CONTROLLER", *listeners]
    lines = {
        **SETTINGS,
        "process.roles": "broker,controller",
        "node.id": node,
        "controller.quorum.voters": ",".join(f"{n}@127.0.0.1:{port}" for n, port in voters.items()),
        "log.dirs": os.path.join(folder, "data"),
        "listeners": ",".join(f"{name}://127.0.0.1:{ports[name]}" for name in order),
        "advertised.listeners": ",".join(
            f"{name}://127.0.0.1:{(listener.advertised or ports_of(ports, name, node))[node]}"
            for name, listener in listeners.items()),
        "listener.security.protocol.map": ",".join(
            ["CONTROLLER:PLAINTEXT", *(f"{name}:{listener.protocol}" for name, listener in listeners.items())]),
        "sasl.enabled.mechanisms": "SCRAM-SHA-512,PLAIN",
    }
    for name, listener in listeners.items():
        prefix = f"listener.name.{name.lower()}."
        if listener.keystore:
            lines |= {prefix + "ssl.keystore.type": "PEM", prefix + "ssl.keystore.location": listener.keystore}
        if listener.protocol.startswith("SASL"):
            lines[prefix + "scram-sha-512.sasl.jaas.config"] = \
                "org.apache.kafka.common.security.scram.ScramLoginModule required;"
            lines[prefix + "plain.sasl.jaas.config"] = " ".join([
                "org.apache.kafka.common.security.plain.PlainLoginModule required",
                *(f'user_{user}="{password}"' for user, password in (listener.plain or {}).items())]) + ";"
    return "".join(f"{key}={value}\n" for key, value in {**lines, **more}.items())


def ports_of(ports, name, node):
    return {node: ports[name]}


class BrokerProcess:
    """The process of one node. Starting does not wait until it answers; brokers.Cluster does."""

    def __init__(self, node, folder, ports, text, jvm, guard):
        self.node, self.folder, self.ports, self.jvm, self.guard = node, folder, ports, jvm, guard
        self.process = None
        self.suspended = False
        os.makedirs(folder)
        self.properties = os.path.join(folder, "server.properties")
        with open(self.properties, "w", encoding="ascii") as f:
            f.write(text)
        self.log = os.path.join(folder, "log.txt")

    def _java(self, *arguments):
        if not shutil.which("java"):
            raise peers.Missing("there is no java; scripts/setup installs it")
        shared = [f"-XX:SharedArchiveFile={class_archive()}"] if class_archive().is_file() else []
        with open(self.log, "ab") as log:
            return subprocess.Popen(
                ["java", *JVM, *shared, *self.jvm, "-cp", f"{peers.folder('kafka')}/*", *arguments],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)

    def edit(self, old, new):
        """Changes its configuration, for the next start."""
        with open(self.properties, encoding="ascii") as f:
            text = f.read()
        assert old in text, old
        with open(self.properties, "w", encoding="ascii") as f:
            f.write(text.replace(old, new))

    def format(self, cluster_id):
        """Starts what lays out the data folder; to be waited for."""
        return self._java("kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", self.properties)

    def start(self):
        assert not self.running(), f"broker {self.node} runs already"
        self.process = self._java("kafka.Kafka", self.properties)
        self.guard(f"+{self.process.pid}")

    def running(self):
        return self.process is not None and self.process.poll() is None

    def signal(self, number):
        if self.running():
            self.process.send_signal(number)

    def suspend(self):
        self.signal(signal.SIGSTOP)
        self.suspended = True

    def resume(self):
        self.signal(signal.SIGCONT)
        self.suspended = False

    def end(self, number, seconds=30):
        """Sends a signal and waits for the end."""
        if self.process is None:
            return
        if self.suspended and number != signal.SIGKILL:
            self.resume()
        self.signal(number)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired as e:
            raise AssertionError(f"broker {self.node} did not end:\n{self.log_tail()}") from e
        self.guard(f"-{self.process.pid}")
        self.process, self.suspended = None, False

    def log_tail(self, size=3000):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f.read()[-size:]
