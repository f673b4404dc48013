/**
 * The suite of documents: entries of declared indexes.
 *
 * @module
 */

import { equal } from "./assert.ts";
import { documentWriter, type OnDocuments, PLAIN_UNIT } from "./document_writes.ts";

const RANGE = { from: "", to: "\uffff" };
const FORWARD = { limit: 100, isReverse: false };

/** Registers the tests. */
export function documentIndexes(on: OnDocuments): void {
  on("page() has the entries of every document, in order, as they are now", async ({ store }) => {
    const writer = documentWriter(store);
    await writer.done(0, undefined, { id: "a", entries: ["*", "n\u0000n2"] });
    await writer.done(0, undefined, { id: "b", entries: ["*", "n\u0000n1"] });
    const all = () => store.page(PLAIN_UNIT, RANGE, FORWARD);
    equal(await all(), ["*\u0000a", "*\u0000b", "n\u0000n1\u0000b", "n\u0000n2\u0000a"]);
    await writer.done(1, undefined, { id: "a", entries: ["*", "n\u0000n0"] });
    equal(await all(), ["*\u0000a", "*\u0000b", "n\u0000n0\u0000a", "n\u0000n1\u0000b"]);
    await writer.done(2, undefined, { id: "a", entries: undefined });
    equal((await all()).length, 4);
    await writer.done(3, undefined, { id: "a", entries: [] });
    equal(await all(), ["*\u0000b", "n\u0000n1\u0000b"]);
  });

  on("page() goes both ways, from a bound up to another, and no further", async ({ store }) => {
    const writer = documentWriter(store);
    for (const id of ["a", "b", "c", "d"]) await writer.done(0, undefined, { id, entries: ["*"] });
    const range = { from: "*\u0000b", to: "*\u0000d" };
    const page = (limit: number, isReverse: boolean) =>
      store.page(PLAIN_UNIT, range, { limit, isReverse });
    equal(await page(10, false), ["*\u0000b", "*\u0000c"]);
    equal(await page(10, true), ["*\u0000c", "*\u0000b"]);
    equal(await page(1, true), ["*\u0000c"]);
  });

  on("page() has nothing of a commit that is refused", async ({ store }) => {
    const writer = documentWriter(store);
    await writer.commit(1, undefined, { entries: ["*"] });
    equal(await store.page(PLAIN_UNIT, RANGE, FORWARD), []);
  });
}
