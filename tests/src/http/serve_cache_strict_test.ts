/**
 * Pages that say that they must not be shown past their lifetime, behind a cache that otherwise may.
 *
 * @module
 */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import { type CacheOptions, createCache } from "../../../src/cache/mod.ts";
import { createHandler, type PartFunction, serveCache } from "../../../src/http/mod.ts";
import { manualClock } from "../../contracts/manual_clock.ts";

function served(page: PartFunction, windows: Pick<CacheOptions, "stale" | "staleIfError">) {
  const clock = manualClock();
  const cache = createCache(memory({ clock }), { name: "pages", ttl: "10m", ...windows });
  const handler = createHandler([serveCache(cache, { clock }), page]);
  const get = async () => {
    const response = await handler(new Request("http://localhost/"));
    return { status: response.status, text: await response.text() };
  };
  return { clock, get };
}

/** A page that counts how often it was made. */
function counted(headers: HeadersInit): PartFunction {
  let made = 0;
  return () => new Response(`made ${++made}`, { headers });
}

Deno.test("serveCache() shows no page past its lifetime that forbids it", async () => {
  for (
    const strict of ["max-age=60, must-revalidate", "max-age=60, Proxy-Revalidate", "s-maxage=60"]
  ) {
    const { get, clock } = served(counted({ "cache-control": strict }), { stale: "1h" });
    await get();
    await clock.advance(61_000);
    deepStrictEqual([strict, (await get()).text], [strict, "made 2"]);
  }
  const { get, clock } = served(counted({ "cache-control": "max-age=60" }), { stale: "1h" });
  await get();
  await clock.advance(61_000);
  strictEqual((await get()).text, "made 1");
});

Deno.test("serveCache() shows an error rather than a page past its lifetime that forbids it", async () => {
  for (
    const [control, status] of [["max-age=60", 200], ["max-age=60, must-revalidate", 500]] as const
  ) {
    let isDown = false;
    const page = () => {
      if (isDown) throw new Error("down");
      return new Response("page", { headers: { "cache-control": control } });
    };
    const { get, clock } = served(page, { staleIfError: "1h" });
    await get();
    isDown = true;
    await clock.advance(61_000);
    strictEqual((await get()).status, status);
  }
});
