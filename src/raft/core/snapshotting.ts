/**
 * Snapshots: sent in pieces to who is too far behind for the log, staged there, and put in force whole (2014 paper, §7;
 * Ongaro 2014, §5).
 *
 * The pieces never mix: a follower stages only what one sender sends in one term, from the beginning on and without a
 * gap, and tells where it stands, so that a transfer goes on where it stopped.
 *
 * @module
 */

import { invariant } from "../../errors.ts";
import type { InstallSnapshot, SnapshotMeta, SnapshotProgress } from "./message.ts";
import { addressTo, replyTo, send, sendAfterStored, tellMembership } from "./outbox.ts";
import type { Progress, SnapshotTransfer } from "./progress.ts";
import { type Core, drop } from "./state.ts";

/** Leader: begins to send the newest snapshot. */
export function beginTransfer(core: Core, peer: Progress): void {
  const { snapshot } = core;
  invariant(
    snapshot !== undefined,
    "Cannot send a snapshot as there is none",
  );
  peer.kind = "snapshot";
  peer.isFetching = false;
  peer.inflight.clear();
  peer.transfer = { snapshot, offset: 0, isFetching: false, waitedTicks: 0 };
  fetchPiece(core, peer, peer.transfer);
}

/** Leader: sends the piece that was read, or begins again with a newer snapshot if that one is gone. */
export function onFetchedChunk(
  core: Core,
  peer: Progress,
  chunk: {
    readonly index: number;
    readonly offset: number;
    readonly data: Uint8Array | undefined;
    readonly isLast: boolean;
  },
): void {
  const { transfer } = peer;
  const isAwaited = transfer?.snapshot.index === chunk.index && transfer.isFetching &&
    transfer.offset === chunk.offset;
  if (!isAwaited) return;
  if (chunk.data === undefined) {
    transfer.isFetching = false;
    if (core.snapshot?.index !== chunk.index) beginTransfer(core, peer);
    return;
  }
  postPiece(core, peer, transfer, chunk.data, chunk.isLast);
}

/** Leader: the follower wants the piece at this offset; the same once more is an answer that came twice. */
export function onSnapshotProgress(core: Core, peer: Progress, message: SnapshotProgress): void {
  const { transfer } = peer;
  const isAwaited = transfer?.snapshot.index === message.index && !transfer.isFetching &&
    transfer.offset !== message.offset;
  if (!isAwaited) return drop(core, "stale");
  transfer.offset = message.offset;
  transfer.waitedTicks = 0;
  if (!message.hasAll) fetchPiece(core, peer, transfer);
}

/** Leader: sends a piece again that was not answered for an election timeout. */
export function tickTransfer(core: Core, peer: Progress): void {
  const { transfer } = peer;
  if (transfer === undefined || transfer.isFetching) return;
  if (++transfer.waitedTicks >= core.settings.electionTicks) fetchPiece(core, peer, transfer);
}

/** Follower: takes a piece. */
export function onInstallSnapshot(core: Core, message: InstallSnapshot): void {
  const { snapshot, offset, data, isLast } = message;
  if (snapshot.index > core.commit && core.log.matches(snapshot)) {
    // The log has all of it, and the leader says that it is committed: there is nothing to install.
    core.commit = snapshot.index;
    core.staging = undefined;
  }
  if (snapshot.index <= core.commit) return acknowledge(core, message);
  const stagedBytes = stagedBytesOf(core, message);
  if (offset !== stagedBytes) return askFrom(core, message, stagedBytes, false);
  core.out.snapshotWrites.push({ kind: "stage", sequence: 0, snapshot, offset, data });
  const sizeBytes = offset + data.length;
  core.staging = { key: stagingKey(message), sizeBytes };
  if (isLast) install(core, message, sizeBytes);
  else askFrom(core, message, sizeBytes, false);
}

/** Follower: the snapshot is durable, so the state machine takes it over. */
export function onInstalled(core: Core): void {
  const { installing } = core;
  if (installing === undefined || installing.sequence > core.durable) return;
  core.installing = undefined;
  core.snapshot = installing.snapshot;
  core.handedOut = installing.snapshot.index;
  core.out.restore = installing.snapshot;
}

/**
 * The snapshot replaces the whole log, also what follows its index: the entry there is another one (2014 paper, figure
 * 13, step 7), so what follows is not the leader's.
 */
function install(core: Core, message: InstallSnapshot, sizeBytes: number): void {
  const { snapshot } = message;
  core.out.snapshotWrites.push({ kind: "install", sequence: 0, snapshot, sizeBytes });
  core.out.commitBefore = core.commit;
  core.staging = undefined;
  core.log.restore(snapshot);
  core.commit = snapshot.index;
  core.memberships = [{ index: snapshot.index, membership: snapshot.membership }];
  tellMembership(core);
  askFrom(core, message, sizeBytes, true);
  acknowledge(core, message);
}

/** How much is staged of the snapshot that this piece is of: nothing, if the last one was of another. */
function stagedBytesOf({ staging }: Core, message: InstallSnapshot): number {
  return staging?.key === stagingKey(message) ? staging.sizeBytes : 0;
}

/** Which snapshot, of which leader: the pieces of two never mix. */
function stagingKey({ snapshot, from, term }: InstallSnapshot): string {
  return `${snapshot.index} ${snapshot.term} ${term} ${from}`;
}

function acknowledge(core: Core, message: InstallSnapshot): void {
  sendAfterStored(core, { kind: "appended", ...replyTo(core, message), match: core.commit });
}

/** Tells where the next piece must begin. It attests to nothing, but waits, so that the store sets the pace. */
function askFrom(core: Core, message: InstallSnapshot, offset: number, hasAll: boolean): void {
  const { index } = message.snapshot;
  const post = hasAll ? send : sendAfterStored;
  post(core, { kind: "snapshotProgress", ...replyTo(core, message), index, offset, hasAll });
}

/** Has the next piece read; a witness needs none, for it has no state. */
function fetchPiece(core: Core, peer: Progress, transfer: SnapshotTransfer): void {
  transfer.waitedTicks = 0;
  if (peer.isWitness) return postPiece(core, peer, transfer, new Uint8Array(), true);
  transfer.isFetching = true;
  core.out.fetches.push({
    kind: "chunk",
    peer: peer.id,
    index: transfer.snapshot.index,
    offset: transfer.offset,
    bytesMax: core.settings.limits.snapshotChunkBytes,
  });
}

function postPiece(
  core: Core,
  peer: Progress,
  transfer: SnapshotTransfer,
  data: Uint8Array,
  isLast: boolean,
): void {
  transfer.isFetching = false;
  transfer.waitedTicks = 0;
  const snapshot: SnapshotMeta = transfer.snapshot;
  send(core, {
    kind: "installSnapshot",
    ...addressTo(core, peer),
    isToVoter: peer.isVoter,
    snapshot,
    offset: transfer.offset,
    data,
    isLast,
  });
}
