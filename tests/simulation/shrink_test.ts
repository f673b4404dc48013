import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { SimulationFailure } from "./failure.ts";
import { type Action, type Plan, planOf } from "./plan.ts";
import { printPlan, shrink } from "./shrink.ts";
import { type RunReport, runSeed } from "./simulation.ts";

const CALM = runSeed(1);

/** A run that fails if, and only if, the plan has both of these actions. */
function failsWith(first: Action | undefined, second: Action | undefined) {
  return ({ actions }: Plan): RunReport => {
    const isBroken = [first, second].every((action) => actions.some((one) => one === action));
    const failure = isBroken ? new SimulationFailure("liveness", "both are there") : undefined;
    return { ...CALM, failure };
  };
}

function longPlan(): Plan {
  for (let seed = 1; seed < 100; seed++) {
    const plan = planOf(seed);
    if (plan.actions.length > 20) return plan;
  }
  throw new Error("no plan has 20 actions");
}

Deno.test("shrink() keeps what the failure needs and drops all else", () => {
  const plan = longPlan();
  const needed = [plan.actions[3], plan.actions[17]] as const;
  const { plan: smaller, report, runs } = shrink(plan, { run: failsWith(...needed) });
  deepStrictEqual(smaller.actions, needed);
  strictEqual(smaller.settings.network.drop, 0);
  strictEqual(report.failure?.rule, "liveness");
  ok(runs <= 300, `${runs}`);
});

Deno.test("shrink() stops after its bound of runs", () => {
  const plan = longPlan();
  let runs = 0;
  const run = (tried: Plan) => {
    runs += 1;
    return failsWith(plan.actions[3], plan.actions[17])(tried);
  };
  shrink(plan, { run, runsMax: 10 });
  strictEqual(runs, 10);
});

Deno.test("shrink() leaves a plan that does not fail alone", () => {
  const plan = longPlan();
  const shrunk = shrink(plan, { run: () => ({ ...CALM, failure: undefined }) });
  strictEqual(shrunk.plan, plan);
  strictEqual(shrunk.runs, 1);
});

Deno.test("printPlan() names the seed and every action", () => {
  const plan = longPlan();
  const lines = printPlan(plan).split("\n");
  ok(lines[0]?.startsWith(`seed ${plan.seed}: {`));
  strictEqual(lines.length, plan.actions.length + 1);
});
