/**
 * A node's state for people and metrics.
 *
 * @module
 */

import type { Position } from "./message.ts";
import type { Membership, NodeId } from "./membership.ts";
import type { DropReason, Role } from "./ready.ts";
import { type Core, membershipIndexOf, membershipOf } from "./state.ts";

/** A node's state for people and metrics. */
export interface RaftStatus {
  /** This node. */
  readonly id: NodeId;
  /** Its part in its term. */
  readonly role: Role;
  /** The highest term that it has seen. */
  readonly term: number;
  /** Whom it voted for in that term. */
  readonly vote: NodeId | undefined;
  /** Who leads in that term, as far as it knows. */
  readonly leader: NodeId | undefined;
  /** The last index that it knows to be committed. */
  readonly commit: number;
  /** The last index that its state machine has. */
  readonly applied: number;
  /** The last index that is known to be durable here. */
  readonly stored: number;
  /** The end of its log. */
  readonly last: Position;
  /** The place before the first entry that its store has. */
  readonly base: Position;
  /** The membership in force. */
  readonly membership: Membership;
  /** The index of that membership's entry. */
  readonly membershipIndex: number;
  /** On a leader, the bytes of entries that are not committed. */
  readonly uncommittedBytes: number;
  /** On a leader, how far each other node is. */
  readonly peers: readonly PeerStatus[];
  /** How many inputs were dropped, by reason. */
  readonly dropped: Readonly<Record<DropReason, number>>;
  /** Why it does nothing any more, if so. */
  readonly stopped: "fenced" | "regressed" | "invariant" | undefined;
}

/** How far a follower is, as its leader sees it. */
export interface PeerStatus {
  /** The peer. */
  readonly id: NodeId;
  /** How it is brought up to date: by questions, by a stream of entries, or by a snapshot. */
  readonly kind: "probe" | "replicate" | "snapshot";
  /** It has stored everything up to here. */
  readonly match: number;
  /** What is sent next. */
  readonly next: number;
  /** AppendEntries on the way. */
  readonly inflightMessages: number;
  /** Bytes of entries on the way. */
  readonly inflightBytes: number;
}

/** A copy of what may be shown. */
export function statusOf(core: Core, isBroken: boolean): RaftStatus {
  const { settings, hardState, log } = core;
  return {
    id: settings.id,
    role: core.role,
    ...hardState,
    leader: core.leader,
    commit: core.commit,
    applied: core.applied,
    stored: log.stored,
    last: log.last,
    base: log.base,
    membership: membershipOf(core),
    membershipIndex: membershipIndexOf(core),
    uncommittedBytes: core.uncommittedBytes,
    peers: [...core.peers.values()].map(({ id, kind, match, next, inflight }) => {
      const { count: inflightMessages, bytes: inflightBytes } = inflight;
      return { id, kind, match, next, inflightMessages, inflightBytes };
    }),
    dropped: { ...core.dropped },
    stopped: isBroken ? "invariant" : core.stopped,
  };
}
