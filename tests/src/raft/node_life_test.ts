/**
 * Nodes in one process: how they come, go, stop and come back.
 *
 * @module
 */

import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import { memoryRaftStore } from "../../../adapters/memory/raft.ts";
import {
  inProcess,
  type NodeEvent,
  recoverQuorum,
  RECOVERY_WORDS,
  restoreBackup,
} from "../../../src/raft/mod.ts";
import { crc32 } from "../../../src/raft/checksum.ts";
import { eventually } from "../../support/eventually.ts";
import { mapNode, startCluster } from "./nodes.ts";

Deno.test("ConsensusNode.join() sets a cluster up: a leader, standby nodes, and leave() takes one away", async () => {
  const transport = inProcess();
  await using a = mapNode("local://a", transport);
  await using b = mapNode("local://b", transport, { standby: true, metadata: "of b" });
  await using c = mapNode("local://c", transport, { standby: true });
  const joined: string[] = [];
  a.node.on("joined", ({ url }) => joined.push(url));
  await Promise.all([a.node.ready(), b.node.ready(), c.node.ready()]);
  await a.map.put("before", 1);
  await a.node.join("local://b");
  await a.node.join("local://c", { zone: "x" });
  deepStrictEqual(joined, ["local://b", "local://c"]);
  deepStrictEqual(a.node.peerMeta("local://b"), "of b");
  await eventually("everybody knows", () => {
    return [a, b, c].every(({ node }) =>
      JSON.stringify(node.peerMeta("local://c")) === '{"zone":"x"}' &&
      node.status().membership.voters.length === 3
    );
  });
  strictEqual(await c.map.get("before"), 1);
  await rejects(a.node.join("local://b"), { code: "ERR_ALREADY_MEMBER" });
  await a.node.leave("local://b");
  strictEqual(a.node.status().membership.voters.length, 2);
  // Back again, with the store that it had.
  await a.node.join("local://b", undefined, { standby: true });
  deepStrictEqual(a.node.status().membership.learners.map(({ id }) => id), ["local://b"]);
  await a.node.join("local://b");
  strictEqual(a.node.status().membership.voters.length, 3);
});

Deno.test("ConsensusNode.join() refuses a node of another cluster", async () => {
  const transport = inProcess();
  await using a = mapNode("local://a", transport);
  await using b = mapNode("local://b", transport);
  await using c = mapNode("local://c", transport, { namespace: "other", standby: true });
  await Promise.all([a.node.ready(), b.node.ready(), c.node.ready()]);
  await rejects(a.node.join("local://b"), { code: "ERR_OTHER_CLUSTER" });
  await rejects(a.node.join("local://c"), { code: "ERR_OTHER_CLUSTER" });
});

Deno.test("ConsensusNode.leave() of the leader itself leaves a cluster that works", async () => {
  await using cluster = await startCluster(3);
  const leader = cluster.leader();
  await leader.map.put("a", 1);
  await leader.node.leave(leader.node.url);
  const others = cluster.nodes.filter((each) => each !== leader);
  await eventually(
    "another leads",
    () => others.some(({ node }) => node.status().role === "leader"),
  );
  const next = others.find(({ node }) => node.status().role === "leader");
  strictEqual(await next?.map.get("a"), 1);
  strictEqual(next?.node.status().membership.voters.length, 2);
});

Deno.test("ConsensusNode.transfer() hands leadership over, and close() does it by itself", async () => {
  await using cluster = await startCluster(3);
  const first = cluster.leader();
  const target = cluster.nodes.find((each) => each !== first);
  await first.node.transfer(target!.node.url);
  await eventually("it leads", () => target!.node.status().role === "leader");
  const { term } = target!.node.status();
  await target!.map.put("a", 1);
  await target!.node.close();
  await eventually(
    "another leads",
    () =>
      cluster.nodes.some(({ node }) =>
        node.status().role === "leader" && node.status().term === term + 1
      ),
  );
});

Deno.test("ConsensusNode takes snapshots by count, and brings a late node up by one", async () => {
  const transport = inProcess();
  const compaction = { entries: 50, retained: 10 };
  // What is in memory would be sent from there.
  await using a = mapNode("local://a", transport, { compaction, limits: { heldBytesMax: 1 } });
  await a.node.ready();
  for (let i = 0; i < 200; i++) await a.map.put(`k${i % 20}`, i);
  await eventually("the log is short", () => a.node.status().entries < 100);
  ok(a.node.status().counts.snapshots > 0);
  await using b = mapNode("local://b", transport, { standby: true });
  await b.node.ready();
  await a.node.join("local://b");
  strictEqual(await b.map.get("k19"), 199);
  strictEqual(b.node.status().counts.restores, 1);
  await a.map.put("more", 1);
  strictEqual(await b.map.get("more"), 1);
});

Deno.test("ConsensusNode goes on with what its store has, sessions too", async () => {
  const transport = inProcess();
  const store = memoryRaftStore();
  const first = mapNode("local://a", transport, {}, store);
  await first.node.ready();
  await first.map.put("a", 1);
  const session = await first.node.openSession();
  strictEqual(await first.node.snapshot(), true);
  await first.map.put("b", 2);
  await first.node.close();
  await using again = mapNode("local://a", transport, {}, store);
  await again.node.ready();
  deepStrictEqual([await again.map.get("a"), await again.map.get("b")], [1, 2]);
  const stamp = { session, sequence: 1, acknowledged: 0 };
  await again.node.propose({ kind: "batch", changes: [] }, { session: stamp });
  strictEqual(again.node.status().sessions, 1);
});

Deno.test("ConsensusNode stops loudly when a newer process opens its store", async () => {
  const store = memoryRaftStore();
  await using old = mapNode("local://a", inProcess(), {}, store);
  await old.node.ready();
  const errors: string[] = [];
  old.node.on("error", ({ error }) => errors.push(error.message));
  await using heir = mapNode("local://a", inProcess(), {}, store);
  await heir.node.ready();
  await rejects(old.map.put("a", 1), { code: "ERR_OUTCOME_UNKNOWN" });
  await rejects(old.map.put("a", 1), { code: "ERR_FENCED" });
  ok(errors[0]?.includes("make a new node"), errors[0]);
  strictEqual(old.node.status().ended, "fenced");
  await rejects(old.map.get("a"), { code: "ERR_FENCED" });
  await heir.map.put("a", 2);
});

Deno.test("ConsensusNode whose store was lost says how to come back, and comes back so", async () => {
  await using cluster = await startCluster(3);
  const leader = cluster.leader();
  await leader.map.put("a", 1);
  const lost = cluster.nodes.find((each) => each !== leader)!;
  const url = lost.node.url;
  await lost.store.forget({ namespace: "raft", id: url });
  await eventually("it stops", async () => {
    await leader.map.put("b", 1);
    return lost.node.status().ended === "regressed";
  });
  await rejects(lost.map.get("a"), { code: "ERR_STORE_REGRESSED" });
  await lost.node.close();
  await using back = mapNode(url, cluster.transport, { standby: true }, lost.store);
  await back.node.ready();
  await cluster.leader().node.join(url);
  strictEqual(cluster.leader().node.status().membership.voters.length, 3);
  strictEqual(await back.map.get("a"), 1);
});

Deno.test("ConsensusNode.events() gives every event in order, and says what was missed", async () => {
  await using one = mapNode("local://a", inProcess());
  const seen: string[] = [];
  const following = (async () => {
    for await (const { name } of one.node.events()) seen.push(name);
  })();
  await one.node.ready();
  await one.map.put("a", 1);
  await one.node.close();
  await following;
  deepStrictEqual(seen.slice(0, 1), ["loaded"]);
  for (const name of ["role", "leader", "ready", "persisted", "applied", "stopped"]) {
    ok(seen.includes(name), name);
  }
  strictEqual(seen.at(-1), "closed");

  await using slow = mapNode("local://b", inProcess());
  const events: NodeEvent[] = [];
  let missed = 0;
  const feed = slow.node.events({ queueMax: 3 });
  await slow.node.ready();
  for (let i = 0; i < 20; i++) await slow.map.put("a", i);
  await slow.node.close();
  for await (const each of feed) {
    if (each.name === "missed") missed += each.event.count;
    else events.push(each);
  }
  strictEqual(events.length, 3);
  ok(missed > 20);
});

Deno.test("ConsensusNode.backup() comes back as a new cluster, and not if a bit is wrong", async () => {
  const transport = inProcess();
  await using a = mapNode("local://a", transport);
  await a.node.ready();
  for (let i = 0; i < 50; i++) await a.map.put(`k${i}`, "x".repeat(20_000));
  const progress: number[] = [];
  const file = await bytesOf(a.node.backup({
    onProgress: ({ doneBytes, totalBytes }) => progress.push(doneBytes / totalBytes),
  }));
  ok(progress.length > 1 && progress.at(-1) === 1);

  const store = memoryRaftStore();
  const backend = { ...memory(), raft: store };
  const options = { url: "local://b" };
  for (const at of [0, 10, 200, file.length - 1]) {
    const wrong = file.slice();
    wrong[at] = (wrong[at] ?? 0) ^ 1;
    await rejects(restoreBackup(backend, streamOf(wrong), options), { code: "ERR_CHECKSUM" });
  }
  await rejects(restoreBackup(backend, streamOf(file.slice(0, -1)), options), {
    code: "ERR_CHECKSUM",
  });
  // What somebody made, checksum and all, and what is no state yet.
  for (
    const [name, value] of [["index", 0], ["index", -1], ["term", 0], ["timeMs", -1], [
      "version",
      2,
    ]] as const
  ) {
    const lineEnd = file.indexOf(10);
    const header = {
      ...JSON.parse(new TextDecoder().decode(file.subarray(0, lineEnd))),
      [name]: value,
    };
    const head = new TextEncoder().encode(JSON.stringify(header));
    const made = new Uint8Array([...head, ...file.subarray(lineEnd)]);
    new DataView(made.buffer).setUint32(made.length - 4, crc32(made.subarray(0, -4)));
    await rejects(restoreBackup(backend, streamOf(made), options), { code: "ERR_MALFORMED" }, name);
  }
  await using standby = mapNode("local://s", transport, { standby: true });
  await standby.node.ready();
  throws(() => standby.node.backup(), { code: "ERR_UNAVAILABLE" });
  const restored = await restoreBackup(backend, streamOf(file), options);
  strictEqual(restored.index, a.node.status().applied);
  await rejects(restoreBackup(backend, streamOf(file), options), { code: "ERR_EXISTS" });
  await using b = mapNode("local://b", transport, {}, store);
  await b.node.ready();
  strictEqual(await b.map.get("k49"), "x".repeat(20_000));
  await b.map.put("new", 1);
});

Deno.test("recoverQuorum() lets one node go on alone, if one says the words", async () => {
  const cluster = await startCluster(3);
  await cluster.leader().map.put("a", 1);
  const survivor = cluster.nodes.find((each) => each !== cluster.leader())!;
  await eventually("it has it", () => survivor.node.status().applied >= 3);
  await cluster[Symbol.asyncDispose]();
  const backend = { ...memory(), raft: survivor.store };
  const { url } = survivor.node;
  await rejects(recoverQuorum(backend, { url, iKnowThat: "yes" }), { code: "ERR_INVALID_OPTION" });
  await rejects(
    recoverQuorum({ ...memory(), raft: memoryRaftStore() }, { url, iKnowThat: RECOVERY_WORDS }),
    { code: "ERR_NOT_FOUND" },
  );
  const { dropped, term } = await recoverQuorum(backend, { url, iKnowThat: RECOVERY_WORDS });
  strictEqual(dropped.length, 2);
  await using alone = mapNode(url, inProcess(), {}, survivor.store);
  await alone.node.ready();
  ok(alone.node.status().term >= term);
  strictEqual(await alone.map.get("a"), 1);
  await alone.map.put("b", 2);
});

async function bytesOf(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return ReadableStream.from([bytes.subarray(0, 100), bytes.subarray(100)]);
}
