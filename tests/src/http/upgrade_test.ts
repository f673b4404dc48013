import { strictEqual } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import { createCache } from "../../../src/cache/mod.ts";
import { createHandler, serveCache, type ServeCacheOptions } from "../../../src/http/mod.ts";

/** What a WebSocket hears from a part behind a cache. */
async function heardThrough(options: ServeCacheOptions): Promise<string> {
  const cache = createCache(memory(), { name: "pages", ttl: "10m" });
  const handler = createHandler([serveCache(cache, options), (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onopen = () => socket.send("hello");
    return response;
  }]);
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handler);
  const socket = new WebSocket(`ws://127.0.0.1:${server.addr.port}/`);
  const heard = await new Promise<string>((resolve) => {
    socket.onmessage = ({ data }) => resolve(data);
    socket.onerror = () => resolve("an error");
  });
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.close();
  await closed;
  return heard;
}

Deno.test("serveCache() lets a WebSocket through, whatever its key", async () => {
  strictEqual(await heardThrough({}), "hello");
  strictEqual(await heardThrough({ key: () => "all" }), "hello");
});
