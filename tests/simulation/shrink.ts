/**
 * Makes a failing plan smaller: takes away what it fails without.
 *
 * Delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002) over the schedule,
 * then over the faults that are always on. A smaller plan counts if it breaks the same rule.
 *
 * @module
 */

import { FAULTLESS } from "./network.ts";
import type { Action, Plan, Settings } from "./plan.ts";
import { runPlan, type RunReport } from "./simulation.ts";
import { FAULTLESS_STORE } from "./store.ts";

/** The smallest plan that was found, and what it does. */
export interface Shrunk {
  readonly plan: Plan;
  readonly report: RunReport;
  /** How many runs it took. */
  readonly runs: number;
}

/** Makes a failing plan smaller, in at most `runsMax` runs. The plan itself comes back if it does not fail. */
export function shrink(
  plan: Plan,
  { runsMax = 300, run = runPlan }: {
    readonly runsMax?: number;
    readonly run?: (plan: Plan) => RunReport;
  } = {},
): Shrunk {
  const report = run(plan);
  const best = { plan, report, runs: 1 };
  const rule = report.failure?.rule;
  if (rule === undefined) return best;
  const attempt = (change: (plan: Plan) => Plan) => {
    if (best.runs >= runsMax) return;
    const smaller = change(best.plan);
    const report = run(smaller);
    best.runs += 1;
    if (report.failure?.rule !== rule) return;
    best.plan = smaller;
    best.report = report;
  };
  for (const calmer of CALMER) {
    attempt((current) => ({ ...current, settings: calmer(current.settings) }));
  }
  for (let size = plan.actions.length >> 1; size >= 1; size >>= 1) {
    for (let to = best.plan.actions.length; to > 0; to -= size) {
      const from = Math.max(0, to - size);
      attempt((current) => ({ ...current, actions: without(current.actions, from, to) }));
    }
  }
  return best;
}

/** The plan as text, for people: what differs from a calm world, and what happens when. */
export function printPlan({ seed, settings, actions }: Plan): string {
  const lines = actions.map(({ atMs, kind, forMs, isAtLeader, seed }) => {
    const to = isAtLeader ? "the leader" : "any node";
    return `  ${atMs.toFixed(1)} ms: ${kind} at ${to}, ${forMs} ms (dice ${seed})`;
  });
  return [`seed ${seed}: ${JSON.stringify(settings)}`, ...lines].join("\n");
}

function without(actions: readonly Action[], from: number, to: number): readonly Action[] {
  return actions.filter((_, i) => i < from || i >= to);
}

/** Each takes one kind of trouble away. */
const CALMER: readonly ((settings: Settings) => Settings)[] = [
  (settings) => ({ ...settings, network: FAULTLESS }),
  (settings) => ({ ...settings, network: { ...settings.network, drop: 0, double: 0 } }),
  (settings) => ({ ...settings, network: { ...settings.network, straggle: 0 } }),
  (settings) => ({ ...settings, network: { ...settings.network, isOrdered: true } }),
  (settings) => ({ ...settings, store: FAULTLESS_STORE }),
  (settings) => ({ ...settings, store: { ...settings.store, delayedCopy: 0 } }),
  (settings) => ({ ...settings, driftMax: 0 }),
  (settings) => ({ ...settings, applyDelayMs: 0 }),
  (settings) => ({ ...settings, snapshotEvery: 0 }),
  (settings) => ({ ...settings, clientsCount: 1 }),
  (settings) => ({ ...settings, operationsMax: 10 }),
];
