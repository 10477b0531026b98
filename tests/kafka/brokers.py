"""Apache Kafka in KRaft mode on loopback: a cluster of one or three that a test starts, breaks and mends.

    cluster = Cluster(3)
    test.addCleanup(cluster.close)
    cluster.create_topic("t", partitions=4, replication=3, config={"min.insync.replicas": 2})
    cluster.kill(2)                  # SIGKILL; restart(2) brings it back on the same ports, with its data

Everything that asks or tells the cluster something goes through the Python client of client.py, no JVM is started for
it. Every call waits until what it did can be seen in the cluster's metadata. Data is in a folder of its own, which goes
with close(), or with the test if that is killed.
"""
import base64
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid

from admin_wire import reassign
from broker_process import BrokerProcess, Listener, class_archive, configuration
from certificates import Authority
from client import confluent_kafka
from ports import PortPool

admin = confluent_kafka.admin
HERE = os.path.dirname(os.path.abspath(__file__))


def eventually(what, condition, seconds=60, pause=0.02):
    """Waits for a truthy condition()."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(pause)


class Cluster:
    """`count` brokers, numbered from 1. For one thread at a time, except suspend(), resume() and kill().

    listeners: more ways in beside PLAINTEXT, {name: Listener}. secure=True adds SSL and SASL_SSL with a good certificate
    of `authority`, whose `ca` clients trust. acls=True refuses everybody but anonymous clients (PLAINTEXT, SSL) what they
    were not allowed. settings: more lines for server.properties. jvm: more arguments for java.
    """

    def __init__(self, count=1, listeners=None, secure=False, acls=False, settings=None, heap="256m", jvm=(), start=True):
        self.folder = tempfile.mkdtemp(prefix="feedcast-kafka-")
        self.pool = PortPool()
        self._guard = subprocess.Popen([sys.executable, os.path.join(HERE, "guard.py"), self.folder],
                                       stdin=subprocess.PIPE, text=True, start_new_session=True)
        self.authority = None
        self.listeners = {"PLAINTEXT": Listener(), **(listeners or {})}
        if secure:
            self.authority = Authority(os.path.join(self.folder, "ca"))
            keystore = self.authority.issue("broker")
            self.listeners |= {"SSL": Listener("SSL", keystore), "SASL_SSL": Listener("SASL_SSL", keystore)}
        more = dict(settings or {})
        if acls:
            more |= {"authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                     "super.users": "User:ANONYMOUS"}
        nodes = range(1, count + 1)
        ports = {n: {name: self.pool.take() for name in ["CONTROLLER", *self.listeners]} for n in nodes}
        voters = {n: ports[n]["CONTROLLER"] for n in nodes}
        self.nodes = {}
        for n in nodes:
            folder = os.path.join(self.folder, f"node-{n}")
            text = configuration(n, ports[n], self.listeners, voters, folder, more)
            self.nodes[n] = BrokerProcess(n, folder, ports[n], text, [f"-Xmx{heap}", *jvm], self._tell_guard)
        self._format()
        self._admin = None
        if start:
            self.start()

    # -- addresses

    def bootstrap(self, listener="PLAINTEXT", nodes=None):
        """host:port,... of a listener as clients are given it."""
        return ",".join(f"127.0.0.1:{(self.listeners[listener].advertised or {}).get(n, self.port(n, listener))}"
                        for n in nodes or self.nodes)

    def port(self, node, listener="PLAINTEXT"):
        """The port that the broker itself listens on."""
        return self.nodes[node].ports[listener]

    # -- the processes. Without a node: all of them.

    def start(self, node=None, wait=True):
        for n in self._chosen(node):
            self.nodes[n].start()
        if wait:
            self.wait_ready(node)

    def stop(self, node=None):
        """SIGTERM: the broker hands its leaderships on first."""
        for n in self._chosen(node):
            self.nodes[n].signal(signal.SIGTERM)
        for n in self._chosen(node):
            self.nodes[n].end(signal.SIGTERM)

    def kill(self, node=None):
        for n in self._chosen(node):
            self.nodes[n].end(signal.SIGKILL)

    def restart(self, node=None, wait=True):
        """Starts again what was stopped or killed, or stops and starts it."""
        self.stop(node)
        self.start(node, wait)

    def suspend(self, node=None):
        for n in self._chosen(node):
            self.nodes[n].suspend()

    def resume(self, node=None):
        for n in self._chosen(node):
            self.nodes[n].resume()

    def running(self):
        return [n for n, process in self.nodes.items() if process.running()]

    def log_tail(self, node=1, size=3000):
        return self.nodes[node].log_tail(size)

    def wait_ready(self, node=None, seconds=120):
        """Until each broker itself answers and names itself and all that run."""
        for n in self._chosen(node):
            own = self._client(self.bootstrap(nodes=[n]))
            running = set(self.running())

            def answers():
                assert self.nodes[n].running(), f"broker {n} ended:\n{self.log_tail(n)}"
                with contextlib.suppress(confluent_kafka.KafkaException):
                    return running <= set(own.list_topics(timeout=1).brokers)
                return False
            try:
                eventually(f"broker {n} answers", answers, seconds)
            except AssertionError as e:
                raise AssertionError(f"{e}\n{self.log_tail(n)}") from e

    def close(self):
        for process in self.nodes.values():
            with contextlib.suppress(AssertionError):
                process.end(signal.SIGKILL)
        self._admin = None
        self._guard.stdin.close()
        self._guard.wait(30)
        self.pool.close()

    # -- topics

    def create_topic(self, topic, partitions=1, replication=1, config=None, assignment=None, seconds=30):
        """`assignment`: replicas of each partition, the preferred leader first, instead of `replication`."""
        how = {"num_partitions": len(assignment), "replica_assignment": assignment} if assignment else \
            {"num_partitions": partitions, "replication_factor": replication}
        new = admin.NewTopic(topic, config={k: str(v) for k, v in (config or {}).items()}, **how)
        self._done(self.admin.create_topics([new], operation_timeout=10, request_timeout=10)[topic])
        wanted = len(assignment) if assignment else partitions
        eventually(f"topic {topic} has its leaders", lambda: len(self.leaders(topic)) == wanted, seconds)

    def delete_topic(self, topic, seconds=30):
        self._done(self.admin.delete_topics([topic], operation_timeout=10)[topic])
        eventually(f"topic {topic} is gone", lambda: not self.partitions(topic), seconds)

    def set_topic_config(self, topic, **config):
        """With underscores for dots: max_message_bytes=100."""
        entries = [admin.ConfigEntry(name.replace("_", "."), str(value),
                                     incremental_operation=admin.AlterConfigOpType.SET)
                   for name, value in config.items()]
        resource = admin.ConfigResource(admin.ConfigResource.Type.TOPIC, topic, incremental_configs=entries)
        self._done(self.admin.incremental_alter_configs([resource])[resource])

    def partitions(self, topic):
        """{partition: its metadata (leader, replicas, isrs)}; empty if there is no such topic."""
        found = self.admin.list_topics(topic, timeout=10).topics[topic]
        return found.partitions if found.error is None else {}

    def leaders(self, topic):
        """{partition: leader} of the partitions that have one."""
        return {p: m.leader for p, m in self.partitions(topic).items() if m.leader >= 0 and m.error is None}

    def leader_of(self, topic, partition=0):
        return self.leaders(topic).get(partition)

    def wait_in_sync(self, topic, replicas, seconds=60):
        """Until every partition has so many replicas in sync."""
        def in_sync():
            try:
                found = self.partitions(topic)
            except confluent_kafka.KafkaException:  # a broker that has just started may not answer yet
                return False
            return found and all(len(m.isrs) >= replicas and m.leader >= 0 for m in found.values())
        eventually(f"{topic} is in sync", in_sync, seconds)

    def set_replicas(self, topic, partition, nodes, seconds=30):
        """Puts a partition on these brokers, the preferred leader first."""
        reassign(self.bootstrap(nodes=self.running()[:1]), topic, partition, nodes)
        eventually("the replicas changed", lambda: list(
            self.partitions(topic)[partition].replicas) == list(nodes), seconds)

    def move_leader(self, topic, to, partition=0, seconds=30):
        """Makes broker `to`, a replica, the leader; no broker stops for it."""
        replicas = self.partitions(topic)[partition].replicas
        order = [to] + [r for r in replicas if r != to]
        if list(replicas) != order:
            self.set_replicas(topic, partition, order, seconds)
        if self.leader_of(topic, partition) != to:
            self._done(self.admin.elect_leaders(
                confluent_kafka.ElectionType.PREFERRED, [confluent_kafka.TopicPartition(topic, partition)]))
        eventually(f"{to} leads {topic}", lambda: self.leader_of(topic, partition) == to, seconds)

    # -- who may do what

    def set_password(self, user, password):
        """Makes a SCRAM user, or changes the password."""
        change = admin.UserScramCredentialUpsertion(
            user, admin.ScramCredentialInfo(admin.ScramMechanism.SCRAM_SHA_512, 4096), password.encode())
        self._done(self.admin.alter_user_scram_credentials([change])[user])

    def allow(self, user, topic, operation="WRITE"):
        """One rule: `user` may do that (WRITE, DESCRIBE, READ, CREATE...; WRITE includes DESCRIBE) with the topic."""
        rule = self._acl(admin.AclBinding, user, topic, operation)
        self._done(self.admin.create_acls([rule])[rule])

    def revoke(self, user, topic, operation="WRITE"):
        rule = self._acl(admin.AclBindingFilter, user, topic, operation)
        self._done(self.admin.delete_acls([rule])[rule])

    # -- inside

    @property
    def admin(self):
        """The client that all of the above uses; for whatever else a test needs."""
        if self._admin is None:
            self._admin = self._client(self.bootstrap())
        return self._admin

    @staticmethod
    def _client(bootstrap):
        return admin.AdminClient({"bootstrap.servers": bootstrap, "log_level": 0, "error_cb": lambda error: None,
                                  "reconnect.backoff.ms": 20, "reconnect.backoff.max.ms": 200,
                                  "socket.timeout.ms": 10_000})

    @staticmethod
    def _acl(kind, user, topic, operation):
        return kind(admin.ResourceType.TOPIC, topic, admin.ResourcePatternType.LITERAL, f"User:{user}", "*",
                    admin.AclOperation[operation], admin.AclPermissionType.ALLOW)

    @staticmethod
    def _done(future):
        return future.result(timeout=30)

    def _chosen(self, node):
        return list(self.nodes) if node is None else [node]

    def _tell_guard(self, line):
        with contextlib.suppress(BrokenPipeError):
            self._guard.stdin.write(line + "\n")
            self._guard.stdin.flush()

    def _format(self):
        cluster_id = "feedcast" + base64.urlsafe_b64encode(uuid.uuid4().bytes[:10]).decode().rstrip("=")  # no - in front
        running = [(n, n_process.format(cluster_id)) for n, n_process in self.nodes.items()]
        for n, process in running:
            assert process.wait(60) == 0, f"formatting broker {n} failed:\n{self.log_tail(n)}"


def write_class_archive():
    """Once, for all brokers to come: runs one and keeps its classes."""
    if class_archive().is_file():
        return
    staging = f"{class_archive()}.{os.getpid()}"
    cluster = Cluster(jvm=[f"-XX:ArchiveClassesAtExit={staging}"])
    try:
        cluster.create_topic("t")
        cluster.stop()
        os.rename(staging, class_archive())
    finally:
        cluster.close()
        with contextlib.suppress(FileNotFoundError):
            os.remove(staging)
