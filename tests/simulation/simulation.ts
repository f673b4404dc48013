/**
 * Runs one seed: first faults and safety, then none and liveness.
 *
 * @module
 */

import { Clients, type History } from "./clients.ts";
import { hold, SimulationFailure } from "./failure.ts";
import { checkLinearizable } from "./linearizability.ts";
import { startLoop } from "./loop.ts";
import type { StartLoop } from "./loop_host.ts";
import { schedule } from "./nemesis.ts";
import { repair } from "./operator.ts";
import { type Focus, type Plan, planOf } from "./plan.ts";
import type { Process } from "./process.ts";
import { registerModel } from "./register.ts";
import type { Sight } from "./sights.ts";
import { World } from "./world.ts";

/** What a run was. */
export interface RunReport {
  readonly seed: number;
  readonly events: number;
  /** Equal for equal runs. */
  readonly traceHash: number;
  readonly committed: number;
  readonly leaders: number;
  readonly done: number;
  readonly failed: number;
  readonly unknown: number;
  /** Histories that the checker gave up on. */
  readonly undecided: number;
  /** What happened how often. */
  readonly seen: ReadonlyMap<Sight, number>;
  /** What was broken, if anything was. */
  readonly failure: SimulationFailure | undefined;
}

/** How often the operator looks. */
const REPAIR_EVERY_MS = 250;

/** Election timeouts that a healed cluster has to converge. */
const LIVENESS_TIMEOUTS = 120;

/** Steps that the search for an order may take per key. */
const CHECK_STEPS_MAX = 200_000;

/** Runs a seed. */
export function runSeed(seed: number, focus?: Focus): RunReport {
  return runPlan(planOf(seed, focus));
}

/** Runs a plan, on the simulator's own loop. */
export function runPlan(plan: Plan): RunReport {
  const run = running(plan, startLoop);
  for (;;) {
    const { done, value } = run.next();
    if (done) return value;
  }
}

/** Loops that wait for promises: what goes wrong in one of them cannot be thrown to who steps the world. */
export interface PromiseLoops {
  readonly start: StartLoop;
  /** What went wrong since the last look. */
  failure(): unknown;
}

/** Runs a plan on loops that wait for promises: after each event everything that can go on does. */
export async function runPlanAsync(plan: Plan, loops: PromiseLoops): Promise<RunReport> {
  const run = running(plan, loops.start);
  for (;;) {
    const failure = loops.failure();
    const { done, value } = failure === undefined ? run.next() : run.throw(failure);
    if (done) return value;
    for (let turn = 0; turn < MICROTASKS; turn++) await undefined;
  }
}

/** Longer than any chain of promises that one event sets off in a loop. */
const MICROTASKS = 24;

/** A run that stops after each event. */
function* running(plan: Plan, start: StartLoop): Generator<void, RunReport> {
  const world = new World(plan, start);
  const clients = new Clients(world);
  let undecided = 0;
  let failure: SimulationFailure | undefined;
  try {
    schedule(world);
    keepRepairing(world);
    while (world.step(plan.settings.safetyMs)) yield;
    yield* converge(world, clients);
    for (const [key, history] of clients.histories()) {
      undecided += Number(isUndecided(key, history));
    }
  } catch (error) {
    // Whatever is thrown inside a run is what the run found.
    failure = error instanceof SimulationFailure
      ? error
      : new SimulationFailure("no error", String(error), { cause: error });
  }
  return {
    seed: plan.seed,
    events: world.eventsCount,
    traceHash: world.traceHash,
    committed: world.observer.committedIndex,
    leaders: world.observer.leadersCount,
    ...clients.counts,
    undecided,
    seen: world.seen,
    failure,
  };
}

function keepRepairing(world: World): void {
  world.time.after(REPAIR_EVERY_MS, () => {
    repair(world);
    keepRepairing(world);
  });
}

/** Heals everything; within a bounded time there must be one leader and nothing left to do. */
function* converge(world: World, clients: Clients): Generator<void, void> {
  heal(world);
  clients.quiesce();
  const deadlineMs = world.time.nowMs + LIVENESS_TIMEOUTS * world.electionMs;
  const fresh: { state: "none" | "asked" | "done" } = { state: "none" };
  let problem = "nothing happened";
  // Time itself stands still where nothing happens, so it is not asked.
  for (let untilMs = world.time.nowMs; untilMs < deadlineMs;) {
    untilMs += world.electionMs;
    while (world.step(untilMs)) yield;
    if (world.time.waiting === 0) break;
    if (clients.busyCount === 0 && fresh.state === "none") {
      fresh.state = "asked";
      clients.writeFresh((isDone) => fresh.state = isDone ? "done" : "none");
    }
    const left = unfinished(world);
    problem = left ?? `a fresh write is ${fresh.state}, ${clients.busyCount} clients wait`;
    if (left === undefined && fresh.state === "done") return;
  }
  throw new SimulationFailure("liveness", problem);
}

function heal(world: World): void {
  world.network.heal();
  for (const node of world.nodes) {
    node.store.heal();
    for (const process of node.processes) process.killAfter(Infinity);
    for (const process of node.processes.slice(0, -1)) process.kill();
    for (const process of node.processes) process.resume();
  }
}

/** What a converged cluster does not have yet, or `undefined`. */
function unfinished(world: World): string | undefined {
  const leading = world.leaders().at(-1);
  if (leading === undefined) return "nobody leads";
  const { status, process } = leading;
  const { membership, last } = status;
  if (membership.outgoing.length > 0) return "a membership change is not finished";
  for (const { id, incarnation, isWitness } of [...membership.voters, ...membership.learners]) {
    const node = world.node(id);
    const member = node && world.processOf(node);
    const seen = member?.watched?.status;
    if (member === undefined || seen === undefined) return `${id} is not running`;
    if (node?.incarnation !== incarnation) return `${id} is listed with an old life`;
    if (seen.term !== status.term || seen.leader !== process.config.id) {
      return `${id} follows another`;
    }
    if (seen.last.index !== last.index || seen.commit !== last.index) {
      return `${id} has ${seen.last.index}, committed ${seen.commit}, the leader has ${last.index}`;
    }
    if (isWitness !== true && member.machine.applied !== last.index) {
      return `${id} has applied ${member.machine.applied} of ${last.index}`;
    }
    checkState(world, member);
  }
  return undefined;
}

/** Every state machine is in the state of one that applied everything committed, once and in order. */
function checkState(world: World, { machine, config, owner }: Process): void {
  if (config.isWitness === true || machine.applied !== world.observer.committedIndex) return;
  const expected = world.observer.referenceState();
  const actual = machine.save();
  const isSame = expected.length === actual.length &&
    expected.every((byte, i) => byte === actual[i]);
  hold(isSame, "4 state machine safety", () => `${owner} is in another state than its log makes`);
}

function isUndecided(key: string, history: History): boolean {
  const verdict = checkLinearizable(history, registerModel, { stepsMax: CHECK_STEPS_MAX });
  hold(verdict !== "not linearizable", "linearizability", () => {
    return `no order explains the ${history.length} operations on ${key}`;
  });
  return verdict === "undecided";
}
