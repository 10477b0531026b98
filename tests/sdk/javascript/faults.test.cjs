// What the emulator does wrong on demand, an SDK feels and gets over: every rule has been hit, and nothing is lost.
"use strict";
const assert = require("node:assert/strict");
const { test } = require("node:test");
const { ChangeFeedStartFrom, control, drainIterator, emulated, newContainer, write } = require("./account.cjs");

/** Runs `what` under a rule that hits `times` requests for this container, and sees that it did. */
async function under(container, rule, what) {
  const { id } = await control("POST", "faults", { container: container.id, ...rule });
  try {
    await what();
    const { faults } = await control("GET", "faults");
    assert.equal(faults.find((one) => one.id === id).hits, rule.times, "hits");
  } finally {
    await control("DELETE", `faults/${id}`);
  }
}

async function seesAll(container, ids) {
  const iterator = container.items.getChangeFeedIterator(
    { changeFeedStartFrom: ChangeFeedStartFrom.Beginning(), maxItemCount: 5 });
  assert.deepEqual((await drainIterator(iterator)).ids.sort(), [...ids].sort());
}

const FEED_FAULTS = {
  "throttled": { kind: "status", status: 429, retry_after_ms: 10, times: 5 },
  "told that the range was split, which it was not": { kind: "status", status: 410, substatus: 1002, times: 1 },
  "cut off before an answer": { kind: "reset", apply: false, times: 2 },
  "made to wait": { kind: "delay", delay_ms: 50, times: 5 },
};

for (const [name, rule] of Object.entries(FEED_FAULTS)) {
  test(`a reader of changes that is ${name} sees all of them`, emulated, async () => {
    const container = await newContainer(2);
    const ids = await write(container, 30);
    await under(container, { operation: "feed", ...rule }, () => seesAll(container, ids));
  });
}

test("a writer that is throttled writes all, once", emulated, async () => {
  const container = await newContainer(2);
  await under(container, { operation: "create", kind: "status", status: 429, retry_after_ms: 10, times: 10 }, async () => {
    await seesAll(container, await write(container, 30));
  });
});

test("a reader whose session is not there yet asks again", emulated, async () => {
  const container = await newContainer(1);
  await write(container, 1);
  await under(container, { operation: "read", kind: "status", status: 404, substatus: 1002, times: 1 }, async () => {
    assert.equal((await container.item("item-1", "item-1").read()).statusCode, 200);
  });
});

test("a writer that is sent to another region finds its way back", emulated, async () => {
  const container = await newContainer(1);
  await under(container, { operation: "create", kind: "status", status: 403, substatus: 3, times: 1 }, async () => {
    await write(container, 1);
  });
});

test("throttled without an end, the SDK gives up with 429", emulated, async () => {
  const container = await newContainer(1);
  const { id } = await control("POST", "faults",
    { container: container.id, operation: "create", kind: "status", status: 429, retry_after_ms: 1 });
  await assert.rejects(container.items.create({ id: "a" }), (error) => error.code === 429);
  const { faults } = await control("GET", "faults");
  assert.equal(faults.find((one) => one.id === id).hits, 10, "one try and nine more");
  await control("DELETE", `faults/${id}`);
});
