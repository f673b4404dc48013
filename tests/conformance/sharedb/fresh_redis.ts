/**
 * Redis for suites that take the host's timers into their hands.
 *
 * @module
 */

import { request as httpRequest } from "node:http";
import { Readable } from "node:stream";
import { redis, type RedisBackend } from "../../../adapters/redis/mod.ts";
import { type Clock, systemClock } from "../../../src/clock.ts";

/** The host's timers before any suite jumps ahead by hours: the time limits of requests are not theirs. */
const { setTimeout, clearTimeout } = globalThis;
const clock: Clock = {
  ...systemClock(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, Math.max(0, ms));
    return () => clearTimeout(timer);
  },
};

/** A backend on Redis that shares nothing with any other. */
export function freshRedis(url: string, token: string): RedisBackend {
  return redis({ url, token, namespace: crypto.randomUUID(), fetch: plainFetch, clock });
}

/** A `fetch` without timers of its own: suites stop all timers, and Node's `fetch` with them. */
function plainFetch(
  url: string,
  { method, headers, body, signal }: RequestInit,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const options = {
      method,
      headers: headers as Record<string, string>,
      signal: signal ?? undefined,
    };
    const request = httpRequest(url, options, (response) => {
      const status = response.statusCode ?? 500;
      const told = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
      const stream = Readable.toWeb(response) as ReadableStream<Uint8Array>;
      resolve(new Response(stream, { status, headers: Object.fromEntries(told) }));
    });
    request.on("error", reject);
    request.end(body ?? "");
  });
}
