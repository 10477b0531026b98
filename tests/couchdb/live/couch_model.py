"""What the run is about, said once and without a look at feedcast: databases, ids, the cache keys that they mean."""
import model

WHISKS, SUBJECTS = "whisks", "subjects"
DATABASES = (WHISKS, SUBJECTS)
LEASES = "leases"
TARGET = model.Target("eu", "eu1", 1, 4)
MEMBER = "clusterId"
ATTACHMENT = "4f1d8a52-5b2e-4b57-9f0a-1c2f6f0f4a11"


def whisk_id(number):
    """Names of two or three parts, some with what JSON and URLs would rather not have."""
    return model.whisk_id(number).replace("|", "/")


def identifier(database, number):
    return whisk_id(number) if database == WHISKS else model.subject_id(number)


def is_own(database, identifier_):
    """Whether the target's own cluster writes it, and says so: the target is to hear nothing of it."""
    return database == SUBJECTS and int(identifier_.rsplit("-", 1)[1]) % 5 == 0


def keys_of(database, identifier_, deleted=False):
    """The cache keys that a change of this document means for sure. Which namespaces a deleted subject had is known only
    to who saw it before: of those the one that is its id is always told, and no other is counted on."""
    if database == WHISKS:
        return (identifier_,)
    if is_own(database, identifier_):
        return ()
    return (identifier_,) if deleted else tuple(n["name"] for n in model.namespaces_of(identifier_))


def never_deleted(database, number):
    """So that the other name of a subject is owed until it comes, and since a tombstone does not say who made it."""
    return database == SUBJECTS and (number % 3 == 0 or is_own(database, model.subject_id(number)))


def document(database, identifier_, version, revision=None):
    """A document as OpenWhisk stores it in CouchDB."""
    if database == WHISKS:
        body = {"entityType": "action", "name": "x", "version": f"0.0.{version}", "updated": version,
                "exec": {"kind": "nodejs:20", "code": "function main(){return 1}" * 6}}
    else:
        body = {"subject": identifier_, "namespaces": model.namespaces_of(identifier_), "updated": version}
        if is_own(database, identifier_):
            body[MEMBER] = TARGET.cluster
    body["_id"] = identifier_
    if revision:
        body["_rev"] = revision
    return body
