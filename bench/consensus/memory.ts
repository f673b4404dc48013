/**
 * Prints what one entry of the log costs in memory beside its command, in bytes: with the log, and all that is kept of an
 * entry on its way. Three nodes in one process share the entry itself.
 *
 * `deno run -A --v8-flags=--expose-gc bench/consensus/memory.ts`
 *
 * @module
 */
// deno-lint-ignore-file no-console

import { CoreEngine } from "./engines.ts";

const ENTRIES = 40_000;

if (import.meta.main) {
  const commands = [{ data: new Uint8Array(256) }];
  const engine = new CoreEngine();
  const before = heapBytes();
  for (let i = 0; i < ENTRIES; i++) {
    engine.propose(commands);
    engine.pump();
  }
  const perEntry = (heapBytes() - before) / ENTRIES;
  if (engine.leader.status().commit < ENTRIES) throw new Error("not everything was committed");
  console.log(Math.round(perEntry));
}

function heapBytes(): number {
  (globalThis as { gc?: () => void }).gc?.(); // there by --expose-gc
  return Deno.memoryUsage().heapUsed;
}
