/**
 * Live queries and the path model over a store that is wiped under them, as a Redis is by FLUSHALL: alone, when what was
 * there is gone, and with a journal behind, when nothing is.
 *
 * @module
 */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { memoryDocumentStore } from "../../../../adapters/memory/documents.ts";
import { memory } from "../../../../adapters/memory/mod.ts";
import { memoryWakes } from "../../../../adapters/memory/wakes.ts";
import { systemClock } from "../../../../src/clock.ts";
import { createDocuments, type Documents, journalOf } from "../../../../src/documents/mod.ts";
import { createPathModel } from "../../../../src/path_model/mod.ts";
import { eventually } from "../../../support/eventually.ts";
import { wipeable } from "../../../support/documents/wipeable.ts";

/** Documents `1` to `3` of `things` in a store that can be wiped. */
async function served({ hasJournal }: { readonly hasJournal: boolean }) {
  const wakes = memoryWakes();
  const { store, wipe } = wipeable(wakes);
  const kept = memoryDocumentStore({ clock: systemClock(), wakes: memoryWakes() });
  const backend = { ...memory(), documents: store, wakes };
  const documents: Documents = createDocuments(
    hasJournal ? { ...backend, journal: journalOf(kept) } : backend,
    { collections: { things: { index: ["n"] } } },
  );
  for (const n of [1, 2, 3]) {
    await documents.submit("things", `${n}`, { create: { data: { n, name: `name ${n}` } } });
  }
  return { documents, wipe };
}

Deno.test("a live query goes on over a wipe of the store in front of a journal", async () => {
  const { documents, wipe } = await served({ hasJournal: true });
  await using _ = documents;
  await using connection = documents.connect();
  const query = await connection.subscribeQuery("things", { n: { $gte: 2 }, $sort: { n: 1 } });
  await wipe();
  // A document that the store in front does not have any more.
  await documents.submit("things", "1", { op: [{ p: ["n"], na: 4 }] });
  await eventually("it comes in", () => query.ids.join() === "2,3,1");
  await wipe();
  await documents.submit("things", "3", { op: [{ p: ["n"], na: -8 }] });
  await eventually("it leaves", () => query.ids.join() === "2,1");
  await documents.submit("things", "2", { op: [{ p: ["name"], oi: "other" }] });
  await eventually(
    "what is in it is told",
    () => JSON.stringify(query.results.map(({ data }) => data)).includes("other"),
  );
  deepStrictEqual(query.results.map(({ version }) => version), [2, 2]);
});

Deno.test("a live query over a store that lost everything shows what is there since", async () => {
  const { documents, wipe } = await served({ hasJournal: false });
  await using _ = documents;
  await using connection = documents.connect();
  const query = await connection.subscribeQuery("things", { n: { $gte: 2 }, $sort: { n: 1 } });
  deepStrictEqual(query.ids, ["2", "3"]);
  await wipe();
  await documents.submit("things", "4", { create: { data: { n: 4 } } });
  await eventually("only that is left", () => query.ids.join() === "4");
  // The same id and version in another epoch.
  await documents.submit("things", "2", { create: { data: { n: 2, name: "another" } } });
  await eventually("the new one comes in", () => query.ids.join() === "2,4");
  const [again] = query.results;
  await eventually("it is the new one", () => JSON.stringify(again?.data).includes("another"));
});

Deno.test("PathModel goes on over a wipe of the store in front of a journal", async () => {
  const { documents, wipe } = await served({ hasJournal: true });
  await using _ = documents;
  await using connection = documents.connect();
  const model = createPathModel(connection, { unloadDelay: 0 });
  const changes: unknown[] = [];
  model.on("change", "things.1.n", (value) => changes.push(value));
  const query = model.query("things", { n: { $gte: 3 } });
  await model.subscribe("things.1", query);
  await wipe();
  await documents.submit("things", "1", { op: [{ p: ["n"], na: 4 }] });
  await eventually("the path and the query have it", () => {
    return model.get("things.1.n") === 5 && query.getIds().includes("1");
  });
  await wipe();
  // An edit of its own, on a store that has nothing of the document.
  await model.promised.set("things.1.name", "mine");
  strictEqual(model.get("things.1.name"), "mine");
  const { data } = await documents.fetch("things", "1");
  deepStrictEqual(data, { n: 5, name: "mine" });
  deepStrictEqual(changes, [5]);
  await model.whenNothingPending();
  model.close();
});

Deno.test("PathModel over a store that lost everything shows what is there since", async () => {
  const { documents, wipe } = await served({ hasJournal: false });
  await using _ = documents;
  await using connection = documents.connect();
  const model = createPathModel(connection, { unloadDelay: 0 });
  await model.subscribe("things.1");
  await wipe();
  await documents.submit("things", "1", { create: { data: { n: 9 } } });
  await eventually("it is the new one", () => model.get("things.1.n") === 9);
  strictEqual(model.get("things.1.name"), undefined);
  await documents.submit("things", "1", { op: [{ p: ["n"], na: 1 }] });
  await eventually("its operations come", () => model.get("things.1.n") === 10);
  await model.whenNothingPending();
  model.close();
});
