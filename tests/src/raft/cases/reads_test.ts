/** Bugs that others had, about reads. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { Cluster } from "../cluster.ts";
import { kinds, Lone, only } from "../lone.ts";

const LEASE = { isStoreExclusive: true, leaseReads: { tickMs: 100, driftMax: 0.1 } };

Deno.test("Case 39: a leader that is cut off confirms no read", () => {
  const cluster = new Cluster(["n1", "n2", "n3"]);
  cluster.elect("n1");
  cluster.isolate("n1");
  cluster.step("n1", { kind: "read", id: 7 });
  cluster.run(50);
  deepStrictEqual(cluster.node("n1").reads, [{ kind: "failed", id: 7, reason: "notLeader" }]);
});

Deno.test("Case 41: an answer to an earlier round confirms no later read", () => {
  const n1 = new Lone({}, { isStoreExclusive: true });
  n1.lead("n2");
  n1.acknowledge(2, "n2");
  n1.cluster.step("n1", { kind: "read", id: 1 });
  n1.hear("n2", { kind: "heartbeatHeard", term: 2, round: 1 });
  n1.cluster.step("n1", { kind: "read", id: 2 });
  n1.hear("n2", { kind: "heartbeatHeard", term: 2, round: 1 });
  n1.hear("n3", { kind: "heartbeatHeard", term: 2, round: 1 });
  deepStrictEqual(n1.cluster.node("n1").reads.map(({ id }) => id), [1]);
  n1.hear("n3", { kind: "heartbeatHeard", term: 2, round: 2 });
  deepStrictEqual(n1.cluster.node("n1").reads.map(({ id }) => id), [1, 2]);
});

Deno.test("Case 41: an answer to a round of an earlier term confirms nothing", () => {
  const n1 = new Lone({}, { isStoreExclusive: true });
  n1.lead("n2");
  n1.acknowledge(2, "n2");
  n1.tick(20);
  n1.lead("n2");
  n1.acknowledge(3, "n2");
  n1.cluster.step("n1", { kind: "read", id: 1 });
  n1.hear("n2", { kind: "heartbeatHeard", term: 2, round: 1 });
  deepStrictEqual(n1.cluster.node("n1").reads, []);
});

Deno.test("Case 41: each attempt of a follower has a number of its own, also after a restart", () => {
  const attempts = new Set<number>();
  const n1 = new Lone();
  for (const start of [0.1, 0.2]) {
    n1.cluster.restart("n1", {
      random: { bytes: (length) => new Uint8Array(length), float: () => start },
    });
    n1.hear("n2", {
      kind: "heartbeat",
      term: 2,
      committed: { index: 0, term: 0 },
      match: 0,
      round: 1,
    });
    for (const id of [1, 2, 3]) n1.cluster.step("n1", { kind: "read", id });
    for (const { attempt } of only(n1.sent(), "requestReadIndex")) attempts.add(attempt);
  }
  strictEqual(attempts.size, 6);
});

Deno.test("Case 41: a follower takes the answer to an attempt once, and only of its leader", () => {
  const n1 = new Lone();
  n1.hear("n2", {
    kind: "heartbeat",
    term: 2,
    committed: { index: 0, term: 0 },
    match: 0,
    round: 1,
  });
  n1.cluster.step("n1", { kind: "read", id: 7 });
  const [asked] = only(n1.sent(), "requestReadIndex");
  const answer = { kind: "readIndex", term: 2, attempt: asked?.attempt ?? 0, index: 5 } as const;
  n1.hear("n3", answer);
  n1.hear("n2", answer);
  n1.hear("n2", answer);
  deepStrictEqual(n1.cluster.node("n1").reads, [{
    kind: "ready",
    id: 7,
    index: 5,
    validUntilMs: Infinity,
  }]);
});

Deno.test("Case 43: a lease read says until when it is valid, so that a pause after it is found out", () => {
  const cluster = new Cluster(["n1", "n2", "n3"], { config: LEASE });
  cluster.run(12);
  const { nowMs } = cluster;
  cluster.step("n1", { kind: "read", id: 7 });
  const [read] = cluster.node("n1").reads;
  // Nine ticks of 100 ms, less a tenth, from when the last confirmed round began.
  strictEqual(read?.kind === "ready" && read.validUntilMs <= nowMs + 810, true);
  strictEqual(read?.kind === "ready" && read.validUntilMs > nowMs, true);
});

Deno.test("Case 43: after a pause a leader reads by a round again", () => {
  const cluster = new Cluster(["n1", "n2", "n3"], { config: LEASE });
  cluster.run(12);
  cluster.nowMs += 5_000;
  cluster.tick("n1");
  cluster.lose();
  cluster.step("n1", { kind: "read", id: 7 });
  deepStrictEqual(cluster.node("n1").reads, []);
});

Deno.test("Case 43: without a drift bound there are no lease reads", () => {
  const config = { ...LEASE, leaseReads: { tickMs: 100, driftMax: 0 } };
  const cluster = new Cluster(["n1", "n2", "n3"], { config });
  cluster.elect("n1");
  cluster.run(2);
  cluster.step("n1", { kind: "read", id: 7 });
  deepStrictEqual(cluster.node("n1").reads, []);
});

Deno.test("A leader that once asked another to campaign has no lease any more, even if nothing came of it", () => {
  const cluster = new Cluster(["n1", "n2", "n3"], { config: LEASE });
  cluster.run(12);
  cluster.step("n1", { kind: "transfer", to: "n2" });
  const late = cluster.lose((message) => message.kind === "timeoutNow");
  cluster.run(15);
  cluster.step("n1", { kind: "read", id: 7 });
  deepStrictEqual(cluster.node("n1").reads, []);
  for (const message of late) cluster.deliver(message);
  cluster.settle();
  strictEqual(cluster.leader(), "n2");
});

Deno.test("A node that has just started gives no vote where leases are in use, for it may have promised one", () => {
  const n1 = new Lone({}, LEASE);
  const ask = {
    kind: "requestVote",
    term: 5,
    last: { index: 9, term: 4 },
    isTransfer: false,
  } as const;
  deepStrictEqual([n1.hear("n2", ask), n1.status.dropped.sticky], [[], 1]);
  n1.tick(9);
  deepStrictEqual(n1.hear("n2", ask), []);
  n1.tick();
  strictEqual(only(n1.hear("n2", ask), "vote")[0]?.isGranted, true);
});

Deno.test("Case 45: after a restart a read waits for what a quorum confirms, not for the commit hint", () => {
  const cluster = new Cluster(["n1", "n2", "n3"]);
  cluster.elect("n1");
  for (const command of ["a", "b", "c"]) cluster.propose("n1", command);
  cluster.settle();
  const { store } = cluster.node("n2");
  store.state = { ...store.state, commit: 3 };
  cluster.crash("n2");
  cluster.restart("n2");
  cluster.run(1);
  cluster.step("n2", { kind: "read", id: 7 });
  cluster.settle();
  deepStrictEqual(cluster.node("n2").reads, [{
    kind: "ready",
    id: 7,
    index: 5,
    validUntilMs: Infinity,
  }]);
  strictEqual(cluster.node("n2").core.status().applied, 5);
});

Deno.test("Reads that come during a round share the next one", () => {
  const n1 = new Lone({}, { isStoreExclusive: true });
  n1.lead("n2");
  n1.acknowledge(2, "n2", "n3");
  for (let id = 1; id <= 100; id++) n1.cluster.step("n1", { kind: "read", id });
  strictEqual(only(n1.sent(), "heartbeat").length, 2);
  const next = only(n1.hear("n2", { kind: "heartbeatHeard", term: 2, round: 1 }), "heartbeat");
  deepStrictEqual([n1.cluster.node("n1").reads.length, next.length], [1, 2]);
  n1.hear("n2", { kind: "heartbeatHeard", term: 2, round: 2 });
  strictEqual(n1.cluster.node("n1").reads.length, 100);
});

Deno.test("A leader counts itself for a read only once its store has shown that it is still its own", () => {
  const n1 = new Lone();
  n1.lead("n2");
  n1.acknowledge(2, "n2");
  n1.block();
  n1.cluster.step("n1", { kind: "read", id: 7 });
  n1.hear("n2", { kind: "heartbeatHeard", term: 2, round: 1 });
  deepStrictEqual(n1.cluster.node("n1").reads, []);
  deepStrictEqual(
    n1.cluster.node("n1").writes.map((write) => write.kind === "save" && write.append),
    [undefined],
  );
  n1.unblock();
  deepStrictEqual(n1.cluster.node("n1").reads.map(({ kind }) => kind), ["ready"]);
});

Deno.test("An idle leader writes nothing", () => {
  const n1 = new Lone();
  n1.lead("n2");
  n1.acknowledge(2, "n2");
  n1.block();
  for (let i = 0; i < 9; i++) n1.tick();
  deepStrictEqual(n1.cluster.node("n1").writes, []);
});

Deno.test("A follower's read that the leader does not answer fails after an election timeout", () => {
  const n1 = new Lone();
  const beat = {
    kind: "heartbeat",
    term: 2,
    committed: { index: 0, term: 0 },
    match: 0,
    round: 1,
  } as const;
  n1.hear("n2", beat);
  n1.cluster.step("n1", { kind: "read", id: 7 });
  for (let i = 0; i < 10; i++) {
    n1.tick();
    n1.hear("n2", beat);
  }
  deepStrictEqual(n1.cluster.node("n1").reads, [{ kind: "failed", id: 7, reason: "unconfirmed" }]);
});

Deno.test("A read fails at once where no leader is known, and on a witness", () => {
  const n1 = new Lone();
  n1.cluster.step("n1", { kind: "read", id: 7 });
  deepStrictEqual(n1.cluster.node("n1").reads, [{ kind: "failed", id: 7, reason: "notLeader" }]);
  const bootstrap = [{ id: "a", incarnation: 1 }, { id: "w", incarnation: 1, isWitness: true }];
  n1.cluster.add("w", { bootstrap, isWitness: true });
  n1.cluster.step("w", { kind: "read", id: 8 });
  deepStrictEqual(n1.cluster.node("w").reads, [{ kind: "failed", id: 8, reason: "badTarget" }]);
});

Deno.test("Waiting reads are bounded", () => {
  const n1 = new Lone({}, { limits: { readsMax: 2 } });
  n1.lead("n2");
  n1.acknowledge(2, "n2");
  for (const id of [1, 2, 3]) n1.cluster.step("n1", { kind: "read", id });
  deepStrictEqual(n1.cluster.node("n1").reads, [{ kind: "failed", id: 3, reason: "full" }]);
});

Deno.test("A node that does not lead tells a follower so, instead of letting it wait", () => {
  const n1 = new Lone();
  const [answer] = only(
    n1.hear("n2", { kind: "requestReadIndex", term: 1, attempt: 9 }),
    "readIndex",
  );
  deepStrictEqual([answer?.attempt, answer?.index], [9, 0]);
  deepStrictEqual(kinds(n1.hear("n9", { kind: "requestReadIndex", term: 1, attempt: 9 })), []);
});
