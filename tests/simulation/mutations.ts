/**
 * Known mistakes, each a small change of the source: those that others made (bugs of the field and of the ancestor) and
 * those that a careless hand would make here. The simulator must find every one of them.
 *
 * A mistake is applied to a copy of the source (see `mutant.ts`); nothing in `src/` knows of it.
 *
 * @module
 */

/** One replacement in one file. The text must occur there exactly once. */
export interface Edit {
  /** Relative to the root of the repository. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** One mistake. */
export interface Mutation {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** A seed that finds it, for a quick check. */
  readonly seed: number;
}

const CORE = "src/raft/core";
const LOOP = "tests/simulation/loop.ts";
const STORING = "tests/simulation/store_queue.ts";
const APPLYING = "tests/simulation/apply_queue.ts";
const STORE = "tests/simulation/store_state.ts";
const SESSIONS = "src/raft/sessions.ts";

/** All mistakes. */
export const MUTATIONS: readonly Mutation[] = [
  // Elections.
  mistake("a vote is answered before it is stored", 1, [
    `${CORE}/election.ts`,
    `sendAfterStored(core, { kind: "vote", ...to, isGranted: true });`,
    `send(core, { kind: "vote", ...to, isGranted: true });`,
  ]),
  mistake("a campaign begins before the own vote is stored", 1, [
    `${CORE}/election.ts`,
    `sendAfterStored(core, { kind: "requestVote", ...to, last, isTransfer });`,
    `send(core, { kind: "requestVote", ...to, last, isTransfer });`,
  ]),
  mistake("the vote is forgotten at a restart", 1, [
    `${CORE}/start.ts`,
    `hardState: loaded.hardState,`,
    `hardState: { term: loaded.hardState.term, vote: undefined },`,
  ]),
  mistake("two votes in one term", 1, [
    `${CORE}/election.ts`,
    `const isFree = vote === undefined || vote === message.from;`,
    `const isFree = true;`,
  ]),
  mistake("a majority of votes is rounded: half of an even number is enough", 1, [
    `${CORE}/quorum.ts`,
    `const majority = (voters.length >> 1) + 1;`,
    `const majority = Math.ceil(voters.length / 2);`,
  ]),
  mistake("a cluster of two elects with one vote", 1, [
    `${CORE}/quorum.ts`,
    `const majority = (voters.length >> 1) + 1;`,
    `const majority = voters.length === 2 ? 1 : (voters.length >> 1) + 1;`,
  ]),
  mistake("a vote for any log, however old", 1, [
    `${CORE}/election.ts`,
    `return last.term > lastTerm || (last.term === lastTerm && last.index >= lastIndex);`,
    `return last.index >= 0 || lastTerm > lastIndex;`,
  ]),
  mistake("logs are compared by length only", 1, [
    `${CORE}/election.ts`,
    `return last.term > lastTerm || (last.term === lastTerm && last.index >= lastIndex);`,
    `return last.index >= lastIndex || lastTerm < 0;`,
  ]),
  mistake("a late vote of an older term counts", 1, [
    `${CORE}/receiving.ts`,
    `if (message.term < term && !isOfCandidate(message)) return onStale(core, message);`,
    `if (message.term < term && !isOfCandidate(message) && message.kind !== "vote") {
    return onStale(core, message);
  }`,
  ]),
  mistake("the question before a campaign raises terms", 1, [
    `${CORE}/receiving.ts`,
    `return message.kind !== "requestPreVote" && !(message.kind === "preVote" && message.isGranted);`,
    `return true;`,
  ]),
  // Replication and commit.
  mistake("a majority of copies is rounded", 1, [
    `${CORE}/quorum.ts`,
    `return descending[voters.length >> 1] ?? 0;`,
    `return descending[(voters.length - 1) >> 1] ?? 0;`,
  ]),
  mistake("entries of older terms are counted (figure 8)", 1, [
    `${CORE}/replication.ts`,
    `if (index <= core.commit || log.termAt(index) !== hardState.term) return;`,
    `if (index <= core.commit || hardState.term < 0) return;`,
  ]),
  mistake("a late append cuts off what came after it", 1, [
    `${CORE}/following.ts`,
    `const known = countKnown(core, entries);`,
    `const known = 0;`,
  ]),
  mistake("the entry before is compared by index only", 1, [
    `${CORE}/following.ts`,
    `if (!matchesAt(core, prev)) {`,
    `if (prev.index > log.lastIndex) {`,
  ]),
  mistake("what is known is compared by index only", 1, [
    `${CORE}/following.ts`,
    `if (entry.index > core.log.lastIndex || !matchesAt(core, entry)) break;`,
    `if (entry.index > core.log.lastIndex) break;`,
  ]),
  mistake("the commit index goes beyond what the append proved", 1, [
    `${CORE}/following.ts`,
    `core.commit = Math.max(core.commit, Math.min(message.commit, end));`,
    `core.commit = Math.max(core.commit, Math.min(message.commit, core.log.lastIndex));`,
  ]),
  mistake("a heartbeat's commit index is believed without a match", 1, [
    `${CORE}/sending.ts`,
    `const index = Math.min(core.commit, peer.match);`,
    `const index = core.commit;`,
  ], [
    `${CORE}/following.ts`,
    `if (index > core.commit && core.log.matches(message.committed)) core.commit = index;`,
    `core.commit = Math.max(core.commit, Math.min(index, core.log.lastIndex));`,
  ], [
    `${CORE}/screening.ts`,
    `isCount(message.match) && message.committed.index <= message.match &&`,
    `isCount(message.match) &&`,
  ]),
  mistake("a heartbeat is for this process, though another one acknowledged", 1, [
    `${CORE}/following.ts`,
    `if (index > core.commit && core.log.matches(message.committed)) core.commit = index;`,
    `core.commit = Math.max(core.commit, Math.min(index, core.log.lastIndex));`,
  ]),
  mistake("entries are acknowledged before they are stored", 1, [
    `${CORE}/following.ts`,
    `sendAfterStored(core, {\n    kind: "appended",`,
    `send(core, {\n    kind: "appended",`,
  ]),
  mistake("the whole log is acknowledged, not what matched", 1, [
    `${CORE}/following.ts`,
    `match: Math.max(end, core.commit),`,
    `match: core.log.lastIndex,`,
  ]),
  mistake("a leader counts its own copy before it is stored", 1, [
    `${CORE}/replication.ts`,
    `id === settings.id ? log.stored :`,
    `id === settings.id ? log.lastIndex :`,
  ]),
  mistake("a stored write counts for what replaced it meanwhile", 1, [
    `${CORE}/log_view.ts`,
    `if (write.index > this.stored && this.matches(write)) this.stored = write.index;`,
    `if (write.index > this.stored && write.index <= this.lastIndex) this.stored = write.index;`,
  ]),
  mistake("messages of an older life of a store are heard", 1, [
    `${CORE}/screening.ts`,
    `if (message.fromIncarnation === member?.incarnation) return undefined;`,
    `if (member !== undefined) return undefined;`,
  ], [
    `${CORE}/screening.ts`,
    `if (message.toIncarnation !== incarnation) return "incarnation";`,
    `if (incarnation < 0) return "incarnation";`,
  ]),
  mistake("a lost store is not noticed", 1, [
    `${CORE}/receiving.ts`,
    `if (hasLostStore(core, message)) return suspect(core);`,
    `if (hasLostStore(core, message) && core.durable < 0) return suspect(core);`,
  ]),
  mistake("what a leader appends is not bounded", 1, [
    `${CORE}/appending.ts`,
    `core.uncommittedBytes + bytes > uncommittedBytesMax) {`,
    `core.uncommittedBytes + bytes > Infinity * uncommittedBytesMax) {`,
  ]),
  mistake("what is on the way is not bounded", 1, [
    `${CORE}/progress.ts`,
    `peer.inflight.count < limits.inflightMessagesMax &&`,
    `peer.inflight.count < Infinity &&`,
  ]),
  mistake("an answer of the store that comes too late leaves a peer waiting for it", 1, [
    `${CORE}/sending.ts`,
    `peer.isFetching = false;
  const first = entries[0];`,
    `const first = entries[0];
  if (first !== undefined && first.index !== peer.next - 1 && first.index !== peer.next) return;
  peer.isFetching = false;`,
  ]),
  mistake("what was read from the store is sent though the window is full", 1, [
    `${CORE}/sending.ts`,
    `const fits = fetched.length > 0 && maySend(peer, core.settings.limits);`,
    `const fits = fetched.length > 0;`,
  ]),
  mistake("a process that was replaced believes that its store lost something", 1, [
    `${CORE}/receiving.ts`,
    `if (core.settings.isStoreExclusive) return stop(core, "regressed");`,
    `if (core.settings !== undefined) return stop(core, "regressed");`,
  ]),
  mistake("a voter that was slow from the beginning never votes", 1, [
    `${CORE}/election.ts`,
    `return membershipOf(core).voters.length > 0 && isUpToDate(core, candidate.last);`,
    `if (core.log.lastIndex === 1 && candidate.last.index > 1) return false;
  return membershipOf(core).voters.length > 0 && isUpToDate(core, candidate.last);`,
  ]),
  // Membership.
  mistake("members change one by one, without the correction of 2015", 1, [
    `${CORE}/membership.ts`,
    `return sameVoters ? target : { ...target, outgoing: from.voters };`,
    `const changed = target.voters.filter((voter) => named(from.voters, voter.id) === undefined).length +
    from.voters.filter((voter) => named(target.voters, voter.id) === undefined).length;
  return sameVoters || changed === 1 ? target : { ...target, outgoing: from.voters };`,
  ], [
    `${CORE}/changing.ts`,
    `if (isUnfinished || log.termAt(commit) !== hardState.term) return "changing";`,
    `if (isUnfinished || log.termAt(commit) === -hardState.term) return "changing";`,
  ]),
  mistake("members change at once, without a joint membership", 1, [
    `${CORE}/membership.ts`,
    `return sameVoters ? target : { ...target, outgoing: from.voters };`,
    `return sameVoters ? target : { ...target, outgoing: [] };`,
  ]),
  mistake("a second change begins before the first is committed", 1, [
    `${CORE}/changing.ts`,
    `const isUnfinished = isJoint(current) || membershipIndexOf(core) > commit;`,
    `const isUnfinished = isJoint(current) && membershipIndexOf(core) > commit + 1_000;`,
  ]),
  mistake("a joint membership is left before it is committed", 1, [
    `${CORE}/replication.ts`,
    `if (membershipIndexOf(core) <= index) finishChange(core);`,
    `finishChange(core);`,
  ]),
  mistake("a joint membership decides by its new half alone", 1, [
    `${CORE}/quorum.ts`,
    `if (membership.outgoing.length === 0) return now;`,
    `if (membership.outgoing.length >= 0) return now;`,
  ]),
  mistake("a joint membership elects by its new half alone", 1, [
    `${CORE}/quorum.ts`,
    `const before = majorityVote(membership.outgoing, votes);`,
    `const before = now;`,
  ]),
  mistake("a membership that was cut off stays in force", 1, [
    `${CORE}/following.ts`,
    `core.memberships = kept;`,
    ``,
  ]),
  mistake("a learner counts", 1, [
    `${CORE}/quorum.ts`,
    `const now = majorityReached(membership.voters, reached);`,
    `const now = majorityReached([...membership.voters, ...membership.learners], reached);`,
  ]),
  mistake("a removed voter never campaigns again", 1, [
    `${CORE}/election.ts`,
    `const isReplaced = (memberships[at + 1]?.index ?? Infinity) <= commit;`,
    `const isReplaced = memberships[at + 1] !== undefined && commit >= 0;`,
  ]),
  // Reads.
  mistake("a leader reads without a round", 1, [
    `${CORE}/reads.ts`,
    `} else if (asker.from === undefined && nowMs < leaseUntilMs && core.transfer === undefined) {
    serve(core, asker, commit, leaseUntilMs);`,
    `} else if (asker.from === undefined && nowMs > leaseUntilMs) {
    serve(core, asker, commit, Infinity);`,
  ]),
  mistake("a read is confirmed by a round that began before it", 1, [
    `${CORE}/reads.ts`,
    `index: commit, round: reads.round + 1 });`,
    `index: commit, round: reads.round });`,
  ]),
  mistake("a leader reads before its own term has committed", 1, [
    `${CORE}/reads.ts`,
    `if (!hasCommittedInTerm(core)) {`,
    `if (!hasCommittedInTerm(core) && core.commit < 0) {`,
  ]),
  mistake("a lease lasts longer than the followers wait", 1, [
    `${CORE}/reads.ts`,
    `reads.leaseUntilMs = atMs + (electionTicks - 1) *`,
    `reads.leaseUntilMs = atMs + 4 * electionTicks *`,
  ]),
  mistake("a leader that stood still serves a lease read", 1, [
    LOOP,
    `const isValid = this.#host.nowMs() <= read.validUntilMs;`,
    `const isValid = read.validUntilMs > 0;`,
  ]),
  mistake("a read does not wait until its index is applied", 1, [
    LOOP,
    `const due = this.#servable.filter(({ index }) => index <= machine.applied);`,
    `const due = this.#servable.filter(({ index }) => index >= 0);`,
  ]),
  // Snapshots.
  mistake("a snapshot is taken for known where the log conflicts with it", 1, [
    `${CORE}/snapshotting.ts`,
    `if (snapshot.index > core.commit && core.log.matches(snapshot)) {`,
    `if (snapshot.index > core.commit && snapshot.index <= core.log.lastIndex) {`,
  ]),
  mistake("pieces of two snapshots are mixed", 1, [
    `${CORE}/snapshotting.ts`,
    `return staging !== undefined && staging.from === from && staging.term === term &&
    staging.snapshot.index === snapshot.index && staging.snapshot.term === snapshot.term;`,
    `return staging !== undefined && from !== "" && term > 0 && snapshot.index > 0;`,
  ]),
  mistake("a snapshot bears the leader's term, not its entry's", 1, [
    `${CORE}/node.ts`,
    `return { index, term, timeMs, membership };`,
    `return { index, term: this.#core.hardState.term, timeMs, membership };`,
  ]),
  mistake("a snapshot does not bring its membership", 1, [
    `${CORE}/snapshotting.ts`,
    `core.memberships = [{ index: snapshot.index, membership: snapshot.membership }];`,
    ``,
  ]),
  // Sessions.
  mistake("a retried command is executed again", 1, [
    SESSIONS,
    `if (kept !== undefined || session.replies.has(stamp.sequence)) {`,
    `if (kept !== undefined && stamp.sequence < 0) {`,
  ]),
  mistake("the sessions are missing in the snapshot", 1, [
    SESSIONS,
    `return [...this.#sessions].map(`,
    `return [...this.#sessions].slice(0, 0).map(`,
  ]),
  mistake("sessions end by the order of the map, which a snapshot turns round", 1, [
    SESSIONS,
    `return [...this.#sessions].map(`,
    `return [...this.#sessions].reverse().map(`,
  ]),
  // The store and the loop around the core.
  mistake("a store does not fence off who was replaced", 1, [
    STORE,
    `if (operation.epoch !== state.epoch || operation.owner !== state.owner) {`,
    `if (operation.epoch < 0) {`,
  ], [
    STORE,
    `if (operation.number > state.operation + 1) return { state, answer: { kind: "gap" } };`,
    ``,
  ]),
  mistake("being fenced off is taken for success", 1, [
    STORING,
    `case "fenced":`,
    `case "fenced":
        if (reply.epoch > 0) return this.#stored(operation, { base: { index: 0, term: 0 }, snapshotIndex: 0 });`,
  ]),
  mistake("a store that lost writes is taken for well", 1, [
    STORING,
    `case "gap":`,
    `case "gap":
        return this.#stored(operation, { base: { index: 0, term: 0 }, snapshotIndex: 0 });`,
  ]),
  mistake("a delayed copy of a write is applied once more", 1, [
    STORE,
    `if (operation.number < state.operation) return { state, answer: { kind: "late" } };`,
    ``,
  ], [
    STORE,
    `if (operation.number === state.operation) return { state, answer: okFor(state) };`,
    ``,
  ]),
  mistake("messages leave before the write that they wait for", 1, [
    STORING,
    `if (through > this.#storedSequence) {`,
    `if (through > Infinity) {`,
  ]),
  mistake("a lost proposal is answered as done", 1, [
    APPLYING,
    `if (proposal.term !== entry.term) return`,
    `if (proposal.term < 0) return`,
  ]),
];

function mistake(
  name: string,
  seed: number,
  ...edits: readonly (readonly [file: string, find: string, replace: string])[]
): Mutation {
  return { name, seed, edits: edits.map(([file, find, replace]) => ({ file, find, replace })) };
}
