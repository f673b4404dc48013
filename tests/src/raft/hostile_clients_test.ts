/**
 * What a client may send to one node, and what must not bring the node down, nor get into the log.
 *
 * @module
 */

import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import { createNode, inProcess } from "../../../src/raft/mod.ts";
import { mapNode, QUICK, startCluster } from "./nodes.ts";

Deno.test("ConsensusNode.read() fails by itself if the state machine throws, and the node goes on", async () => {
  await using cluster = await startCluster(3);
  const leader = cluster.leader();
  const bad: unknown[] = [
    undefined,
    null,
    5,
    {},
    { kind: "zap", key: "a" },
    { kind: "get" },
    { kind: "get", key: 7 },
    { kind: "range" },
    { kind: "range", range: { gte: 1 } },
    { kind: "range", range: { limit: "all" } },
  ];
  for (const { node } of cluster.nodes) {
    for (const query of bad) {
      for (const options of [{}, { stale: true }]) {
        await rejects(
          node.read(query as never, options),
          { code: "ERR_INVALID_ARGUMENT" },
          JSON.stringify(query),
        );
      }
    }
    strictEqual(node.status().ended, undefined);
  }
  await leader.map.put("a", 1);
  strictEqual(await leader.map.get("a"), 1);
});

Deno.test("ConsensusNode.read() passes on what a state machine throws, as it is", async () => {
  const failure = new Error("of the machine's own");
  const machine = {
    encode: (command: string) => new TextEncoder().encode(command),
    apply: () => null,
    read: () => {
      throw failure;
    },
    save: () => new Uint8Array(),
    restore: () => {},
  };
  const options = { url: "local://a", transport: inProcess(), machine, ...QUICK };
  await using node = createNode(memory(), options);
  await node.ready();
  const others = [node.read("x"), node.read("y"), node.read("z", { stale: true })];
  for (const each of others) await rejects(each, (error) => error === failure);
  await node.propose("still there");
});

Deno.test("KeyValueMachine.encode() lets nothing into the log that is no command", async () => {
  await using one = mapNode("local://a", inProcess());
  await one.node.ready();
  const bad: unknown[] = [
    undefined,
    null,
    5,
    {},
    { kind: "zap", key: "a" },
    { kind: "batch" },
    { kind: "batch", changes: { length: 1 } },
    { kind: "batch", changes: [null] },
    { kind: "batch", changes: [{ kind: "zap", key: "a" }] },
    { kind: "batch", changes: [{ kind: "put", key: "a" }] },
    { kind: "swap", key: "a", value: 1 },
    { kind: "swap", key: "a", expected: "0", value: 1 },
    { kind: "swap", key: "a", expected: -1, value: 1 },
  ];
  const { last } = one.node.status();
  for (const command of bad) {
    await rejects(
      one.node.propose(command as never),
      { code: "ERR_INVALID_ARGUMENT" },
      JSON.stringify(command),
    );
  }
  deepStrictEqual(one.node.status().last, last);
});

Deno.test("ConsensusNode.propose() refuses what is no session's stamp, before anything is sent", async () => {
  await using one = mapNode("local://a", inProcess());
  await one.node.ready();
  const session = await one.node.openSession();
  const command = { kind: "batch", changes: [] } as const;
  const good = { session, sequence: 1, acknowledged: 0 };
  const bad = [
    { ...good, session: 0 },
    { ...good, session: -1 },
    { ...good, session: 1.5 },
    { ...good, session: "1" },
    { ...good, sequence: 0 },
    { ...good, sequence: NaN },
    { ...good, sequence: 2 ** 53 },
    { ...good, acknowledged: -1 },
    { ...good, acknowledged: undefined },
    { ...good, acknowledged: 1 },
    null,
  ];
  const { last } = one.node.status();
  for (const stamp of bad) {
    await rejects(
      one.node.propose(command, { session: stamp as never }),
      { code: "ERR_INVALID_ARGUMENT" },
      JSON.stringify(stamp),
    );
  }
  deepStrictEqual(one.node.status().last, last);
  strictEqual((await one.node.propose(command, { session: good })).isRepeat, false);
});

Deno.test("KeyValueMachine.watch() reports a listener that throws to the host, and the node goes on", async () => {
  await using one = mapNode("local://a", inProcess());
  await one.node.ready();
  const reported: unknown[] = [];
  const report = (event: ErrorEvent): void => {
    event.preventDefault();
    reported.push(event.error);
  };
  globalThis.addEventListener("error", report);
  const failure = new Error("of the listener's own");
  one.map.watch(() => {
    throw failure;
  });
  await one.map.put("a", 1);
  await one.map.put("a", 2);
  await new Promise((resolve) => setTimeout(resolve, 0));
  globalThis.removeEventListener("error", report);
  deepStrictEqual(reported, [failure, failure]);
  strictEqual(one.node.status().ended, undefined);
});

Deno.test("ConsensusNode.events() leaves out what is not wanted, so that it crowds out nothing", async () => {
  await using cluster = await startCluster(3);
  const leader = cluster.leader();
  const events = leader.node.events({
    queueMax: 8,
    except: ["sent", "received", "applied", "closed"],
  });
  await leader.map.put("a", 1);
  await leader.map.put("a", 2);
  const follower = cluster.nodes.find((each) => each !== leader);
  await leader.node.leave(follower?.node.url ?? "");
  await leader.node.close();
  const names: string[] = [];
  for await (const { name } of events) names.push(name);
  strictEqual(names.includes("left"), true, names.join(" "));
  for (const name of ["sent", "received", "applied", "closed"]) {
    strictEqual(names.includes(name), false, name);
  }
});
