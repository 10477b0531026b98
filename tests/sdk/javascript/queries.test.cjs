// The queries of the stores of leases and of OpenWhisk's views.
"use strict";
const assert = require("node:assert/strict");
const { before, test } = require("node:test");
const { newContainer } = require("./account.cjs");

async function ids(container, query, parameters = {}, options = {}) {
  const spec = { query, parameters: Object.entries(parameters).map(([name, value]) => ({ name, value })) };
  const { resources } = await container.items.query(spec, options).fetchAll();
  return resources.map((one) => (one && typeof one === "object" ? one.id : one));
}

let leases;
let whisks;
const PREFIX = "eu1-whisks127.0.0.1_openwhisk_whisks";

before(async () => {
  leases = await newContainer(2);
  for (const id of ["0", "1", "2", "10"]) {
    const ContinuationToken = id === "10" ? null : `"${id}"`;
    await leases.items.create({ id: `${PREFIX}..${id}`, LeaseToken: id, Owner: id === "1" ? "a" : null, ContinuationToken });
  }
  await leases.items.create({ id: `${PREFIX}.info` });
  await leases.items.create({ id: `us2-${PREFIX}..0`, LeaseToken: "0" });

  whisks = await newContainer(4, { defaultTtl: -1 });
  const kinds = ["action", "trigger", "package", "rule"];
  for (let n = 0; n < 40; ++n) {
    await whisks.items.create({
      id: `guest|thing-${n}`, entityType: kinds[n % 4], namespace: "guest", _c: { rootns: "guest" }, name: `thing-${n}`,
      updated: 1000 + n, publish: n % 2 === 0, ...(n === 8 ? { _deleted: true } : {}),
    });
  }
  await whisks.items.create({ id: "other|thing", entityType: "action", namespace: "other", updated: 5000 });
});

test("the leases of a prefix, with its value in the text", async () => {
  const found = await ids(leases, `SELECT * FROM c WHERE STARTSWITH(c.id, '${PREFIX}..')`);
  assert.deepEqual(found.sort(), ["0", "1", "10", "2"].map((id) => `${PREFIX}..${id}`));
});

test("the leases of a prefix, with a parameter, page by page", async () => {
  const query = "SELECT * FROM c WHERE STARTSWITH(c.id, @PartitionLeasePrefix)";
  const found = await ids(leases, query, { "@PartitionLeasePrefix": `${PREFIX}..` }, { maxItemCount: 1 });
  assert.equal(found.length, 4);
});

test("one lease that has a position", async () => {
  const query = "SELECT TOP @Top * FROM c WHERE STARTSWITH(c.id, @PartitionLeasePrefix) AND c.ContinuationToken <> null";
  assert.equal((await ids(leases, query, { "@Top": 1, "@PartitionLeasePrefix": `${PREFIX}..` })).length, 1);
  assert.equal((await ids(leases, query, { "@Top": 9, "@PartitionLeasePrefix": `${PREFIX}..` })).length, 3);
});

test("a document by its id, within one partition", async () => {
  const id = `${PREFIX}.info`;
  const found = await ids(leases, "SELECT * FROM c WHERE c.id = @id", { "@id": id }, { partitionKey: id });
  assert.deepEqual(found, [id]);
});

test("what is not of this prefix is not found", async () => {
  assert.deepEqual(await ids(leases, "SELECT * FROM c WHERE STARTSWITH(c.id, 'absent')"), []);
});

test("all documents are listed", async () => {
  const { resources } = await whisks.items.readAll({ maxItemCount: 7 }).fetchAll();
  assert.equal(new Set(resources.map((one) => one.id)).size, 41);
});

test("all ids, over all ranges", async () => {
  assert.equal(new Set(await ids(whisks, "SELECT * FROM c")).size, 41);
});

