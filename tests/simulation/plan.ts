/**
 * What one seed will do: first which faults are on at all and how strong (swarm testing: Groce and others, "Swarm
 * Testing", 2012), then a schedule of what happens when.
 *
 * A plan is plain data. Its actions carry all their dice with them, so that one can be taken out without changing what
 * the others do; that is how a failure is made smaller.
 *
 * @module
 */

import type { Member, RaftLimits } from "../../src/raft/core/mod.ts";
import type { SessionLimits } from "../../src/raft/sessions.ts";
import { type Dice, diceFor } from "./dice.ts";
import type { NetworkFaults } from "./network.ts";
import type { StoreFaults } from "./store.ts";

/** What stays the same through a run. */
export interface Settings {
  readonly votersCount: number;
  /** Nodes that exist and are no members at first. */
  readonly sparesCount: number;
  /** Whether the last of the first voters is a witness. */
  readonly hasWitness: boolean;
  readonly tickMs: number;
  readonly heartbeatTicks: number;
  readonly electionTicks: number;
  /** Each clock runs faster or slower by up to this fraction. */
  readonly driftMax: number;
  readonly hasLeases: boolean;
  /** No second process is started on a store, and nodes know that. */
  readonly isStoreExclusive: boolean;
  readonly limits: RaftLimits;
  readonly network: NetworkFaults;
  readonly store: StoreFaults;
  readonly storeRetryMs: number;
  readonly applyDelayMs: number;
  /** A node takes a snapshot after so many entries; 0 for never. */
  readonly snapshotEvery: number;
  /** So many entries stay in the log before a snapshot. */
  readonly snapshotKeeps: number;
  readonly clientsCount: number;
  readonly keysCount: number;
  readonly operationsMax: number;
  readonly thinkMeanMs: number;
  /** The same on all nodes. */
  readonly sessions: SessionLimits;
  /** Share of clients that have a session. */
  readonly sessionShare: number;
  readonly readShare: number;
  readonly safetyMs: number;
}

/** What can be done to a cluster. */
export const ACTION_KINDS = [
  "crash",
  "pause",
  "isolate",
  "oneWay",
  "halves",
  "bridge",
  "clog",
  "limbo",
  "storeAway",
  "storeSlow",
  "rollBack",
  "wipe",
  "secondProcess",
  "reconfigure",
  "changeApart",
  "transfer",
  "compact",
  "jumpClock",
] as const;

/** One kind of fault or of an operator's doing. */
export type ActionKind = typeof ACTION_KINDS[number];

/** Something that happens to the cluster at some time. */
export interface Action {
  readonly atMs: number;
  readonly kind: ActionKind;
  /** How long it lasts, where it lasts. */
  readonly forMs: number;
  /** To whom: the leader of that moment, or any node. */
  readonly isAtLeader: boolean;
  /** The dice for everything else. */
  readonly seed: number;
}

/** A seed's whole run. */
export interface Plan {
  readonly seed: number;
  readonly settings: Settings;
  /** By ascending time. */
  readonly actions: readonly Action[];
}

/** What a rare mistake needs: nothing but these actions, and some settings. */
export interface Focus {
  readonly kinds: readonly ActionKind[];
  readonly settings: Partial<Settings>;
}

/** Draws the plan of a seed: of any kind, or of one that is looked at more closely. */
export function planOf(seed: number, focus?: Focus): Plan {
  const dice = diceFor(seed, "plan");
  const settings = { ...drawSettings(dice), ...focus?.settings };
  return { seed, settings, actions: drawActions(dice, settings, focus?.kinds) };
}

/** The nodes that begin the cluster. */
export function votersOf({ votersCount, hasWitness }: Settings): readonly Member[] {
  return Array.from({ length: votersCount }, (_, i) => {
    const member = { id: `n${i + 1}`, incarnation: 1 };
    return hasWitness && i === votersCount - 1 ? { ...member, isWitness: true } : member;
  });
}

function drawSettings(dice: Dice): Settings {
  const votersCount = dice.pick([1, 2, 3, 3, 3, 3, 4, 5, 5]);
  const isStoreExclusive = dice.chance(0.4);
  const tickMs = 10;
  const electionTicks = dice.pick([10, 10, 10, 20]);
  return {
    votersCount,
    sparesCount: dice.pick([0, 1, 2, 2, 3]),
    hasWitness: votersCount >= 3 && dice.chance(0.12),
    tickMs,
    heartbeatTicks: dice.pick([1, 1, 2, 3]),
    electionTicks,
    driftMax: dice.pick([0, 0.01, 0.02]),
    hasLeases: isStoreExclusive && dice.chance(0.5),
    isStoreExclusive,
    limits: drawLimits(dice),
    network: drawNetwork(dice, tickMs * electionTicks),
    store: drawStore(dice, tickMs * electionTicks),
    storeRetryMs: dice.pick([30, 60, 150]),
    applyDelayMs: dice.pick([0, 0, 0, 2, 15]),
    snapshotEvery: dice.pick([0, 3, 10, 40]),
    snapshotKeeps: dice.pick([0, 0, 2, 10]),
    clientsCount: dice.pick([1, 2, 3, 5, 8]),
    keysCount: dice.pick([1, 2, 3]),
    operationsMax: dice.pick([60, 120, 300]),
    thinkMeanMs: dice.pick([1, 5, 20, 60]),
    sessions: {
      sessionsMax: dice.pick([2, 100]),
      repliesMax: dice.pick([1, 10]),
      idleMs: dice.pick([300, 3_600_000, 3_600_000]),
    },
    sessionShare: dice.pick([0, 0.5, 1]),
    readShare: dice.pick([0.2, 0.5, 0.8]),
    safetyMs: dice.pick([1_500, 3_000, 5_000]),
  };
}

function drawLimits(dice: Dice): RaftLimits {
  return {
    messageEntriesMax: dice.pick([1, 2, 8, 64]),
    messageBytesMax: dice.pick([1, 200, 100_000]),
    inflightMessagesMax: dice.pick([1, 2, 8, 64]),
    inflightBytesMax: dice.pick([1, 500, 1_000_000]),
    uncommittedBytesMax: dice.pick([300, 2_000, 1_000_000]),
    heldBytesMax: dice.pick([1, 500, 1_000_000]),
    commandBytesMax: 10_000,
    readsMax: dice.pick([2, 64]),
    snapshotChunkBytes: dice.pick([16, 64, 100_000]),
  };
}

function drawNetwork(dice: Dice, electionMs: number): NetworkFaults {
  const isCalm = dice.chance(0.25);
  return {
    drop: isCalm ? 0 : dice.pick([0, 0.01, 0.05, 0.2]),
    double: isCalm ? 0 : dice.pick([0, 0, 0.05, 0.3]),
    delayMinMs: dice.pick([0.1, 1, 3]),
    delayMeanMs: dice.pick([0, 0.5, 3, 10]),
    straggle: isCalm ? 0 : dice.pick([0, 0, 0.02, 0.1]),
    straggleMs: electionMs * dice.pick([1, 5, 15]),
    isOrdered: dice.chance(0.5),
  };
}

function drawStore(dice: Dice, electionMs: number): StoreFaults {
  const isCalm = dice.chance(0.3);
  return {
    travelMeanMs: dice.pick([0, 0.2, 2, 5]),
    syncMeanMs: dice.pick([0, 0.2, 2, 10]),
    loseRequest: isCalm ? 0 : dice.pick([0, 0.01, 0.1]),
    loseAnswer: isCalm ? 0 : dice.pick([0, 0.01, 0.1]),
    doubleAnswer: isCalm ? 0 : dice.pick([0, 0.1]),
    delayedCopy: isCalm ? 0 : dice.pick([0, 0.05, 0.3]),
    delayedCopyMs: electionMs * 3,
  };
}

function drawActions(
  dice: Dice,
  settings: Settings,
  only: readonly ActionKind[] | undefined,
): Action[] {
  const drawn = ACTION_KINDS.filter((kind) => isPossible(kind, settings) && dice.chance(0.45));
  const kinds = only ?? drawn;
  if (kinds.length === 0) return [];
  const electionMs = settings.tickMs * settings.electionTicks;
  const meanGapMs = electionMs * dice.pick([0.5, 1, 3, 6]);
  const actions: Action[] = [];
  for (
    let atMs = dice.tailed(meanGapMs);
    atMs < settings.safetyMs;
    atMs += dice.tailed(meanGapMs)
  ) {
    actions.push({
      atMs,
      kind: dice.pick(kinds),
      forMs: electionMs * dice.pick([0.2, 0.5, 1, 2, 3, 6]),
      isAtLeader: dice.chance(0.5),
      seed: dice.whole(0, 2 ** 32),
    });
  }
  return actions;
}

function isPossible(kind: ActionKind, { isStoreExclusive, hasWitness }: Settings): boolean {
  if (kind === "secondProcess") return !isStoreExclusive;
  // A witness has no commands: with one of the others lost for good, what it acknowledged cannot come back.
  if (kind === "rollBack" || kind === "wipe") return !hasWitness;
  return true;
}
