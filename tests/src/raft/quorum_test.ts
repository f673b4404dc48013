import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import {
  majorityReached,
  majorityVote,
  quorumReached,
  quorumVote,
} from "../../../src/raft/core/quorum.ts";
import type { Member, Membership } from "../../../src/raft/core/membership.ts";

const NAMES = ["a", "b", "c", "d", "e", "f", "g"];

function members(names: string): readonly Member[] {
  return [...names].map((id) => ({ id, incarnation: 1 }));
}

function membership(voters: string, outgoing = ""): Membership {
  return { voters: members(voters), outgoing: members(outgoing), learners: [] };
}

/** `a5 b3` reached so much; who is not named reached nothing. */
function reachedBy(text: string): (id: string) => number {
  const reached = new Map(text.split(" ").map((word) => [word.slice(0, 1), Number(word.slice(1))]));
  return (id) => reached.get(id) ?? 0;
}

/** `a+ b-` voted so; who is not named has not voted. */
function votesOf(text: string): ReadonlyMap<string, boolean> {
  const words = text.split(" ").filter((word) => word !== "");
  return new Map(words.map((word) => [word.slice(0, 1), word.endsWith("+")]));
}

Deno.test("majorityReached() is what floor(n/2)+1 voters have", () => {
  const table: readonly [voters: string, reached: string, expected: number][] = [
    ["a", "a5", 5],
    ["ab", "a5 b3", 3],
    ["ab", "a5", 0],
    ["abc", "a5 b3 c9", 5],
    ["abc", "a5", 0],
    ["abcd", "a9 b8 c3 d2", 3],
    ["abcd", "a9 b9", 0],
    ["abcde", "a1 b2 c3 d4 e5", 3],
    ["abcdef", "a9 b9 c9", 0],
    ["abcdef", "a9 b9 c9 d4", 4],
    ["abcdefg", "a7 b7 c7 d7 e1 f1 g1", 7],
    ["abc", "d9 e9", 0],
  ];
  for (const [voters, reached, expected] of table) {
    strictEqual(majorityReached(members(voters), reachedBy(reached)), expected, voters + reached);
  }
});

Deno.test("majorityReached() of nobody binds nothing", () => {
  strictEqual(majorityReached([], () => 0), Infinity);
});

Deno.test("quorumReached() is the lower of both halves", () => {
  const table: readonly [now: string, before: string, reached: string, expected: number][] = [
    ["abc", "abc", "a5 b3 c9", 5],
    ["abc", "ade", "a9 b9 c9", 0],
    ["abc", "ade", "a9 b8 d7", 7],
    ["a", "bc", "a9 b4 c2", 2],
    ["abcd", "ab", "a9 b2 c9 d9", 2],
  ];
  for (const [now, before, reached, expected] of table) {
    strictEqual(quorumReached(membership(now, before), reachedBy(reached)), expected, now + before);
  }
});

Deno.test("majorityVote() is won by a majority, and lost when none is possible", () => {
  const table: readonly [voters: string, votes: string, expected: string][] = [
    ["a", "", "pending"],
    ["a", "a+", "won"],
    ["a", "a-", "lost"],
    ["ab", "a+", "pending"],
    ["ab", "a+ b-", "lost"],
    ["ab", "a-", "lost"],
    ["abc", "a+", "pending"],
    ["abc", "a+ b+", "won"],
    ["abc", "a- b-", "lost"],
    ["abc", "a+ b-", "pending"],
    ["abcd", "a+ b+", "pending"],
    ["abcd", "a+ b+ c-", "pending"],
    ["abcd", "a+ b- c-", "lost"],
    ["abcd", "a+ b+ c+", "won"],
    ["abcdef", "a+ b+ c+", "pending"],
    ["abcdef", "a+ b+ c+ d- e- f-", "lost"],
    ["abc", "d+ e+", "pending"],
  ];
  for (const [voters, votes, expected] of table) {
    strictEqual(majorityVote(members(voters), votesOf(votes)), expected, `${voters}: ${votes}`);
  }
});

Deno.test("quorumVote() needs both halves, and one of them can lose it", () => {
  const table: readonly [now: string, before: string, votes: string, expected: string][] = [
    ["abc", "", "a+ b+", "won"],
    ["abc", "ade", "a+ b+", "pending"],
    ["abc", "ade", "a+ b+ d+", "won"],
    ["abc", "ade", "a+ b+ d- e-", "lost"],
    ["abc", "ade", "b- c- a+ d+", "lost"],
    ["abc", "abc", "a+ b+", "won"],
    ["a", "bc", "b+ c+", "pending"],
  ];
  for (const [now, before, votes, expected] of table) {
    strictEqual(quorumVote(membership(now, before), votesOf(votes)), expected, `${now} ${votes}`);
  }
});

const someMembers = fc.subarray(NAMES, { minLength: 1 }).map((names) => members(names.join("")));
const someNumbers = fc.array(fc.nat(20), { minLength: 7, maxLength: 7 });

Deno.test("majorityReached() is the highest number that more than half have reached", () => {
  fc.assert(fc.property(someMembers, someNumbers, (voters, numbers) => {
    const reached = (id: string) => numbers[NAMES.indexOf(id)] ?? 0;
    const result = majorityReached(voters, reached);
    const having = (index: number) => voters.filter(({ id }) => reached(id) >= index).length;
    strictEqual(having(result) * 2 > voters.length, true);
    strictEqual(having(result + 1) * 2 > voters.length, false);
  }));
});

Deno.test("Two quorums of one membership always share a voter of each half", () => {
  const votes = fc.array(fc.boolean(), { minLength: 7, maxLength: 7 });
  fc.assert(fc.property(someMembers, someMembers, votes, votes, (voters, outgoing, one, two) => {
    const of = (granted: readonly boolean[]) =>
      new Map(NAMES.map((id, at) => [id, granted[at] === true]));
    const joint: Membership = { voters, outgoing, learners: [] };
    fc.pre(quorumVote(joint, of(one)) === "won" && quorumVote(joint, of(two)) === "won");
    const shared = (half: readonly Member[]) => {
      return half.some(({ id }) => of(one).get(id) === true && of(two).get(id) === true);
    };
    deepStrictEqual([shared(voters), shared(outgoing)], [true, true]);
  }));
});

Deno.test("A number that is reached by a quorum is one on which the quorum's vote would win", () => {
  fc.assert(fc.property(someMembers, someMembers, someNumbers, (voters, outgoing, numbers) => {
    const joint: Membership = { voters, outgoing, learners: [] };
    const reached = (id: string) => numbers[NAMES.indexOf(id)] ?? 0;
    const index = quorumReached(joint, reached);
    const votes = (at: number) => new Map(NAMES.map((id) => [id, reached(id) >= at]));
    strictEqual(quorumVote(joint, votes(index)), "won");
    strictEqual(quorumVote(joint, votes(index + 1)), "lost");
  }));
});
