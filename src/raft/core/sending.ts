/**
 * What a leader sends: entries as far as each peer's window lets, commit indexes, heartbeats.
 *
 * Nothing here attests to anything, so all of it leaves at once, also entries that the leader itself has not stored yet
 * (Ongaro 2014, §10.2.1).
 *
 * @module
 */

import { bytesOf } from "./log_view.ts";
import type { Entry, Position } from "./message.ts";
import { addressTo, send } from "./outbox.ts";
import { maySend, type Progress } from "./progress.ts";
import { beginTransfer } from "./snapshotting.ts";
import { type Core, membershipOf } from "./state.ts";

/** Sends a peer what it lacks, as far as its window lets. Says whether that was anything. */
export function sendEntries(core: Core, peer: Progress): boolean {
  let hasSent = false;
  while (peer.next <= lastFor(core, peer) && maySend(peer, core.settings.limits)) {
    sendAppend(core, peer, core.settings.limits.messageEntriesMax);
    hasSent = true;
  }
  return hasSent;
}

/** Sends witnesses what has just been stored by somebody. */
export function sendWitnesses(core: Core): void {
  for (const peer of core.peers.values()) if (peer.isWitness) sendEntries(core, peer);
}

/** Sends everybody what they lack. */
export function broadcastEntries(core: Core): void {
  for (const peer of core.peers.values()) sendEntries(core, peer);
}

/** Asks whether the peer's log matches where the leader believes it does, without sending entries. */
export function sendProbe(core: Core, peer: Progress): void {
  sendAppend(core, peer, 0);
}

/** Tells a peer what is committed, if it has that and does not know; it answers nothing. */
export function tellCommit(core: Core, peer: Progress): void {
  const commit = Math.min(core.commit, peer.match);
  if (commit > peer.toldCommit && peer.next > core.log.lastIndex) sendHeartbeat(core, peer, 0);
}

/** Begins a round: whoever answers it followed this leader after the round began. */
export function broadcastRound(core: Core): void {
  const { reads } = core;
  reads.round++;
  if (reads.lease !== undefined) {
    reads.beganAtMs.push({ round: reads.round, atMs: core.nowMs });
  }
  for (const peer of core.peers.values()) sendHeartbeat(core, peer, reads.round);
}

/** Goes on with what was read from the store for this peer. */
export function onFetchedEntries(
  core: Core,
  peer: Progress,
  from: number,
  entries: readonly Entry[],
): void {
  const { log } = core;
  if (!peer.isFetching || peer.kind === "snapshot") return;
  peer.isFetching = false;
  const first = entries[0];
  if (first === undefined) {
    if (peer.next <= log.base.index) beginTransfer(core, peer);
    return;
  }
  const hasPrev = from === peer.next - 1;
  const prev = hasPrev ? { index: first.index, term: first.term } : log.base;
  // Meanwhile the peer may have come further, or the log been compacted: then this is not what it needs.
  if (first.index !== from || prev.index !== peer.next - 1) return void sendEntries(core, peer);
  const fetched = hasPrev ? entries.slice(1) : entries;
  const fits = fetched.length > 0 && maySend(peer, core.settings.limits);
  postAppend(core, peer, prev, fits ? fetched : []);
  if (fits) sendEntries(core, peer);
}

/**
 * The last index that a peer may get. A witness never gets more than some voter that stays has stored with its commands:
 * it would refuse everybody its vote for ever.
 */
function lastFor(core: Core, peer: Progress): number {
  const { log, peers, settings } = core;
  if (!peer.isWitness) return log.lastIndex;
  const stored = membershipOf(core).voters.map(({ id, isWitness }) => {
    return isWitness ? 0 : id === settings.id ? log.stored : peers.get(id)?.match ?? 0;
  });
  return Math.max(0, ...stored);
}

function sendAppend(core: Core, peer: Progress, entriesMax: number): void {
  const { log, settings } = core;
  const index = peer.next - 1;
  const term = log.termAt(index);
  if (term === undefined) return sendFromStore(core, peer);
  const countMax = Math.min(entriesMax, lastFor(core, peer) - index);
  const entries = log.batch(peer.next, countMax, settings.limits.messageBytesMax);
  postAppend(core, peer, { index, term }, entries);
}

/** What is not in memory any more comes from the store; what is not there either, as a snapshot. */
function sendFromStore(core: Core, peer: Progress): void {
  const { log, settings } = core;
  const prev = peer.next - 1;
  if (prev < log.base.index) return beginTransfer(core, peer);
  const { messageEntriesMax, messageBytesMax } = settings.limits;
  const from = prev === log.base.index ? peer.next : prev;
  peer.isFetching = true;
  core.out.fetches.push({
    kind: "entries",
    peer: peer.id,
    from,
    to: Math.min(log.anchorIndex + 1, peer.next + messageEntriesMax),
    bytesMax: messageBytesMax,
  });
}

function postAppend(core: Core, peer: Progress, prev: Position, entries: readonly Entry[]): void {
  const { commit } = core;
  send(core, {
    kind: "appendEntries",
    ...addressTo(core, peer),
    isToVoter: peer.isVoter,
    prev,
    entries: peer.isWitness ? entries.map(withoutCommand) : entries,
    commit,
  });
  const end = prev.index + entries.length;
  peer.toldCommit = Math.max(peer.toldCommit, Math.min(commit, end));
  if (peer.kind === "probe") {
    peer.isPaused = true;
  } else if (entries.length > 0) {
    peer.next = end + 1;
    peer.inflight.push(end, bytesOf(entries));
  }
}

function sendHeartbeat(core: Core, peer: Progress, round: number): void {
  const committed = committedBy(core, peer);
  peer.toldCommit = Math.max(peer.toldCommit, committed.index);
  send(core, {
    kind: "heartbeat",
    ...addressTo(core, peer),
    isToVoter: peer.isVoter,
    committed,
    match: peer.match,
    round,
  });
}

/** What is committed and matches there; nowhere if its term is not in memory, for then entries will tell. */
function committedBy(core: Core, peer: Progress): Position {
  const index = Math.min(core.commit, peer.match);
  const term = core.log.termAt(index);
  return term === undefined ? { index: 0, term: 0 } : { index, term };
}

/** What a witness gets: that there was a command, not which. */
function withoutCommand(entry: Entry): Entry {
  if (entry.kind !== "command") return entry;
  const { index, term, timeMs } = entry;
  return { kind: "witnessed", index, term, timeMs };
}
