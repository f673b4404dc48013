/**
 * The changes of role that take no decision: whoever sees a higher term, or the leader of its own, follows.
 *
 * @module
 */

import type { NodeId } from "./membership.ts";
import { setHardState, tell } from "./outbox.ts";
import { abandonReads } from "./reads.ts";
import type { Refusal, Role } from "./ready.ts";
import { type Core, drawElectionTimeout } from "./state.ts";

/** Follows in this term, which is the own one or a higher one: a leader, if one is known. */
export function follow(core: Core, term: number, leader?: NodeId, incarnation = 0): void {
  if (term > core.hardState.term) {
    setHardState(core, term);
    setLeader(core);
  }
  setRole(core, "follower");
  setLeader(core, leader, incarnation);
  drawElectionTimeout(core);
}

/** Follows nobody, in the own term. */
export function stepDown(core: Core): void {
  follow(core, core.hardState.term);
}

/** Takes a role, and lets go of what belonged to the one before. */
export function setRole(core: Core, role: Role): void {
  core.votes.clear();
  if (core.role === role) return;
  if (core.role === "leader") {
    core.peers.clear();
    core.uncommittedBytes = 0;
  }
  core.role = role;
  tell(core, { kind: "role", role, term: core.hardState.term });
}

/** Notes who leads. Reads that another leader, or none, was to confirm have failed. */
export function setLeader(core: Core, leader?: NodeId, incarnation = 0): void {
  core.leaderIncarnation = incarnation;
  if (core.leader === leader) return;
  core.leader = leader;
  abandonReads(core);
  tell(core, { kind: "leader", leader, term: core.hardState.term });
  if (core.transfer !== undefined && leader !== undefined) {
    endTransfer(core, leader === core.transfer.to);
  }
}

/** Why this node takes no orders: another one leads, or will. */
export function refusalToLead({ role, transfer }: Core): Refusal | undefined {
  if (role !== "leader") return "notLeader";
  return transfer === undefined ? undefined : "transferring";
}

/** Ends the handing over of leadership. */
export function endTransfer(core: Core, isDone: boolean): void {
  if (core.transfer === undefined) return;
  tell(core, { kind: "transferEnded", to: core.transfer.to, isDone });
  core.transfer = undefined;
}

/** The store has less than it acknowledged, or belongs to another process: nothing that this node says is true now. */
export function stop(core: Core, reason: "fenced" | "regressed"): void {
  core.stopped = reason;
  stepDown(core);
  tell(core, { kind: "stopped", reason });
}
