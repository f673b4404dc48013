/**
 * Nodes and their stores: what happens while one is away, slow, or gone, and how large a log may grow.
 *
 * @module
 */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import { memoryRaftStore } from "../../../adapters/memory/raft.ts";
import { CompactionMeter } from "../../../src/raft/compaction.ts";
import { HoldfastError } from "../../../src/errors.ts";
import { createNode, inProcess, keyValueMachine } from "../../../src/raft/mod.ts";
import { eventually } from "../../support/eventually.ts";
import { mapNode, QUICK, startCluster } from "./nodes.ts";

Deno.test("ConsensusNode whose store is away steps down, and comes back without help", async () => {
  const transport = inProcess();
  const cluster = ["local://1", "local://2", "local://3"];
  const stores = cluster.map(() => memoryRaftStore());
  const nodes = cluster.map((url, at) => mapNode(url, transport, { cluster }, stores[at]));
  await using stack = new AsyncDisposableStack();
  for (const node of nodes) stack.use(node);
  await Promise.all(nodes.map(({ node }) => node.ready()));
  const at = nodes.findIndex(({ node }) => node.status().role === "leader");
  const [leader, store] = [nodes[at]!, stores[at]!];
  await leader.map.put("a", 1);
  store.hold();
  const waiting = leader.map.put("b", 1, { timeout: 20_000 });
  await eventually("another leads", () => {
    return nodes.some((each) => each !== leader && each.node.status().role === "leader");
  });
  store.sync();
  const next = nodes.find((each) => each !== leader && each.node.status().role === "leader")!;
  await next.map.put("c", 1);
  // The others had it, so it is there; or it is certain that it is not.
  await waiting.then(
    async () => strictEqual(await next.map.get("b"), 1),
    (error) => ok(["ERR_DISPLACED", "ERR_OUTCOME_UNKNOWN"].includes(error.code), error.code),
  );
  strictEqual(await leader.map.get("c"), 1);
});

Deno.test("ConsensusNode.ready() ends in time while the store is away, and the node goes on", async () => {
  const { raft, ...rest } = memory();
  const away = new HoldfastError("ERR_UNAVAILABLE", "Cannot reach it");
  let isAway = true;
  const open: typeof raft.open = (...call) => isAway ? Promise.reject(away) : raft.open(...call);
  const [transport, machine] = [inProcess(), keyValueMachine()];
  const backend = { ...rest, raft: { ...raft, open } };
  await using node = createNode(backend, { url: "local://a", transport, machine });
  const late = await node.ready({ timeout: 50 }).catch((error) => error);
  deepStrictEqual([late.code, late.cause], ["ERR_UNAVAILABLE", away]);
  const reason = new Error("Not any more");
  const stop = new AbortController();
  const waiting = rejects(node.ready({ signal: stop.signal }), reason);
  stop.abort(reason);
  await waiting;
  isAway = false;
  await eventually("it is ready", () => node.ready({ timeout: 50 }).then(() => true, () => false));
});

Deno.test("ConsensusNode tries again what its store lost in a crash, and says nothing before", async () => {
  const store = memoryRaftStore();
  await using one = mapNode("local://a", inProcess(), {}, store);
  await one.node.ready();
  const warnings: unknown[] = [];
  one.node.on("warning", ({ error }) => warnings.push(error));
  store.hold();
  let isDone = false;
  const putting = one.map.put("a", 1).then(() => isDone = true);
  await eventually(
    "it is on its way",
    () => one.node.status().stored < one.node.status().last.index,
  );
  store.crash();
  strictEqual(isDone, false);
  await putting;
  ok(warnings.length > 0);
  strictEqual(await one.map.get("a"), 1);
});

Deno.test("ConsensusNode refuses proposals beyond its bound while nobody confirms them", async () => {
  await using cluster = await startCluster(3, { limits: { uncommittedBytesMax: 50_000 } });
  const leader = cluster.leader();
  cluster.transport.filter(() => false);
  const outcomes = await Promise.all(
    Array.from(
      { length: 100 },
      (_, at) =>
        leader.map.put(`k${at}`, "x".repeat(1_000), { timeout: 100 }).catch(({ code }) => code),
    ),
  );
  ok(outcomes.includes("ERR_LIMIT"), JSON.stringify(outcomes));
  ok(leader.node.status().uncommittedBytes <= 50_000);
  cluster.transport.filter(() => true);
  await eventually(
    "it goes on",
    () => cluster.nodes.some(({ node }) => node.status().role === "leader"),
  );
  await cluster.leader().map.put("after", 1);
});

Deno.test("a whole cluster that restarts has everything that it acknowledged", async () => {
  const transport = inProcess();
  const cluster = ["local://1", "local://2", "local://3"];
  const stores = cluster.map(() => memoryRaftStore());
  const start = async () => {
    const nodes = cluster.map((url, at) => mapNode(url, transport, { cluster }, stores[at]));
    await Promise.all(nodes.map(({ node }) => node.ready()));
    const leader = nodes.find(({ node }) => node.status().role === "leader")!;
    return { leader, stop: () => Promise.all(nodes.map(({ node }) => node.close({ timeout: 0 }))) };
  };
  const first = await start();
  for (let i = 0; i < 10; i++) await first.leader.map.put(`k${i}`, i);
  const { last } = first.leader.node.status();
  await first.stop();
  const again = await start();
  for (let i = 0; i < 10; i++) strictEqual(await again.leader.map.get(`k${i}`), i);
  ok(again.leader.node.status().last.index > last.index);
  await again.stop();
});

Deno.test("a witness helps two nodes to decide, and keeps no commands", async () => {
  const transport = inProcess();
  const cluster = ["local://1", "local://2", { url: "local://w", isWitness: true }];
  await using stack = new AsyncDisposableStack();
  const nodes = ["local://1", "local://2"].map((url) =>
    stack.use(mapNode(url, transport, { cluster }))
  );
  const witness = stack.use(mapNode("local://w", transport, { cluster, witness: true }));
  await Promise.all([...nodes, witness].map(({ node }) => node.ready()));
  const leader = nodes.find(({ node }) => node.status().role === "leader")!;
  const other = nodes.find((each) => each !== leader)!;
  await other.node.close({ timeout: 0 });
  await leader.map.put("a", 1);
  strictEqual(await leader.map.get("a"), 1);
  const entries = await witness.store.entries({ namespace: "raft", id: "local://w" }, {
    from: 1,
    to: 100,
    bytesMax: 1_000_000,
  });
  ok(entries.some(({ kind }) => kind === "witnessed"));
  ok(entries.every(({ kind }) => kind !== "command"));
  await rejects(witness.map.get("a", { timeout: 1_000 }));
});

Deno.test("CompactionMeter is due by count, by bytes and by age", () => {
  const bounds = { entries: 100, bytes: 10_000, ageMs: 1_000, retained: 50 };
  const byCount = new CompactionMeter(bounds);
  for (let i = 0; i < 99; i++) byCount.applied(1, 0);
  deepStrictEqual([byCount.isDue(0), byCount.retained()], [false, 50]);
  byCount.applied(1, 0);
  strictEqual(byCount.isDue(0), true);
  const byBytes = new CompactionMeter(bounds);
  byBytes.applied(9_999, 0);
  strictEqual(byBytes.isDue(0), false);
  byBytes.applied(1, 0);
  // What is kept behind a snapshot is bounded by bytes as well.
  deepStrictEqual([byBytes.isDue(0), byBytes.retained()], [true, 0]);
  const byAge = new CompactionMeter(bounds);
  strictEqual(byAge.isDue(1e9), false);
  byAge.applied(1, 5_000);
  deepStrictEqual([byAge.isDue(5_999), byAge.isDue(6_000)], [false, true]);
  byAge.reset();
  strictEqual(byAge.isDue(1e9), false);
});

Deno.test("ConsensusNode stops and says so if its state machine throws", async () => {
  const transport = inProcess();
  const machine = {
    encode: (command: string) => new TextEncoder().encode(command),
    apply: () => {
      throw new Error("a defect of the machine");
    },
    read: () => null,
    save: () => new Uint8Array(),
    restore: () => {},
  };
  const url = "local://a";
  await using node = createNode(memory(), { url, transport, machine, ...QUICK });
  await node.ready();
  const errors: unknown[] = [];
  node.on("error", ({ error }) => errors.push(error.cause));
  await rejects(node.propose("x"), { code: "ERR_OUTCOME_UNKNOWN" });
  await rejects(node.propose("x"), { code: "ERR_INVARIANT" });
  strictEqual(errors.length, 1);
});
