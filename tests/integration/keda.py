"""How far behind a change feed processor is, as KEDA's scaler azure-cosmosdb reckons it: from the lease documents and one
change of each range, with the requests that it sends. Own words; see docs/operations.md for what it is used for."""
import base64
import dataclasses
import json
import urllib.error
import urllib.parse
import urllib.request

import harness

VERSION = "2018-12-31"


class Gone(Exception):
    """A lease's range was split or merged."""


@dataclasses.dataclass
class Start:
    """Where a lease is to be read from."""
    continuation: str = ""
    since: str = ""  # an HTTP date


@dataclasses.dataclass
class Estimate:
    lag: int
    behind: int  # leases that are
    leases: int
    forms: dict  # version -> leases
    gone: int  # leases whose range is no more: the scaler wakes one instance for them


class Scaler:
    """`processor` is its processorName: what lease ids have before the host name of the account that is read."""

    def __init__(self, endpoint, key, database, container, leases, processor, newer=True):
        self.endpoint, self.key = endpoint.rstrip("/"), key
        self.feed, self.leases = f"dbs/{database}/colls/{container}", f"dbs/{database}/colls/{leases}"
        self.prefix = processor + urllib.parse.urlsplit(endpoint).hostname.split(".")[0] + "."
        self.newer = newer  # knows leases of version 1
        self.requests = 0

    def estimate(self):
        """Read anew once if a range was split."""
        first = self._estimate()
        return self._estimate() if first.gone else first

    def _estimate(self):
        leases = self._leases()
        ranges = self._ranges() if any(one.get("version", 0) == 1 for one in leases) else []
        lags, gone = [], 0
        for one in leases:
            try:
                lags.append(self._lag(one, ranges))
            except Gone:
                gone += 1
        forms = {}
        for one in leases:
            forms[one.get("version", 0)] = forms.get(one.get("version", 0), 0) + 1
        return Estimate(sum(lags), sum(lag > 0 for lag in lags), len(leases), forms, gone)

    # -- requests

    def _ask(self, verb, kind, link, headers, body=None):
        """(status, headers, body)"""
        self.requests += 1
        signed = harness.sign(self.key, verb, kind, link)
        request = urllib.request.Request(f"{self.endpoint}/{link}/{kind}", method=verb, data=body,
                                         headers=signed | {"x-ms-version": VERSION} | headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as e:
            with e:
                return e.code, e.headers, e.read()

    def _pages(self, verb, kind, link, headers, body, member):
        found, more = [], {}
        while True:
            status, told, text = self._ask(verb, kind, link, headers | more, body)
            if status != 200:
                raise AssertionError(f"{verb} {link}/{kind}: {status} {text[:300]!r}")
            found += json.loads(text)[member]
            if not told.get("x-ms-continuation"):
                return found
            more = {"x-ms-continuation": told["x-ms-continuation"]}

    def _leases(self):
        query = {"query": "SELECT * FROM c WHERE STARTSWITH(c.id, @prefix)",
                 "parameters": [{"name": "@prefix", "value": self.prefix}]}
        found = self._pages("POST", "docs", self.leases,
                            {"content-type": "application/query+json", "x-ms-documentdb-isquery": "true",
                             "x-ms-documentdb-query-enablecrosspartition": "true"}, json.dumps(query).encode(), "Documents")
        leases = [one for one in found if one.get("LeaseToken")]  # the others keep the books of the processor
        for one in leases:
            version = one.get("version", 0)
            if version not in ((0, 1) if self.newer else (0,)):
                raise AssertionError(f"unsupported lease version {version} of {one['id']}")
        return leases

    def _ranges(self):
        found = self._pages("GET", "pkranges", self.feed, {}, None, "PartitionKeyRanges")
        return [(one["id"], one["minInclusive"], one["maxExclusive"]) for one in found]

    # -- one lease

    def _lag(self, lease, ranges):
        headers, range_id = {}, lease["LeaseToken"]
        start = Start(lease.get("ContinuationToken") or "")
        if lease.get("version", 0) == 1:
            low, high = bounds(member(lease, "feedrange")["Range"])
            start = state_of(start.continuation, (low, high))
            met = [r for r in ranges if low < r[2] and high > r[1]]
            if len(met) > 1:
                raise Gone
            if not met or low < met[0][1] or high > met[0][2]:
                raise AssertionError(f"no range holds {low}-{high}")
            range_id = met[0][0]
            if met[0][1:] != (low, high):
                headers = {"x-ms-read-key-type": "EffectivePartitionKeyRange", "x-ms-start-epk": low, "x-ms-end-epk": high}
        headers |= {"x-ms-documentdb-partitionkeyrangeid": range_id, "A-IM": "Incremental feed", "x-ms-max-item-count": "1"}
        if start.continuation:
            headers["If-None-Match"] = start.continuation
        if start.since:
            headers["If-Modified-Since"] = start.since
        status, told, text = self._ask("GET", "docs", self.feed, headers)
        if status == 410 and told.get("x-ms-substatus") == "1002":
            raise Gone
        if status == 304:
            return 0
        if status != 200:
            raise AssertionError(f"change feed of {lease['id']}: {status} {text[:300]!r}")
        items = json.loads(text)["Documents"]
        if not items:
            return 0
        lag = session_lsn(told["x-ms-session-token"]) - int(items[0]["_lsn"]) + 1
        if lag < 0:
            raise AssertionError(f"{lease['id']}: a lag of {lag}")
        return lag


def session_lsn(token):
    """Of one range: its second field, or its only one."""
    fields = token.partition(":")[2].split("#")
    return int(fields[1] if len(fields) > 1 else fields[0])


def member(document, name):
    """By its name in any case, as Go reads JSON: Java writes feedRange, .NET FeedRange."""
    return next(value for key, value in document.items() if key.lower() == name)


def bounds(one):
    low, high = one["min"], one["max"]
    if one.get("isMinInclusive") is False or one.get("isMaxInclusive") is True or not low < high <= "FF" \
            or set(low + high) - set("0123456789ABCDEF"):
        raise AssertionError(f"no range of keys: {one}")
    return low, high


def state_of(token, keys):
    """Of a lease of version 1: .NET stores the continuation as it came, Java the state of its reader."""
    if not token or token.startswith('"'):
        return Start(token)
    state = json.loads(base64.urlsafe_b64decode(token))
    if state["V"] != 1 or state["Mode"] != "INCREMENTAL":
        raise AssertionError(f"a state of version {state['V']}, mode {state['Mode']}")
    begin = state["StartFrom"]
    kind = begin["Type"].upper()
    start = Start()
    if kind == "NOW":
        start.continuation = "*"
    elif kind == "LEASE":
        start.continuation = begin["Etag"]
        covers(begin["Range"], keys)
    elif kind == "POINT_IN_TIME":
        start.since = harness.email.utils.formatdate(begin["PointInTimeMs"] / 1000, usegmt=True)
    elif kind not in ("BEGINNING", "LEGACY_CHECKPOINT"):
        raise AssertionError(f"a start from {kind}")
    if "Continuation" not in state:
        covers(state["Range"], keys)
        return start
    inner = state["Continuation"]
    if inner["V"] != 1 or len(inner["Continuation"]) != 1:
        raise AssertionError(f"not one continuation of version 1: {inner}")
    one = inner["Continuation"][0]
    covers(one["range"], keys)
    if one.get("token") is not None:
        start.continuation = one["token"]
    return start


def covers(wider, keys):
    low, high = bounds(wider)
    if low > keys[0] or high < keys[1]:
        raise AssertionError(f"{low}-{high} does not hold {keys}")
