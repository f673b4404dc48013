/**
 * The loop that the library ships, under the simulator: the same seeds, faults and invariants as the core's own.
 *
 * `SEED` and `SEEDS` run others: `SEED=1 SEEDS=5000 deno test -A tests/simulation/library_loop_test.ts`.
 *
 * @module
 */

import { ok, strictEqual } from "node:assert/strict";
import { libraryLoops } from "./library_loop.ts";
import { loadMutant } from "./mutant.ts";
import { LOOP_MISTAKES } from "./mutations/loop.ts";
import { planOf } from "./plan.ts";
import { runPlanAsync } from "./simulation.ts";

const SEEDS = Number(Deno.env.get("SEEDS") ?? 60);
const FROM = Number(Deno.env.get("SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]);

Deno.test("RaftLoop keeps all promises in the fixed seeds", () => run(1, SEEDS));

Deno.test(`RaftLoop keeps all promises in fresh seeds (SEED=${FROM})`, () => run(FROM, SEEDS));

/** Seeds that once failed here. */
const FOUND: Readonly<Record<string, number>> = {
  "a later life of a store takes an earlier one's right to vote for its own": 702_210,
  "an own snapshot overtakes the pieces of another node's": 800_117,
};

for (const [what, seed] of Object.entries(FOUND)) {
  Deno.test(`RaftLoop holds where it once failed as ${what}`, () => run(seed, 1));
}

Deno.test("RaftLoop does the same twice", async () => {
  for (let seed = 1; seed <= 5; seed++) {
    const first = await runPlanAsync(planOf(seed), libraryLoops());
    const second = await runPlanAsync(planOf(seed), libraryLoops());
    strictEqual(first.traceHash, second.traceHash, `seed ${seed}`);
  }
});

async function run(from: number, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const seed = (from + i) >>> 0;
    const { failure } = await runPlanAsync(planOf(seed), libraryLoops());
    if (failure !== undefined) {
      throw new Error(`seed ${seed}: ${failure.message}`, { cause: failure });
    }
  }
}

for (const mutation of LOOP_MISTAKES) {
  Deno.test(`the simulator finds that ${mutation.name}`, async () => {
    const mutant = await loadMutant(mutation);
    try {
      let isFound = false;
      for (let seed = 1; seed <= 200 && !isFound; seed++) {
        isFound = (await mutant.runLibrarySeed(seed)).failure !== undefined;
      }
      ok(isFound);
    } finally {
      await mutant.remove();
    }
  });
}
