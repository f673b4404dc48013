/** Bugs that others had, about replication and commitment. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { Cluster } from "../cluster.ts";
import { disk, entriesAfter, kinds, Lone, only } from "../lone.ts";

const FIVE = ["n1", "n2", "n3", "n4", "n5"];

Deno.test("Case 17: figure 8, an entry of an earlier term on a majority is not committed, and may be overwritten", () => {
  const cluster = new Cluster([]);
  const logs: Readonly<Record<string, readonly number[]>> = {
    n1: [1, 2],
    n2: [1, 2],
    n3: [1],
    n4: [1],
    n5: [1, 3],
  };
  for (const id of FIVE) {
    cluster.add(id, {}, disk({ terms: logs[id] ?? [], term: 3, voters: FIVE }));
  }
  cluster.isolate("n5");
  // n1 wins term 4. Its own entry reaches nobody; the one of term 2 reaches n3, and so a majority.
  cluster.tick("n1", 10);
  cluster.settle((message) => message.kind !== "appendEntries");
  cluster.lose();
  const address = { cluster: "test", from: "n1", fromIncarnation: 1, to: "n3", toIncarnation: 1 };
  const prev = { index: 1, term: 1 };
  const body = { isToVoter: true, term: 4, prev, entries: entriesAfter(1, 2), commit: 1 };
  cluster.deliver({ kind: "appendEntries", ...address, ...body });
  cluster.settle((message) => message.kind === "appended");
  const { last, commit } = cluster.node("n1").core.status();
  deepStrictEqual([cluster.terms("n3"), last, commit], [[1, 2], { index: 3, term: 4 }, 1]);
  // n1 crashes; n5 wins term 5 and overwrites the entry.
  cluster.crash("n1");
  cluster.lose();
  cluster.heal();
  cluster.elect("n5");
  deepStrictEqual(["n2", "n3", "n4"].map((id) => cluster.terms(id)), [[1, 3, 5], [1, 3, 5], [
    1,
    3,
    5,
  ]]);
});

Deno.test("Case 17: once an entry of its own term is on a majority, everything before is committed for good", () => {
  const n1 = new Lone({ terms: [1, 2], voters: FIVE });
  n1.lead("n2", "n3");
  n1.acknowledge(2, "n2", "n3");
  strictEqual(n1.status.commit, 1);
  n1.acknowledge(3, "n2", "n3");
  strictEqual(n1.status.commit, 3);
});

Deno.test("Case 19: a conflict removes the whole suffix", () => {
  const n2 = new Lone({ terms: [1, 1, 1, 2, 2] });
  n2.hear("n2", {
    kind: "appendEntries",
    term: 3,
    prev: { index: 3, term: 1 },
    entries: entriesAfter(3, 3),
    commit: 1,
  });
  deepStrictEqual(n2.terms, [1, 1, 1, 3]);
});

Deno.test("Case 21: the commit index is not taken beyond what the message proves", () => {
  const n2 = new Lone({ terms: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1] });
  n2.hear("n2", {
    kind: "appendEntries",
    term: 2,
    prev: { index: 9, term: 1 },
    entries: [],
    commit: 11,
  });
  strictEqual(n2.status.commit, 9);
});

Deno.test("Case 23: a heartbeat does not say that more is committed than the follower has", () => {
  const n1 = new Lone({ terms: [1, 1, 1] });
  n1.lead("n2");
  n1.acknowledge(4, "n2");
  n1.acknowledge(2, "n3");
  const beats = only(n1.tick(), "heartbeat").map(({ to, committed }) => [to, committed.index]);
  deepStrictEqual(beats, [["n2", 4], ["n3", 2]]);
});

Deno.test("Case 23: a follower compares the term of what is said to be committed", () => {
  const n1 = new Lone({ terms: [1, 2] });
  n1.hear("n2", {
    kind: "heartbeat",
    term: 3,
    committed: { index: 2, term: 3 },
    match: 2,
    round: 1,
  });
  strictEqual(n1.status.commit, 1);
});

Deno.test("Case 25: a new leader's blank entry counts here only when it is stored here", () => {
  const n1 = new Lone();
  n1.tick(10);
  n1.hear("n2", { kind: "preVote", term: 2, isGranted: true });
  n1.block();
  n1.hear("n2", { kind: "vote", term: 2, isGranted: true });
  n1.acknowledge(2, "n2");
  strictEqual(n1.status.commit, 1);
  n1.unblock();
  strictEqual(n1.status.commit, 2);
});

Deno.test("Case 27: writes that are reported out of order count up to the last", () => {
  const n1 = new Lone({ voters: ["n1"] });
  n1.tick();
  n1.block();
  n1.propose("a");
  n1.propose("b");
  const [first, second] = n1.cluster.node("n1").writes.map(({ sequence }) => sequence);
  n1.cluster.step("n1", { kind: "stored", sequence: second ?? 0 });
  strictEqual(n1.status.commit, 4);
  n1.cluster.step("n1", { kind: "stored", sequence: first ?? 0 });
  deepStrictEqual([n1.status.commit, n1.status.dropped.stale], [4, 1]);
});

Deno.test("Case 29: an acknowledgement of an earlier life of a node's store is not counted", () => {
  const n1 = new Lone({ learners: ["n4"] });
  n1.lead("n2");
  n1.acknowledge(2, "n2", "n3", "n4");
  n1.cluster.change("n1", ["n1", "n2", "n3"], [{ id: "n4", incarnation: 2 }]);
  n1.acknowledge(3, "n2");
  n1.acknowledge(3, "n4");
  const peer = n1.status.peers.find(({ id }) => id === "n4");
  deepStrictEqual([peer?.match, n1.status.dropped.incarnation], [0, 1]);
});

Deno.test("Case 31: many divergent entries cost a question for each term, not for each entry", () => {
  const common = Array.from({ length: 10 }, () => 1);
  const spread = (from: number) =>
    Array.from({ length: 1000 }, (_, at) => from + 2 * Math.floor(at / 20));
  const cluster = new Cluster([]);
  cluster.add("n1", {}, disk({ terms: [...common, ...spread(3)], term: 110 }));
  cluster.add("n2", {}, disk({ terms: [...common, ...spread(3)], term: 110 }));
  cluster.add("n3", {}, disk({ terms: [...common, ...spread(2)], term: 110 }));
  cluster.isolate("n3");
  cluster.elect("n1");
  cluster.heal();
  let questions = 0;
  for (let tick = 0; tick < 3; tick++) {
    cluster.tick("n1");
    cluster.settle((message) => {
      if (message.kind === "appendRefused") questions++;
      return true;
    });
  }
  deepStrictEqual(cluster.terms("n3"), cluster.terms("n1"));
  strictEqual(questions <= 52, true, `${questions} questions`);
});

Deno.test("Case 31: the search is short too where the leader's entries are not in memory", () => {
  const ones = Array.from({ length: 1000 }, () => 1);
  const store = disk({ terms: [...ones, ...ones.map(() => 3)], term: 4, commit: 2000 });
  const cluster = new Cluster([]);
  const limits = { heldBytesMax: 64 };
  cluster.add("n1", { limits }, store);
  cluster.add("n2", {}, disk({ terms: [...ones, ...ones.map(() => 3)], term: 4, commit: 2000 }));
  cluster.add("n3", {}, disk({ terms: [...ones, ...ones.map(() => 2)], term: 4 }));
  cluster.tick("n1");
  cluster.isolate("n3");
  cluster.elect("n1");
  cluster.heal();
  let questions = 0;
  for (let tick = 0; tick < 3; tick++) {
    cluster.tick("n1");
    cluster.settle((message) => {
      if (message.kind === "appendRefused") questions++;
      return true;
    });
  }
  deepStrictEqual(cluster.terms("n3"), cluster.terms("n1"));
  strictEqual(questions <= 15, true, `${questions} questions`);
});

Deno.test("Case 33: everything that was on its way is lost at a full window, and a heartbeat gets it going", () => {
  const cluster = new Cluster(["n1", "n2", "n3"], {
    config: { limits: { inflightMessagesMax: 3 } },
  });
  cluster.elect("n1");
  for (const command of ["a", "b", "c", "d", "e"]) cluster.propose("n1", command);
  deepStrictEqual(cluster.lose((message) => message.to === "n3").length, 3);
  cluster.settle();
  cluster.run(1);
  deepStrictEqual(cluster.terms("n3"), cluster.terms("n1"));
  deepStrictEqual(cluster.node("n3").commands, ["a", "b", "c", "d", "e"]);
});

Deno.test("The window is bounded by messages and by bytes", () => {
  const limits = { inflightMessagesMax: 4, inflightBytesMax: 100, messageEntriesMax: 1 };
  const n1 = new Lone({}, { limits });
  n1.lead("n2");
  n1.acknowledge(2, "n2", "n3");
  n1.propose(..."abcdefgh");
  const bytes = only(n1.sent(), "appendEntries").filter(({ to }) => to === "n2");
  deepStrictEqual([bytes.length, n1.status.peers[0]?.inflightBytes], [4, 132]);
});

Deno.test("A message holds at most its bound of entries and of bytes, but always one", () => {
  const n1 = new Lone({}, { limits: { messageEntriesMax: 3, messageBytesMax: 100 } });
  n1.lead("n2");
  n1.acknowledge(2, "n2");
  n1.propose("a", "b", "c", "d", "x".repeat(500), "e");
  const sizes = only(n1.sent(), "appendEntries").filter(({ to }) => to === "n2");
  deepStrictEqual(sizes.map(({ entries }) => entries.length), [3, 1, 1, 1]);
});

Deno.test("Case 35: without a quorum proposals are refused at the bound, and the log stays within it", () => {
  const cluster = new Cluster(["n1", "n2", "n3"], {
    config: { limits: { uncommittedBytesMax: 10_000 } },
  });
  cluster.elect("n1");
  for (const id of ["n2", "n3"]) cluster.isolate(id);
  const command = "x".repeat(1000);
  let accepted = 0;
  for (let i = 0; i < 1000; i++) {
    if (cluster.propose("n1", command)?.kind === "accepted") accepted++;
  }
  strictEqual(accepted, 9);
  deepStrictEqual(cluster.propose("n1", command), {
    kind: "refused",
    reason: "full",
    leader: "n1",
  });
  cluster.heal();
  cluster.run(3);
  deepStrictEqual([cluster.node("n1").core.status().uncommittedBytes, cluster.terms("n3").length], [
    0,
    11,
  ]);
  strictEqual(cluster.propose("n1", command)?.kind, "accepted");
});

Deno.test("Case 37: a proposal whose index another leader took is lost, and is not proposed again", () => {
  const cluster = new Cluster(["n1", "n2", "n3"]);
  cluster.elect("n1");
  cluster.isolate("n1");
  const answer = cluster.propose("n1", "lost");
  deepStrictEqual(answer, { kind: "accepted", index: 3, term: 2 });
  cluster.run(40);
  cluster.propose(cluster.leader() ?? "", "other");
  cluster.settle();
  cluster.heal();
  cluster.run(5);
  const at3 = cluster.node("n1").applied.find(({ index }) => index === 3);
  strictEqual(at3?.term !== 2, true);
  deepStrictEqual(cluster.node("n1").commands, ["other"]);
});

Deno.test("A proposal is all or none", () => {
  const n1 = new Lone({}, { limits: { commandBytesMax: 4 } });
  n1.lead("n2");
  deepStrictEqual(n1.cluster.propose("n1", "fits", "too large"), {
    kind: "refused",
    reason: "badCommand",
    leader: "n1",
  });
  deepStrictEqual(n1.cluster.propose("n1"), {
    kind: "refused",
    reason: "badCommand",
    leader: "n1",
  });
  strictEqual(n1.status.last.index, 2);
});

Deno.test("A follower names the leader when it refuses a proposal", () => {
  const n1 = new Lone();
  n1.hear("n2", {
    kind: "heartbeat",
    term: 2,
    committed: { index: 0, term: 0 },
    match: 0,
    round: 1,
  });
  deepStrictEqual(n1.cluster.propose("n1", "x"), {
    kind: "refused",
    reason: "notLeader",
    leader: "n2",
  });
});

Deno.test("Several writes are under way at once, and what each attests leaves with it", () => {
  const n1 = new Lone();
  n1.block();
  n1.hear("n2", {
    kind: "appendEntries",
    term: 2,
    prev: { index: 1, term: 1 },
    entries: entriesAfter(1, 2),
    commit: 1,
  });
  n1.hear("n2", {
    kind: "appendEntries",
    term: 2,
    prev: { index: 2, term: 2 },
    entries: entriesAfter(2, 2),
    commit: 1,
  });
  deepStrictEqual(n1.cluster.node("n1").waiting.map(({ sequence }) => sequence), [1, 2]);
  deepStrictEqual(only(n1.unblock(), "appended").map(({ match }) => match), [2, 3]);
});

Deno.test("An acknowledgement waits for the write of entries that came before, even if it brings none", () => {
  const n1 = new Lone();
  n1.block();
  const append = {
    kind: "appendEntries",
    term: 2,
    prev: { index: 1, term: 1 },
    entries: entriesAfter(1, 2),
    commit: 1,
  } as const;
  n1.hear("n2", append);
  deepStrictEqual(n1.hear("n2", append), []);
  deepStrictEqual(kinds(n1.unblock()), ["appended>n2", "appended>n2"]);
});

Deno.test("A write that another leader's entries overtook does not make them durable", () => {
  const n1 = new Lone();
  n1.block();
  n1.hear("n2", {
    kind: "appendEntries",
    term: 2,
    prev: { index: 1, term: 1 },
    entries: entriesAfter(1, 2, 2),
    commit: 1,
  });
  n1.hear("n3", {
    kind: "appendEntries",
    term: 3,
    prev: { index: 1, term: 1 },
    entries: entriesAfter(1, 3, 3, 3),
    commit: 4,
  });
  n1.cluster.step("n1", { kind: "stored", sequence: 1 });
  deepStrictEqual([n1.status.stored, n1.status.commit, n1.cluster.node("n1").applied.length], [
    1,
    4,
    1,
  ]);
});

Deno.test("Entries that are not in memory any more come from the store", () => {
  const cluster = new Cluster(["n1", "n2", "n3"], { config: { limits: { heldBytesMax: 200 } } });
  cluster.elect("n1");
  cluster.isolate("n3");
  for (let i = 0; i < 50; i++) {
    cluster.propose("n1", `command ${i}`);
    cluster.settle();
  }
  cluster.heal();
  cluster.run(3);
  deepStrictEqual(cluster.node("n3").commands, cluster.node("n1").commands);
});

Deno.test("The log's time never goes back, whatever the leaders' clocks say", () => {
  const cluster = new Cluster(["n1"]);
  for (const timeMs of [5_000, 9_000, 2_000, 10_000]) {
    cluster.step("n1", { kind: "tick", nowMs: 0, timeMs });
    cluster.propose("n1", "x");
  }
  const times = cluster.node("n1").applied.filter(({ kind }) => kind === "command").map((
    { timeMs },
  ) => timeMs);
  deepStrictEqual(times, [5_000, 9_000, 9_000, 10_000]);
});
