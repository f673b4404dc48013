/**
 * Mistakes in reads, snapshots and sessions.
 *
 * @module
 */

import { mistake, type Mutation, rare } from "./mistake.ts";

const CORE = "src/raft/core";
const LOOP = "tests/simulation/loop.ts";
const SESSIONS = "src/raft/sessions.ts";

/** Mistakes in reads, snapshots and sessions. */
export const READ_MISTAKES: readonly Mutation[] = [
  mistake("a leader reads without a round", 12, [
    `${CORE}/reads.ts`,
    `} else if (asker.from === undefined && nowMs < leaseUntilMs) {
    serve(core, asker, commit, leaseUntilMs);`,
    `} else if (asker.from === undefined && nowMs > leaseUntilMs) {
    serve(core, asker, commit, Infinity);`,
  ]),
  rare(
    {
      kinds: ["limbo", "clog"],
      settings: { votersCount: 3, hasLeases: false, isStoreExclusive: true, hasWitness: false },
    },
    mistake("a read is confirmed by a round that began before it", 497, [
      `${CORE}/reads.ts`,
      `index: commit, round: reads.round + 1 });`,
      `index: commit, round: reads.round });`,
    ]),
  ),
  mistake("a leader reads before its own term has committed", 28, [
    `${CORE}/reads.ts`,
    `if (!hasCommittedInTerm(core)) {`,
    `if (!hasCommittedInTerm(core) && core.commit < 0) {`,
  ]),
  rare(
    {
      kinds: ["limbo", "transfer"],
      settings: {
        votersCount: 3,
        hasLeases: true,
        isStoreExclusive: true,
        hasWitness: false,
        driftMax: 0,
      },
    },
    mistake("a lease lasts longer than the followers wait", 2, [
      `${CORE}/reads.ts`,
      `reads.leaseUntilMs = began.atMs + (electionTicks - 1) *`,
      `reads.leaseUntilMs = began.atMs + 4 * electionTicks *`,
    ]),
  ),
  rare(
    {
      kinds: ["limbo", "transfer"],
      settings: {
        votersCount: 3,
        hasLeases: true,
        isStoreExclusive: true,
        hasWitness: false,
        driftMax: 0,
      },
    },
    mistake("a lease goes on while leadership is handed over", 1947, [
      `${CORE}/reads.ts`,
      `core.reads.leaseUntilMs = -Infinity;
  core.reads.lease = undefined;`,
      ``,
    ]),
  ),
  rare(
    {
      kinds: ["limbo", "transfer"],
      settings: {
        votersCount: 3,
        hasLeases: true,
        isStoreExclusive: true,
        hasWitness: false,
        driftMax: 0,
      },
    },
    mistake("a leader that stood still serves a lease read", 47, [
      LOOP,
      `const isValid = this.#host.nowMs() <= read.validUntilMs;`,
      `const isValid = read.validUntilMs > 0;`,
    ]),
  ),
  mistake("a read does not wait until its index is applied", 2, [
    LOOP,
    `const due = this.#servable.filter(({ index }) => index <= machine.applied);`,
    `const due = this.#servable.filter(({ index }) => index >= 0);`,
  ]),
  mistake("a snapshot is taken for known where the log conflicts with it", 14, [
    `${CORE}/snapshotting.ts`,
    `if (snapshot.index > core.commit && core.log.matches(snapshot)) {`,
    `if (snapshot.index > core.commit && snapshot.index <= core.log.lastIndex) {`,
  ]),
  mistake("pieces of two snapshots are mixed", 14, [
    `${CORE}/snapshotting.ts`,
    `return staging?.key === stagingKey(message) ? staging.sizeBytes : 0;`,
    `return stagingKey(message) === "" ? 0 : staging?.sizeBytes ?? 0;`,
  ]),
  mistake("a snapshot bears the leader's term, not its entry's", 1, [
    `${CORE}/node.ts`,
    `return { index, term, timeMs, membership: record`,
    `return { index, term: this.#core.hardState.term, timeMs, membership: record`,
  ]),
  mistake("a snapshot does not bring its membership", 14, [
    `${CORE}/snapshotting.ts`,
    `core.memberships = [{ index: snapshot.index, membership: snapshot.membership }];`,
    ``,
  ]),
  mistake("a retried command is executed again", 18, [
    SESSIONS,
    `if (session.replies.has(stamp.sequence)) {`,
    `if (session.replies.has(stamp.sequence) && stamp.sequence < 0) {`,
  ]),
  mistake("the sessions are missing in the snapshot", 2, [
    SESSIONS,
    `return [...this.#sessions].map(`,
    `return [...this.#sessions].slice(0, 0).map(`,
  ]),
  mistake("sessions end by the order of the map, which a snapshot turns round", 2, [
    SESSIONS,
    `return [...this.#sessions].map(`,
    `return [...this.#sessions].reverse().map(`,
  ]),
];
