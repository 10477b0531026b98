"""The downloaded Kafka client for Python, which brings a librdkafka of its own: not the one that feedcast links."""
import sys

import peers

_folder = str(peers.folder("client"))
if _folder not in sys.path:
    sys.path.insert(0, _folder)

import confluent_kafka  # noqa: E402  (found in the folder above)
import confluent_kafka.admin  # noqa: E402
