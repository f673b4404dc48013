/**
 * Mistakes in votes and campaigns.
 *
 * @module
 */

import { mistake, type Mutation, rare } from "./mistake.ts";

const CORE = "src/raft/core";

/** Mistakes in votes and campaigns. */
export const ELECTION_MISTAKES: readonly Mutation[] = [
  mistake("a vote is answered before it is stored", 1, [
    `${CORE}/election.ts`,
    `sendAfterStored(core, { kind: "vote", ...to, isGranted: true });`,
    `send(core, { kind: "vote", ...to, isGranted: true });`,
  ]),
  mistake("a campaign begins before the own vote is stored", 1, [
    `${CORE}/election.ts`,
    `sendAfterStored(core, { kind: "requestVote", ...addressTo(core, voter), last, isTransfer });`,
    `send(core, { kind: "requestVote", ...addressTo(core, voter), last, isTransfer });`,
  ]),
  rare(
    { kinds: ["crash", "isolate"], settings: { votersCount: 5, hasWitness: false } },
    mistake("the vote is forgotten at a restart", 3, [
      `${CORE}/start.ts`,
      `hardState: loaded.hardState,`,
      `hardState: { term: loaded.hardState.term, vote: undefined },`,
    ]),
  ),
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
  mistake("a vote for any log, however old", 2, [
    `${CORE}/election.ts`,
    `return last.term > term || (last.term === term && last.index >= index);`,
    `return last.index >= 0 || term > index;`,
  ]),
  mistake("logs are compared by length only", 12, [
    `${CORE}/election.ts`,
    `return last.term > term || (last.term === term && last.index >= index);`,
    `return last.index >= index || term < 0;`,
  ]),
  mistake("a late vote of an older term counts", 45, [
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
];
