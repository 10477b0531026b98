// Writes to a Cosmos DB account with the official SDK, as OpenWhisk's controllers do. Standard input has one JSON
// object:
//   {sdk, endpoint, key, database, containers: {name: ranges}, parallel, chains: [[step...]...]}
// The steps of a chain follow each other, chains run side by side. A step is {do, container, document}:
//   create   a new document
//   upsert   new or not
//   update   read, then replaced if it has not changed since
//   delete   softly: read, then replaced with _deleted and ttl added
// Writes one JSON object: how many of each were done, and the charge that the account asked for it.
"use strict";
const { createRequire } = require("node:module");

async function input() {
  let text = "";
  for await (const piece of process.stdin) text += piece;
  return JSON.parse(text);
}

async function step(container, { do: what, document }) {
  if (what === "create") return container.items.create(document);
  if (what === "upsert") return container.items.upsert(document);
  const item = container.item(document.id, document.id);
  const { resource, etag } = await item.read();
  if (resource === undefined) throw new Error(`${document.id} is not there`);
  if (resource.id !== document.id) throw new Error(`asked for ${document.id}, got ${resource.id}`);
  const next = what === "delete" ? { ...document, _deleted: true, ttl: 36000 } : document;
  return item.replace(next, { accessCondition: { type: "IfMatch", condition: etag } });
}

async function main() {
  const plan = await input();
  const { CosmosClient } = createRequire(plan.sdk + "/package.json")("@azure/cosmos");
  const client = new CosmosClient({ endpoint: plan.endpoint, key: plan.key });
  const { database } = await client.databases.createIfNotExists({ id: plan.database });
  const containers = {};
  for (const [name, ranges] of Object.entries(plan.containers)) {
    const spec = { id: name, partitionKey: { paths: ["/id"], version: 2 }, defaultTtl: -1 };
    const options = { initialHeaders: { "x-feedcast-ranges": String(ranges) } };
    containers[name] = (await database.containers.createIfNotExists(spec, options)).container;
  }
  const done = { charge: 0 };
  const waiting = plan.chains[Symbol.iterator]();
  async function work() {
    for (const chain of waiting) {
      for (const one of chain) {
        const answer = await step(containers[one.container], one);
        done[one.do] = (done[one.do] || 0) + 1;
        done.charge += answer.requestCharge;
      }
    }
  }
  await Promise.all(Array.from({ length: plan.parallel || 24 }, work));
  console.log(JSON.stringify(done));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
