/**
 * What ending leases promises: a fill happens under a standing lease, or not at all.
 *
 * @module
 */

import type { Outcome } from "../../../src/cache/port.ts";
import { equal, ok } from "../assert.ts";
import {
  entry,
  fill,
  kinds,
  lease,
  type On,
  PAST_SHORT_MS,
  record,
  settle,
  SHORT_MS,
  SPACE,
  texts,
  write,
} from "./tools.ts";

/** Registers them. */
export function testSettling(on: On): void {
  on("settle() stores under a standing lease, and ends it", async ({ store }) => {
    const reply = await lease(store, "one", ["a"], { epochs: ["n"] });
    equal(await settle(store, "one", reply, [fill("a", "A", reply)]), [true]);
    const { records: [found], epochs } = await store.read(SPACE, ["a"], ["n"]);
    const { text, terms, costMs, createdAtMs } = record(found);
    equal({ text, costMs, createdAtMs }, { text: "A", costMs: 12, createdAtMs: reply.nowMs });
    equal(terms.epochs, epochs);
    equal(await store.leased(SPACE, ["a"]), [false]);
  });

  on("settle() is refused when the lease has run out", async ({ store, advance }) => {
    const reply = await lease(store, "one", ["a"], { leaseMs: SHORT_MS });
    await advance(PAST_SHORT_MS);
    equal(await settle(store, "one", reply, [fill("a", "A", reply)]), [false]);
    equal(await texts(store, ["a"]), [undefined]);
  });

  on("settle() is refused when another holds the lease by then", async ({ store, advance }) => {
    const first = await lease(store, "one", ["a"], { leaseMs: SHORT_MS });
    await advance(PAST_SHORT_MS);
    const second = await lease(store, "two", ["a"]);
    equal(await settle(store, "one", first, [fill("a", "old", first)]), [false]);
    equal(await settle(store, "two", second, [fill("a", "new", second)]), [true]);
    equal(await texts(store, ["a"]), ["new"]);
  });

  on("settle() is refused after write() and after remove()", async ({ store }) => {
    const reply = await lease(store, "one", ["a", "b"]);
    await write(store, [entry("a", "set")]);
    await store.remove(SPACE, ["b"]);
    const outcomes = [fill("a", "late", reply), fill("b", "late", reply)];
    equal(await settle(store, "one", reply, outcomes), [false, false]);
    equal(await texts(store, ["a", "b"]), ["set", undefined]);
  });

  on("settle() that arrives twice changes nothing the second time", async ({ store }) => {
    const reply = await lease(store, "one", ["a"]);
    await settle(store, "one", reply, [fill("a", "A", reply)]);
    await write(store, [entry("a", "set")]);
    await settle(store, "one", reply, [fill("a", "A", reply)]);
    equal(await texts(store, ["a"]), ["set"]);
  });

  on("settle() stores some and releases others at once", async ({ store }) => {
    const reply = await lease(store, "one", ["a", "b", "c"]);
    const outcomes: Outcome[] = [
      fill("a", "A", reply),
      { kind: "release", key: "b", barMs: 0 },
      fill("c", "C", reply),
    ];
    equal(await settle(store, "one", reply, outcomes), [true, true, true]);
    equal(await texts(store, ["a", "b", "c"]), ["A", undefined, "C"]);
    equal(kinds(await lease(store, "two", ["b"])), ["granted"]);
  });

  on("settle() releases nothing that somebody else holds", async ({ store }) => {
    const reply = await lease(store, "one", ["a"]);
    equal(await settle(store, "two", reply, [{ kind: "release", key: "a", barMs: 0 }]), [false]);
    equal(await store.leased(SPACE, ["a"]), [true]);
  });

  on("settle() bars a key for a while", async ({ store, advance }) => {
    const reply = await lease(store, "one", ["a"]);
    await settle(store, "one", reply, [{ kind: "release", key: "a", barMs: SHORT_MS }]);
    const [answer] = (await lease(store, "two", ["a"])).answers;
    ok(answer?.kind === "barred" && answer.remainingMs <= SHORT_MS, "barred");
    equal(await store.leased(SPACE, ["a"]), [false]);
    await advance(PAST_SHORT_MS);
    equal(kinds(await lease(store, "two", ["a"])), ["granted"]);
  });

  on("settle() lets a record expire", async ({ store, advance }) => {
    const reply = await lease(store, "one", ["a"]);
    await settle(store, "one", reply, [fill("a", "A", reply, { lifeMs: SHORT_MS, ttlMs: 1 })]);
    equal(await texts(store, ["a"]), ["A"]);
    await advance(PAST_SHORT_MS);
    equal(await texts(store, ["a"]), [undefined]);
  });
}
