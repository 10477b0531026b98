#!/usr/bin/env python3
"""docs/emulator-control.openapi.yaml describes the control requests that the emulator has, and what their bodies take."""

import json
import re
import subprocess
import unittest
import urllib.error
import urllib.request

import yaml

import documents

SPECIFICATION = yaml.safe_load((documents.ROOT / "docs/emulator-control.openapi.yaml").read_text())


def operations():
    """(METHOD, path) to its description."""
    return {(method.upper(), path): operation for path, item in SPECIFICATION["paths"].items()
            for method, operation in item.items()}


def resolved(node):
    if "$ref" not in node:
        return node
    found = SPECIFICATION
    for step in node["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return found


class Control(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.emulator = subprocess.Popen(
            [documents.BINARIES / "emulator/feedcast-emulator", "--listen", "127.0.0.1:0",
             "--region", "West", "--region", "East", "--create", "db/coll:2"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        cls.url = cls.emulator.stdout.readline().strip()

    @classmethod
    def tearDownClass(cls):
        cls.emulator.terminate()
        cls.emulator.wait()
        cls.emulator.stdout.close()

    def ask(self, method, path, body=None):
        request = urllib.request.Request(self.url + path, method=method,
                                         data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as e:
            with e:
                return e.code, e.read().decode()

    def path(self, pattern):
        values = {"database": "db", "container": "coll", "region": "West", "id": "1", "range": "0"}
        return re.sub(r"\{(\w+)\}", lambda m: values[m[1]], pattern)

    def test_every_route_is_described_and_no_other(self):
        routes = {(r["method"], r["path"]) for r in json.loads(self.ask("GET", "/_emulator")[1])["routes"]}
        described = {(method, re.sub(r"\{\w+\}", "{}", path)) for method, path in operations()}
        self.assertEqual(described, routes)

    def test_every_path_parameter_is_described(self):
        for (method, path), operation in operations().items():
            named = {p["name"] for p in map(resolved, operation.get("parameters", [])) if p["in"] == "path"}
            with self.subTest(method=method, path=path):
                self.assertEqual(named, set(re.findall(r"\{(\w+)\}", path)))

    def test_bodies_take_the_members_that_are_described(self):
        seen = 0
        for (method, path), operation in operations().items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if not content:
                continue
            seen += 1
            status, answer = self.ask(method, self.path(path), {"nonsense": 1})
            with self.subTest(path=path):
                self.assertEqual(status, 400, answer)
                listed = re.search(r"there are (.*)$", json.loads(answer)["message"])[1]
                self.assertEqual(set(re.split(r", | or ", listed)), set(resolved(content["schema"])["properties"]))
        self.assertGreaterEqual(seen, 6)

    def test_choices_are_those_that_are_described(self):
        for (method, path), operation in operations().items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            for name, member in (resolved(content["schema"])["properties"] if content else {}).items():
                if "enum" not in member:
                    continue
                status, answer = self.ask(method, self.path(path), {name: "nonsense"})
                with self.subTest(path=path, member=name):
                    self.assertEqual(status, 400, answer)
                    listed = re.search(r"must be (.*)$", json.loads(answer)["message"])[1]
                    self.assertEqual(set(re.split(r", | or ", listed)), set(member["enum"]))

    def test_bounds_are_those_that_are_described(self):
        for (method, path), operation in operations().items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            for name, member in (resolved(content["schema"])["properties"] if content else {}).items():
                for bound, step in (("minimum", -1), ("maximum", 1)):
                    if bound not in member:
                        continue
                    with self.subTest(path=path, member=name, bound=bound):
                        status, answer = self.ask(method, self.path(path), {name: member[bound] + step})
                        self.assertEqual(status, 400, answer)
                        self.assertIn(f"'{name}' must be", json.loads(answer)["message"])

    def test_successes_are_those_that_are_described(self):
        merge = "/_emulator/dbs/{database}/colls/{container}/merge"
        bodies = {"/_emulator/failover": {"to": "East"}, "/_emulator/faults": {"operation": "feed", "times": 1},
                  merge: {"ranges": ["2", "3"]}}
        # Faults are added before they are removed, the container is made under another name, and what is merged is what
        # range 0 was split into.
        order = sorted(operations().items(), key=lambda o: (o[0][1] == merge, o[0][1], o[0][0] != "POST"))
        for (method, path), operation in order:
            target = self.path(path)
            if path.endswith("/colls/{container}"):
                target += "2"
            body = bodies.get(path, {}) if "requestBody" in operation else None
            with self.subTest(method=method, path=path):
                if path == "/_emulator/faults/{id}":
                    added = json.loads(self.ask("POST", "/_emulator/faults", {"times": 1, "container": "none"})[1])["id"]
                    target = f"/_emulator/faults/{added}"
                status, answer = self.ask(method, target, body)
                self.assertIn(str(status), operation["responses"], answer)
                self.assertLess(status, 300, answer)


if __name__ == "__main__":
    unittest.main()
