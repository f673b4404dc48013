/**
 * Nodes over TCP: the same cluster, and what a stranger gets.
 *
 * @module
 */

import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { tcp, type TcpOptions } from "../../../adapters/tcp/mod.ts";
import { binaryCodec } from "../../../src/raft/transport/codec.ts";
import { framed } from "../../../src/raft/transport/frames.ts";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/process.ts";
import { mapNode, type TestMapNode } from "../../src/raft/nodes.ts";

const SECRET = "only nodes know";
const CALM = { heartbeat: 50, electionTimeout: 1_000 } as const;

for (const protocol of ["tcp", "tcp+msgpack"]) {
  Deno.test(`${protocol}: carries a cluster, with snapshots on a connection of their own`, async () => {
    await using stack = new AsyncDisposableStack();
    const options = {
      ...CALM,
      limits: { heldBytesMax: 1, snapshotChunkBytes: 1_000 },
      compaction: { entries: 10, retained: 1 },
    };
    const url = () => `${protocol}://127.0.0.1:${freePort()}`;
    const leader = stack.use(mapNode(url(), tcp({ secret: SECRET }), options));
    await leader.node.ready();
    for (let i = 0; i < 30; i++) await leader.map.put(`k${i}`, "x".repeat(300));
    await eventually("there is a snapshot", () => leader.node.status().base.index > 10);
    for (let i = 0; i < 2; i++) {
      const other = stack.use(
        mapNode(url(), tcp({ secret: SECRET }), { ...options, standby: true }),
      );
      await other.node.ready();
      await leader.node.join(other.node.url, undefined, { timeout: "20s" });
      strictEqual(await other.map.get("k29"), "x".repeat(300));
      strictEqual(other.node.status().counts.restores, 1);
    }
  });
}

Deno.test("tcp() connects again when the other node comes back", async () => {
  await using stack = new AsyncDisposableStack();
  const urls = [1, 2, 3].map(() => `tcp://127.0.0.1:${freePort()}`);
  const start = async (url: string, store?: TestMapNode["store"]) => {
    const one = mapNode(url, tcp({ secret: SECRET }), { ...CALM, cluster: urls }, store);
    await one.node.ready();
    return one;
  };
  const nodes = await Promise.all(urls.map((url) => start(url)));
  for (const { node } of nodes) stack.defer(() => node.close({ timeout: 200 }));
  const leader = nodes.find(({ node }) => node.status().role === "leader");
  const other = nodes.find((each) => each !== leader);
  ok(leader && other);
  const seen: string[] = [];
  leader.node.on(
    "disconnected",
    ({ peer }) => peer === other.node.url && seen.push("disconnected"),
  );
  leader.node.on("reconnected", ({ peer }) => peer === other.node.url && seen.push("reconnected"));
  await other.node.close();
  await eventually("it is missed", () => seen.includes("disconnected"));
  await leader.map.put("a", 1);
  const again = await start(other.node.url, other.store);
  stack.defer(() => again.node.close({ timeout: 200 }));
  await eventually("it is back", () => seen.includes("reconnected"));
  strictEqual(await again.map.get("a"), 1);
});

Deno.test("tcp() refuses strangers and nonsense, ends their connections, and says why", async () => {
  await using one = await listening({ secret: SECRET, greetingTimeout: "1s", connectionsMax: 3 });
  const { port } = new URL(one.node.url);
  const counted = async (reason: string, action: (connection: Deno.Conn) => Promise<unknown>) => {
    const before = one.node.status().transport?.refused[reason] ?? 0;
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
    await action(connection);
    await eventually(`${reason} is counted`, () => {
      return (one.node.status().transport?.refused[reason] ?? 0) > before;
    });
  };
  const greeting = { cluster: "raft", from: "tcp://x:1", to: one.node.url, codec: "binary" };
  const hello = (said: object) => framed(new TextEncoder().encode(JSON.stringify(said)));
  const full = { ...greeting, channel: "messages", nonce: "n" };

  await counted("too-long", (conn) => conn.write(Uint8Array.of(0x7f, 0xff, 0xff, 0xff, 1)));
  await counted("version", (conn) => conn.write(Uint8Array.of(0, 0, 0, 9, 77)));
  await counted("truncated", async (conn) => {
    await conn.write(Uint8Array.of(0, 0, 0, 9, 1));
    await (conn as Deno.TcpConn).closeWrite();
  });
  await counted("malformed", (conn) => conn.write(framed(new TextEncoder().encode("[]"))));
  await counted("malformed", (conn) => conn.write(hello({ ...full, channel: "other", proof: "" })));
  await counted("unauthenticated", (conn) => conn.write(hello({ ...full, proof: "" })));
  await counted("unauthenticated", (conn) => conn.write(hello({ ...full, proof: "x".repeat(43) })));
  await counted("silent", () => Promise.resolve());
  strictEqual(one.node.status().role, "leader");
  await one.map.put("still", "here");
});

Deno.test("tcp() drops answers to a name that nobody can dial", async () => {
  await using one = await listening({});
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: portOf(one) });
  const from = "no URL";
  const said = { cluster: "raft", from, to: one.node.url, codec: "binary", channel: "messages" };
  const hello = new TextEncoder().encode(JSON.stringify({ ...said, nonce: "n", proof: "" }));
  const sent = () => one.node.status().transport?.bytesSent ?? 0;
  await eventually("it is challenged", () => sent() > 0);
  const before = sent();
  await connection.write(framed(hello));
  await eventually("it is welcomed", () => sent() > before);
  const question = {
    kind: "identify",
    cluster: "raft",
    from,
    to: one.node.url,
    question: 1,
  } as const;
  await connection.write(framed(binaryCodec.encode(question)));
  await eventually("the answer is dropped", () => {
    return (one.node.status().transport?.dropped ?? 0) > 0;
  });
  await one.map.put("still", "here");
});

Deno.test("tcp() lets nobody join who does not know the secret", async () => {
  await using one = await listening({ secret: SECRET });
  await using other = await listening({ secret: "another secret" }, { standby: true });
  const join = one.node.join(other.node.url, undefined, { timeout: 1_500 });
  await rejects(join, { code: "ERR_UNAVAILABLE" });
  ok((other.node.status().transport?.refused.unauthenticated ?? 0) > 0);
});

Deno.test("tcp() says that a port is in use", async () => {
  const one = await listening({});
  await using two = mapNode(one.node.url, tcp());
  await rejects(two.node.ready(), { code: "ERR_ADDRESS_IN_USE" });
  await one.node.close();
  await two.node.ready();
  strictEqual(two.node.status().role, "leader");
});

Deno.test("tcp() refuses options and URLs that cannot work", async () => {
  throws(() => tcp({ secret: "short" }), { code: "ERR_INVALID_OPTION" });
  throws(() => tcp({ port: 1 } as never), { code: "ERR_INVALID_OPTION" });
  throws(() => tcp({ connectionsMax: 0 }), { code: "ERR_INVALID_OPTION" });
  throws(() => mapNode("http://127.0.0.1:1", tcp()), { code: "ERR_UNSUPPORTED_PROTOCOL" });
  const { node } = mapNode("tcp://127.0.0.1", tcp());
  await rejects(node.ready(), { code: "ERR_UNSUPPORTED_PROTOCOL" });
  await node.close();
  deepStrictEqual(tcp().protocols, ["tcp:", "tcp+msgpack:"]);
});

function portOf({ node }: TestMapNode): number {
  return Number(new URL(node.url).port);
}

async function listening(
  options: TcpOptions,
  nodeOptions: Parameters<typeof mapNode>[2] = {},
): Promise<TestMapNode> {
  const url = `tcp://127.0.0.1:${freePort()}`;
  const one = mapNode(url, tcp(options), { ...CALM, ...nodeOptions });
  await one.node.ready();
  return one;
}
