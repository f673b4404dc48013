/**
 * How a node starts: from what its store had, or from the first membership.
 *
 * @module
 */

import type { Settings } from "./config.ts";
import { checkLoaded, type LoadedState } from "./loaded.ts";
import { LogView } from "./log_view.ts";
import type { Entry } from "./message.ts";
import { simpleMembership } from "./membership.ts";
import { newOutbox, setHardState } from "./outbox.ts";
import { firstAttempt, newReads } from "./reads.ts";
import { type Core, drawElectionTimeout, NO_MEMBERSHIP, recordMemberships } from "./state.ts";

/** The state of a node that starts: a follower of nobody. */
export function newCore(settings: Settings, loaded: LoadedState): Core {
  checkLoaded(loaded);
  const { snapshot, base } = loaded;
  // Below the snapshot nothing is asked for by time, so the snapshot's is true enough for the base.
  const log = new LogView(base, snapshot?.timeMs ?? 0, loaded.entries);
  const from = snapshot?.index ?? 0;
  const core: Core = {
    settings,
    hardState: loaded.hardState,
    role: "follower",
    leader: undefined,
    leaderIncarnation: 0,
    log,
    commit: Math.max(loaded.commit, from, loaded.applied),
    handedOut: Math.max(from, loaded.applied),
    applied: loaded.applied,
    memberships: [{ index: from, membership: snapshot?.membership ?? NO_MEMBERSHIP }],
    snapshot,
    staging: undefined,
    installing: undefined,
    electionTicks: 0,
    electionTimeout: 0,
    heartbeatTicks: 0,
    graceTicks: settings.lease === undefined ? 0 : settings.electionTicks,
    votes: new Map(),
    ownVoteSequence: 0,
    peers: new Map(),
    uncommittedBytes: 0,
    catchUpMark: 0,
    nextCatchUpMark: 0,
    writeMark: 0,
    transfer: undefined,
    reads: newReads(firstAttempt(settings.random), settings.lease),
    issued: 0,
    durable: 0,
    nowMs: 0,
    timeMs: 0,
    suspicion: 0,
    stopped: undefined,
    dropped: { cluster: 0, stranger: 0, incarnation: 0, impossible: 0, stale: 0, sticky: 0 },
    out: newOutbox(),
  };
  if (from > loaded.applied) core.out.restore = snapshot;
  recordMemberships(core, loaded.entries);
  drawElectionTimeout(core);
  if (log.lastIndex === 0 && settings.bootstrap !== undefined) bootstrap(core);
  return core;
}

/**
 * The first entry, the same on every node that begins the cluster: as if term 1 had had a leader who committed it
 * everywhere.
 */
function bootstrap(core: Core): void {
  const membership = simpleMembership(core.settings.bootstrap ?? []);
  const entry: Entry = { kind: "membership", index: 1, term: 1, timeMs: 0, membership };
  core.log.append([entry]);
  recordMemberships(core, [entry]);
  setHardState(core, 1);
  core.commit = 1;
  core.out.append = { prev: { index: 0, term: 0 }, entries: [entry] };
}
