// The change feed iterator: where it starts, what it covers, how it goes on.
"use strict";
const assert = require("node:assert/strict");
const { test } = require("node:test");
const { ChangeFeedStartFrom, drainIterator, emulated, newContainer, split, write } = require("./account.cjs");

async function drain(container, changeFeedStartFrom, options = {}) {
  const iterator = container.items.getChangeFeedIterator({ changeFeedStartFrom, maxItemCount: 10, ...options });
  return drainIterator(iterator);
}

function sorted(ids) {
  return [...ids].sort();
}

test("from the beginning: every document once, at its latest version", async () => {
  const container = await newContainer(4);
  const ids = await write(container, 60);
  await container.item(ids[0], ids[0]).replace({ id: ids[0], n: 2 });
  const { ids: seen, documents } = await drain(container, ChangeFeedStartFrom.Beginning());
  assert.deepEqual(sorted(seen), sorted(ids));
  assert.equal(documents.find((one) => one.id === ids[0]).n, 2);
  for (const one of documents) assert.ok(one._lsn > 0, "has an LSN");
});

test("deleted documents do not show", async () => {
  const container = await newContainer(2);
  const ids = await write(container, 10);
  await container.item(ids[3], ids[3]).delete();
  const { ids: seen } = await drain(container, ChangeFeedStartFrom.Beginning());
  assert.deepEqual(sorted(seen), sorted(ids.filter((id) => id !== ids[3])));
});

test("from now: only what comes later", async () => {
  const container = await newContainer(4);
  await write(container, 20);
  const iterator = container.items.getChangeFeedIterator({ changeFeedStartFrom: ChangeFeedStartFrom.Now() });
  assert.deepEqual((await drainIterator(iterator)).ids, []);
  const later = await write(container, 20, 21);
  assert.deepEqual(sorted((await drainIterator(iterator)).ids), sorted(later));
});

test("from a point in time", async () => {
  const container = await newContainer(4);
  const early = await write(container, 10);
  await new Promise((resolve) => setTimeout(resolve, 2100)); // times of changes are whole seconds
  const start = new Date();
  await new Promise((resolve) => setTimeout(resolve, 2100));
  const late = await write(container, 10, 11);
  const { ids: seen } = await drain(container, ChangeFeedStartFrom.Time(start));
  assert.deepEqual(sorted(seen.filter((id) => late.includes(id))), sorted(late));
  if (!emulated.skip) assert.ok(!seen.some((id) => early.includes(id)), "nothing from before");
});

test("by partition key: the changes of one document", async () => {
  const container = await newContainer(4);
  const ids = await write(container, 20);
  const { ids: seen } = await drain(container, ChangeFeedStartFrom.Beginning(ids[7]));
  assert.deepEqual(seen, [ids[7]]);
  assert.deepEqual((await drain(container, ChangeFeedStartFrom.Now(ids[7]))).ids, []);
});

test("by range: the ranges share all documents and none has another's", async () => {
  const container = await newContainer(4);
  const ids = await write(container, 60);
  const ranges = await container.getFeedRanges();
  if (!emulated.skip) assert.equal(ranges.length, 4);
  const parts = [];
  for (const range of ranges) parts.push((await drain(container, ChangeFeedStartFrom.Beginning(range))).ids);
  assert.deepEqual(sorted(parts.flat()), sorted(ids));
  if (!emulated.skip) assert.ok(parts.every((part) => part.length > 0), "each has some");
});

test("goes on from its token, with another iterator", async () => {
  const container = await newContainer(4);
  const ids = await write(container, 40);
  const first = container.items.getChangeFeedIterator(
    { changeFeedStartFrom: ChangeFeedStartFrom.Beginning(), maxItemCount: 5 });
  const seen = [];
  let page = await first.readNext();
  for (let n = 0; n < 3; ++n) {
    seen.push(...page.result.map((one) => one.id));
    page = await first.readNext();
  }
  seen.push(...page.result.map((one) => one.id));
  const rest = await drain(container, ChangeFeedStartFrom.Continuation(page.continuationToken));
  assert.ok(seen.length < ids.length && rest.ids.length > 0);
  assert.deepEqual(sorted([...seen, ...rest.ids]), sorted(ids));

  const later = await write(container, 7, 41);
  assert.deepEqual(sorted((await drain(container, ChangeFeedStartFrom.Continuation(rest.token))).ids), sorted(later));
});

test("a silent feed answers 304 and keeps its place", async () => {
  const container = await newContainer(1);
  await write(container, 3);
  const { token } = await drain(container, ChangeFeedStartFrom.Beginning());
  const iterator = container.items.getChangeFeedIterator({ changeFeedStartFrom: ChangeFeedStartFrom.Continuation(token) });
  const page = await iterator.readNext();
  assert.deepEqual([page.statusCode, page.count], [304, 0]);
});

test("the older iterator of one partition key reads and resumes", async () => {
  const container = await newContainer(2);
  const [id] = await write(container, 1);
  const first = await container.items.changeFeed(id, { startFromBeginning: true }).fetchNext();
  assert.deepEqual(first.result.map((one) => one.id), [id]);
  await container.item(id, id).replace({ id, n: 2 });
  const second = await container.items.changeFeed(id, { continuation: first.continuation }).fetchNext();
  assert.deepEqual(second.result.map((one) => one.n), [2]);
});

test("across a split, nothing is lost and nothing comes twice", emulated, async () => {
  const container = await newContainer(2);
  const before = await write(container, 40);
  const iterator = container.items.getChangeFeedIterator(
    { changeFeedStartFrom: ChangeFeedStartFrom.Beginning(), maxItemCount: 5 });
  const seen = (await iterator.readNext()).result.map((one) => one.id);
  await split(container, "0");
  const after = await write(container, 40, 41);
  seen.push(...(await drainIterator(iterator, 30)).ids);
  assert.deepEqual(sorted(seen), sorted([...before, ...after]));
  assert.equal((await container.getFeedRanges()).length, 3);
});

test("a token from before two splits is good after them", emulated, async () => {
  const container = await newContainer(1);
  await write(container, 20);
  const { token } = await drain(container, ChangeFeedStartFrom.Beginning());
  const { children } = await split(container, "0");
  await split(container, children[0]);
  const later = await write(container, 30, 21);
  assert.deepEqual(sorted((await drain(container, ChangeFeedStartFrom.Continuation(token))).ids), sorted(later));
});
