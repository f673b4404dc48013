/**
 * Mistakes in appending, acknowledging and committing.
 *
 * @module
 */

import { mistake, type Mutation, rare } from "./mistake.ts";

const CORE = "src/raft/core";

/** Mistakes in appending, acknowledging and committing. */
export const REPLICATION_MISTAKES: readonly Mutation[] = [
  mistake("a majority of copies is rounded", 1, [
    `${CORE}/quorum.ts`,
    `return descending[voters.length >> 1] ?? 0;`,
    `return descending[(voters.length - 1) >> 1] ?? 0;`,
  ]),
  mistake("entries of older terms are counted (figure 8)", 3, [
    `${CORE}/replication.ts`,
    `if (index <= core.commit || log.termAt(index) !== hardState.term) return;`,
    `if (index <= core.commit || hardState.term < 0) return;`,
  ]),
  mistake("a late append cuts off what came after it", 2, [
    `${CORE}/following.ts`,
    `const known = countKnown(core, entries);`,
    `const known = 0;`,
  ]),
  mistake("the entry before is compared by index only", 12, [
    `${CORE}/following.ts`,
    `if (!matchesAt(core, prev)) {`,
    `if (prev.index > log.lastIndex) {`,
  ]),
  mistake("what is known is compared by index only", 2, [
    `${CORE}/following.ts`,
    `if (entry.index > core.log.lastIndex || !matchesAt(core, entry)) break;`,
    `if (entry.index > core.log.lastIndex) break;`,
  ]),
  mistake("the commit index goes beyond what the append proved", 28, [
    `${CORE}/following.ts`,
    `core.commit = Math.max(core.commit, Math.min(message.commit, end));`,
    `core.commit = Math.max(core.commit, Math.min(message.commit, core.log.lastIndex));`,
  ]),
  mistake("a heartbeat's commit index is believed without a match", 2, [
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
  rare(
    {
      kinds: ["secondProcess", "isolate", "storeSlow"],
      settings: { votersCount: 3, hasWitness: false, isStoreExclusive: false, hasLeases: false },
    },
    mistake("a heartbeat is for this process, though another one acknowledged", 81, [
      `${CORE}/following.ts`,
      `if (index > core.commit && core.log.matches(message.committed)) core.commit = index;`,
      `core.commit = Math.max(core.commit, Math.min(index, core.log.lastIndex));`,
    ]),
  ),
  mistake("entries are acknowledged before they are stored", 1, [
    `${CORE}/following.ts`,
    `sendAfterStored(core, { kind: "appended", ...to,`,
    `send(core, { kind: "appended", ...to,`,
  ]),
  mistake("the whole log is acknowledged, not what matched", 338, [
    `${CORE}/following.ts`,
    `match: Math.max(end, core.commit) }`,
    `match: core.log.lastIndex }`,
  ]),
  mistake("a leader counts its own copy before it is stored", 1, [
    `${CORE}/replication.ts`,
    `quorumOfPeers(core, log.stored, `,
    `quorumOfPeers(core, log.lastIndex, `,
  ]),
  mistake("a stored write counts for what replaced it meanwhile", 287, [
    `${CORE}/log_view.ts`,
    `if (write.index > this.stored && this.matches(write)) this.stored = write.index;`,
    `if (write.index > this.stored && write.index <= this.lastIndex) this.stored = write.index;`,
  ]),
  mistake("messages of an older life of a store are heard", 5, [
    `${CORE}/screening.ts`,
    `if (message.fromIncarnation === member?.incarnation) return undefined;`,
    `if (member !== undefined) return undefined;`,
  ], [
    `${CORE}/screening.ts`,
    `if (message.toIncarnation !== incarnation) return "incarnation";`,
    `if (incarnation < 0) return "incarnation";`,
  ]),
  mistake("a lost store is not noticed", 198, [
    `${CORE}/receiving.ts`,
    `if (hasLostStore(core, message)) return suspect(core);`,
    `if (hasLostStore(core, message) && core.durable < 0) return suspect(core);`,
  ]),
  mistake("what a leader appends is not bounded", 18, [
    `${CORE}/appending.ts`,
    `uncommittedBytes + bytes > limits.uncommittedBytesMax;`,
    `uncommittedBytes + bytes > Infinity * limits.uncommittedBytesMax;`,
  ]),
  mistake("what is on the way is not bounded", 3, [
    `${CORE}/progress.ts`,
    `peer.inflight.count < limits.inflightMessagesMax &&`,
    `peer.inflight.count < Infinity &&`,
  ]),
  mistake("an answer of the store that comes too late leaves a peer waiting for it", 110, [
    `${CORE}/sending.ts`,
    `peer.isFetching = false;
  const first = entries[0];`,
    `const first = entries[0];
  if (first !== undefined && first.index !== peer.next - 1 && first.index !== peer.next) return;
  peer.isFetching = false;`,
  ]),
  mistake("what was read from the store is sent though the window is full", 5, [
    `${CORE}/sending.ts`,
    `const fits = fetched.length > 0 && maySend(peer, core.settings.limits);`,
    `const fits = fetched.length > 0;`,
  ]),
  mistake("a process that was replaced believes that its store lost something", 54, [
    `${CORE}/receiving.ts`,
    `if (core.settings.isStoreExclusive) return stop(core, "regressed");`,
    `if (core.settings !== undefined) return stop(core, "regressed");`,
  ]),
  mistake("a voter that was slow from the beginning never votes", 8, [
    `${CORE}/election.ts`,
    `return membershipOf(core).voters.length > 0 && isUpToDate(core, candidate.last);`,
    `if (core.log.lastIndex === 1 && candidate.last.index > 1) return false;
  return membershipOf(core).voters.length > 0 && isUpToDate(core, candidate.last);`,
  ]),
];
