/**
 * A program: npm `backbone` on a hub at the URL that it is given, by WebSocket (npm `ws`) and by event stream and POST,
 * two pages each. Prints what each page has at the end as a line of JSON. Runs on Deno and, bundled, on Node.
 *
 * @module
 */

import Backbone from "backbone";
import process from "node:process";
import WebSocket from "ws";
import { createBackboneSync } from "../../../src/backbone/mod.ts";
import { connectSync } from "../../../src/sync/client/mod.ts";

const [, , address = ""] = process.argv;
for (const scheme of ["ws", "http"]) {
  const url = address.replace(/^http/, scheme);
  const pages = [open(url), open(url)] as const;
  const [one, two] = pages;
  await Promise.all(pages.map(({ client }) => client.collection("Todo").ready));
  const model = one.list.create({ text: `milk by ${scheme}` });
  await until(() => two.list.last()?.get("text") === `milk by ${scheme}`);
  await two.list.last().save({ done: true }, { patch: true });
  await until(() => model.get("done") === true);
  await two.list.fetch();
  for (const { list, client, adds } of pages) {
    const records = list.toJSON();
    // deno-lint-ignore no-console -- a program tells what it has to tell.
    console.log(JSON.stringify({ scheme, records, adds: adds() }));
    await client.close();
  }
}
process.exit(0);

/** A client, and a collection that is kept up to date as backsync's sample kept it. */
function open(url: string) {
  const client = connectSync(url, { WebSocket });
  const sync = createBackboneSync(client, { backbone: Backbone });
  const own = { sync: (...args: Parameters<typeof sync>) => sync(...args) };
  const List = Backbone.Collection.extend({
    ...own,
    syncName: "Todo",
    model: Backbone.Model.extend(own),
    initialize() {
      this.syncBind("upsert", (attributes: { readonly id: unknown }) => {
        this.add(attributes, { merge: true });
      });
    },
  });
  const list = new List();
  let count = 0;
  list.on("add", () => count++);
  return { client, list, adds: () => count };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}
