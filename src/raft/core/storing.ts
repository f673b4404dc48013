/**
 * What the loop reports: writes that are durable, entries that are applied, a log that was compacted.
 *
 * The core trusts its loop, but checks it: a loop that breaks its word would make the node go on wrong.
 *
 * @module
 */

import { invariant } from "../../errors.ts";
import { onOwnVoteStored } from "./election.ts";
import type { Position, SnapshotMeta } from "./message.ts";
import { onProved } from "./reads.ts";
import { advanceCommit } from "./replication.ts";
import { sendWitnesses } from "./sending.ts";
import { onInstalled } from "./snapshotting.ts";
import { stop } from "./roles.ts";
import { type Core, drop } from "./state.ts";

/** All writes up to this one are durable: what waited for them counts now. */
export function onStored(core: Core, sequence: number): void {
  invariant(sequence <= core.issued, "Cannot take as stored what is not written");
  if (sequence <= core.durable) return drop(core, "stale");
  core.durable = sequence;
  if (core.suspicion > 0 && core.durable >= core.suspicion) return stop(core, "regressed");
  core.log.written(sequence);
  onInstalled(core);
  onOwnVoteStored(core);
  if (core.role !== "leader") return;
  onProved(core);
  sendWitnesses(core);
  advanceCommit(core);
}

/** The state machine has everything up to here, so memory need not keep it for long. */
export function onApplied(core: Core, index: number): void {
  invariant(index <= core.handedOut, "Cannot take as applied what is not handed out");
  core.applied = Math.max(core.applied, index);
  core.log.release(core.applied, core.settings.limits.heldBytesMax);
}

/** The store has a newer snapshot of this node's own, and fewer entries. */
export function onCompacted(core: Core, snapshot: SnapshotMeta, base: Position): void {
  const { log, applied } = core;
  // A leader's snapshot may have overtaken the own one.
  if (snapshot.index <= (core.snapshot?.index ?? 0) || base.index < log.base.index) {
    return drop(core, "stale");
  }
  const isCovered = base.index <= snapshot.index && snapshot.index <= applied;
  invariant(isCovered, "Cannot compact what is not applied and in the snapshot");
  core.snapshot = snapshot;
  log.base = base;
  const from = core.memberships.findLastIndex((record) => record.index <= snapshot.index);
  core.memberships.splice(0, from);
}
