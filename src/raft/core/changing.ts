/**
 * What operators ask of a leader: other members, another leader.
 *
 * @module
 */

import { appendMembership } from "./appending.ts";
import {
  canBeMembers,
  isJoint,
  mayFollow,
  type Member,
  type Membership,
  type NodeId,
  simpleMembership,
  towards,
} from "./membership.ts";
import { refuse } from "./outbox.ts";
import type { Refusal } from "./ready.ts";
import { handOver } from "./replication.ts";
import { refusalToLead } from "./roles.ts";
import { sendEntries } from "./sending.ts";
import { type Core, membershipIndexOf, membershipOf } from "./state.ts";

/**
 * Begins a change of membership: by way of both memberships if voters change, and only one at a time (2014 paper, §6).
 */
export function changeMembership(
  core: Core,
  voters: readonly Member[],
  learners: readonly Member[],
): void {
  const target = simpleMembership(voters, learners);
  const refusal = refusalToLead(core) ?? refusalOf(core, target);
  if (refusal !== undefined) return refuse(core, refusal);
  appendMembership(core, towards(membershipOf(core), target));
  accept(core);
}

/** Hands leadership to a voter: brings it up to date, then asks it to campaign (Ongaro 2014, §3.10). */
export function transferLeadership(core: Core, to: NodeId): void {
  const refusal = refusalToLead(core);
  if (refusal !== undefined) return refuse(core, refusal);
  const peer = core.peers.get(to);
  if (peer === undefined || !peer.isVoter || peer.isWitness) return refuse(core, "badTarget");
  core.transfer = { to, waitedTicks: 0 };
  accept(core);
  sendEntries(core, peer);
  handOver(core);
}

function accept({ out, log, hardState: { term } }: Core): void {
  out.answer = { kind: "accepted", index: log.lastIndex, term };
}

/**
 * The last clause of "changing" is the correction of 2015 (Ongaro, "bug in single-server membership changes"): before
 * its own term has committed something, a leader does not know which membership is committed.
 */
function refusalOf(core: Core, target: Membership): Refusal | undefined {
  const { commit, log, hardState } = core;
  const current = membershipOf(core);
  if (!canBeMembers(target.voters, target.learners) || !mayFollow(current, target)) {
    return "badMembership";
  }
  const isUnfinished = isJoint(current) || membershipIndexOf(core) > commit;
  if (isUnfinished || log.termAt(commit) !== hardState.term) return "changing";
  const isBehind = target.voters.some(({ id }) => {
    const isNew = current.voters.every((voter) => voter.id !== id);
    return isNew && (core.peers.get(id)?.match ?? 0) < core.catchUpMark;
  });
  return isBehind ? "learnerBehind" : undefined;
}
