/**
 * What the leases of a cache store promise.
 *
 * @module
 */

import { equal, ok } from "../assert.ts";
import {
  entry,
  KEYS,
  kinds,
  lease,
  LONG_MS,
  type On,
  PAST_SHORT_MS,
  record,
  SHORT_MS,
  SPACE,
  write,
} from "./tools.ts";

/** Registers them. */
export function testLeases(on: On): void {
  on("lease() grants one of many requests", async ({ store, peer }) => {
    const other = await peer();
    equal(kinds(await lease(store, "one", ["a", "b"])), ["granted", "granted"]);
    const reply = await lease(other, "two", ["b", "c"], { costMs: 5 });
    equal(kinds(reply), ["busy", "granted"]);
    const busy = reply.answers[0];
    ok(
      busy?.kind === "busy" && busy.remainingMs > LONG_MS - 1_000,
      "a busy lease has its time left",
    );
    ok(
      busy?.kind === "busy" && busy.heldMs >= 0 && busy.heldMs < 1_000,
      "and tells how long it was held",
    );
  });

  on("lease() tells what its holder expects", async ({ store }) => {
    await lease(store, "one", ["a"], { costMs: 321 });
    const [answer] = (await lease(store, "two", ["a"])).answers;
    equal(answer?.kind === "busy" && answer.costMs, 321);
  });

  on("lease() sent twice is one order", async ({ store }) => {
    await lease(store, "one", ["a"]);
    equal(kinds(await lease(store, "one", ["a"])), ["granted"]);
  });

  on("lease() grants again when the lease has run out", async ({ store, advance }) => {
    await lease(store, "one", ["a"], { leaseMs: SHORT_MS });
    await advance(PAST_SHORT_MS);
    equal(kinds(await lease(store, "two", ["a"])), ["granted"]);
  });

  on("lease() answers with a record that lies there instead", async ({ store }) => {
    await write(store, [entry("a", "A")]);
    const [answer] = (await lease(store, "one", ["a"])).answers;
    equal(answer?.kind === "changed" && record(answer.found).text, "A");
    equal(await store.leased(SPACE, ["a"]), [false]);
  });

  on("lease() is granted over the record that the asker knows", async ({ store }) => {
    await write(store, [entry("a", "A")]);
    const { records: [found] } = await store.read(SPACE, ["a"], []);
    const over = record(found).createdAtMs;
    equal(kinds(await lease(store, "one", [{ key: "a", over }])), ["granted"]);
    equal(kinds(await lease(store, "two", [{ key: "a", over: over - 1 }])), ["changed"]);
    equal(kinds(await lease(store, "two", [{ key: "b", over }])), ["granted"], "a removed record");
  });

  on("lease() is granted over anything if asked so", async ({ store }) => {
    await write(store, [entry("a", "A")]);
    equal(kinds(await lease(store, "one", [{ key: "a", over: "anything" }])), ["granted"]);
  });

  on("lease() makes the epochs that are missing, once", async ({ store, peer }) => {
    const first = await lease(store, "one", ["a"], { epochs: ["n", "t"] });
    const second = await lease(await peer(), "two", ["b"], { epochs: ["t", "n", "u"] });
    equal(second.epochs.slice(0, 2), [...first.epochs].reverse());
    const [hard = "", soft = ""] = first.epochs[0]?.split(".") ?? [];
    ok(hard !== "" && soft !== "", "an epoch has a hard and a soft part");
    ok(new Set(second.epochs).size === 3, "epochs differ");
  });

  on("leased() tells who is creating, and takes no lease", async ({ store }) => {
    await lease(store, "one", ["a", ["h", "f"]]);
    equal(await store.leased(SPACE, ["a", "b", ["h", "f"], ["h", "g"]]), [
      true,
      false,
      true,
      false,
    ]);
    equal(kinds(await lease(store, "two", ["b"])), ["granted"]);
  });

  on("lease() keeps the leases of keys apart", async ({ store }) => {
    equal(kinds(await lease(store, "one", [...KEYS])), KEYS.map(() => "granted"));
  });
}
