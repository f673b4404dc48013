/**
 * Does to a cluster what the plan says.
 *
 * @module
 */

import { assertNever } from "../../src/errors.ts";
import type { Member } from "../../src/raft/core/mod.ts";
import { type Dice, diceFor } from "./dice.ts";
import { isQuorum } from "./lives.ts";
import { isThere, reconfigure } from "./operator.ts";
import type { Action } from "./plan.ts";
import type { SimulatedNode } from "./simulated_node.ts";
import type { World } from "./world.ts";

/** Puts all actions of the world's plan into its future. */
export function schedule(world: World): void {
  for (const action of world.plan.actions) {
    world.time.after(action.atMs, () => act(world, action));
  }
}

function act(world: World, action: Action): void {
  const dice = diceFor(action.seed, action.kind);
  const target = targetOf(world, action, dice);
  const others = world.nodes.filter((node) => node !== target).map(({ id }) => id);
  const { network, time } = world;
  const { forMs } = action;
  switch (action.kind) {
    case "crash":
      return crash(world, target, { dice, forMs });
    case "pause": {
      const process = world.processOf(target);
      process?.pause();
      // Sockets and timers that are ready at once may be served in any order.
      const isShuffled = dice.chance(0.5);
      time.after(forMs, () => process?.resume((held) => isShuffled ? dice.shuffled(held) : held));
      return;
    }
    case "isolate":
      return partition(world, forMs, others.flatMap((id) => bothWays(target.id, id)));
    case "oneWay": {
      const isDeaf = dice.chance(0.5);
      const ways = others.map((id): Way => isDeaf ? [id, target.id] : [target.id, id]);
      return partition(world, forMs, ways);
    }
    case "halves": {
      const cut = dice.whole(1, others.length + 1);
      const shuffled = dice.shuffled([target.id, ...others]);
      const left = shuffled.slice(0, cut);
      const right = shuffled.slice(cut);
      return partition(world, forMs, left.flatMap((a) => right.flatMap((b) => bothWays(a, b))));
    }
    case "bridge": {
      // Only the target reaches everybody.
      const shuffled = dice.shuffled(others);
      const left = shuffled.slice(0, shuffled.length >> 1);
      const right = shuffled.slice(shuffled.length >> 1);
      return partition(world, forMs, left.flatMap((a) => right.flatMap((b) => bothWays(a, b))));
    }
    case "clog":
      for (const id of others) {
        if (dice.chance(0.5)) network.clog(target.id, id, forMs);
        if (dice.chance(0.5)) network.clog(id, target.id, forMs);
      }
      return;
    case "limbo":
      return limbo(world, target, { dice, forMs });
    case "storeAway":
      return target.store.goAway(forMs);
    case "storeSlow":
      return target.store.slowDown(forMs, dice.between(0, forMs));
    case "rollBack":
      return rollBack(world, target, dice);
    case "wipe":
      return wipe(world, target, { dice, forMs });
    case "secondProcess":
      if (target.processes.length > 0 && target.life.lost === undefined) world.start(target);
      return;
    case "reconfigure":
      return reconfigure(world, dice);
    case "changeApart":
      return changeApart(world, target, { dice, forMs });
    case "transfer":
      for (const { process, status } of world.leaders()) {
        const voters = status.membership.voters;
        process.enter(() => process.loop.transfer(dice.pick(voters).id));
      }
      return;
    case "compact": {
      const process = world.processOf(target);
      process?.enter(() => process.loop.compact(dice.whole(0, 5)));
      return;
    }
    case "jumpClock":
      return target.clock.jump(dice.between(-60_000, 60_000));
    default:
      return assertNever(action.kind, "an action");
  }
}

function targetOf(world: World, { isAtLeader }: Action, dice: Dice): SimulatedNode {
  const any = dice.pick(world.nodes);
  const leader = world.leaders().at(-1);
  return isAtLeader && leader ? world.node(leader.process.config.id) ?? any : any;
}

/** One direction between two nodes. */
type Way = readonly [from: string, to: string];

function bothWays(a: string, b: string): Way[] {
  return [[a, b], [b, a]];
}

function partition(world: World, forMs: number, ways: readonly Way[]): void {
  for (const [from, to] of ways) world.network.cut(from, to);
  // Mending takes away what others cut meanwhile, too: no cut outlasts its own time.
  world.time.after(forMs, () => world.network.mend());
}

/** How long something lasts, and its dice. */
interface Course {
  readonly dice: Dice;
  readonly forMs: number;
}

/**
 * Nobody hears a node any more, and what the others say reaches it late; meanwhile it stands still for a time. Who led
 * may believe for long that it still does, while another one leads.
 */
function limbo(world: World, node: SimulatedNode, { dice, forMs }: Course): void {
  const lastsMs = forMs + 2 * world.electionMs;
  const others = world.nodes.filter((other) => other !== node);
  for (const { id } of others) world.network.clog(id, node.id, lastsMs);
  partition(world, lastsMs, others.map(({ id }): Way => [node.id, id]));
  const process = world.processOf(node);
  process?.pause();
  world.time.after(lastsMs * dice.between(0.5, 1), () => {
    process?.resume((held) => dice.shuffled(held));
  });
}

/**
 * Members are changed by a leader that is alone, then by the next one, as soon as there is one; and from then on the
 * others are divided between the two.
 */
function changeApart(world: World, node: SimulatedNode, { dice, forMs }: Course): void {
  const others = world.nodes.filter((other) => other !== node).map(({ id }) => id);
  const lastsMs = forMs + 4 * world.electionMs;
  const untilMs = world.time.nowMs + lastsMs;
  partition(world, lastsMs, others.flatMap((id) => bothWays(node.id, id)));
  reconfigure(world, dice);
  const watch = () => {
    const newest = world.leaders().at(-1)?.process.config.id;
    if (newest === undefined || newest === node.id) {
      if (world.time.nowMs < untilMs) world.time.after(3, watch);
      return;
    }
    const divided = dice.shuffled(others.filter((id) => id !== newest));
    const half = divided.splice(0, dice.whole(0, divided.length + 1));
    world.network.mend();
    const ways = [newest, ...half].flatMap((a) =>
      [node.id, ...divided].flatMap((b) => bothWays(a, b))
    );
    partition(world, lastsMs, ways);
    world.time.after(dice.between(0, 30), () => reconfigure(world, dice));
  };
  watch();
}

function crash(
  world: World,
  node: SimulatedNode,
  { dice, forMs }: Course,
): void {
  // Who must find out that its store went back may not forget it before.
  if (node.life.lost !== undefined) return;
  const process = world.processOf(node);
  if (process === undefined) return;
  if (dice.chance(0.5)) process.kill();
  else process.killAfter(dice.whole(0, 12));
  if (dice.chance(0.5)) node.store.loseUnsynced();
  world.time.after(forMs, () => {
    process.kill();
    world.restart(node);
  });
}

function rollBack(world: World, node: SimulatedNode, dice: Dice): void {
  const process = world.processOf(node);
  if (process?.watched === undefined || node.processes.length !== 1) return;
  if (node.life.lost !== undefined || !mayLose(world, node)) return;
  const durable = node.store.durable;
  if (durable.owner !== process.owner) return;
  if (!node.store.rollBack(dice.whole(2, 7))) return;
  node.life.lost = durable;
}

function wipe(
  world: World,
  node: SimulatedNode,
  { dice, forMs }: Course,
): void {
  if (node.processes.length === 0 || node.life.lost !== undefined || !mayLose(world, node)) return;
  const isKnown = dice.chance(0.5);
  if (isKnown) {
    world.beginLife(node);
    world.time.after(forMs, () => world.restart(node));
    return;
  }
  // Nobody noticed: the node comes back under its old name and life, with nothing.
  for (const process of [...node.processes]) process.kill();
  node.life.lost = node.store.durable;
  node.store.wipe();
  node.bootstrap = undefined;
  world.start(node);
}

/** Whether every membership that is, or may still come into, force keeps its majorities without one more life. */
function mayLose(world: World, node: SimulatedNode): boolean {
  const { committedIndex, places } = world.observer;
  // Before anything is committed nobody knows who began the cluster.
  if (committedIndex === 0) return false;
  const committed = world.observer.committedAt(committedIndex)?.membership;
  const stays = (member: Member) => member.id !== node.id && isThere(world, member);
  return [committed, ...places.changesAfter(committedIndex)].every((membership) => {
    return membership === undefined || isQuorum(membership, stays);
  });
}
