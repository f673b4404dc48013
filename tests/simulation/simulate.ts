/**
 * Runs seeds for as long as one likes, or tries the simulator on known mistakes.
 *
 * ```sh
 * deno task simulate --minutes 5            # fresh seeds, from SEED on if it is set
 * deno task simulate --seed 110             # one seed, made smaller if it fails
 * deno task simulate --library --minutes 5  # the same on the loop that the library ships
 * deno task simulate --mutations            # the table of mistakes and the seeds it took to find them
 * ```
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a program: what it says goes to the terminal

import { loadMutant } from "./mutant.ts";
import { MUTATIONS } from "./mutations.ts";
import type { Mutation } from "./mutations/mistake.ts";
import { planOf } from "./plan.ts";
import { printPlan, shrink } from "./shrink.ts";
import { libraryLoops } from "./library_loop.ts";
import { runPlanAsync, type RunReport, runSeed } from "./simulation.ts";

/** Seeds to try on each mistake before it counts as not found. */
const SEEDS_MAX = 5_000;

if (import.meta.main) await main(Deno.args);

async function main(args: readonly string[]): Promise<void> {
  if (args.includes("--mutations")) return await printMutations(numberAfter(args, "--seeds"));
  const isLibrary = args.includes("--library");
  const seed = numberAfter(args, "--seed");
  if (seed !== undefined) {
    return isLibrary ? printReport(await runLibrarySeed(seed)) : printSeed(seed);
  }
  const minutes = numberAfter(args, "--minutes") ?? 1;
  const first = Number(Deno.env.get("SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]);
  await simulateFor(minutes * 60_000, first, isLibrary);
}

async function runLibrarySeed(seed: number): Promise<RunReport> {
  return await runPlanAsync(planOf(seed), libraryLoops());
}

function numberAfter(args: readonly string[], name: string): number | undefined {
  const at = args.indexOf(name);
  return at < 0 ? undefined : Number(args[at + 1]);
}

/** Runs seed after seed; stops at the first failure, with a smaller schedule of it. */
async function simulateFor(forMs: number, first: number, isLibrary: boolean): Promise<void> {
  console.log(`seeds from ${first}`);
  const beganAt = performance.now();
  const total = { seeds: 0, events: 0, done: 0, unknown: 0, undecided: 0 };
  let toPrintAt = beganAt + 10_000;
  while (performance.now() - beganAt < forMs) {
    const seed = (first + total.seeds) >>> 0;
    const report = isLibrary ? await runLibrarySeed(seed) : runSeed(seed);
    total.seeds += 1;
    total.events += report.events;
    total.done += report.done;
    total.unknown += report.unknown;
    total.undecided += report.undecided;
    if (report.failure !== undefined) {
      return isLibrary ? printReport(report) : printSeed(report.seed);
    }
    if (performance.now() < toPrintAt) continue;
    printTotal(total, performance.now() - beganAt);
    toPrintAt += 10_000;
  }
  printTotal(total, performance.now() - beganAt);
}

function printTotal(
  total: { seeds: number; events: number; done: number; unknown: number; undecided: number },
  ms: number,
): void {
  const perSecond = Math.round(total.events / ms * 1_000).toLocaleString("en");
  console.log(
    `${(ms / 1_000).toFixed(0)} s: ${total.seeds} seeds, ${
      total.events.toLocaleString("en")
    } events, ` +
      `${perSecond} events/s; operations done ${total.done}, unknown ${total.unknown}; ` +
      `histories undecided ${total.undecided}`,
  );
}

function printReport({ seed, failure, events, traceHash }: RunReport): void {
  if (failure === undefined) {
    return console.log(`seed ${seed} holds: ${events} events, trace ${traceHash}`);
  }
  console.log(`seed ${seed} fails: ${failure.message}`);
  Deno.exit(1);
}

function printSeed(seed: number): void {
  const { plan, report, runs } = shrink(planOf(seed));
  if (report.failure === undefined) return printReport(report);
  console.log(`seed ${seed} fails: ${report.failure.message}\nmade smaller in ${runs} runs:`);
  console.log(printPlan(plan));
  Deno.exit(1);
}

/** How a mistake was found, or that it was not. */
interface Finding {
  readonly mutation: Mutation;
  readonly seeds: number;
  readonly seed: number | undefined;
  readonly rule: string;
}

async function printMutations(seedsMax = SEEDS_MAX): Promise<void> {
  console.log("| mistake | seeds needed | seed | found by |\n|---|---|---|---|");
  let missed = 0;
  for (const mutation of MUTATIONS) {
    const { seeds, seed, rule } = await find(mutation, seedsMax);
    if (seed === undefined) missed += 1;
    console.log(`| ${mutation.name} | ${seeds} | ${seed ?? "-"} | ${rule} |`);
  }
  console.log(`${MUTATIONS.length - missed} of ${MUTATIONS.length} mistakes found`);
  if (missed > 0) Deno.exit(1);
}

async function find(mutation: Mutation, seedsMax: number): Promise<Finding> {
  const mutant = await loadMutant(mutation);
  try {
    for (let seed = 1; seed <= seedsMax; seed++) {
      const { failure } = mutant.runSeed(seed, mutation.focus);
      if (failure !== undefined) return { mutation, seeds: seed, seed, rule: failure.message };
    }
    return { mutation, seeds: seedsMax, seed: undefined, rule: "not found" };
  } finally {
    await mutant.remove();
  }
}
