/**
 * Runs seeds of whole worlds for as long as one likes: documents, logs, live queries, path models and sync, each with
 * servers, clients and everything that goes wrong between them.
 *
 * ```sh
 * deno task simulate:worlds --minutes 5             # fresh seeds of each in turn, from SEED on if it is set
 * deno task simulate:worlds --seed 110 --only sync  # one seed of one of them
 * ```
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a program: what it says goes to the terminal

import { runSeed as runDocuments } from "./documents/run.ts";
import type { Run } from "./lived.ts";
import { runSeed as runLogs } from "./log/run.ts";
import { runSeed as runPathModels } from "./path_model/run.ts";
import { runSeed as runQueries } from "./queries/run.ts";
import { runSeed as runSync } from "./sync/run.ts";

type RunSeed = (seed: number) => Promise<Run>;

const WORLDS: Readonly<Record<string, RunSeed>> = {
  documents: (seed) => runDocuments(seed),
  log: runLogs,
  queries: runQueries,
  "path-model": runPathModels,
  sync: runSync,
};

if (import.meta.main) await main(Deno.args);

async function main(args: readonly string[]): Promise<void> {
  const after = (name: string): string | undefined => {
    const at = args.indexOf(name);
    return at < 0 ? undefined : args[at + 1];
  };
  const only = after("--only");
  const worlds = Object.entries(WORLDS).filter(([name]) => only === undefined || name === only);
  if (worlds.length === 0) throw new Error(`--only must be one of ${Object.keys(WORLDS)}`);
  const seed = after("--seed");
  if (seed !== undefined) return await once(worlds, Number(seed));
  const first = Number(Deno.env.get("SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]);
  console.log(`seeds from ${first}`);
  const untilMs = performance.now() + Number(after("--minutes") ?? 1) * 60_000;
  let seeds = 0;
  for (; performance.now() < untilMs; seeds++) await once(worlds, (first + seeds) >>> 0);
  console.log(`${seeds} seeds of ${worlds.map(([name]) => name).join(", ")}: all hold`);
}

async function once(worlds: readonly (readonly [string, RunSeed])[], seed: number): Promise<void> {
  for (const [name, runSeed] of worlds) {
    const { failure } = await runSeed(seed);
    if (failure === undefined) continue;
    console.error(`${name}, seed ${seed}: ${failure.stack}`);
    Deno.exit(1);
  }
}
