/**
 * Every fuzz target for a moment: for half a minute all together where CI is set. `deno task fuzz` goes on longer.
 *
 * @module
 */

import { rejects } from "node:assert/strict";
import fc from "fast-check";
import { anySeed, fuzz, TARGETS } from "./fuzz.ts";
import { target } from "./target.ts";

const ALL_MS = Deno.env.get("CI") === "true" ? 30_000 : 3_000;
const seed = Number(Deno.env.get("SEED") ?? anySeed());

for (const each of TARGETS) {
  Deno.test(`fuzz: ${each.name}`, async () => {
    await fuzz(each, seed, ALL_MS / TARGETS.length);
  });
}

Deno.test("fuzz: a failure names its seed and the smallest input", async () => {
  const broken = target("broken", fc.nat(), (input) => {
    if (input > 41) throw new Error("too large");
  });
  await rejects(fuzz(broken, 7, 5_000), /^Error: SEED=7: \[42\]$/);
});
