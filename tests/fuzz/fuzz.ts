/**
 * Throws made-up inputs at every parser of what comes from outside: `deno task fuzz [--seconds 600] [--seed N] [words]`.
 *
 * The time is shared by the targets, or by those whose names have all of the words. A failure names the seed and the
 * smallest input; `--seed` with it draws the same inputs again. A new part adds a file to `targets/` and a line here.
 *
 * @module
 */
// deno-lint-ignore-file no-console -- a program: what it says goes to the terminal

import { parseArgs } from "node:util";
import type { FuzzTarget } from "./target.ts";
import { targets as documentTargets } from "./targets/documents.ts";
import { targets as httpTargets } from "./targets/http.ts";
import { targets as driverTargets } from "./targets/redis_and_gateway.ts";
import { targets as peerTargets } from "./targets/sync_log_and_raft.ts";
import { targets as valueTargets } from "./targets/values.ts";
import { targets as modelTargets } from "./targets/wakes_and_models.ts";

/** Every target. */
export const TARGETS: readonly FuzzTarget[] = [
  ...documentTargets,
  ...driverTargets,
  ...httpTargets,
  ...modelTargets,
  ...peerTargets,
  ...valueTargets,
];

/** Runs a target for so long; gives how many inputs it was thrown. */
export async function fuzz({ run }: FuzzTarget, seed: number, forMs: number): Promise<number> {
  return await run(seed, performance.now() + forMs);
}

if (import.meta.main) Deno.exit(await main());

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    args: Deno.args,
    allowPositionals: true,
    options: {
      seconds: { type: "string", default: "600" },
      seed: { type: "string", default: Deno.env.get("SEED") ?? String(anySeed()) },
    },
  });
  const chosen = TARGETS.filter(({ name }) => positionals.every((word) => name.includes(word)));
  const forMs = Number(values.seconds) * 1_000 / chosen.length;
  let failed = 0;
  for (const each of chosen) {
    try {
      console.log(`${await fuzz(each, Number(values.seed), forMs)}\t${each.name}`);
    } catch (error) {
      failed++;
      console.log(`FAILED\t${each.name}`, error);
    }
  }
  console.log(`${chosen.length - failed} passed, ${failed} failed, from seed ${values.seed}`);
  return failed === 0 && chosen.length > 0 ? 0 : 1;
}

/** A seed that nobody knows beforehand. */
export function anySeed(): number {
  return crypto.getRandomValues(new Int32Array(1))[0] ?? 1;
}
