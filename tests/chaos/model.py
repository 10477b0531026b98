"""What the run is about, said once and without a look at feedcast: ids, the cache keys they mean, the bytes of a message.

Keys of the two collections never meet: those of `whisks` have a slash, those of `subjects` have none.
"""
import dataclasses
import json

WHISKS, SUBJECTS = "whisks", "subjects"
COLLECTIONS = (WHISKS, SUBJECTS)
DATABASE = "openwhisk"
TOPIC = "cacheInvalidation"
LSN_HEADER = "feedcast-lsn"
POISON = "poison|"


@dataclasses.dataclass(frozen=True)
class Target:
    """A cluster whose caches are to be told."""
    name: str
    cluster: str  # its cluster id, as documents carry it
    brokers: int
    partitions: int


TARGETS = (Target("eu", "eu1", 3, 3), Target("us", "us1", 1, 2), Target("ap", "ap1", 1, 1))
# Clusters that write. The last is no target, so everybody is to hear of its changes.
ORIGINS = ("eu1", "us1", "xx1")


def keys_of(container, identifier):
    """The cache keys that a change of this document means."""
    if container == WHISKS:
        return (identifier.replace("|", "/"),)
    return tuple(n["name"] for n in namespaces_of(identifier))


def namespaces_of(subject):
    """Every third subject has a second namespace."""
    number = int(subject.rsplit("-", 1)[1])
    names = [subject, f"{subject}.extra"] if number % 3 == 0 else [subject]
    return [{"name": name, "uuid": f"uuid-{name}", "key": f"key-{name}"} for name in names]


def value_of(key):
    """The message for a cache key, as the replaced service writes it."""
    return ('{"instanceId":"cache-invalidator","key":{"mainId":%s}}' % json.dumps(key, ensure_ascii=False)).encode()


def whisk_id(number):
    """Names of one to three parts, some with what JSON and URLs would rather not have."""
    namespace = f"ns{number % 97}"
    if number % 11 == 0:
        return f"{namespace}|pkg{number % 7}|a-{number}"
    if number % 13 == 0:
        return f"{namespace}|größe {number} ✓"
    if number % 17 == 0:
        return f'{namespace}|quote "{number}"'
    return f"{namespace}|action-{number}"


def subject_id(number):
    return f"user-{number}"


def document(container, identifier, origin, version, deleted):
    """A document as OpenWhisk stores it. Tombstones keep their members, as OpenWhisk's do."""
    if container == WHISKS:
        body = {"id": identifier, "entityType": "action", "name": "x", "updated": version,
                "exec": {"kind": "nodejs:20", "code": "function main(){return 1}" * 6}}
    else:
        body = {"id": identifier, "subject": identifier, "namespaces": namespaces_of(identifier), "updated": version}
    body["_clusterId"] = origin
    if deleted:
        body["_deleted"] = True
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()


# Documents that no client would write, by name: the bytes, and whether an invalidation can be made of it.
POISONS = {
    "no-id": (lambda i: b'{"name":"%s","_clusterId":"xx1"}' % i, False),
    "id-object": (lambda i: b'{"id":{"x":"%s"},"_clusterId":"xx1"}' % i, False),
    "utf8": (lambda i: b'{"code":"\xff\xfe","id":"%s"}' % i, True),
    "control": (lambda i: b'{"code":"\x01","id":"%s"}' % i, True),
    "deep": (lambda i: b'{"deep":' + b"[" * 200 + b"]" * 200 + b',"id":"%s"}' % i, True),
    "cut": (lambda i: b'{"id":"%s","code":"cut' % i, True),
}


def poison(kind, number):
    """(id, bytes, cache key or None)."""
    identifier = f"{POISON}{kind}-{number}"
    make, usable = POISONS[kind]
    return identifier, make(identifier.encode()), identifier.replace("|", "/") if usable else None
