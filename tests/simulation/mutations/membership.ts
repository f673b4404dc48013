/**
 * Mistakes in changing members.
 *
 * @module
 */

import { mistake, type Mutation, rare } from "./mistake.ts";

const CORE = "src/raft/core";

/** Mistakes in changing members. */
export const MEMBERSHIP_MISTAKES: readonly Mutation[] = [
  rare(
    {
      kinds: ["changeApart"],
      settings: { votersCount: 4, sparesCount: 2, hasWitness: false, clientsCount: 1 },
    },
    mistake("members change one by one, without the correction of 2015", 424, [
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
  ),
  mistake("members change at once, without a joint membership", 1225, [
    `${CORE}/membership.ts`,
    `return sameVoters ? target : { ...target, outgoing: from.voters };`,
    `return sameVoters ? target : { ...target, outgoing: [] };`,
  ]),
  mistake("a second change begins before the first is committed", 1, [
    `${CORE}/changing.ts`,
    `const isUnfinished = isJoint(current) || membershipIndexOf(core) > commit;`,
    `const isUnfinished = isJoint(current) && membershipIndexOf(core) > commit + 1_000;`,
  ]),
  mistake("a joint membership is left before it is committed", 8, [
    `${CORE}/replication.ts`,
    `if (membershipIndexOf(core) <= index) finishChange(core);`,
    `finishChange(core);`,
  ]),
  mistake("a joint membership decides by its new half alone", 12, [
    `${CORE}/quorum.ts`,
    `return Math.min(majorityReached(voters, reached), majorityReached(outgoing, reached));`,
    `return majorityReached(outgoing.length < 0 ? outgoing : voters, reached);`,
  ]),
  mistake("a joint membership elects by its new half alone", 20, [
    `${CORE}/quorum.ts`,
    `const before = majorityVote(membership.outgoing, votes);`,
    `const before = now;`,
  ]),
  mistake("a membership that was cut off stays in force", 2, [
    `${CORE}/following.ts`,
    `core.memberships = kept;`,
    ``,
  ]),
  mistake("a learner counts", 3, [
    `${CORE}/quorum.ts`,
    `const { voters, outgoing } = membership;`,
    `const { outgoing, learners } = membership;
  const voters = [...membership.voters, ...learners];`,
  ]),
  rare(
    {
      kinds: ["changeApart", "crash"],
      settings: { votersCount: 3, sparesCount: 1, hasWitness: false },
    },
    mistake("a removed voter never campaigns again", 988, [
      `${CORE}/election.ts`,
      `const isReplaced = (memberships[at + 1]?.index ?? Infinity) <= commit;`,
      `const isReplaced = memberships[at + 1] !== undefined && commit >= 0;`,
    ]),
  ),
];
