/**
 * A node's state for people and metrics.
 *
 * @module
 */

import type { RaftStatus } from "./ready.ts";
import { type Core, membershipIndexOf, membershipOf } from "./state.ts";

/** A copy of what may be shown. */
export function statusOf(core: Core, isBroken: boolean): RaftStatus {
  const { settings, hardState, log } = core;
  return {
    id: settings.id,
    role: core.role,
    term: hardState.term,
    vote: hardState.vote,
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
