/**
 * One test for each sentence that states a rule, named by its section: replication and safety (§5.3 to §5.5, figure 2).
 * "§" is Ongaro and Ousterhout, "In Search of an
 * Understandable Consensus Algorithm" (2014, extended version).
 */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { Cluster } from "../cluster.ts";
import { entriesAfter, kinds, Lone, only } from "../lone.ts";

Deno.test("§5.3 the leader appends the command to its log and sends it to each of the others in parallel", () => {
  const n1 = new Lone();
  n1.lead("n2");
  n1.acknowledge(2, "n2", "n3");
  n1.propose("x");
  const sent = only(n1.sent(), "appendEntries");
  deepStrictEqual(sent.map(({ to, prev, entries }) => [to, prev.index, entries.length]), [[
    "n2",
    2,
    1,
  ], ["n3", 2, 1]]);
});

Deno.test("§5.3 the leader retries AppendEntries until all followers have stored all entries", () => {
  const cluster = new Cluster(["n1", "n2", "n3"]);
  cluster.elect("n1");
  cluster.propose("n1", "x");
  cluster.lose((message) => message.to === "n3");
  cluster.settle();
  cluster.run(3);
  deepStrictEqual(cluster.terms("n3"), cluster.terms("n1"));
});

Deno.test("§5.3 an entry is committed once the leader that created it has it on a majority", () => {
  const n1 = new Lone({ voters: ["n1", "n2", "n3", "n4", "n5"] });
  n1.lead("n2", "n3");
  n1.acknowledge(2, "n2");
  strictEqual(n1.status.commit, 1);
  n1.acknowledge(2, "n3");
  strictEqual(n1.status.commit, 2);
});

Deno.test("§5.3 committing an entry commits all before it, also those of earlier leaders", () => {
  const n1 = new Lone({ terms: [1, 1, 1, 2] });
  n1.lead("n2");
  n1.acknowledge(5, "n2");
  deepStrictEqual(n1.cluster.node("n1").commands, ["2@1", "3@1", "4@2"]);
});

Deno.test("§5.3 the leader includes the highest committed index in AppendEntries, also in heartbeats", () => {
  const n1 = new Lone();
  n1.lead("n2");
  n1.acknowledge(2, "n2", "n3");
  n1.propose("x");
  deepStrictEqual(only(n1.sent(), "appendEntries").map(({ commit }) => commit), [2, 2]);
  n1.acknowledge(3, "n2", "n3");
  deepStrictEqual(only(n1.tick(), "heartbeat").map(({ committed }) => committed.index), [3, 3]);
});

Deno.test("§5.3 a follower that learns that an entry is committed applies it, in log order", () => {
  const n1 = new Lone({ terms: [1, 1, 1] });
  n1.hear("n2", {
    kind: "heartbeat",
    term: 1,
    committed: { index: 3, term: 1 },
    match: 3,
    round: 1,
  });
  deepStrictEqual(n1.cluster.node("n1").applied.map(({ index }) => index), [1, 2, 3]);
});

Deno.test("§5.3 a follower refuses entries if it has no entry with the preceding index and term", () => {
  const n1 = new Lone({ terms: [1, 1, 2] });
  for (const prev of [{ index: 3, term: 3 }, { index: 5, term: 3 }]) {
    const answers = n1.hear("n2", {
      kind: "appendEntries",
      term: 3,
      prev,
      entries: entriesAfter(prev.index, 3),
      commit: 1,
    });
    deepStrictEqual(kinds(answers), ["appendRefused>n2"]);
  }
  deepStrictEqual(n1.terms, [1, 1, 2]);
});

Deno.test("§5.3 conflicting entries in followers' logs are overwritten with the leader's", () => {
  const n1 = new Lone({ terms: [1, 1, 2, 2, 2] });
  n1.hear("n2", {
    kind: "appendEntries",
    term: 4,
    prev: { index: 2, term: 1 },
    entries: entriesAfter(2, 3, 4),
    commit: 2,
  });
  deepStrictEqual(n1.terms, [1, 1, 3, 4]);
});

Deno.test("§5.3 a new leader takes its peers' next index from just after its own last entry", () => {
  const n1 = new Lone({ terms: [1, 1, 1] });
  deepStrictEqual(only(n1.lead("n2"), "appendEntries").map(({ prev }) => prev.index), [3, 3]);
});

Deno.test("§5.3 after a rejection the leader lowers next index and retries", () => {
  const n1 = new Lone({ terms: [1, 2, 2, 2] });
  n1.lead("n2");
  const sent = n1.hear("n3", {
    kind: "appendRefused",
    term: 3,
    refused: 4,
    hint: { index: 1, term: 1 },
  });
  const [retry] = only(sent, "appendEntries");
  deepStrictEqual([retry?.prev.index, retry?.entries.length], [1, 4]);
});

Deno.test("§5.3 a leader never overwrites or deletes entries in its own log", () => {
  const n1 = new Lone({ terms: [1, 1] });
  n1.lead("n2");
  const { term } = n1.status;
  n1.hear("n3", {
    kind: "appendEntries",
    term,
    prev: { index: 1, term: 1 },
    entries: entriesAfter(1, term),
    commit: 1,
  });
  deepStrictEqual([n1.status.role, n1.terms, n1.status.dropped.impossible], [
    "leader",
    [1, 1, 2],
    1,
  ]);
});

Deno.test("§5.4.1 the voter denies its vote if its own log is more up-to-date than the candidate's", () => {
  const table = [
    { last: { index: 9, term: 2 }, isGranted: false },
    { last: { index: 2, term: 3 }, isGranted: false },
    { last: { index: 3, term: 3 }, isGranted: true },
    { last: { index: 2, term: 4 }, isGranted: true },
  ];
  for (const { last, isGranted } of table) {
    const n1 = new Lone({ terms: [1, 3, 3] });
    const [answer] = n1.hear("n2", {
      kind: "requestVote",
      term: 5,
      last,
      isTransfer: false,
    });
    strictEqual(answer?.kind === "vote" && answer.isGranted, isGranted);
  }
});

Deno.test("§5.4.2 entries of earlier terms are not committed by counting replicas", () => {
  const n1 = new Lone({ terms: [1, 2, 2], commit: 1 });
  n1.lead("n2");
  n1.acknowledge(3, "n2", "n3");
  strictEqual(n1.status.commit, 1);
  n1.acknowledge(4, "n2");
  strictEqual(n1.status.commit, 4);
});

Deno.test("§5.5 a request that a follower gets a second time does no harm", () => {
  const n1 = new Lone({ terms: [1] });
  const first = {
    kind: "appendEntries",
    term: 2,
    prev: { index: 1, term: 1 },
    entries: entriesAfter(1, 2),
    commit: 1,
  } as const;
  n1.hear("n2", first);
  n1.hear("n2", { ...first, prev: { index: 2, term: 2 }, entries: entriesAfter(2, 2, 2) });
  const again = only(n1.hear("n2", first), "appended");
  deepStrictEqual([n1.terms, again.map(({ match }) => match)], [[1, 2, 2, 2], [2]]);
});

Deno.test("Figure 2: term, vote and log are on stable storage before a request is answered", () => {
  const n1 = new Lone();
  n1.block();
  const vote = {
    kind: "requestVote",
    term: 2,
    last: { index: 1, term: 1 },
    isTransfer: false,
  } as const;
  deepStrictEqual(n1.hear("n2", vote), []);
  deepStrictEqual(kinds(n1.unblock()), ["vote>n2"]);
  n1.block();
  const append = {
    kind: "appendEntries",
    term: 2,
    prev: { index: 1, term: 1 },
    entries: entriesAfter(1, 2),
    commit: 1,
  } as const;
  deepStrictEqual(n1.hear("n2", append), []);
  deepStrictEqual(kinds(n1.unblock()), ["appended>n2"]);
});

Deno.test("Figure 2: the commit index becomes min(leaderCommit, index of last new entry)", () => {
  const n1 = new Lone({ terms: [1, 1, 1] });
  n1.hear("n2", {
    kind: "appendEntries",
    term: 2,
    prev: { index: 2, term: 1 },
    entries: [],
    commit: 9,
  });
  strictEqual(n1.status.commit, 2);
});

Deno.test("Figure 2: voting resets the election timer, refusing does not", () => {
  const n1 = new Lone({ terms: [1, 2] });
  n1.tick(9);
  n1.hear("n2", {
    kind: "requestVote",
    term: 3,
    last: { index: 1, term: 1 },
    isTransfer: false,
  });
  n1.hear("n3", {
    kind: "requestVote",
    term: 3,
    last: { index: 2, term: 2 },
    isTransfer: false,
  });
  n1.tick(9);
  strictEqual(n1.status.role, "follower");
  n1.tick();
  strictEqual(n1.status.role, "preCandidate");
});
