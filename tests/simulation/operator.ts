/**
 * The people who run the cluster: they change its membership, sometimes for no good reason, and bring back nodes whose
 * store was lost.
 *
 * @module
 */

import type { Member, Membership } from "../../src/raft/core/mod.ts";
import type { Dice } from "./dice.ts";
import type { Process } from "./process.ts";
import type { SimulatedNode } from "./simulated_node.ts";
import type { World } from "./world.ts";

interface Target {
  readonly voters: readonly Member[];
  readonly learners: readonly Member[];
}

/** Asks everybody who believes to lead for some other membership. */
export function reconfigure(world: World, dice: Dice): void {
  for (const { process, status } of world.leaders()) {
    const target = drawTarget(world, status.membership, dice);
    if (target !== undefined) change(world, process, target);
  }
}

/** Starts what should run, replaces lost lives, and takes members out that will not come back. One step at a time. */
export function repair(world: World): void {
  for (const node of world.nodes) {
    const status = world.processOf(node)?.watched?.status;
    if (status?.stopped === "regressed") world.beginLife(node);
    if (status?.stopped === "fenced") world.processOf(node)?.kill();
    if (node.processesCount > 0) world.restart(node);
  }
  const leading = world.leaders().at(-1);
  if (leading === undefined) return;
  const { membership } = leading.status;
  if (membership.outgoing.length > 0) return;
  const target = repaired(world, membership);
  if (target !== undefined) change(world, leading.process, target);
}

function change(world: World, process: Process, { voters, learners }: Target): void {
  for (const { id } of [...voters, ...learners]) {
    const node = world.node(id);
    if (node !== undefined && node.processesCount === 0) world.start(node);
  }
  process.enter(() => {
    // A membership whose majority is gone would be the end of the cluster, and not the core's fault.
    const there = voters.filter((voter) => isThere(world, voter));
    if (2 * there.length > voters.length) process.loop.changeMembership(voters, learners);
  });
}

/** The membership without lives that are over; then with the new lives as learners. */
function repaired(world: World, { voters, learners }: Membership): Target | undefined {
  const isCurrent = ({ id, incarnation }: Member) => world.node(id)?.incarnation === incarnation;
  if (!voters.every(isCurrent) || !learners.every(isCurrent)) {
    return { voters: voters.filter(isCurrent), learners: learners.filter(isCurrent) };
  }
  const missing = world.nodes.filter((node) => {
    const isMember = [...voters, ...learners].some(({ id }) => id === node.id);
    return !isMember && node.incarnation > 1 && node.life.lost === undefined;
  });
  if (missing.length === 0) return undefined;
  return { voters, learners: [...learners, ...missing.map((node) => world.memberOf(node))] };
}

function drawTarget(
  world: World,
  { voters, learners }: Membership,
  dice: Dice,
): Target | undefined {
  const usable = world.nodes.filter((node) => node.life.lost === undefined);
  const strangers = usable.filter(({ id }) => {
    return ![...voters, ...learners].some((member) => member.id === id);
  });
  switch (dice.pick(["join", "promote", "promote", "remove", "demote", "replace", "any"])) {
    case "join": {
      if (strangers.length === 0) return undefined;
      return { voters, learners: [...learners, world.memberOf(dice.pick(strangers))] };
    }
    case "promote":
      return { voters: [...voters, ...learners], learners: [] };
    case "remove":
      return { voters: without(voters, dice), learners };
    case "demote": {
      const kept = without(voters, dice);
      return {
        voters: kept,
        learners: [...learners, ...voters.filter((one) => !kept.includes(one))],
      };
    }
    case "replace":
      return { voters: [...without(voters, dice), ...learners], learners: [] };
    default:
      return anyTarget(world, usable, dice);
  }
}

/** Whether this life of a node has not been lost. */
export function isThere(world: World, { id, incarnation }: Member): boolean {
  const node = world.node(id);
  return node?.incarnation === incarnation && node.life.lost === undefined;
}

function anyTarget(
  world: World,
  usable: readonly SimulatedNode[],
  dice: Dice,
): Target {
  const members = dice.shuffled(usable).map((node) => world.memberOf(node));
  const votersCount = dice.whole(1, members.length + 1);
  const learnersCount = dice.whole(0, members.length - votersCount + 1);
  return {
    voters: members.slice(0, votersCount),
    learners: members.slice(votersCount, votersCount + learnersCount),
  };
}

function without(voters: readonly Member[], dice: Dice): readonly Member[] {
  const gone = dice.pick(voters);
  return voters.filter((voter) => voter !== gone);
}
