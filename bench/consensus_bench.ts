/**
 * Consensus in one process: what the core does with three nodes and 256-byte commands, against the ceiling of the very
 * same messages passed through bare arrays, and against npm's living Raft package.
 *
 * `deno run -A --v8-flags=--expose-gc bench/consensus_bench.ts`
 *
 * Stores here take everything at once; so this measures the protocol alone. "promise" means that the benchmark makes a
 * promise for each proposal and awaits all of a batch before the next.
 *
 * @module
 */

import type { Command } from "../src/raft/core/mod.ts";
import { runSeed } from "../tests/simulation/simulation.ts";
import { BareEngine, CoreEngine, type Engine } from "./consensus/engines.ts";
import { liferaft, PEER_COMMANDS } from "./consensus/liferaft.ts";

const COMMAND_BYTES = 256;
const BATCHES = [1, 16, 128];
const ROUNDS = 5;
const ROUND_MS = 200;
/** What the core must reach of the ceiling, and how much a second. */
const TARGETS: Readonly<Record<number, readonly [share: number, rate: number]>> = {
  1: [0.06, 150_000],
  128: [0.13, 1_000_000],
};

/** Commands committed a second, without promises. */
function measure(engine: Engine, batch: number): number {
  const commands = commandsOf(batch);
  let committed = 0;
  engine.onCommit = (count) => committed += count;
  const began = performance.now();
  let tookMs = 0;
  while (tookMs < ROUND_MS) {
    for (let i = 0; i < 64; i++) {
      engine.propose(commands);
      engine.pump();
    }
    tookMs = performance.now() - began;
  }
  return committed / tookMs * 1000;
}

/** Commands committed a second, each with a promise of its own. */
async function measurePromised(engine: Engine, batch: number): Promise<number> {
  const commands = commandsOf(batch);
  const waiting: (() => void)[] = [];
  let committed = 0;
  engine.onCommit = (count) => {
    committed += count;
    for (const resolve of waiting.splice(0, count)) resolve();
  };
  const began = performance.now();
  let tookMs = 0;
  while (tookMs < ROUND_MS) {
    for (let i = 0; i < 64; i++) {
      const promises = commands.map(() => new Promise<void>((resolve) => waiting.push(resolve)));
      engine.propose(commands);
      engine.pump();
      await Promise.all(promises);
    }
    tookMs = performance.now() - began;
  }
  return committed / tookMs * 1000;
}

/** Medians of several measurements, taken in turn, so that a busy machine is busy for all of them. */
async function medians(
  runs: readonly (() => number | Promise<number>)[],
): Promise<readonly number[]> {
  const rates: number[][] = runs.map(() => []);
  for (let round = -1; round < ROUNDS; round++) {
    for (const [at, run] of runs.entries()) {
      const rate = await run();
      if (round >= 0) rates[at]?.push(rate); // The first round only warms up.
    }
  }
  return rates.map((each) => each.sort((a, b) => a - b)[ROUNDS >> 1] ?? 0);
}

function commandsOf(count: number): readonly Command[] {
  return Array.from({ length: count }, () => ({ data: new Uint8Array(COMMAND_BYTES) }));
}

/** What an entry costs in memory beside its command: leader's log, window and all, while nothing is released. */
function bytesPerEntry(): number {
  const entries = 40_000;
  const commands = commandsOf(1);
  const engine = new CoreEngine();
  const heap = () => {
    (globalThis as { gc?: () => void }).gc?.(); // there with --expose-gc
    return Deno.memoryUsage().heapUsed;
  };
  const before = heap();
  for (let i = 0; i < entries; i++) {
    engine.propose(commands);
    engine.pump();
  }
  const perEntry = (heap() - before) / entries;
  if (engine.leader.status().commit < entries) throw new Error("not everything was committed");
  return perEntry; // The three nodes share the entry itself, as they do in one process.
}

/** Events of the simulator a second: cluster, network, stores, clients and every invariant after each. */
function simulatorRate(): number {
  const began = performance.now();
  let events = 0;
  for (let seed = 1; seed <= 20; seed++) events += runSeed(seed).events;
  return events / (performance.now() - began) * 1000;
}

function row(...cells: readonly (string | number)[]): void {
  const shown = cells.map((cell) => {
    return (typeof cell === "number" ? Math.round(cell).toLocaleString("en") : cell).padStart(13);
  });
  console.log(shown.join(" "));
}

if (import.meta.main) {
  row("batch", "bare /s", "core /s", "share", "promise: bare", "core /s", "share", "target");
  for (const batch of BATCHES) {
    const [bare = 0, core = 0, bareAsync = 0, coreAsync = 0] = await medians([
      () => measure(new BareEngine(), batch),
      () => measure(new CoreEngine(), batch),
      () => measurePromised(new BareEngine(), batch),
      () => measurePromised(new CoreEngine(), batch),
    ]);
    const percent = (of: number, to: number) => `${(100 * of / to).toFixed(1)} %`;
    const [share = 0, rate = 0] = TARGETS[batch] ?? [];
    const isMet = core / bare >= share && core >= rate;
    const verdict = share === 0 ? "" : isMet ? "met" : "MISSED";
    row(
      batch,
      bare,
      core,
      percent(core, bare),
      bareAsync,
      coreAsync,
      percent(coreAsync, bareAsync),
      verdict,
    );
  }
  console.log(`\nmemory: ${Math.round(bytesPerEntry())} bytes per entry beside its command`);
  console.log(`simulator: ${Math.round(simulatorRate()).toLocaleString("en")} events /s`);
  for (const concurrent of BATCHES) {
    const [rate, lost] = await liferaft(concurrent, COMMAND_BYTES);
    console.log(
      `liferaft 1.4.0, ${concurrent} at once: ${
        Math.round(rate)
      } /s, ${lost} of ${PEER_COMMANDS} lost`,
    );
  }
  Deno.exit(0); // the peer leaves timers behind
}
