"""Documents as OpenWhisk's controllers store them, and what the caches of a cluster must be told of each."""
import dataclasses
import json

OWN, OTHER = "eu1", "us2"
# What names may contain: spaces, letters of any script, and of punctuation what Cosmos DB allows in an id.
NAMES = ["hello", "with space & more", "caf\u00e9", "\u4f60\u597d", "\u0440\u0443\u0441\u0441\u043a\u0438\u0439",
         'quo"te', "em\U0001f600ji", "a.b-c_d@e", "imaging|resize", "pkg with space|\u00e4ction", "perc%20ent+plus"]


@dataclasses.dataclass(frozen=True)
class Write:
    do: str  # create, upsert, update, delete
    container: str
    document: dict
    keys: tuple  # the cache keys that it means

    @property
    def cluster(self):
        return self.document.get("_clusterId")


def message(main_id):
    """The bytes of the replaced service."""
    return '{"instanceId":"cache-invalidator","key":{"mainId":%s}}' % json.dumps(main_id, ensure_ascii=False)


def cluster_of(n):
    """Two clusters write, and a tool that stamps nothing."""
    return (OWN, OTHER, OTHER, None, OWN)[n % 5]


def entity(n, version):
    """The n-th entity of the collection whisks; its id is stored with bars for slashes."""
    namespace = f"guest-{n % 40}"
    rest = f"{NAMES[n % len(NAMES)]}-{n}"
    path, _, name = rest.rpartition("|")
    document = {
        "_c": {"rootns": namespace}, "annotations": [{"key": "provide-api-key", "value": False}],
        "entityType": ("action", "trigger", "package", "rule")[n % 4], "id": f"{namespace}|{rest}",
        "exec": {"binary": False, "code": "function main(p) { return p }\n" * 10, "kind": "nodejs:20"},
        "limits": {"concurrency": 1, "logs": 10, "memory": 256, "timeout": 60000}, "name": name,
        "namespace": "/".join(filter(None, [namespace, path])), "parameters": [{"key": "n", "value": n}],
        "publish": False, "updated": 1722000000000 + n, "version": f"0.0.{version}"}
    if cluster := cluster_of(n + version):
        document["_clusterId"] = cluster
    return document


def whisk(do, n, version):
    document = entity(n, version)
    return Write(do, "whisks", document, (document["id"].replace("|", "/"),))


def subject(do, n, version):
    """The n-th subject: one with two namespaces, or the limits of a namespace."""
    if n % 4 == 3:
        document = {"id": f"space {n}|limits", "invocationsPerMinute": version, "concurrentInvocations": 200}
        keys = (f"space {n}",)
    else:
        keys = (f"space {n}", f"\u00e9quipe-{n}")
        document = {"id": f"carol{n}@example", "subject": f"carol{n}@example", "namespaces": [
            {"name": name, "key": f"SECRET{version:058d}", "uuid": f"{n:08d}-f8c6-4718-ad76-b07e881ed162"}
            for name in keys]}
    if cluster := cluster_of(n + version):
        document["_clusterId"] = cluster
    return Write(do, "subjects", document, keys)


def phases(total):
    """`total` writes in three phases. Within a phase no document is written twice, so that every write shows in the
    feed; whatever a phase means was told before the next begins."""
    subjects, entities = total // 20, total - total // 10
    created, updated = entities // 2, entities * 3 // 10
    deleted = entities - created - updated
    yield "created", ([whisk("create" if n % 3 else "upsert", n, 1) for n in range(created)]
                      + [subject("create", n, 1) for n in range(subjects)])
    yield "updated", ([whisk("update" if n % 3 else "upsert", n, 2) for n in range(updated)]
                      + [subject("update", n, 2) for n in range(subjects)])
    yield "deleted", [whisk("delete", created - 1 - n, 3) for n in range(deleted)]
