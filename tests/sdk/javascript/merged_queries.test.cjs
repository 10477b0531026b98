// Queries whose answers the SDK merges over ranges: sorted, cut and summed up. Not across a split: this SDK does not read the
// ranges again then, and asks for the old one without end.
"use strict";
const assert = require("node:assert/strict");
const { before, test } = require("node:test");
const { emulated, newContainer } = require("./account.cjs");

const COUNT = 57;
const RISING = Array.from({ length: COUNT }, (_, n) => n);
// Without it the service sorts by one path only.
const indexingPolicy = { compositeIndexes: [[{ path: "/g", order: "descending" }, { path: "/n", order: "ascending" }]] };

let items;

async function all(query, options = {}) {
  return (await items.items.query(query, options).fetchAll()).resources;
}

before(async () => {
  items = await newContainer(4, { indexingPolicy });
  await Promise.all(RISING.map((i) => items.items.create({ id: `i${i}`, n: (i * 37) % COUNT, g: i % 3 })));
});

for (const [query, wanted] of [
  ["SELECT VALUE c.n FROM c ORDER BY c.n", RISING],
  ["SELECT VALUE c.n FROM c ORDER BY c.n DESC", [...RISING].reverse()],
  ["SELECT VALUE c.n FROM c WHERE c.n >= 50 ORDER BY c.n", RISING.slice(50)],
  ["SELECT TOP 5 VALUE c.n FROM c ORDER BY c.n", RISING.slice(0, 5)],
  ["SELECT VALUE c.n FROM c ORDER BY c.n OFFSET 7 LIMIT 4", RISING.slice(7, 11)],
  ["SELECT VALUE c.n FROM c ORDER BY c.n OFFSET 55 LIMIT 10", RISING.slice(55)],
  ["SELECT VALUE COUNT(1) FROM c", [57]],
  ["SELECT VALUE COUNT(1) FROM c WHERE c.g = 1", [19]],
  ["SELECT VALUE SUM(c.n) FROM c", [1596]],
  ["SELECT VALUE MIN(c.n) FROM c", [0]],
  ["SELECT VALUE MIN(c.n) FROM c WHERE c.n > 40 AND c.n < 43", [41]], // not every range has one
  ["SELECT VALUE MAX(c.n) FROM c", [56]],
  ["SELECT VALUE AVG(c.n) FROM c", [28]],
  ["SELECT COUNT(1) AS n FROM c", [{ n: 57 }]],
]) {
  test(query, async () => {
    assert.deepEqual(await all(query), wanted);
    assert.deepEqual(await all(query, { maxItemCount: 3 }), wanted, "page by page");
  });
}

test("two keys, one of them falling", async () => {
  const found = await all("SELECT c.g, c.n FROM c ORDER BY c.g DESC, c.n", { maxItemCount: 4 });
  assert.equal(found.length, COUNT);
  assert.deepEqual(found, [...found].sort((a, b) => b.g - a.g || a.n - b.n));
});

test("without an order, TOP and OFFSET LIMIT take any", async () => {
  assert.equal((await all("SELECT TOP 5 * FROM c", { maxItemCount: 2 })).length, 5);
  assert.equal((await all("SELECT * FROM c OFFSET 50 LIMIT 20", { maxItemCount: 4 })).length, 7);
});

test("within one partition there is nothing to merge", async () => {
  assert.deepEqual(await all("SELECT VALUE COUNT(1) FROM c", { partitionKey: "i5" }), [1]);
  assert.deepEqual(await all("SELECT VALUE c.id FROM c ORDER BY c.n", { partitionKey: "i5" }), ["i5"]);
});

for (const [query, named] of [
  ["SELECT c.g FROM c GROUP BY c.g", "asks for GROUP BY, which this emulator does not support, at line 1, column 19"],
  ["SELECT DISTINCT c.g FROM c", "asks for DISTINCT, which this emulator does not support, at line 1, column 8"],
  ["SELECT *\nFROM c\nWHERE c.id LIKE 'i%'", "asks for LIKE, which this emulator does not support, at line 3, column 12"],
  ["SELECT c.n + 1 FROM c", "asks for the operator +, which this emulator does not support, at line 1, column 12"],
  ["SELECT VALUE RAND() FROM c", "asks for the function 'RAND', which this emulator does not support, at line 1, column 14"],
  ["SELECT * FROM c WHERE", "has the end of the query where an expression is expected, at line 1, column 22"],
]) {
  test(`400 says what is wrong with: ${query}`, emulated, async () => {
    await assert.rejects(all(query), (problem) => problem.code === 400 && problem.message.includes(named));
  });
}
