// The account of the environment and what the tests share.
"use strict";
const { createRequire } = require("node:module");
const sdk = createRequire(process.env.FEEDCAST_TEST_SDK + "/package.json")("@azure/cosmos");

const endpoint = process.env.FEEDCAST_TEST_ENDPOINT;
// The timer of a request that was cut off is not cleared: it keeps the process for as long as a request may take.
const client = new sdk.CosmosClient({ endpoint, key: process.env.FEEDCAST_TEST_KEY,
  connectionPolicy: { requestTimeout: 15000 } });
const database = client.database(process.env.FEEDCAST_TEST_DATABASE);

// Options of a test that needs the emulator's controls: elsewhere it is skipped, and says so.
const emulated = { skip: process.env.FEEDCAST_TEST_EMULATED ? false : "needs the emulator's controls" };

let made = 0;

/** A container of the test's own, partitioned by its ids. A real account has as many ranges as it likes. */
async function newContainer(ranges, more = {}) {
  const spec = { id: `c${process.pid}-${made++}`, partitionKey: { paths: ["/id"], version: 2 }, ...more };
  const options = emulated.skip ? {} : { initialHeaders: { "x-feedcast-ranges": String(ranges) } };
  return (await database.containers.create(spec, options)).container;
}

/** Documents with ids "PREFIX-FIRST"... are created; their ids. */
async function write(container, count, first = 1, prefix = "item") {
  const ids = Array.from({ length: count }, (_, n) => `${prefix}-${first + n}`);
  await Promise.all(ids.map((id) => container.items.create({ id, n: 1 })));
  return ids;
}

async function control(method, path, body) {
  const answer = await fetch(endpoint + "_emulator/" + path, { method, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.status === 204 ? undefined : answer.json();
}

function split(container, range) {
  return control("POST", `dbs/${database.id}/colls/${container.id}/split/${range}`);
}

/** Reads until there is nothing more for that many pages in a row: what came, its ids, and the token after it. */
async function drainIterator(iterator, silences = 20) {
  const ids = [];
  const documents = [];
  let token;
  for (let silent = 0; silent < silences && iterator.hasMoreResults; ) {
    const page = await iterator.readNext();
    token = page.continuationToken;
    silent = page.statusCode === 304 ? silent + 1 : 0;
    if (page.statusCode === 304) continue;
    documents.push(...page.result);
    ids.push(...page.result.map((one) => one.id));
  }
  return { ids, documents, token };
}

module.exports = { ...sdk, client, control, database, drainIterator, emulated, newContainer, split, write };
