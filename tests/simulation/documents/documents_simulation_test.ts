/**
 * Clients of documents under faults, and the known mistakes that the simulator must find.
 *
 * @module
 */

import { ok } from "node:assert/strict";
import { EDITS, type Edits, PLAIN_EDITS } from "./edits.ts";
import { MISTAKES } from "./mistakes.ts";
import { loadMutant } from "./mutant.ts";
import { NPM_EDITS } from "./npm_edits.ts";
import { runSeed } from "./run.ts";

const ALL: readonly Edits[] = [...EDITS, PLAIN_EDITS, ...NPM_EDITS];
const FIXED_SEEDS = 160;
const FRESH_SEEDS = 60;
/** A change of the client that is none of its promises may move a mistake to other seeds. */
const SEEDS_MAX = 600;

/** What must happen often for the runs to be no easy life. */
const SIGHTS: readonly string[] = [
  "edit",
  "create",
  "delete",
  "cut",
  "crash",
  "restart",
  "flush",
  "ERR_DOC_ALREADY_CREATED",
  "ERR_DOC_WAS_DELETED",
  "ERR_DOC_EPOCH",
  "ERR_OP_SUBMIT_REJECTED",
];

/** Where fresh seeds begin; printed, and taken from SEED to repeat them. */
const FRESH_FROM = Number(Deno.env.get("SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]);

Deno.test("ClientConnection converges and keeps its word in the fixed seeds, and these are no easy life", async () => {
  const seen = new Map<string, number>();
  for (let seed = 1; seed <= FIXED_SEEDS; seed++) {
    for (const [what, count] of await holds(seed)) seen.set(what, (seen.get(what) ?? 0) + count);
  }
  for (const sight of SIGHTS) ok((seen.get(sight) ?? 0) >= 10, `${sight}: ${seen.get(sight)}`);
});

Deno.test(`ClientConnection converges and keeps its word in fresh seeds (SEED=${FRESH_FROM})`, async () => {
  for (let i = 0; i < FRESH_SEEDS; i++) await holds((FRESH_FROM + i) >>> 0);
});

Deno.test("MISTAKES are at least 8", () => {
  ok(MISTAKES.length >= 8);
});

for (const mistake of MISTAKES) {
  Deno.test(`runSeed() of documents finds that ${mistake.name}`, async () => {
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
  const { failure, seen } = await runSeed(seed, ALL);
  if (failure === undefined) return seen;
  throw new Error(`seed ${seed}: ${failure.message}`, { cause: failure });
}
