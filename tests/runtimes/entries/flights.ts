/**
 * A Worker whose requests share flights and leave them behind: `/naive` by a promise at module scope, `/cache` by a
 * cache. What the tests ask: does the next request get its value?
 *
 * A request asks for `key` and has a creation at hand that gives `value` after `createMs`. It answers what it got; with
 * `leaveMs` it answers after that time, whether or not it got anything.
 *
 * @module
 */

import { memoryCacheStore } from "../../../adapters/memory/cache.ts";
import { createCache } from "../../../src/cache/mod.ts";
import { systemClock } from "../../../src/clock.ts";
import { systemRandom } from "../../../src/random.ts";

type Create = () => Promise<string>;
type GetOrCreate = (key: string, create: Create) => Promise<string>;

const clock = systemClock();
const backend = {
  clock,
  random: systemRandom(),
  isolation: "request",
  cache: memoryCacheStore({ clock }),
} as const;

/** Its leases are short: a creation that was left behind holds one until it runs out. */
const cache = createCache(backend, {
  name: "flights",
  lease: "300ms",
  timeout: "20s",
});

const flights = new Map<string, Promise<string>>();

const kinds: Readonly<Record<string, GetOrCreate>> = {
  "/cache": (key, create) => cache.getOrCreate(key, create),
  "/naive": (key, create) => {
    const flight = flights.get(key) ?? create();
    flights.set(key, flight);
    return flight;
  },
};

async function answer(request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const getOrCreate = kinds[pathname];
  if (getOrCreate === undefined) return new Response("no such kind", { status: 404 });
  const asked = (name: string) => searchParams.get(name) ?? "";
  const got = getOrCreate(asked("key"), () => later(asked("value"), Number(asked("createMs"))));
  if (!searchParams.has("leaveMs")) return new Response(await got);
  got.catch(() => {});
  return new Response(await later("left", Number(asked("leaveMs"))));
}

function later(value: string, ms: number): Promise<string> {
  return new Promise((resolve) => setTimeout(() => resolve(value), ms));
}

export default { fetch: (request: Request): Promise<Response> => answer(request) };
