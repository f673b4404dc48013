import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { once } from "node:events";
import { Skiff, SkiffError, type SkiffOptions } from "../../../adapters/skiff/mod.ts";
import { inProcess } from "../../../src/raft/mod.ts";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/process.ts";
import { callingTransport } from "../../support/skiff_transport.ts";
import { CALM } from "./calm.ts";

/** A node by itself. */
async function alone(options: SkiffOptions = {}): Promise<Skiff> {
  const node = new Skiff("local://a", { ...CALM, transport: inProcess(), ...options });
  await node.open();
  return node;
}

Deno.test("Skiff puts, gets, removes and batches, by promises", async () => {
  await using node = await alone();
  await node.put("a", { n: 1 });
  deepStrictEqual(await node.get("a"), { n: 1 });
  await node.batch([{ key: "b", value: 2 }, { type: "del", key: "a" }, {
    type: "put",
    key: "c",
    value: 3,
  }]);
  const missing = await node.get("a").catch((error) => error);
  ok(missing instanceof SkiffError && missing.notFound);
  strictEqual(missing.code, "ENOTFOUND");
  await node.del("b");
  await node.command({ key: "__proto__", value: "x" }, { timeout: 5_000 });
  strictEqual(await node.get("__proto__"), "x");
  strictEqual(await node.get("c"), 3);
});

Deno.test("Skiff answers callbacks, with an error first", async () => {
  await using node = await alone();
  const called = <Value>(
    call: (callback: (error: Error | null, value?: Value) => void) => unknown,
  ) =>
    new Promise<[Error | null, Value | undefined]>((resolve) =>
      call((error, value) => resolve([error, value]))
    );
  strictEqual((await called((callback) => node.put("a", 1, callback)))[0], null);
  deepStrictEqual(await called((callback) => node.get("a", callback)), [null, 1]);
  strictEqual(
    (await called((callback) => node.batch([{ key: "b", value: 2 }], callback)))[0],
    null,
  );
  strictEqual(
    (await called((callback) => node.command({ key: "c", value: 3 }, {}, callback)))[0],
    null,
  );
  strictEqual((await called((callback) => node.del("a", callback)))[0], null);
  const [missing] = await called((callback) => node.get("a", callback));
  ok(missing instanceof SkiffError);
  const [refused] = await called((callback) => node.leave("local://b", callback));
  strictEqual(Object(refused).code, "ERR_NOT_MEMBER");
  deepStrictEqual(await called((callback) => node.peerMeta("local://b", callback)), [
    null,
    undefined,
  ]);
  strictEqual((await called((callback) => node.listen(callback)))[0], null);
  strictEqual((await called((callback) => node.close(callback)))[0], null);
});

Deno.test("Skiff streams ranges in order, and takes a stream of operations", async () => {
  await using node = await alone();
  const writing = node.createWriteStream();
  for (const key of ["d", "b", "a", "c", "e"]) writing.write({ key, value: key.toUpperCase() });
  writing.end({ type: "del", key: "e" });
  await once(writing, "finish");
  const all = async (range = {}) => await Array.fromAsync(node.createReadStream(range));
  deepStrictEqual(await all({ gte: "b", lt: "d" }), [
    { key: "b", value: "B" },
    { key: "c", value: "C" },
  ]);
  deepStrictEqual(await all({ values: false, reverse: true, limit: 2 }), ["d", "c"]);
  deepStrictEqual(await all({ keys: false, gt: "b" }), ["C", "D"]);
  const iterator = node.iterator({ gt: "c" });
  const next = () =>
    new Promise((resolve) => iterator.next((error, key, value) => resolve([error, key, value])));
  deepStrictEqual([await next(), await next()], [[null, "d", "D"], [
    undefined,
    undefined,
    undefined,
  ]]);
  await new Promise<void>((resolve) => iterator.end(() => resolve()));
});

for (const kind of ["in process", "over TCP", "a user's own"]) {
  Deno.test(`Skiff sets up a cluster by the ancestor's recipe, ${kind}`, async () => {
    const shared = kind === "in process" ? inProcess() : callingTransport();
    const network: SkiffOptions = kind === "over TCP"
      ? { secret: "shared by all" }
      : { transport: shared };
    const url = (name: string) => {
      if (kind === "over TCP") return `tcp+msgpack://127.0.0.1:${freePort()}`;
      return kind === "in process" ? `local://${name}` : `tcp+msgpack://${name}:1`;
    };
    // A leader, then nodes that stand by, then the leader has them join.
    await using leader = new Skiff(url("a"), { ...CALM, ...network });
    const joined: string[] = [];
    leader.on("joined", ({ id }) => joined.push(id));
    await once(leader, "leader");
    const options = { ...CALM, ...network, standby: true };
    await using second = new Skiff(url("b"), { ...options, metadata: { zone: "b" } });
    await using third = new Skiff(url("c"), options);
    await Promise.all([second.open(), third.open()]);
    await leader.join(second.id, { zone: "b" });
    await leader.join(third.id);
    deepStrictEqual(joined.filter((id) => id !== leader.id), [second.id, third.id]);
    deepStrictEqual(leader.peerMeta(second.id), { zone: "b" });

    await leader.put("a", 1);
    strictEqual(await third.get("a"), 1);
    const refused = await second.put("b", 2).catch((error) => error);
    ok(refused instanceof SkiffError && refused.code === "ENOTLEADER", String(refused));
    strictEqual(refused.leader, leader.id);
    await leader.leave(third.id);
    strictEqual(leader.peerMeta(third.id), undefined);

    // Another leads when the first is gone.
    await leader.join(third.id);
    await leader.close();
    await eventually("a follower leads", async () => {
      const tried = await Promise.allSettled([second.put("b", 2), third.put("b", 2)]);
      return tried.some(({ status }) => status === "fulfilled");
    });
    strictEqual(await second.get("b"), 2);
  });
}

Deno.test("Skiff refuses an address that is in use, and tells so when it listens by itself", async () => {
  const transport = callingTransport();
  await using first = new Skiff("tcp://a:1", { ...CALM, transport });
  await once(first, "leader");
  await using second = new Skiff("tcp://a:1", { ...CALM, transport });
  const [error] = await once(second, "error").catch((error) => [error]);
  strictEqual(error.code, "ERR_ADDRESS_IN_USE");
  await using third = new Skiff("tcp://a:1", { ...CALM, transport, autoListen: false });
  await rejects(third.listen(), { code: "ERR_ADDRESS_IN_USE" });
});
