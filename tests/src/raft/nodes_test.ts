/**
 * Nodes in one process: what their face promises.
 *
 * @module
 */

import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import { memoryRaftStore } from "../../../adapters/memory/raft.ts";
import {
  createNode,
  inProcess,
  keyValueMachine,
  type NodeEvent,
  NotLeaderError,
  recoverQuorum,
  RECOVERY_WORDS,
  restoreBackup,
} from "../../../src/raft/mod.ts";
import { eventually } from "../../support/eventually.ts";
import { mapNode, QUICK, startCluster } from "./nodes.ts";

Deno.test("createNode() does nothing before ready()", async () => {
  const store = memoryRaftStore();
  const { node } = mapNode("local://a", inProcess(), {}, store);
  strictEqual(node.status().term, 0);
  await rejects(node.propose({ kind: "batch", changes: [] }), { code: "ERR_UNAVAILABLE" });
  await node.close();
  await rejects(node.ready(), { code: "ERR_CLOSED" });
});

Deno.test("ConsensusNode alone leads at once, and takes commands", async () => {
  await using one = mapNode("local://a", inProcess());
  await one.node.ready();
  strictEqual(one.node.status().role, "leader");
  const version = await one.map.put("a", { n: 1 });
  deepStrictEqual(await one.map.entry("a"), { key: "a", value: { n: 1 }, version });
  strictEqual(await one.map.swap("a", version, 2) > version, true);
  await rejects(one.map.swap("a", version, 3), { code: "ERR_CONFLICT" });
  await one.map.del("a");
  strictEqual(await one.map.get("a"), undefined);
  strictEqual(await one.map.swap("a", 0, null) > 0, true);
});

Deno.test("ConsensusNode of three applies on every node what one of them took", async () => {
  await using cluster = await startCluster(3);
  const leader = cluster.leader();
  const versions = await Promise.all(
    Array.from({ length: 300 }, (_, at) => leader.map.put(`k${String(at).padStart(3, "0")}`, at)),
  );
  strictEqual(new Set(versions).size, 300);
  for (const { map } of cluster.nodes) strictEqual(await map.get("k299"), 299);
  const keys: string[] = [];
  for await (const { key } of cluster.nodes[0]!.map.range({ gte: "k010", lt: "k290" })) {
    keys.push(key);
  }
  deepStrictEqual([keys.length, keys[0], keys.at(-1)], [280, "k010", "k289"]);
});

Deno.test("ConsensusNode.propose() on a follower names the leader", async () => {
  await using cluster = await startCluster(3);
  const leader = cluster.leader();
  const follower = cluster.nodes.find((each) => each !== leader);
  await rejects(
    follower!.map.put("a", 1),
    (error: unknown) =>
      error instanceof NotLeaderError && error.code === "ERR_NOT_LEADER" &&
      error.leader === leader.node.url,
  );
});

Deno.test("ConsensusNode.propose() that times out is unknown, and not tried again", async () => {
  await using cluster = await startCluster(3);
  const leader = cluster.leader();
  cluster.transport.filter(() => false);
  const { term } = leader.node.status();
  await rejects(leader.map.put("a", 1, { timeout: 50 }), { code: "ERR_OUTCOME_UNKNOWN" });
  const { last } = leader.node.status();
  cluster.transport.filter(() => true);
  await eventually("somebody leads again", () => {
    return cluster.nodes.some(({ node }) => node.status().role === "leader");
  });
  await cluster.leader().map.put("b", 1);
  const puts = cluster.leader().node.status();
  ok(puts.term > term || puts.last.index === last.index + 1);
});

Deno.test("ConsensusNode.propose() in a session has one effect however often it comes", async () => {
  await using one = mapNode("local://a", inProcess());
  await one.node.ready();
  const session = await one.node.openSession();
  const stamp = { session, sequence: 1, acknowledged: 0 };
  const swap = { kind: "swap", key: "a", expected: 0, value: 1 } as const;
  const first = await one.node.propose(swap, { session: stamp });
  const again = await one.node.propose(swap, { session: stamp });
  deepStrictEqual([first.reply, first.isRepeat], [{ done: true, version: first.index }, false]);
  deepStrictEqual([again.reply, again.isRepeat], [first.reply, true]);
  await one.node.propose(swap, { session: { session, sequence: 2, acknowledged: 1 } });
  await rejects(one.node.propose(swap, { session: stamp }), { code: "ERR_REPLY_GONE" });
  await rejects(one.node.propose(swap, { session: { ...stamp, session: 99 } }), {
    code: "ERR_SESSION_EXPIRED",
  });
});

Deno.test("ConsensusNode refuses what cannot be, each with its code", async () => {
  await using one = mapNode("local://a", inProcess(), { metadata: { zone: 1 } });
  await one.node.ready();
  const { node, map } = one;
  await rejects(map.put("a", "x".repeat(1024 * 1024)), {
    code: "ERR_TOO_LARGE",
    name: "LimitError",
  });
  await rejects(map.put("", 1), { code: "ERR_INVALID_KEY" });
  await rejects(map.put("\ud800", 1), { code: "ERR_INVALID_KEY" });
  await rejects(node.join("http://b"), { code: "ERR_UNSUPPORTED_PROTOCOL" });
  await rejects(node.join("no url"), { code: "ERR_INVALID_ARGUMENT" });
  await rejects(node.join("local://a"), { code: "ERR_ALREADY_MEMBER" });
  await rejects(node.join("local://nobody", undefined, { timeout: 50 }), {
    code: "ERR_UNAVAILABLE",
  });
  await rejects(node.leave("local://b"), { code: "ERR_NOT_MEMBER" });
  await rejects(node.leave("local://a"), { code: "ERR_LAST_MEMBER" });
  await rejects(node.transfer("local://b"), { code: "ERR_INVALID_ARGUMENT" });
  deepStrictEqual(node.peerMeta("local://a"), { zone: 1 });
  strictEqual(node.peerMeta("local://b"), undefined);
  const stop = new AbortController();
  stop.abort(new Error("enough"));
  await rejects(map.put("a", 1, { signal: stop.signal }), /enough/);
  await rejects(map.get("a", { signal: stop.signal }), /enough/);
  await map.put("__proto__", 1);
  strictEqual(await map.get("__proto__"), 1);
  strictEqual(await map.get("constructor"), undefined);
});

Deno.test("createNode() refuses options that cannot work", () => {
  const good = { url: "local://a", transport: inProcess(), machine: keyValueMachine() };
  const bad: [object, string][] = [
    [{ ...good, url: "tcp://a:1" }, "ERR_UNSUPPORTED_PROTOCOL"],
    [{ ...good, url: "a" }, "ERR_INVALID_ARGUMENT"],
    [{ ...good, cluster: ["local://b"] }, "ERR_INVALID_OPTION"],
    [{ ...good, cluster: ["local://a"], standby: true }, "ERR_INVALID_OPTION"],
    [{ ...good, heartbeat: 0 }, "ERR_INVALID_OPTION"],
    [{ ...good, electionTimeout: 100, heartbeat: 50 }, "ERR_INVALID_OPTION"],
    [{ ...good, namespace: "" }, "ERR_INVALID_OPTION"],
    [{ ...good, transport: undefined }, "ERR_INVALID_OPTION"],
    [{ ...good, machine: {} }, "ERR_INVALID_OPTION"],
    [{ ...good, nameSpace: "x" }, "ERR_INVALID_OPTION"],
    [{ ...good, compaction: { entries: 0 } }, "ERR_INVALID_OPTION"],
    [{ ...good, sessions: { sessionsMax: 0 } }, "ERR_INVALID_OPTION"],
  ];
  for (const [options, code] of bad) {
    throws(() => createNode(memory(), options as typeof good), { code });
  }
  throws(() => createNode({} as never, good), { code: "ERR_INVALID_ARGUMENT" });
});

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
  await using a = mapNode("local://a", transport, { compaction });
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

Deno.test("ConsensusNode reads nothing while no majority confirms the leader, but what is stale", async () => {
  await using cluster = await startCluster(3);
  const leader = cluster.leader();
  await leader.map.put("a", 1);
  cluster.transport.filter(({ from, to }) => from !== leader.node.url && to !== leader.node.url);
  const query = { kind: "get", key: "a" } as const;
  await rejects(leader.node.read(query, { timeout: 100 }));
  const stale = await leader.node.read(query, { stale: true });
  strictEqual(stale.answer[0]?.value, 1);
  cluster.transport.filter(() => true);
});

Deno.test("ConsensusNode.read() with minIndex reads one's own writes on any node", async () => {
  await using cluster = await startCluster(3);
  const { index } = await cluster.leader().node.propose({
    kind: "batch",
    changes: [{ kind: "put", key: "a", value: 1 }],
  });
  for (const { node } of cluster.nodes) {
    const read = await node.read({ kind: "get", key: "a" }, { minIndex: index });
    ok(read.index >= index);
    strictEqual(read.answer[0]?.value, 1);
  }
  const late = cluster.nodes[0]!.node.read({ kind: "get", key: "a" }, {
    minIndex: index + 1_000,
    timeout: 30,
  });
  await rejects(late, { code: "ERR_TIMEOUT" });
});

Deno.test("ConsensusNode that is idle writes nothing", async () => {
  await using cluster = await startCluster(3);
  await cluster.leader().map.put("a", 1);
  await eventually(
    "all have it",
    () => cluster.nodes.every(({ node }) => node.status().applied === node.status().last.index),
  );
  const before = cluster.nodes.map(({ node }) => node.status().counts.persisted);
  const { received } = cluster.nodes[0]!.node.status().transport!;
  await eventually(
    "heartbeats went by",
    () =>
      cluster.nodes[0]!.node.status().transport!.received > received + 10 ||
      cluster.nodes[0]!.node.status().transport!.sent > received + 20,
  );
  deepStrictEqual(cluster.nodes.map(({ node }) => node.status().counts.persisted), before);
});

Deno.test("KeyValueMachine.watch() tells every change in order", async () => {
  const machine = keyValueMachine();
  const transport = inProcess();
  await using node = createNode(memory(), { url: "local://a", transport, machine, ...QUICK });
  await node.ready();
  const seen: string[] = [];
  const end = machine.watch((event) => seen.push(`${event?.kind} ${event?.key}`));
  const changes = [
    { kind: "put", key: "a", value: 1 },
    { kind: "put", key: "b", value: 1 },
    { kind: "del", key: "a" },
  ] as const;
  await node.propose({ kind: "batch", changes });
  end();
  await node.propose({ kind: "batch", changes });
  deepStrictEqual(seen, ["put a", "put b", "del a"]);
});

async function bytesOf(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return ReadableStream.from([bytes.subarray(0, 100), bytes.subarray(100)]);
}
