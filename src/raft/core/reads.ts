/**
 * Linearizable reads without a log entry: the read index (Ongaro 2014, §6.4), for followers too, and leases (§6.4.1).
 *
 * A leader notes what is committed when the read comes, and then has a round of heartbeats answered by a quorum: so
 * nobody else led when the read came, and nothing newer can have been committed. Only answers to a round that began
 * after the read count; rounds are numbered within a term, so a late answer confirms nothing (etcd issue 20418). Before
 * an entry of its own term is committed a leader does not know what is, and reads wait.
 *
 * @module
 */

import type { Random } from "../../random.ts";
import type { LeaseReads } from "./config.ts";
import type { HeartbeatHeard, ReadIndex, RequestReadIndex } from "./message.ts";
import { addressTo, nextSequence, replyTo, send } from "./outbox.ts";
import type { Progress } from "./progress.ts";
import type { Refusal } from "./ready.ts";
import { broadcastRound } from "./sending.ts";
import { type Asker, type Core, drop, quorumOfPeers, type Reads } from "./state.ts";
import { takeWhile } from "./take_while.ts";

/** No reads yet, in a new term or under a new leader. */
export function newReads(nextAttempt: number, lease: LeaseReads | undefined): Reads {
  return {
    round: 0,
    confirmed: 0,
    ownRound: 0,
    proofs: [],
    waiting: [],
    early: [],
    forwarded: new Map(),
    nextAttempt,
    beganAtMs: [],
    leaseUntilMs: -Infinity,
    lease,
  };
}

/** Where attempts begin: at random, so that answers to those before a restart fit none. */
export function firstAttempt(random: Random): number {
  return 1 + Math.floor(random.float() * 2 ** 32) * 2 ** 16;
}

/** A read of this node's own clients. */
export function read(core: Core, id: number): void {
  if (core.settings.isWitness) return failRead(core, id, "badTarget");
  if (core.role === "leader") return admit(core, { from: undefined, fromIncarnation: 0, key: id });
  if (core.leader === undefined) return failRead(core, id, "notLeader");
  const { reads } = core;
  if (reads.forwarded.size >= core.settings.limits.readsMax) return failRead(core, id, "full");
  const attempt = reads.nextAttempt++;
  reads.forwarded.set(attempt, { id, waitedTicks: 0 });
  const to = addressTo(core, { id: core.leader, incarnation: core.leaderIncarnation });
  send(core, { kind: "requestReadIndex", ...to, attempt });
}

/** A read of a follower's clients. */
export function onRequestReadIndex(core: Core, message: RequestReadIndex): void {
  const { from, fromIncarnation, attempt: key } = message;
  const asker = { from, fromIncarnation, key };
  if (core.role === "leader") admit(core, asker);
  else refuseRead(core, asker, "notLeader");
}

/** Follower: the leader has answered. */
export function onReadIndex(core: Core, { attempt, index }: ReadIndex): void {
  const asked = core.reads.forwarded.get(attempt);
  if (asked === undefined) return drop(core, "stale");
  core.reads.forwarded.delete(attempt);
  if (index === 0) return failRead(core, asked.id, "unconfirmed");
  core.out.reads.push({ kind: "ready", id: asked.id, index, validUntilMs: Infinity });
}

/** Leader: a peer has answered a round. */
export function onRoundHeard(core: Core, peer: Progress, { round }: HeartbeatHeard): void {
  if (round <= peer.round) return;
  peer.round = round;
  confirmReads(core);
}

/** Leader: serves the reads whose round a quorum has answered, and begins the round that others wait for. */
export function confirmReads(core: Core): void {
  const { reads, settings } = core;
  const own = settings.isStoreExclusive ? reads.round : reads.ownRound;
  const confirmed = quorumOfPeers(core, own, ({ round }) => round);
  if (confirmed <= reads.confirmed) return;
  reads.confirmed = confirmed;
  renewLease(core, confirmed);
  for (const pending of takeWhile(reads.waiting, ({ round }) => round <= confirmed)) {
    serve(core, pending, pending.index, Infinity);
  }
  beginRoundIfAwaited(core);
}

/** Leader: a new round, with everything that waits for one. */
export function beginRound(core: Core): void {
  broadcastRound(core);
  if (core.settings.isStoreExclusive) confirmReads(core);
  else if (isProofNeeded(core.reads)) {
    core.out.isProofWanted = true;
    core.reads.proofs.push({ round: core.reads.round, sequence: nextSequence(core) });
  }
}

/** Whether the newest read came after the last proof was asked for. A round that only repeats needs no new one. */
function isProofNeeded({ waiting, proofs, ownRound }: Reads): boolean {
  const newest = waiting.at(-1);
  return newest !== undefined && newest.round > (proofs.at(-1)?.round ?? ownRound);
}

/** Leader: the store has written, so it was this node's when these rounds had begun. */
export function onProved(core: Core): void {
  const { reads } = core;
  const proof = takeWhile(reads.proofs, ({ sequence }) => sequence <= core.durable).at(-1);
  if (proof === undefined) return;
  reads.ownRound = proof.round;
  confirmReads(core);
}

/** Leader: an entry of this term is committed, so what is committed is known. */
export function admitEarly(core: Core): void {
  const { early } = core.reads;
  if (early.length === 0) return; // Nearly always, and every commit comes by here.
  for (const asker of early.splice(0)) admit(core, asker);
}

/** Follower: gives up what the leader did not answer for an election timeout. */
export function tickForwarded(core: Core): void {
  for (const [attempt, asked] of core.reads.forwarded) {
    if (++asked.waitedTicks < core.settings.electionTicks) continue;
    core.reads.forwarded.delete(attempt);
    failRead(core, asked.id, "unconfirmed");
  }
}

/** The term or the leader is another: everything asked so far fails, and rounds count from 0 again. */
export function abandonReads(core: Core): void {
  const { early, waiting, forwarded, nextAttempt } = core.reads;
  for (const { from, key } of [...early, ...waiting]) {
    if (from === undefined) failRead(core, key, "notLeader");
  }
  for (const { id } of forwarded.values()) failRead(core, id, "notLeader");
  core.reads = newReads(nextAttempt, core.settings.lease);
}

function admit(core: Core, asker: Asker): void {
  const { reads, commit, nowMs } = core;
  const { early, waiting, leaseUntilMs } = reads;
  if (early.length + waiting.length >= core.settings.limits.readsMax) {
    return refuseRead(core, asker, "full");
  }
  if (!hasCommittedInTerm(core)) {
    early.push(asker);
  } else if (asker.from === undefined && nowMs < leaseUntilMs) {
    serve(core, asker, commit, leaseUntilMs);
  } else {
    waiting.push({ ...asker, index: commit, round: reads.round + 1 });
    beginRoundIfAwaited(core);
  }
}

/** Begins the round that the oldest read waits for. Reads that come while one is under way share the next. */
function beginRoundIfAwaited(core: Core): void {
  const { waiting, round } = core.reads;
  const oldest = waiting[0];
  if (oldest !== undefined && oldest.round > round) beginRound(core);
}

function hasCommittedInTerm(core: Core): boolean {
  const { log, commit, hardState } = core;
  return (log.termAt(commit) ?? 0) === hardState.term;
}

/** Leader: another node may campaign in spite of the lease, also long after; so there is none any more in this term. */
export function giveUpLease(core: Core): void {
  core.reads.leaseUntilMs = -Infinity;
  core.reads.lease = undefined;
}

/** The lease runs from when the confirmed round began, shorter than any follower waits by its own clock. */
function renewLease(core: Core, confirmed: number): void {
  const { reads, reads: { lease }, settings: { electionTicks } } = core;
  if (lease === undefined) return;
  const began = takeWhile(reads.beganAtMs, ({ round }) => round <= confirmed).at(-1);
  if (began === undefined) return;
  reads.leaseUntilMs = began.atMs + (electionTicks - 1) * lease.tickMs * (1 - lease.driftMax);
}

function serve(core: Core, asker: Asker, index: number, validUntilMs: number): void {
  const { from, fromIncarnation, key } = asker;
  if (from === undefined) {
    core.out.reads.push({ kind: "ready", id: key, index, validUntilMs });
  } else {
    const to = replyTo(core, { from, fromIncarnation });
    send(core, { kind: "readIndex", ...to, attempt: key, index });
  }
}

function refuseRead(core: Core, asker: Asker, reason: Refusal): void {
  if (asker.from === undefined) failRead(core, asker.key, reason);
  else serve(core, asker, 0, 0);
}

/** Answers a read that it cannot be served. */
export function failRead(core: Core, id: number, reason: Refusal): void {
  core.out.reads.push({ kind: "failed", id, reason });
}
