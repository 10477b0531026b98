"""The one admin request that the Python client lacks: AlterPartitionReassignments (key 45, version 0), over PLAINTEXT."""
import socket
import struct


def _uvarint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def _compact_string(text):
    raw = text.encode()
    return _uvarint(len(raw) + 1) + raw


def reassignment(topic, partition, replicas):
    """The whole frame; the first replica is the preferred leader."""
    tags = b"\0"
    body = struct.pack(">hhih", 45, 0, 1, 4) + b"test" + tags + struct.pack(">i", 10_000)
    body += _uvarint(2) + _compact_string(topic) + _uvarint(2) + struct.pack(">i", partition)
    body += _uvarint(len(replicas) + 1) + b"".join(struct.pack(">i", r) for r in replicas) + tags + tags + tags
    return struct.pack(">i", len(body)) + body


def reassign(address, topic, partition, replicas):
    """Sends it to a broker (which hands it to the controller); raises if it was refused."""
    host, port = address.split(":")
    with socket.create_connection((host, int(port)), timeout=15) as s:
        s.sendall(reassignment(topic, partition, replicas))
        with s.makefile("rb") as stream:
            answer = stream.read(struct.unpack(">i", stream.read(4))[0])
    # Correlation id and tags, throttle time, error code of the whole; then its message, and the topics in turn.
    code = struct.unpack(">h", answer[9:11])[0]
    at = 11
    at += 1 if answer[at] == 0 else answer[at]  # a nullable compact string of less than 127 bytes
    if code == 0 and answer[at] == 2:
        at += 1 + answer[at + 1] + 1 + 4  # topic name, number of partitions, index
        code = struct.unpack(">h", answer[at:at + 2])[0]
    if code:
        raise AssertionError(f"reassigning {topic} [{partition}] to {replicas}: error {code}: {answer[11:200]!r}")
