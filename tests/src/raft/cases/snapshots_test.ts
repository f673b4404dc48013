/** Bugs that others had, about snapshots, compaction and restarts. */

import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import type { InstallSnapshot, Message, SnapshotMeta } from "../../../../src/raft/core/mod.ts";
import { Cluster } from "../cluster.ts";
import { type Body, entriesAfter, Lone, only } from "../lone.ts";

const VOTERS = ["n1", "n2", "n3"].map((id) => ({ id, incarnation: 1 }));

function snapshotAt(index: number, term: number): SnapshotMeta {
  return { index, term, timeMs: 0, membership: { voters: VOTERS, outgoing: [], learners: [] } };
}

function piece(
  snapshot: SnapshotMeta,
  offset: number,
  data: readonly number[],
  isLast = false,
): Body {
  return {
    kind: "installSnapshot",
    term: 5,
    snapshot,
    offset,
    data: Uint8Array.from(data),
    isLast,
  };
}

/** n1 leads, n3 was away for so long that it needs a snapshot, whose pieces hold two bytes. */
function laggingCluster(content: readonly number[] = [1, 2, 3, 4, 5]): Cluster {
  const cluster = new Cluster(["n1", "n2", "n3"], {
    config: { limits: { snapshotChunkBytes: 2, heldBytesMax: 1 } },
  });
  cluster.elect("n1");
  cluster.isolate("n3");
  for (const command of ["a", "b", "c"]) {
    cluster.propose("n1", command);
    cluster.settle();
  }
  cluster.compact("n1", content);
  cluster.heal();
  return cluster;
}

Deno.test("Case 59: a snapshot whose index lies in a conflicting log replaces it, and replication goes on", () => {
  const n3 = new Lone({ terms: [1, 1, 4, 4] });
  n3.hear("n2", piece(snapshotAt(4, 5), 0, [1], true));
  deepStrictEqual([n3.status.base, n3.terms], [{ index: 4, term: 5 }, []]);
  const answers = n3.hear("n2", {
    kind: "appendEntries",
    term: 5,
    prev: { index: 4, term: 5 },
    entries: entriesAfter(4, 5),
    commit: 4,
  });
  deepStrictEqual(only(answers, "appended").map(({ match }) => match), [5]);
});

Deno.test("A save before an installation does not say that more is committed than its log has", () => {
  const n3 = new Lone();
  n3.tick();
  n3.block();
  n3.hear("n2", piece(snapshotAt(42, 4), 0, [1], true));
  const saved = n3.cluster.node("n1").writes.map((write) =>
    write.kind === "save" ? write.commit : write.kind
  );
  deepStrictEqual(saved, [1, "stage", "install"]);
});

Deno.test("Case 61: a snapshot of what is committed here is not installed, but answered", () => {
  const n3 = new Lone({ terms: [1, 1, 1], commit: 3 });
  const answers = n3.hear("n2", piece(snapshotAt(2, 1), 0, [1], true));
  deepStrictEqual(only(answers, "appended").map(({ match }) => match), [3]);
  deepStrictEqual([n3.terms, n3.cluster.node("n1").store.state.snapshot], [[1, 1, 1], undefined]);
});

Deno.test("Case 63: pieces of two snapshots never mix, and gaps and doubles do no harm", () => {
  const n3 = new Lone();
  const a = snapshotAt(8, 3);
  const b = snapshotAt(9, 4);
  const wanted: number[] = [];
  const hear = (body: Body) => {
    for (const { offset } of only(n3.hear("n2", body), "snapshotProgress")) wanted.push(offset);
  };
  hear(piece(a, 0, [1, 1]));
  hear(piece(b, 2, [2, 2])); // Another snapshot's piece: from the beginning, please.
  hear(piece(b, 0, [2, 2]));
  hear(piece(b, 0, [2, 2])); // Doubled: go on at 2.
  hear(piece(b, 4, [2], true)); // A gap: go on at 2.
  hear(piece(a, 2, [1, 1], true)); // Of the one that was given up.
  deepStrictEqual(n3.cluster.node("n1").store.state.snapshot, undefined);
  hear(piece(b, 0, [2, 2]));
  hear(piece(b, 2, [2, 2]));
  hear(piece(b, 4, [2], true));
  const { state, content } = n3.cluster.node("n1").store;
  deepStrictEqual([state.snapshot?.index, content], [9, [2, 2, 2, 2, 2]]);
  deepStrictEqual(wanted, [2, 0, 2, 2, 2, 0, 2, 4, 5]);
});

Deno.test("Case 63: another leader's snapshot of the same index is another one", () => {
  const n3 = new Lone();
  n3.hear("n2", piece(snapshotAt(8, 3), 0, [1, 1]));
  const [answer] = only(
    n3.hear("n3", { ...piece(snapshotAt(8, 3), 2, [2, 2], true), term: 6 }),
    "snapshotProgress",
  );
  strictEqual(answer?.offset, 0);
});

Deno.test("Case 65: a snapshot has the term of its last entry, not the leader's", () => {
  const cluster = new Cluster(["n1", "n2", "n3"]);
  cluster.elect("n1");
  cluster.propose("n1", "a");
  cluster.settle();
  cluster.elect("n2");
  strictEqual(cluster.node("n2").core.describeSnapshot(3).term, 2);
});

Deno.test("A snapshot goes in pieces, each asked for when the one before is stored", () => {
  const cluster = laggingCluster();
  const offsets: number[] = [];
  for (let i = 0; i < 4; i++) {
    cluster.tick("n1");
    cluster.settle((message) => {
      if (message.kind === "installSnapshot") offsets.push(message.offset);
      return true;
    });
  }
  deepStrictEqual(offsets, [0, 2, 4]);
  deepStrictEqual(cluster.node("n3").store.content, [1, 2, 3, 4, 5]);
  strictEqual(
    cluster.node("n1").core.status().peers.find(({ id }) => id === "n3")?.kind,
    "replicate",
  );
});

Deno.test("A transfer goes on where it stopped when a piece is lost", () => {
  const cluster = laggingCluster();
  const sent: InstallSnapshot[] = [];
  const isPiece = (message: Message): message is InstallSnapshot =>
    message.kind === "installSnapshot";
  for (let i = 0; i < 15; i++) {
    for (const id of cluster.nodes.keys()) cluster.tick(id);
    cluster.settle((message) => !isPiece(message) || message.offset !== 2 || sent.length > 0);
    sent.push(...cluster.lose(isPiece).filter(isPiece));
  }
  deepStrictEqual(sent.map(({ offset }) => offset), [2]);
  deepStrictEqual(cluster.node("n3").store.content, [1, 2, 3, 4, 5]);
});

Deno.test("Case 67: while a snapshot is read or installed for long, heartbeats go on and nothing is sent again", () => {
  const cluster = laggingCluster([1]);
  cluster.block("n3");
  let sentBytes = 0;
  for (let i = 0; i < 60; i++) {
    for (const id of cluster.nodes.keys()) cluster.tick(id);
    cluster.settle((message) => {
      if (message.kind === "installSnapshot") sentBytes += message.data.length;
      return true;
    });
  }
  const { role, leader } = cluster.node("n3").core.status();
  deepStrictEqual([sentBytes, role, leader], [1, "follower", "n1"]);
  cluster.unblock("n3");
  cluster.run(3);
  deepStrictEqual(cluster.node("n3").store.content, [1]);
});

Deno.test("The state machine is restored once the snapshot is stored, and gets only what follows it", () => {
  const cluster = laggingCluster();
  cluster.run(5);
  cluster.propose("n1", "d");
  cluster.settle();
  deepStrictEqual(cluster.node("n3").commands, ["d"]);
});

Deno.test("A follower that needs what was compacted meanwhile gets the newer snapshot", () => {
  const cluster = laggingCluster([1, 1, 1]);
  cluster.tick("n1");
  cluster.settle((message) => message.kind !== "snapshotProgress");
  cluster.propose("n1", "d");
  cluster.settle((message) => message.kind !== "snapshotProgress");
  cluster.compact("n1", [2, 2, 2]);
  cluster.run(15);
  deepStrictEqual(cluster.node("n3").store.content, [2, 2, 2]);
});

Deno.test("A node that was compacted answers no later for what its own snapshot overtook", () => {
  const n1 = new Lone({ terms: [1, 1, 1], commit: 3 });
  n1.tick();
  n1.hear("n2", piece(snapshotAt(9, 4), 0, [1], true));
  n1.cluster.step("n1", {
    kind: "compacted",
    snapshot: snapshotAt(3, 1),
    base: { index: 3, term: 1 },
  });
  deepStrictEqual([n1.status.base, n1.status.dropped.stale], [{ index: 9, term: 4 }, 1]);
});

Deno.test("Case 69: after a restart of all nodes everything is there, and indexes go on", () => {
  const cluster = new Cluster(["n1", "n2", "n3"]);
  cluster.elect("n1");
  const commands = Array.from({ length: 10 }, (_, at) => `c${at}`);
  for (const command of commands) cluster.propose("n1", command);
  cluster.settle();
  for (const id of cluster.nodes.keys()) {
    cluster.crash(id);
    cluster.restart(id);
  }
  cluster.elect("n2");
  deepStrictEqual(cluster.node("n3").commands, commands);
  deepStrictEqual(cluster.propose("n2", "more"), { kind: "accepted", index: 14, term: 3 });
});

Deno.test("A witness gets a snapshot without content", () => {
  const cluster = new Cluster([]);
  const bootstrap = [...VOTERS.slice(0, 2), { id: "w", incarnation: 1, isWitness: true }];
  const limits = { heldBytesMax: 1 };
  for (const id of ["n1", "n2"]) cluster.add(id, { bootstrap, limits });
  cluster.add("w", { bootstrap, isWitness: true });
  cluster.elect("n1");
  cluster.isolate("w");
  for (const command of ["a", "b"]) {
    cluster.propose("n1", command);
    cluster.settle();
  }
  cluster.compact("n1", [1, 2, 3]);
  cluster.heal();
  cluster.run(3);
  deepStrictEqual(
    [cluster.node("w").store.state.snapshot?.index, cluster.node("w").store.content],
    [4, []],
  );
});

Deno.test("RaftNode.describeSnapshot() describes only what was handed out and is in memory", () => {
  const n1 = new Lone({ terms: [1, 1, 1], commit: 2 });
  n1.tick();
  const { core } = n1.cluster.node("n1");
  deepStrictEqual(core.describeSnapshot(2), snapshotAt(2, 1));
  for (const index of [0, 3, 4, 1.5]) {
    throws(() => core.describeSnapshot(index), { code: "ERR_INVALID_ARGUMENT" });
  }
});
