/**
 * Nodes in one process: proposals, reads, and what bad input gets.
 *
 * @module
 */

import {
  deepStrictEqual,
  notDeepStrictEqual,
  ok,
  rejects,
  strictEqual,
  throws,
} from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import { memoryRaftStore } from "../../../adapters/memory/raft.ts";
import { createNode, inProcess, keyValueMachine, NotLeaderError } from "../../../src/raft/mod.ts";
import { seededRandom } from "../../../src/random.ts";
import { manualClock } from "../../contracts/manual_clock.ts";
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
  await rejects(node.join("local://b", "x".repeat(5_000)), { code: "ERR_TOO_LARGE" });
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
    [{ ...good, cluster: ["local://a"], metadata: { zone: 1 } }, "ERR_INVALID_OPTION"],
    [{ ...good, cluster: [{ url: "local://a", meta: 1 }], metadata: 2 }, "ERR_INVALID_OPTION"],
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

Deno.test("createNode() tells of first members what cluster says, and metadata may say it again", async () => {
  const cluster = [{ url: "local://a", meta: { zone: 1 } }];
  await using one = mapNode("local://a", inProcess(), { cluster, metadata: { zone: 1 } });
  await one.node.ready();
  deepStrictEqual(one.node.peerMeta("local://a"), { zone: 1 });
});

Deno.test("inProcess() delays and loses messages as it was told, by the nodes' clock and dice", async () => {
  const [clock, random] = [manualClock(), seededRandom(7)];
  const transport = inProcess({ delay: [1, 5], loss: 0.25 });
  const got: number[] = [];
  const open = (url: string) =>
    transport.open({
      url,
      cluster: "raft",
      clock,
      random,
      receive: (message) => got.push(message.kind === "identify" ? message.question : -1),
      unreachable: () => {},
      happened: () => {},
    });
  const [one, two] = [await open("local://1"), await open("local://2")];
  const send = (question: number) =>
    one.send({ kind: "identify", cluster: "raft", from: "local://1", to: "local://2", question });
  for (let question = 0; question < 100; question++) send(question);
  await clock.advance(0.9);
  strictEqual(got.length, 0);
  await clock.advance(4.1);
  const { sent, dropped } = one.counters();
  strictEqual(sent + dropped, 100);
  ok(dropped > 10 && dropped < 50);
  strictEqual(got.length, sent);
  notDeepStrictEqual(got, got.toSorted((a, b) => a - b));
  send(100);
  await one.close(); // and what is on its way is lost
  await clock.advance(5);
  strictEqual(got.includes(100), false);
  await two.close();
});

Deno.test("inProcess() refuses options that cannot work", () => {
  for (const options of [{ loss: 2 }, { delay: "soon" }, { delay: [5, 1] }, { latency: 1 }]) {
    throws(() => inProcess(options as never), { code: "ERR_INVALID_OPTION" });
  }
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
