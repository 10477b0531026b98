"""Reads whole topics, incrementally and with all that a record carries."""
import dataclasses
import time
import uuid

from client import confluent_kafka


@dataclasses.dataclass(frozen=True, slots=True)
class Record:
    partition: int
    offset: int
    timestamp: int  # milliseconds since 1970: the producer's, unless the topic says LogAppendTime
    key: bytes | None
    value: bytes | None  # None: a tombstone
    headers: tuple  # of (name, bytes)


class TopicReader:
    """All partitions of a topic from their beginnings, without a consumer group. For one thread.

    `records` has everything read so far, in order of arrival (in order of offsets within a partition). The topic may
    come later than the reader; after it was deleted and made anew, call restart().
    """

    def __init__(self, bootstrap, topic, properties=None):
        self.topic = topic
        self.records = []
        self.positions = {}  # partition -> next offset
        self.settings = {
            "bootstrap.servers": bootstrap, "group.id": f"test-{uuid.uuid4()}", "enable.auto.commit": False,
            "auto.offset.reset": "earliest", "allow.auto.create.topics": False, "enable.auto.offset.store": False,
            "fetch.wait.max.ms": 50, "fetch.error.backoff.ms": 50, "reconnect.backoff.max.ms": 500,
            "topic.metadata.refresh.interval.ms": 1000, "fetch.queue.backoff.ms": 5, "log_level": 0,
            "error_cb": lambda error: None, **(properties or {})}
        self.consumer = confluent_kafka.Consumer(self.settings)

    def _partitions(self, seconds=5):
        """Partitions of the topic now; none if it is not there or nobody says."""
        try:
            found = self.consumer.list_topics(self.topic, timeout=seconds).topics[self.topic]
        except confluent_kafka.KafkaException:
            return []
        return sorted(found.partitions) if found.error is None else []

    def _assign(self):
        fresh = [p for p in self._partitions() if p not in self.positions]
        if fresh:
            self.positions.update(dict.fromkeys(fresh, 0))
            self.consumer.assign([confluent_kafka.TopicPartition(self.topic, p, offset)
                                  for p, offset in self.positions.items()])

    def poll(self, seconds=0.2, most=10_000):
        """Waits for records, at most so long; returns the new ones."""
        if not self.positions:
            self._assign()
            if not self.positions:
                time.sleep(min(seconds, 0.05))
                return []
        fresh = []
        for m in self.consumer.consume(most, seconds):
            if m.error() is not None:
                continue  # of a broker or a partition that is not there just now; the client goes on by itself
            partition, offset = m.partition(), m.offset()
            self.positions[partition] = offset + 1
            fresh.append(Record(partition, offset, m.timestamp()[1], m.key(), m.value(), tuple(m.headers() or ())))
        self.records += fresh
        return fresh

    def read_to_end(self, seconds=30):
        """Reads up to what the topic holds at this moment and returns all records since the beginning."""
        deadline = time.monotonic() + seconds
        self._assign()
        ends = {}
        while len(ends) < len(self.positions):
            for p in self.positions:
                try:
                    ends[p] = self.consumer.get_watermark_offsets(
                        confluent_kafka.TopicPartition(self.topic, p), timeout=5)[1]
                except confluent_kafka.KafkaException:
                    if time.monotonic() > deadline:
                        raise
        while any(self.positions[p] < end for p, end in ends.items()):
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.topic}: read to {self.positions}, the ends are {ends}")
            self.poll(0.1)
        return self.records

    def wait_for(self, what, condition, seconds=60):
        """Reads until condition(records) is true; returns its value."""
        deadline = time.monotonic() + seconds
        while not (value := condition(self.records)):
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {seconds} s: {what} ({len(self.records)} records of {self.topic})")
            self.poll(0.1)
        return value

    def wait_for_values(self, values, seconds=60):
        """Reads until every one of these values (bytes) was seen."""
        missing = set(values)
        deadline = time.monotonic() + seconds
        seen = 0
        while True:
            missing.difference_update(r.value for r in self.records[seen:])
            seen = len(self.records)
            if not missing:
                return
            if time.monotonic() > deadline:
                raise AssertionError(f"{len(missing)} values not within {seconds} s, e.g. {sorted(missing)[:5]}")
            self.poll(0.1)

    def restart(self):
        """Begins anew, for a topic that was deleted and made again; `records` keeps what was read before."""
        # A new client, for the old one takes the new topic's metadata for stale if the old topic ever changed leaders:
        # leader epochs begin anew. It would read nothing, for ever.
        self.consumer.close()
        self.consumer = confluent_kafka.Consumer(self.settings)
        self.positions = {}

    def close(self):
        self.consumer.close()
