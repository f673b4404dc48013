/**
 * Nodes over HTTP and WebSocket: the same cluster, and what a stranger gets.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import {
  type HttpTransport,
  httpTransport,
  type Transport,
  webSocketTransport,
} from "../../../src/raft/mod.ts";
import { eventually } from "../../support/eventually.ts";
import { mapNode, type TestMapNode } from "./nodes.ts";

const SECRET = "only nodes know";

Deno.test("httpTransport() carries a cluster", async () => {
  await using stack = new AsyncDisposableStack();
  const places = [1, 2, 3].map(() => httpPlace(stack));
  await isCluster(stack, places);
});

Deno.test("httpTransport() refuses strangers and nonsense, and counts them", async () => {
  await using stack = new AsyncDisposableStack();
  const place = httpPlace(stack);
  const one = stack.use(mapNode(place.url, place.transport));
  await one.node.ready();
  const post = async (body: BodyInit, headers = {}) => {
    const response = await fetch(place.url, { method: "POST", body, headers });
    await response.body?.cancel();
    return response.status;
  };
  strictEqual(await post("nonsense"), 401);
  strictEqual(await post("nonsense", { "holdfast-proof": "x".repeat(43) }), 401);
  strictEqual(await post(new Uint8Array(9 * 1024 * 1024)), 413);
  const get = await fetch(place.url);
  await get.body?.cancel();
  strictEqual(get.status, 405);
  deepStrictEqual(one.node.status().transport?.refused, { "unauthenticated": 2, "too-long": 1 });
});

Deno.test("webSocketTransport() carries a cluster, snapshots too", async () => {
  await using stack = new AsyncDisposableStack();
  const places = [1, 2, 3].map(() => webSocketPlace(stack));
  await isCluster(stack, places);
});

Deno.test("transports refuse options that cannot work", () => {
  throws(() => httpTransport({ secret: "short" }), { code: "ERR_INVALID_OPTION" });
  throws(() => httpTransport({ secrets: SECRET } as never), { code: "ERR_INVALID_OPTION" });
  throws(() => webSocketTransport({ frameBytesMax: 1 }), { code: "ERR_INVALID_OPTION" });
});

interface Place {
  readonly url: string;
  readonly transport: Transport;
}

async function isCluster(stack: AsyncDisposableStack, places: readonly Place[]): Promise<void> {
  const [first, ...others] = places;
  ok(first !== undefined);
  const limits = { heldBytesMax: 1, snapshotChunkBytes: 1_000 };
  const compaction = { entries: 10, retained: 1 };
  const options = { limits, compaction, electionTimeout: 1_000, heartbeat: 50 };
  const leader = stack.use(mapNode(first.url, first.transport, options));
  await leader.node.ready();
  for (let i = 0; i < 30; i++) await leader.map.put(`k${i}`, "x".repeat(300));
  await eventually("there is a snapshot", () => leader.node.status().base.index > 10);
  const joined: TestMapNode[] = [];
  for (const { url, transport } of others) {
    const node = stack.use(mapNode(url, transport, { ...options, standby: true }));
    await node.node.ready();
    await leader.node.join(url, undefined, { timeout: "20s" });
    joined.push(node);
  }
  await leader.map.put("last", 1);
  for (const { map, node } of joined) {
    strictEqual(await map.get("last"), 1);
    strictEqual(node.status().counts.restores, 1);
  }
}

function httpPlace(stack: AsyncDisposableStack): Place {
  const transport: HttpTransport = httpTransport({ secret: SECRET });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => transport.handle(request),
  );
  stack.defer(() => server.shutdown());
  return { url: `http://127.0.0.1:${server.addr.port}/raft`, transport };
}

function webSocketPlace(stack: AsyncDisposableStack): Place {
  const transport = webSocketTransport({ secret: SECRET });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    transport.accept(socket as unknown as Parameters<typeof transport.accept>[0]);
    return response;
  });
  stack.defer(() => server.shutdown());
  return { url: `ws://127.0.0.1:${server.addr.port}/`, transport };
}
