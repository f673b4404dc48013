/**
 * What writing and removing promise.
 *
 * @module
 */

import { equal } from "../assert.ts";
import {
  entry,
  lease,
  LONG_MS,
  nowMs,
  type On,
  PAST_SHORT_MS,
  record,
  SHORT_MS,
  SPACE,
  texts,
  write,
} from "./tools.ts";

/** Registers them. */
export function testWriting(on: On): void {
  on("write() replaces, and remove() removes", async ({ store }) => {
    await write(store, [entry("a", "1"), entry(["h", "f"], "1"), entry(["h", "g"], "1")]);
    await write(store, [entry("a", "2"), entry(["h", "f"], "2")]);
    equal(await texts(store, ["a", ["h", "f"], ["h", "g"]]), ["2", "2", "1"]);
    await store.remove(SPACE, ["a", ["h", "f"], "never was"]);
    equal(await texts(store, ["a", ["h", "f"], ["h", "g"]]), [undefined, undefined, "1"]);
  });

  on("write() is refused after its deadline", async ({ store, advance }) => {
    const deadlineMs = await nowMs(store) + SHORT_MS;
    equal(await write(store, [entry("a", "A")], { deadlineMs }), true);
    await advance(PAST_SHORT_MS);
    equal(await write(store, [entry("a", "late"), entry("b", "late")], { deadlineMs }), false);
    equal(await texts(store, ["a", "b"]), ["A", undefined]);
  });

  on("write() that came too late ends no lease", async ({ store }) => {
    await lease(store, "one", ["a"]);
    await write(store, [entry("a", "late")], { deadlineMs: await nowMs(store) - LONG_MS });
    equal(await store.leased(SPACE, ["a"]), [true]);
  });

  on("write() gives the record the epochs of its moment", async ({ store }) => {
    await write(store, [entry("a", "1")], { epochs: ["n"] });
    await store.renew(SPACE, ["n"], "hard");
    await write(store, [entry("a", "2")], { epochs: ["n"] });
    const { records: [found], epochs } = await store.read(SPACE, ["a"], ["n"]);
    equal(record(found).terms.epochs, epochs);
  });
}
