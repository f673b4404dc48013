/**
 * What the fields of hashes promise, in each mode of their expiry.
 *
 * @module
 */

import type { CacheSpace, CacheWrite } from "../../../src/cache/port.ts";
import { equal } from "../assert.ts";
import {
  fill,
  lease,
  LONG_MS,
  type On,
  PAST_SHORT_MS,
  settle,
  SHORT_MS,
  SPACE,
  texts,
  write,
} from "./tools.ts";

/** Registers them. */
export function testHashes(on: On): void {
  const field = (name: string, lifeMs: number): CacheWrite => ({
    key: ["h", name],
    text: name,
    ttlMs: lifeMs,
    lifeMs,
  });

  on('write() in mode "create" sets a hash\'s end when it is new', async ({ store, advance }) => {
    await write(store, [field("a", SHORT_MS)]);
    await write(store, [field("b", LONG_MS)]);
    equal(await texts(store, [["h", "a"], ["h", "b"]]), ["a", "b"]);
    await advance(PAST_SHORT_MS);
    equal(await texts(store, [["h", "a"], ["h", "b"]]), [undefined, undefined]);
    await write(store, [field("c", LONG_MS)]);
    equal(await texts(store, [["h", "b"], ["h", "c"]]), [undefined, "c"]);
  });

  on('write() in mode "always" sets a hash\'s end every time', async ({ store, advance }) => {
    const always: CacheSpace = { ...SPACE, hashMode: "always" };
    await write(store, [field("a", LONG_MS)], {}, always);
    await write(store, [field("b", SHORT_MS)], {}, always);
    await advance(PAST_SHORT_MS);
    equal(await texts(store, [["h", "a"], ["h", "b"]], always), [undefined, undefined]);
  });

  on('write() in mode "never" sets no end', async ({ store, advance }) => {
    const never: CacheSpace = { ...SPACE, hashMode: "never" };
    await write(store, [field("a", LONG_MS)], {}, never);
    await write(store, [field("b", SHORT_MS)], {}, never);
    await advance(PAST_SHORT_MS);
    equal((await texts(store, [["h", "a"]], never))[0], "a");
  });

  on(
    'write() in mode "field" keeps a hash as long as its longest field',
    async ({ store, advance }) => {
      const fields: CacheSpace = { ...SPACE, hashMode: "field" };
      await write(store, [field("a", LONG_MS)], {}, fields);
      await write(store, [field("b", SHORT_MS)], {}, fields);
      await advance(PAST_SHORT_MS);
      equal((await texts(store, [["h", "a"]], fields))[0], "a");
    },
  );

  on("write() that lives for ever makes a hash that does", async ({ store, advance }) => {
    await write(store, [field("a", Infinity)]);
    await write(store, [field("b", SHORT_MS)]);
    await advance(PAST_SHORT_MS);
    equal((await texts(store, [["h", "a"]]))[0], "a");
  });

  on("settle() writes fields too", async ({ store }) => {
    const reply = await lease(store, "one", [["h", "f"], "k"]);
    const outcomes = [fill(["h", "f"], "F", reply), fill("k", "K", reply)];
    equal(await settle(store, "one", reply, outcomes), [true, true]);
    equal(await texts(store, [["h", "f"], "k"]), ["F", "K"]);
  });
}
