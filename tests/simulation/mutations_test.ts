/**
 * The simulator is tried on known mistakes: it must find each of them. The whole table, with the first seed that finds a
 * mistake, is printed by `deno task simulate --mutations`.
 *
 * @module
 */

import { ok } from "node:assert/strict";
import { loadMutant } from "./mutant.ts";
import { checkAnchors } from "./mutant_copy.ts";
import { MUTATIONS } from "./mutations.ts";
import { runSeed } from "./simulation.ts";

/** A change of the core that is none of its promises may move a mistake to other seeds; so many more are tried. */
const SEEDS_MAX = 500;

Deno.test("MUTATIONS are at least 25 and stand where the source has their text", async () => {
  ok(MUTATIONS.length >= 25, `${MUTATIONS.length}`);
  for (const mutation of MUTATIONS) await checkAnchors(mutation);
});

for (const mutation of MUTATIONS) {
  Deno.test(`runSeed() finds that ${mutation.name}`, async () => {
    const mutant = await loadMutant(mutation);
    try {
      const { focus } = mutation;
      const isFound = (seed: number) =>
        mutant.runSeed(seed, focus).failure !== undefined &&
        runSeed(seed, focus).failure === undefined;
      const others = Array.from({ length: SEEDS_MAX }, (_, i) => i + 1);
      ok([mutation.seed, ...others].some(isFound), `no seed to ${SEEDS_MAX} finds it`);
    } finally {
      await mutant.remove();
    }
  });
}
