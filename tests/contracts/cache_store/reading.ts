/**
 * What reading a cache store promises.
 *
 * @module
 */

import type { StoreKey } from "../../../src/cache/port.ts";
import { equal, ok } from "../assert.ts";
import {
  entry,
  KEYS,
  type On,
  OTHER,
  PAST_SHORT_MS,
  record,
  SHORT_MS,
  SPACE,
  TEXTS,
  texts,
  write,
} from "./tools.ts";

/** Registers them. */
export function testReading(on: On): void {
  on("read() finds nothing in an empty store", async ({ store }) => {
    equal(await store.read(SPACE, ["a", ["h", "f"]], ["n"]), {
      records: [undefined, undefined],
      epochs: [undefined],
    });
  });

  on("read() of no keys and no epochs is empty", async ({ store }) => {
    equal(await store.read(SPACE, [], []), { records: [], epochs: [] });
  });

  on("read() finds what was written, in the order asked, repetitions too", async ({ store }) => {
    await write(store, [entry("a", "A"), entry("b", "B"), entry(["h", "f"], "F")]);
    const keys: StoreKey[] = ["b", "missing", ["h", "f"], "a", ["h", "g"], "b", ["h", "f"]];
    equal(await texts(store, keys), ["B", undefined, "F", "A", undefined, "B", "F"]);
  });

  on("read() gives every text back unit by unit", async ({ store }) => {
    await write(store, TEXTS.map((text, i) => entry(`t${i}`, text)));
    equal(await texts(store, TEXTS.map((_, i) => `t${i}`)), TEXTS);
  });

  on("read() tells the terms and the time of creation", async ({ store }) => {
    const { offsetMs, errorMs } = await store.time();
    await write(store, [{ key: "a", text: "A", ttlMs: 5_000, lifeMs: 7_000 }], {
      epochs: ["n", "t:x"],
      tags: ["t:x"],
    });
    const { records: [found], epochs } = await store.read(SPACE, ["a"], ["n", "t:x"]);
    const { terms, costMs, createdAtMs } = record(found);
    equal(terms, { ttlMs: 5_000, lifeMs: 7_000, tags: ["t:x"], epochs });
    equal(costMs, 0);
    ok(Number.isFinite(createdAtMs) && Number.isFinite(offsetMs) && errorMs >= 0, "times");
  });

  on("read() keeps keys and spaces apart", async ({ store }) => {
    await write(store, KEYS.map((key, i) => entry(key, String(i))));
    equal(await texts(store, KEYS), KEYS.map((_, i) => String(i)));
    equal(await texts(store, KEYS, OTHER), KEYS.map(() => undefined));
  });

  on("read() does not find what has expired", async ({ store, advance }) => {
    await write(store, [
      { key: "a", text: "A", ttlMs: SHORT_MS, lifeMs: SHORT_MS },
      entry("b", "B"),
    ]);
    equal(await texts(store, ["a", "b"]), ["A", "B"]);
    await advance(PAST_SHORT_MS);
    equal(await texts(store, ["a", "b"]), [undefined, "B"]);
  });

  on("read() finds at a peer what was written here", async ({ store, peer }) => {
    await write(store, [{ key: "a", text: "A", ttlMs: Infinity, lifeMs: Infinity }]);
    const { records: [found] } = await (await peer()).read(SPACE, ["a"], []);
    equal([record(found).text, record(found).terms.lifeMs], ["A", Infinity]);
  });
}
