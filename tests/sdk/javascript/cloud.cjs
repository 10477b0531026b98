// What the official SDK makes of the cloud's ways. Standard input has one JSON object:
//   {sdk, way, endpoint, key, ...}
// `way` is one of the functions below. Writes one JSON object: what the SDK saw.
"use strict";
const { createRequire } = require("node:module");

async function input() {
  let text = "";
  for await (const piece of process.stdin) text += piece;
  return JSON.parse(text);
}

let sdk;
let plan;

function client(options = {}) {
  const { preferred, ...more } = options;
  return new sdk.CosmosClient({
    endpoint: plan.endpoint, key: plan.key, ...more,
    connectionPolicy: { preferredLocations: preferred ?? [], endpointRefreshRateInMs: 300000 },
  });
}

const container = (options) => client(options).database("db").container("coll");

async function control(method, path, body) {
  const answer = await fetch(plan.endpoint.replace(/\/$/, "") + path, { method, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  const text = await answer.text();
  return text === "" ? {} : JSON.parse(text);
}

/// The outcome of an operation: what it returned, or code and substatus of its error.
async function outcome(operation) {
  try {
    const answer = await operation();
    return { status: answer.statusCode, resource: answer.resource };
  } catch (e) {
    return { error: e.code, substatus: e.substatus, message: e.message };
  }
}

/// Reads a feed until so many documents were seen.
async function drain(iterator, seen, until) {
  while (seen.size < until) {
    const page = await iterator.readNext();
    for (const d of page.result) seen.add(d.id);
  }
}

const ways = {
  async writes() {
    const c = container({ preferred: plan.preferred });
    const done = [];
    for (let n = 0; n < plan.count; ++n) done.push(await outcome(() => c.items.upsert({ id: `w${n}`, n })));
    return { done };
  },

  async once() {
    const c = container({ preferred: plan.preferred });
    return outcome(() => c.items[plan.operation ?? "create"](plan.document));
  },

  async reads() {
    const c = container({ preferred: plan.preferred, consistencyLevel: plan.consistency });
    const done = [];
    for (let n = 0; n < plan.count; ++n) {
      if (plan.write) await c.items.upsert({ id: "x", n });
      done.push(await outcome(() => c.item("x", "x").read()));
    }
    return { done };
  },

  /// Reads the feed over a split or merge.
  async over() {
    const c = container();
    const seen = new Set();
    const iterator = c.items.getChangeFeedIterator({ maxItemCount: 5,
      changeFeedStartFrom: sdk.ChangeFeedStartFrom.Beginning() });
    for (let n = 0; n < 20; ++n) await c.items.create({ id: `before${n}` });
    await drain(iterator, seen, 20);
    await control("POST", `/_emulator/dbs/db/colls/coll/${plan.path}`, plan.body);
    for (let n = 0; n < 20; ++n) await c.items.create({ id: `after${n}` });
    await drain(iterator, seen, 40);
    return { seen: seen.size };
  },

  async reads_until() {
    const c = container();
    const done = [];
    do done.push(await outcome(() => c.item("x", "x").read()));
    while (done.at(-1).error !== plan.error);
    return { done };
  },

  /// Writes until the account's document names another region for it, and once more.
  async writes_until_moved() {
    const c = container();
    const done = [];
    const writes = async () => (await control("GET", "/_emulator/account")).regions.find((r) => r.writes).name;
    const first = await writes();
    while (await writes() === first) done.push(await outcome(() => c.items.upsert({ id: "x", n: done.length })));
    done.push(await outcome(() => c.items.upsert({ id: "x", n: done.length })));
    return { done };
  },

  /// Starts to read a second after a document was written, when rounding down to `step` seconds makes a difference.
  async starts_late() {
    const c = container();
    let ts;
    do ts = (await c.items.upsert({ id: "before" })).resource._ts;
    while (ts % plan.step === 0 || ts % plan.step === plan.step - 1);
    const iterator = c.items.getChangeFeedIterator(
      { changeFeedStartFrom: sdk.ChangeFeedStartFrom.Time(new Date((ts + 1) * 1000)) });
    return { seen: (await iterator.readNext()).result.map((d) => d.id) };
  },

  async throughput() {
    const database = client().database("db");
    return {
      with: await outcome(() => database.containers.create({ id: "fast", partitionKey: "/id", throughput: 400 })),
      without: await outcome(() => database.containers.create({ id: "slow", partitionKey: "/id" })),
      offers: await outcome(() => database.container("coll").readOffer()),
    };
  },

  async steps_back() {
    const c = container({ consistencyLevel: "Eventual" });
    await c.items.upsert({ id: "x", n: 0 });
    const iterator = c.items.getChangeFeedIterator({ changeFeedStartFrom: sdk.ChangeFeedStartFrom.Beginning() });
    let last = 0;
    let back = 0;
    const deadline = Date.now() + 20000;
    for (let n = 1; back === 0 && Date.now() < deadline; ++n) {
      await c.items.upsert({ id: "x", n });
      const page = await iterator.readNext();
      const tokens = JSON.parse(page.continuationToken).Continuation;
      const at = Number(JSON.parse(tokens[0].continuationToken));
      if (at < last) ++back;
      last = at;
    }
    return { back };
  },

  async token() {
    const with_token = (token) => new sdk.CosmosClient({ endpoint: plan.endpoint,
      aadCredentials: { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3600000 }) } });
    const c = with_token(plan.token).database("db").container("coll");
    return {
      by_token: await outcome(() => c.items.create({ id: "a" })),
      metadata: await outcome(() => with_token(plan.token).databases.create({ id: "other" })),
      by_key: await outcome(() => container().items.create({ id: "b" })),
    };
  },
};

async function main() {
  plan = await input();
  sdk = createRequire(plan.sdk + "/package.json")("@azure/cosmos");
  // The SDK's timers would keep it.
  process.stdout.write(JSON.stringify(await ways[plan.way]()), () => process.exit(0));
}

main().catch((e) => {
  console.error(e);
  process.exit(1);
});
