import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import { HoldfastError } from "../../../src/errors.ts";
import { createHandler, type Handler, serveNode } from "../../../src/http/mod.ts";
import {
  connectNode,
  type ConsensusNode,
  createNode,
  inProcess,
  type KeyValueCommand,
  type KeyValueEntry,
  keyValueMachine,
  type KeyValueQuery,
  type KeyValueReply,
} from "../../../src/raft/mod.ts";
import { eventually } from "../../support/eventually.ts";
import { z } from "zod";

type Node = ConsensusNode<KeyValueCommand, KeyValueReply, KeyValueQuery, readonly KeyValueEntry[]>;

const put = (key: string, value: number): KeyValueCommand => ({
  kind: "batch",
  changes: [{ kind: "put", key, value }],
});

/** Nodes of one cluster, each served at a host of its name; the first leads. */
async function cluster(names: readonly string[]) {
  const transport = inProcess();
  const nodes: Node[] = [];
  const handlers = new Map<string, Handler>();
  for (const name of names) {
    const node = createNode(memory(), {
      url: `local://${name}`,
      transport,
      machine: keyValueMachine(),
      standby: nodes.length > 0,
      metadata: { http: `http://${name}/node` },
    });
    await node.ready();
    nodes.push(node);
    handlers.set(
      name,
      createHandler([
        serveNode<KeyValueCommand, KeyValueReply, KeyValueQuery, readonly KeyValueEntry[]>(node),
      ]),
    );
  }
  for (const name of names.slice(1)) {
    await nodes[0]?.join(`local://${name}`, { http: `http://${name}/node` }, {});
  }
  const between: ((handle: () => Promise<Response>) => Promise<Response>)[] = [];
  const seen: string[] = [];
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const { host, pathname } = new URL(url);
    seen.push(`${host} ${pathname.split(":")[1]}`);
    const handler = handlers.get(host);
    if (handler === undefined) throw new TypeError("connection refused");
    const handle = () => handler(new Request(url, init));
    return await (between.shift()?.(handle) ?? handle());
  };
  const client = (...hosts: string[]) =>
    connectNode<KeyValueCommand, KeyValueReply, KeyValueQuery, readonly KeyValueEntry[]>(
      hosts.map((host) => `http://${host}/node`),
      { fetch, attemptsMax: 12 },
    );
  return {
    nodes,
    handlers,
    between,
    seen,
    client,
    [Symbol.asyncDispose]: async () => {
      for (const node of nodes.toReversed()) await node[Symbol.asyncDispose]();
    },
  };
}

Deno.test("connectNode() proposes by the leader, wherever it asks first, and reads its own writes", async () => {
  await using c = await cluster(["a", "b", "c"]);
  const client = c.client("b");
  const { reply, index, isRepeat } = await client.propose(put("x", 1));
  deepStrictEqual([reply.done, isRepeat], [true, false]);
  deepStrictEqual(c.seen, ["b session", "a session", "b propose", "a propose"]);
  const { answer } = await client.read({ kind: "get", key: "x" }, { minIndex: index });
  deepStrictEqual(answer, [{ key: "x", value: 1, version: index }]);
  const stale = await c.client("c").read({ kind: "get", key: "x" }, { stale: true });
  ok(stale.index <= index + 1);
});

Deno.test("connectNode() has a command applied once, though answers are lost and nodes are away", async () => {
  await using c = await cluster(["a", "b", "c"]);
  const client = c.client("gone", "a");
  await client.propose(put("n", 0));
  const lost = async (handle: () => Promise<Response>) => {
    await (await handle()).body?.cancel();
    throw new TypeError("reset");
  };
  const swap = (expected: number, value: number): KeyValueCommand => ({
    kind: "swap",
    key: "n",
    expected,
    value,
  });
  let [entry] = (await client.read({ kind: "get", key: "n" })).answer;
  for (let n = 1; n <= 5; n++) {
    c.between.push((handle) => handle(), lost);
    const { reply } = await client.propose(swap(entry?.version ?? 0, n));
    strictEqual(reply.done, true, `swap ${n}`);
    [entry] = (await client.read({ kind: "get", key: "n" })).answer;
    strictEqual(entry?.value, n);
  }
});

Deno.test("connectNode() goes on with another node when the leader is gone", async () => {
  await using c = await cluster(["a", "b", "c"]);
  const client = c.client("a", "b", "c");
  await client.propose(put("x", 1));
  await c.nodes[0]?.close();
  c.handlers.delete("a");
  await eventually(
    "a proposal is taken",
    () =>
      client.propose(put("x", 2)).then(() => true, (error) => {
        ok(HoldfastError.is(error), String(error));
        return false;
      }),
  );
  await eventually(
    "it can be read",
    async () => (await client.read({ kind: "get", key: "x" })).answer[0]?.value === 2,
  );
});

Deno.test("connectNode() tells refusals by their codes", async () => {
  await using c = await cluster(["a"]);
  const client = c.client("a");
  await client.propose(put("x", 1));
  const expired = { session: 999, sequence: 1, acknowledged: 0 };
  await rejects(client.propose(put("x", 2), { session: expired }), { code: "ERR_SESSION_EXPIRED" });
  await rejects(client.leave("local://b"), { code: "ERR_NOT_MEMBER" });
  await rejects(client.leave("local://a"), { code: "ERR_LAST_MEMBER" });
  await rejects(client.join("local://a"), { code: "ERR_ALREADY_MEMBER" });
  const status = await client.status();
  deepStrictEqual([status.role, status.leader, status.namespace], ["leader", "local://a", "raft"]);
});

Deno.test("serveNode() refuses bad requests with problem details, and checks by a schema", async () => {
  await using c = await cluster(["a"]);
  const [node] = c.nodes;
  ok(node);
  const command = z.object({ kind: z.literal("batch"), changes: z.array(z.any()).max(2) });
  const handler = createHandler([serveNode(node, { command: command as never })]);
  const send = async (path: string, body: unknown) => {
    const response = await handler(
      new Request(`http://a${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      }),
    );
    return [response.status, (await response.json()).code];
  };
  deepStrictEqual(await send("/node:propose", []), [400, "ERR_INVALID_ARGUMENT"]);
  deepStrictEqual(await send("/node:propose", {}), [400, "ERR_INVALID_ARGUMENT"]);
  deepStrictEqual(await send("/node:propose", { command: { kind: "x" } }), [
    422,
    "ERR_INVALID_VALUE",
  ]);
  const good = { kind: "batch", changes: [] };
  deepStrictEqual(await send("/node:propose", { command: good, session: 1 }), [
    400,
    "ERR_INVALID_ARGUMENT",
  ]);
  deepStrictEqual(await send("/node:propose", { command: good }), [200, undefined]);
  deepStrictEqual(await send("/node:read", {}), [400, "ERR_INVALID_ARGUMENT"]);
  deepStrictEqual(await send("/node:read", { query: { kind: "get", key: "x" }, minIndex: "1" }), [
    400,
    "ERR_INVALID_ARGUMENT",
  ]);
  deepStrictEqual(await send("/node:join", { url: 7 }), [400, "ERR_INVALID_ARGUMENT"]);
  deepStrictEqual(await send("/node:join", { url: "ftp://b" }), [400, "ERR_UNSUPPORTED_PROTOCOL"]);
});

Deno.test("serveNode() answers an Idempotency-Key like the first time, by any leader, for who sent it", async () => {
  await using c = await cluster(["a", "b", "c"]);
  const client = c.client("a", "b", "c");
  const swap: KeyValueCommand = { kind: "swap", key: "n", expected: 0, value: 1 };
  const lost = async (handle: () => Promise<Response>) => {
    await (await handle()).body?.cancel();
    throw new TypeError("reset");
  };
  c.between.push(lost);
  const first = await client.propose(swap, { key: "order-7" });
  deepStrictEqual([first.reply.done, first.isRepeat], [true, true]);
  // No session was opened for it.
  ok(!c.seen.some((seen) => seen.endsWith("session")));
  await c.nodes[0]?.transfer("local://b");
  const again = await client.propose(swap, { key: "order-7" });
  deepStrictEqual([again.reply, again.isRepeat], [first.reply, true]);
  const [node] = c.nodes;
  ok(node);
  const served = createHandler([serveNode(node)], {
    authenticate: (request) => Promise.resolve({ id: request.headers.get("who") ?? "nobody" }),
  });
  await node.transfer("local://a").catch(() => {});
  await c.nodes[1]?.transfer("local://a").catch(() => {});
  await eventually("the first leads again", () => node.status().role === "leader");
  const send = async (who: string, key: string, more: object = {}) => {
    const headers = { "content-type": "application/json", who, "idempotency-key": key };
    const body = JSON.stringify({ command: { ...swap, key: "m" }, ...more });
    const url = "http://a/node:propose";
    const response = await served(new Request(url, { method: "POST", headers, body }));
    const { isRepeat, code } = await response.json();
    return [response.status, isRepeat ?? code];
  };
  deepStrictEqual(await send("ann", "order-8"), [200, false]);
  deepStrictEqual(await send("ann", "order-8"), [200, true]);
  deepStrictEqual(await send("bob", "order-8"), [200, false]);
  deepStrictEqual((await send("ann", " "))[0], 400);
  const session = { session: 1, sequence: 1, acknowledged: 0 };
  deepStrictEqual(await send("ann", "order-9", { session }), [400, "ERR_INVALID_ARGUMENT"]);
  deepStrictEqual(
    await send("ann", "", { session: { ...session, session: 0 } }).then(([s]) => s),
    400,
  );
});

Deno.test("serveNode() streams what happens at a node", async () => {
  await using c = await cluster(["a"]);
  const response = await c.handlers.get("a")?.(new Request("http://a/node:events"));
  const reader = response?.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const reading = (async () => {
    while (!text.includes("event: applied")) text += (await reader?.read())?.value ?? "";
  })();
  await eventually("the event came", async () => {
    await c.nodes[0]?.propose(put("x", 1));
    return text.includes("event: applied");
  });
  await reading;
  await reader?.cancel();
  ok(/event: applied\ndata: \{"index":\d+,"term":\d+,"kind":"command"\}/.test(text), text);
});

Deno.test("serveNode() and connectNode() refuse what is of no use", () => {
  for (const none of [undefined, {}, "node"]) {
    throws(() => serveNode(none as never), { code: "ERR_INVALID_ARGUMENT" });
  }
  const node = createNode(memory(), {
    url: "local://a",
    transport: inProcess(),
    machine: keyValueMachine(),
  });
  throws(() => serveNode(node, { name: "a/b" }), { code: "ERR_INVALID_ARGUMENT" });
  throws(() => serveNode(node, { nmae: "a" } as never), { code: "ERR_INVALID_OPTION" });
  for (const urls of [[], ["ftp://x"], "http://x", undefined]) {
    throws(() => connectNode(urls as never), { code: "ERR_INVALID_OPTION" });
  }
});
