// The change feed iterator in the mode of all versions and deletes.
"use strict";
const assert = require("node:assert/strict");
const { test } = require("node:test");
const {
  ChangeFeedMode, ChangeFeedPolicy, ChangeFeedRetentionTimeSpan, ChangeFeedStartFrom, drainIterator, emulated, newContainer,
  split, write,
} = require("./account.cjs");

const KEPT = { changeFeedPolicy: new ChangeFeedPolicy(ChangeFeedRetentionTimeSpan.fromMinutes(5)) };

function iteratorFrom(container, changeFeedStartFrom) {
  return container.items.getChangeFeedIterator({
    changeFeedMode: ChangeFeedMode.AllVersionsAndDeletes, changeFeedStartFrom, maxItemCount: 10,
  });
}

/** An iterator whose "now" has been: every range has a position. */
async function fromNow(container, part) {
  const iterator = iteratorFrom(container, ChangeFeedStartFrom.Now(part));
  assert.deepEqual((await drainIterator(iterator)).documents, []);
  return iterator;
}

function idOf(change) {
  return change.current?.id ?? change.metadata.id ?? change.previous?.id;
}

async function liveOnce(container, id) {
  await container.items.create({ id, n: 1 });
  await container.item(id, id).replace({ id, n: 2 });
  await container.items.upsert({ id, n: 3 });
  await container.item(id, id).delete();
}

test("every version comes, in order, and the delete", async () => {
  const container = await newContainer(4, KEPT);
  await write(container, 5);
  const iterator = await fromNow(container);
  for (const id of ["a", "b", "c"]) await liveOnce(container, id);
  const { documents } = await drainIterator(iterator);
  for (const id of ["a", "b", "c"]) {
    const own = documents.filter((one) => idOf(one) === id);
    assert.deepEqual(own.map((one) => one.metadata.operationType), ["create", "replace", "replace", "delete"]);
    assert.deepEqual(own.slice(0, 3).map((one) => one.current.n), [1, 2, 3]);
    const lsns = own.map((one) => one.metadata.lsn);
    assert.deepEqual(lsns, [...lsns].sort((x, y) => x - y));
    for (const one of own) assert.ok(one.metadata.crts > 0, "has a time");
  }
  assert.equal(documents.length, 12);
});

test("what was before comes with a replace and a delete", async () => {
  const container = await newContainer(1, KEPT);
  const iterator = await fromNow(container);
  await liveOnce(container, "a");
  const { documents } = await drainIterator(iterator);
  const before = documents.map((one) => one.previous && one.previous.n);
  assert.deepEqual(before, [undefined, 1, 2, 3]);
  documents.slice(1).forEach((one, n) => assert.equal(one.metadata.previousImageLSN, documents[n].metadata.lsn));
  assert.ok(!documents[3].metadata.timeToLiveExpired);
});

test("a document that expires is a delete that says so", async () => {
  const container = await newContainer(1, { ...KEPT, defaultTtl: -1 });
  const iterator = await fromNow(container);
  await container.items.create({ id: "brief", ttl: 1 });
  const seen = [];
  for (const end = Date.now() + 20000; seen.length < 2; ) {
    assert.ok(Date.now() < end, "no delete within 20 s");
    seen.push(...(await drainIterator(iterator, 1)).documents);
    if (seen.length < 2) await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.deepEqual(seen.map((one) => one.metadata.operationType), ["create", "delete"]);
  assert.equal(seen[1].metadata.timeToLiveExpired, true);
});

test("of one partition key", async () => {
  const container = await newContainer(4, KEPT);
  const iterator = await fromNow(container, "a");
  await liveOnce(container, "b");
  await liveOnce(container, "a");
  const { documents } = await drainIterator(iterator);
  assert.deepEqual(documents.map((one) => [idOf(one), one.metadata.operationType]),
    [["a", "create"], ["a", "replace"], ["a", "replace"], ["a", "delete"]]);
});

test("goes on from its token, also with what was deleted meanwhile", async () => {
  const container = await newContainer(2, KEPT);
  const iterator = await fromNow(container);
  await write(container, 10);
  const { token, documents } = await drainIterator(iterator);
  assert.equal(documents.length, 10);
  await container.item("item-3", "item-3").delete();
  await liveOnce(container, "a");
  const later = await drainIterator(iteratorFrom(container, ChangeFeedStartFrom.Continuation(token)));
  assert.equal(later.documents.length, 5);
});

test("across a split, every version once", emulated, async () => {
  const container = await newContainer(1, KEPT);
  const iterator = await fromNow(container);
  for (let n = 0; n < 10; ++n) await liveOnce(container, `before-${n}`);
  await split(container, "0");
  for (let n = 0; n < 10; ++n) await liveOnce(container, `after-${n}`);
  const { documents } = await drainIterator(iterator);
  assert.equal(documents.length, 80);
  assert.equal(new Set(documents.map((one) => `${idOf(one)} ${one.metadata.lsn}`)).size, 80);
});

test("from the beginning or a time it does not start", async () => {
  const container = await newContainer(1, KEPT);
  await write(container, 1);
  for (const start of [ChangeFeedStartFrom.Beginning(), ChangeFeedStartFrom.Time(new Date())]) {
    await assert.rejects(async () => drainIterator(iteratorFrom(container, start)), (error) => {
      assert.equal(error.code, 400);
      return true;
    });
  }
});
