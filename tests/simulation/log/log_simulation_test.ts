/**
 * Logs under faults, and the known mistakes that the simulator must find.
 *
 * @module
 */

import { deepStrictEqual, ok } from "node:assert/strict";
import { MISTAKES } from "./mistakes.ts";
import { loadMutant } from "./mutant.ts";
import { runSeed } from "./run.ts";

const FIXED_SEEDS = 100;
const FRESH_SEEDS = 100;
/** Some mistakes show only where much comes together. */
const SEEDS_MAX = 300;

/** What must happen often for the runs to be no easy life. */
const SIGHTS = [
  "append",
  "repeat",
  "reader",
  "consumer",
  "commit",
  "save",
  "lost wake",
  "lost answer",
  "unreachable",
  "end ERR_TRIMMED",
];

/** Where fresh seeds begin; printed, and taken from SEED to repeat them. */
const FRESH_FROM = Number(Deno.env.get("SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]);

Deno.test("readers of a log miss nothing in the fixed seeds, and these are no easy life", async () => {
  const seen = new Map<string, number>();
  for (let seed = 1; seed <= FIXED_SEEDS; seed++) {
    for (const [what, count] of await holds(seed)) seen.set(what, (seen.get(what) ?? 0) + count);
  }
  for (const sight of SIGHTS) ok((seen.get(sight) ?? 0) >= 3, `${sight}: ${seen.get(sight)}`);
});

Deno.test(`readers of a log miss nothing in fresh seeds (SEED=${FRESH_FROM})`, async () => {
  for (let i = 0; i < FRESH_SEEDS; i++) await holds((FRESH_FROM + i) >>> 0);
});

Deno.test("a seed of logs replays", async () => {
  deepStrictEqual(await runSeed(3), await runSeed(3));
});

for (const mistake of MISTAKES) {
  Deno.test(`runSeed() of logs finds that ${mistake.name}`, async () => {
    const mutant = await loadMutant(mistake);
    try {
      const others = Array.from({ length: SEEDS_MAX }, (_, i) => i + 1);
      for (const seed of [mistake.seed, ...others]) {
        if ((await mutant.runSeed(seed)).failure !== undefined) return;
      }
      throw new Error(`No seed to ${SEEDS_MAX} finds it`);
    } finally {
      await mutant.remove();
    }
  });
}

async function holds(seed: number): Promise<ReadonlyMap<string, number>> {
  const { failure, seen } = await runSeed(seed);
  if (failure === undefined) return seen;
  throw new Error(`seed ${seed}: ${failure.message}`, { cause: failure });
}
