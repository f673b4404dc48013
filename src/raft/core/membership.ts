/**
 * Who belongs to a cluster, and how that changes: joint consensus (Ongaro and Ousterhout 2014, §6; Ongaro 2014, §4.3).
 *
 * A membership is an entry of the log and holds from the moment it is appended, on every node by itself; when the entry
 * is cut off again, the one before it holds again.
 *
 * @module
 */

/** A node's name: unique in its cluster and never empty. */
export type NodeId = string;

/** One node of a membership. */
export interface Member {
  /** The node's name. */
  readonly id: NodeId;
  /**
   * Which life of the node's store is meant, from 1. A store that lost what it had acknowledged starts a new life with a
   * higher number; what an older life says is not heard any more.
   */
  readonly incarnation: number;
  /** A voter that keeps terms and indexes but no commands: it helps to decide and never leads. */
  readonly isWitness?: boolean;
  /** What is told of it to everybody, as text; means nothing here. */
  readonly meta?: string;
}

/** The nodes of a cluster, as of one index of the log. Every list is sorted by id. */
export interface Membership {
  /** The nodes that elect and commit. */
  readonly voters: readonly Member[];
  /** While a change is under way, the voters before it: decisions need a majority of them as well. Else empty. */
  readonly outgoing: readonly Member[];
  /** The nodes that get the log and decide nothing (the ancestor's standby). */
  readonly learners: readonly Member[];
}

/** The member of this name, wherever it stands. */
export function findMember(membership: Membership, id: NodeId): Member | undefined {
  return named(membership.voters, id) ?? named(membership.outgoing, id) ??
    named(membership.learners, id);
}

/** Whether a node elects and commits: in either half, while a change is under way. */
export function isVoter(membership: Membership, id: NodeId): boolean {
  return named(membership.voters, id) !== undefined || named(membership.outgoing, id) !== undefined;
}

/** Whether this life of a node's store elects and commits. An earlier one's right to vote is not handed down. */
export function isVotingLife(membership: Membership, id: NodeId, incarnation: number): boolean {
  return isVoter(membership, id) && findMember(membership, id)?.incarnation === incarnation;
}

/** Whether a change is under way, so that majorities of both halves are needed. */
export function isJoint(membership: Membership): boolean {
  return membership.outgoing.length > 0;
}

/** Every member once. */
export function allMembers(membership: Membership): readonly Member[] {
  const members = [...membership.voters];
  for (const member of [...membership.outgoing, ...membership.learners]) {
    if (named(members, member.id) === undefined) members.push(member);
  }
  return members;
}

/** A membership without a change under way. */
export function simpleMembership(
  voters: readonly Member[],
  learners: readonly Member[] = [],
): Membership {
  return { voters: sorted(voters), outgoing: [], learners: sorted(learners) };
}

/** Whether these can be the members at all: well formed, each once, and one of them can lead. */
export function canBeMembers(voters: readonly Member[], learners: readonly Member[]): boolean {
  const ids = new Set<NodeId>();
  for (const { id, incarnation } of [...voters, ...learners]) {
    if (typeof id !== "string" || id === "" || ids.has(id)) return false;
    if (!Number.isSafeInteger(incarnation) || incarnation < 1) return false;
    ids.add(id);
  }
  return voters.some((voter) => voter.isWitness !== true);
}

/**
 * Whether `to` may follow `from`: no voter changes the life of its store (remove it first, so that nobody counts the old
 * life's word for the new one's), no life goes back, and what is a witness stays one.
 */
export function mayFollow(from: Membership, to: Membership): boolean {
  return allMembers(to).every((member) => {
    const before = findMember(from, member.id);
    if (before === undefined) return true;
    if (before.incarnation !== member.incarnation) {
      return before.incarnation < member.incarnation && !isVoter(from, member.id) &&
        !isVoter(to, member.id);
    }
    return (before.isWitness === true) === (member.isWitness === true);
  });
}

/** The next membership on the way to `target`: at once if only learners change, else by way of both (§6). */
export function towards(from: Membership, target: Membership): Membership {
  const sameVoters = from.voters.length === target.voters.length &&
    from.voters.every((voter) => named(target.voters, voter.id) !== undefined);
  return sameVoters ? target : { ...target, outgoing: from.voters };
}

/** The end of a change: only those after it decide. */
export function leaveJoint(membership: Membership): Membership {
  return { ...membership, outgoing: [] };
}

function named(members: readonly Member[], id: NodeId): Member | undefined {
  for (const member of members) if (member.id === id) return member;
  return undefined;
}

function sorted(members: readonly Member[]): readonly Member[] {
  return [...members].sort((a, b) => (a.id < b.id ? -1 : 1));
}
