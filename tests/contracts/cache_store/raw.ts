/**
 * What a store promises that keeps bare payloads.
 *
 * @module
 */

import type { LeaseRequest } from "../../../src/cache/port.ts";
import { equal } from "../assert.ts";
import {
  entry,
  fill,
  kinds,
  lease,
  type On,
  PAST_SHORT_MS,
  RAW,
  SHORT_MS,
  TEXTS,
  texts,
  write,
} from "./tools.ts";

/** Registers them. */
export function testRaw(on: On): void {
  const plain = { epochs: [], tags: [] };

  on("write() raw gives texts back and lets them expire", async ({ store, advance }) => {
    await write(store, TEXTS.map((text, i) => entry(`t${i}`, text)), plain, RAW);
    await write(store, [{ key: "a", text: "A", ttlMs: SHORT_MS, lifeMs: SHORT_MS }], plain, RAW);
    equal(await texts(store, ["a", ...TEXTS.map((_, i) => `t${i}`)], RAW), ["A", ...TEXTS]);
    await advance(PAST_SHORT_MS);
    equal(await texts(store, ["a"], RAW), [undefined]);
  });

  on("settle() raw stores under a lease, and not after remove()", async ({ store }) => {
    const reply = await lease(store, "one", ["a", "b"], {}, RAW);
    await store.remove(RAW, ["b"]);
    const outcomes = [fill("a", "A", reply), fill("b", "B", reply)];
    const held = { token: "one", mark: reply.mark };
    equal(await store.settle(RAW, outcomes, held), [true, false]);
    equal(await texts(store, ["a", "b"], RAW), ["A", undefined]);
    equal(kinds(await lease(store, "two", ["a"], {}, RAW)), ["changed"]);
    const anyway: LeaseRequest = { key: "a", over: "anything" };
    equal(kinds(await lease(store, "two", [anyway], {}, RAW)), ["granted"]);
  });
}
