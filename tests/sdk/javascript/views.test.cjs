// The queries of OpenWhisk's views: lists by namespace and time, counts, identities by name and key.
"use strict";
const assert = require("node:assert/strict");
const { before, describe, test } = require("node:test");
const { emulated, newContainer } = require("./account.cjs");

const NOT_DELETED = "(NOT(IS_DEFINED(r._deleted)) OR r._deleted = false)";
const NOT_BLOCKED = "(NOT(IS_DEFINED(r.blocked)) OR r.blocked = false)";

async function rows(container, query, parameters = {}, options = {}) {
  const spec = { query, parameters: Object.entries(parameters).map(([name, value]) => ({ name, value })) };
  return (await container.items.query(spec, options).fetchAll()).resources;
}

describe("entities", () => {
  let whisks;
  const base = "r.entityType = @entityType AND (r.namespace = @namespace OR r._c.rootns = @namespace)";
  const asked = { "@entityType": "action", "@namespace": "guest" };

  before(async () => {
    whisks = await newContainer(4, { defaultTtl: -1 });
    const kinds = ["action", "trigger", "package", "rule"];
    for (let n = 0; n < 40; ++n) {
      await whisks.items.create({
        id: `guest|thing-${n}`, entityType: kinds[n % 4], namespace: n % 3 ? "guest" : "guest/tools",
        _c: { rootns: "guest" },
        name: `thing-${n}`, updated: 1000 + n, publish: n % 8 === 2, annotations: [],
        ...(kinds[n % 4] === "package" ? { binding: n % 16 === 2 ? { namespace: "other", name: "tools" } : {} } : {}),
        ...(n === 8 ? { _deleted: true, ttl: 36000 } : {}),
      });
    }
    const _c = { rootns: "other" };
    await whisks.items.create({ id: "other|thing", entityType: "action", namespace: "other", _c, updated: 5000 });
  });

  test("the newest first, no more than asked for, no deleted ones", async () => {
    const query = `SELECT TOP 3 * FROM root r WHERE ${NOT_DELETED} AND ${base} ORDER BY r.updated DESC`;
    assert.deepEqual((await rows(whisks, query, asked)).map((one) => one.updated), [1036, 1032, 1028]);
  });

  test("the oldest first, all of them, over all ranges, in small pages", async () => {
    const query = `SELECT  * FROM root r WHERE ${NOT_DELETED} AND ${base} ORDER BY r.updated `;
    const wanted = Array.from({ length: 10 }, (_, n) => 1000 + 4 * n).filter((updated) => updated !== 1008);
    assert.deepEqual((await rows(whisks, query, asked, { maxItemCount: 2 })).map((one) => one.updated), wanted);
  });

  test("some members only, under an alias", async () => {
    const query = `SELECT TOP 1 { "id" : r['id'], "name" : r['name'], "_c" : { "rootns" : r['_c']['rootns']}} AS view `
      + `FROM root r WHERE ${NOT_DELETED} AND ${base} ORDER BY r.updated DESC`;
    assert.deepEqual(await rows(whisks, query, asked),
      [{ view: { id: "guest|thing-36", name: "thing-36", _c: { rootns: "guest" } } }]);
  });

  test("since a time", async () => {
    const query = `SELECT * FROM root r WHERE ${NOT_DELETED} AND ${base} AND r.updated >= @since ORDER BY r.updated DESC`;
    assert.deepEqual((await rows(whisks, query, { ...asked, "@since": 1030 })).map((one) => one.updated), [1036, 1032]);
  });

  test("between two times", async () => {
    const query = `SELECT * FROM root r WHERE ${NOT_DELETED} AND ${base} AND (r.updated BETWEEN @since AND @upto) `
      + "ORDER BY r.updated DESC";
    const found = await rows(whisks, query, { ...asked, "@since": 1012, "@upto": 1020 });
    assert.deepEqual(found.map((one) => one.updated), [1020, 1016, 1012]);
  });

  test("public packages that are not bindings", async () => {
    const isPublic = "r.publish = true AND (NOT IS_OBJECT(r.binding) OR r.binding = {})";
    const query = `SELECT * FROM root r WHERE ${NOT_DELETED} AND ${isPublic} AND ${base} ORDER BY r.updated `;
    const found = await rows(whisks, query, { ...asked, "@entityType": "package" });
    assert.deepEqual(found.map((one) => one.updated), [1010, 1026]);
  });

  test("how many, deleted ones included", async () => {
    assert.deepEqual(await rows(whisks, `SELECT TOP 1 VALUE COUNT(r) FROM root r WHERE ${base}`, asked), [10]);
  });

  test("a part in the middle", async () => {
    const query = "SELECT VALUE c.id FROM c WHERE c.entityType = 'action' ORDER BY c.updated OFFSET 2 LIMIT 3";
    assert.deepEqual(await rows(whisks, query), ["guest|thing-8", "guest|thing-12", "guest|thing-16"]);
  });
});

describe("subjects", () => {
  let subjects;

  before(async () => {
    subjects = await newContainer(2, { defaultTtl: -1 });
    for (let n = 0; n < 6; ++n) {
      await subjects.items.create({
        id: `user-${n}`, subject: `user-${n}`, ...(n === 4 ? { blocked: true } : {}),
        namespaces: [
          { name: `space-${n}`, uuid: `uuid-${n}`, key: `key-${n}` }, { name: `more-${n}`, uuid: `uuid2-${n}`, key: "k" },
        ],
      });
    }
    await subjects.items.create({ id: "quiet|limits", concurrentInvocations: 0 });
    await subjects.items.create({ id: "busy|limits", concurrentInvocations: 10, invocationsPerMinute: 5 });
  });

  function identities(condition) {
    return `SELECT r AS view FROM root r JOIN n in r.namespaces WHERE ${NOT_DELETED} AND ${NOT_BLOCKED} AND ${condition}`;
  }

  test("by the name of a namespace", async () => {
    const query = identities("((r.subject = @name AND IS_DEFINED(r.key)) OR n.name = @name)");
    const found = await rows(subjects, query, { "@name": "space-2" });
    assert.deepEqual(found.map((one) => one.view.id), ["user-2"]);
    assert.deepEqual(await rows(subjects, query, { "@name": "space-4" }), [], "it is blocked");
  });

  test("by uuid and key", async () => {
    const query = identities("((r.uuid = @uuid AND r.key = @key) OR (n.uuid = @uuid AND n.key = @key))");
    const found = await rows(subjects, query, { "@uuid": "uuid-3", "@key": "key-3" });
    assert.deepEqual(found.map((one) => one.view.id), ["user-3"]);
    assert.deepEqual(await rows(subjects, query, { "@uuid": "uuid-3", "@key": "key-2" }), []);
  });

  test("namespaces that may do nothing", async () => {
    const query = `SELECT r AS view FROM root r WHERE (r.blocked = true OR r.concurrentInvocations = 0 `
      + `OR r.invocationsPerMinute = 0) AND ${NOT_DELETED} `;
    const found = await rows(subjects, query);
    assert.deepEqual(found.map((one) => one.view.id).sort(), ["quiet|limits", "user-4"]);
  });
});

test("a query that the emulator does not know is refused, by name of what it does not know", emulated, async () => {
  const container = await newContainer(1);
  await assert.rejects(rows(container, "SELECT c.a FROM c GROUP BY c.a"), (error) => {
    assert.equal(error.code, 400);
    assert.match(error.message, /GROUP BY/);
    return true;
  });
});
