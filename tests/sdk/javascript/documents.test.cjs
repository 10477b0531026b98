// What a client does with databases, containers and documents: made, read, replaced, deleted, and refused.
"use strict";
const assert = require("node:assert/strict");
const { before, test } = require("node:test");
const { CosmosClient, client, database, emulated, newContainer } = require("./account.cjs");

let container;
before(async () => {
  container = await newContainer(4, { defaultTtl: -1 });
});

function refused(code) {
  return (error) => {
    assert.equal(error.code, code);
    return true;
  };
}

test("a database is made once, read, listed, found and deleted", async () => {
  const id = `${database.id}-more`;
  const first = await client.databases.createIfNotExists({ id });
  assert.equal(first.statusCode, 201);
  assert.equal((await client.databases.createIfNotExists({ id })).statusCode, 200);
  await assert.rejects(client.databases.create({ id }), refused(409));
  const { resources: all } = await client.databases.readAll().fetchAll();
  assert.ok(all.some((one) => one.id === id));
  const { resources: found } = await client.databases
    .query({ query: "SELECT * FROM root r WHERE r.id = @id", parameters: [{ name: "@id", value: id }] })
    .fetchAll();
  assert.deepEqual(found.map((one) => one.id), [id]);
  await first.database.delete();
  await assert.rejects(first.database.read(), refused(404));
});

test("a container keeps its definition", async () => {
  const { resource } = await container.read();
  assert.deepEqual(resource.partitionKey.paths, ["/id"]);
  assert.equal(resource.defaultTtl, -1);
  const { resource: changed } = await container.replace({ ...resource, defaultTtl: 1000 });
  assert.equal(changed.defaultTtl, 1000);
  await container.replace({ ...resource, defaultTtl: -1 });
  const { resources: all } = await database.containers.readAll().fetchAll();
  assert.ok(all.some((one) => one.id === container.id));
  await assert.rejects(database.containers.create({ id: container.id, partitionKey: "/id" }), refused(409));
  await assert.rejects(database.container("absent").read(), refused(404));
});

test("a container that is deleted is gone with its documents", async () => {
  const other = await newContainer(1);
  await other.items.create({ id: "a" });
  await other.delete();
  await assert.rejects(other.read(), refused(404));
  await assert.rejects(other.item("a", "a").replace({ id: "a" }), refused(404));
});

test("a document is created, read, replaced and deleted, with the system's members", async () => {
  const created = await container.items.create({ id: "one", text: "é 你好 \u{1F600}", nested: { list: [1, null, true] } });
  assert.equal(created.statusCode, 201);
  assert.ok(created.requestCharge > 0);
  for (const name of ["_rid", "_self", "_etag", "_ts"]) assert.ok(created.resource[name], name);
  assert.equal(created.etag, created.resource._etag);
  assert.ok(Math.abs(created.resource._ts - Date.now() / 1000) < 300);

  const item = container.item("one", "one");
  const read = await item.read();
  assert.deepEqual(read.resource, created.resource);
  const replaced = await item.replace({ id: "one", text: "other" });
  assert.equal(replaced.statusCode, 200);
  assert.notEqual(replaced.etag, created.etag);
  assert.equal(replaced.resource._rid, created.resource._rid);
  assert.equal((await item.delete()).statusCode, 204);
  assert.equal((await item.read()).statusCode, 404);
  await assert.rejects(item.delete(), refused(404));
  await assert.rejects(item.replace({ id: "one" }), refused(404));
});

test("ids of any script and punctuation survive the way through a URL", async () => {
  const ids = ["with space", "a|b", "x;y=z&q", "percent%20", "плюс+", "quo\"te", "em\u{1F600}", "a.b..c", "it's"];
  for (const id of ids) {
    await container.items.create({ id });
    assert.equal((await container.item(id, id).read()).resource.id, id);
    await container.item(id, id).delete();
  }
});

test("an upsert creates, then replaces", async () => {
  const first = await container.items.upsert({ id: "up", n: 1 });
  const second = await container.items.upsert({ id: "up", n: 2 });
  assert.deepEqual([first.statusCode, second.statusCode, second.resource.n], [201, 200, 2]);
  assert.equal(second.resource._rid, first.resource._rid);
  await container.item("up", "up").delete();
});

test("an id that is taken is a conflict; the document stays as it was", async () => {
  await container.items.create({ id: "taken", n: 1 });
  await assert.rejects(container.items.create({ id: "taken", n: 2 }), refused(409));
  assert.equal((await container.item("taken", "taken").read()).resource.n, 1);
});

test("If-Match lets only the one pass that knows the latest version", async () => {
  const item = container.item("matched", "matched");
  const { etag: old } = await container.items.create({ id: "matched", n: 1 });
  const onlyIf = (condition) => ({ accessCondition: { type: "IfMatch", condition } });
  const { etag: latest } = await item.replace({ id: "matched", n: 2 }, onlyIf(old));
  await assert.rejects(item.replace({ id: "matched", n: 3 }, onlyIf(old)), refused(412));
  await assert.rejects(container.items.upsert({ id: "matched", n: 3 }, onlyIf(old)), refused(412));
  await assert.rejects(item.delete(onlyIf(old)), refused(412));
  assert.equal((await item.read()).resource.n, 2);
  assert.equal((await item.delete(onlyIf(latest))).statusCode, 204);
});

test("of many who replace the same version one wins", async () => {
  const { etag } = await container.items.create({ id: "raced", winner: "" });
  const onlyIf = { accessCondition: { type: "IfMatch", condition: etag } };
  const tries = Array.from({ length: 8 }, (_, n) =>
    container.item("raced", "raced").replace({ id: "raced", winner: n }, onlyIf).then(() => n, refused(412)));
  const winners = (await Promise.all(tries)).filter((one) => one !== true);
  assert.equal(winners.length, 1);
  assert.equal((await container.item("raced", "raced").read()).resource.winner, winners[0]);
});

test("If-None-Match spares what the reader has", async () => {
  const { etag } = await container.items.create({ id: "known" });
  const answer = await container.item("known", "known").read({ accessCondition: { type: "IfNoneMatch", condition: etag } });
  assert.equal(answer.statusCode, 304);
});

test("a document with a ttl goes by itself", async () => {
  await container.items.create({ id: "brief", ttl: 1 });
  const end = Date.now() + 20000;
  while ((await container.item("brief", "brief").read()).statusCode === 200) {
    assert.ok(Date.now() < end, "still there after 20 s");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
});

test("a document over 2 MiB is refused", async () => {
  await assert.rejects(container.items.create({ id: "much", text: "x".repeat(3 << 20) }), refused(413));
});

test("a wrong key is refused", emulated, async () => {
  const key = Buffer.from("wrong").toString("base64");
  const stranger = new CosmosClient({ endpoint: process.env.FEEDCAST_TEST_ENDPOINT, key });
  await assert.rejects(stranger.database(database.id).read(), refused(401));
});
