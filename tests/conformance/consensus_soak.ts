/**
 * The long run of real processes: faults by seed for as long as one likes, the history checked after each round.
 *
 * ```sh
 * deno task soak:consensus --minutes 10 --nodes 5 --seed 7
 * ```
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a program: what it says goes to the terminal

import { randomInteger, seededRandom } from "../../src/random.ts";
import { FAULTS } from "../support/consensus/faults.ts";
import { ProcessCluster } from "../support/consensus/processes.ts";
import { Workload } from "../support/consensus/workload.ts";

const ROUND_FAULTS = 6;

if (import.meta.main) await main(Deno.args);

async function main(args: readonly string[]): Promise<void> {
  const minutes = numberAfter(args, "--minutes") ?? 5;
  const count = numberAfter(args, "--nodes") ?? 3;
  const first = numberAfter(args, "--seed") ?? crypto.getRandomValues(new Uint32Array(1))[0] ?? 1;
  const untilMs = performance.now() + minutes * 60_000;
  for (let seed = first; performance.now() < untilMs; seed++) {
    console.log(`seed ${seed}`);
    await round(seed, count);
  }
}

/** A fresh cluster, and some faults in an order that follows from the seed. */
async function round(seed: number, count: number): Promise<void> {
  const random = seededRandom(seed);
  await using cluster = await ProcessCluster.start(count);
  const workload = new Workload(cluster, { clients: 6, seed });
  const names = Object.keys(FAULTS) as (keyof typeof FAULTS)[]; // its own keys
  for (let i = 0; i < ROUND_FAULTS; i++) {
    const name = names[randomInteger(random, 0, names.length)] ?? "killLeader";
    const beganMs = performance.now();
    await FAULTS[name](cluster);
    console.log(`  ${name}: ${Math.round(performance.now() - beganMs)} ms`);
  }
  const operations = await workload.check();
  console.log(`  linearizable: ${operations} operations, ${workload.done} writes acknowledged`);
}

function numberAfter(args: readonly string[], name: string): number | undefined {
  const at = args.indexOf(name);
  return at < 0 ? undefined : Number(args[at + 1]);
}
