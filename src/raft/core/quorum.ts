/**
 * Majorities, also of two memberships at once: what is agreed by arithmetic alone.
 *
 * A majority of n is floor(n / 2) + 1. While a membership changes, whatever is decided needs a majority of the voters
 * before and one of those after (Ongaro and Ousterhout 2014, §6).
 *
 * @module
 */

import type { Member, Membership, NodeId } from "./membership.ts";

/** How a vote stands. */
export type VoteOutcome = "won" | "lost" | "pending";

/** The highest number that a majority of these voters has reached; Infinity without voters. */
export function majorityReached(
  voters: readonly Member[],
  reached: (id: NodeId) => number,
): number {
  if (voters.length === 0) return Infinity;
  const descending: number[] = [];
  for (const voter of voters) {
    const value = reached(voter.id);
    let at = descending.length;
    for (; at > 0 && (descending[at - 1] ?? 0) < value; at--) {
      descending[at] = descending[at - 1] ?? 0;
    }
    descending[at] = value;
  }
  return descending[voters.length >> 1] ?? 0;
}

/** The highest number that a majority of each half of the membership has reached. */
export function quorumReached(membership: Membership, reached: (id: NodeId) => number): number {
  const { voters, outgoing } = membership;
  return Math.min(majorityReached(voters, reached), majorityReached(outgoing, reached));
}

/** How these voters' vote stands; won without voters. */
export function majorityVote(
  voters: readonly Member[],
  votes: ReadonlyMap<NodeId, boolean>,
): VoteOutcome {
  if (voters.length === 0) return "won";
  const majority = (voters.length >> 1) + 1;
  let granted = 0;
  let refused = 0;
  for (const voter of voters) {
    const vote = votes.get(voter.id);
    if (vote === true) granted++;
    else if (vote === false) refused++;
  }
  if (granted >= majority) return "won";
  return voters.length - refused < majority ? "lost" : "pending";
}

/** How the vote stands in the whole membership: won if both halves won it, lost if one of them lost it. */
export function quorumVote(
  membership: Membership,
  votes: ReadonlyMap<NodeId, boolean>,
): VoteOutcome {
  const now = majorityVote(membership.voters, votes);
  const before = majorityVote(membership.outgoing, votes);
  if (now === before) return now;
  return now === "lost" || before === "lost" ? "lost" : "pending";
}
