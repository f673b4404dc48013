import { deepStrictEqual, match, strictEqual, throws } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import { createCache } from "../../../src/cache/mod.ts";
import {
  createHandler,
  type PartFunction,
  serveCache,
  type ServeCacheOptions,
} from "../../../src/http/mod.ts";
import { manualClock } from "../../contracts/manual_clock.ts";

/** A handler with a cache in front of one page function, on a clock of its own. */
function served(page: PartFunction, options: ServeCacheOptions = {}) {
  const clock = manualClock();
  const cache = createCache(memory({ clock }), { name: "pages", ttl: "10m" });
  const handler = createHandler([serveCache(cache, { clock, ...options }), page]);
  const get = async (path = "/", init?: RequestInit) => {
    const response = await handler(new Request(`http://localhost${path}`, init));
    const verdict = response.headers.get("cache-status")?.replace("holdfast; ", "");
    return { response, verdict, status: response.status, text: await response.text() };
  };
  return { clock, cache, get };
}

/** A page that counts how often it was made. */
function counted(headers: HeadersInit = {}, status = 200): PartFunction {
  let made = 0;
  return () => new Response(`made ${++made}`, { status, headers });
}

Deno.test("serveCache() keeps a page and says so", async () => {
  const { get, clock } = served(counted({ "content-type": "text/plain", etag: '"1"' }));
  const first = await get();
  await clock.advance(5_500);
  const again = await get();
  deepStrictEqual([first.verdict, first.text], ["fwd=miss; stored", "made 1"]);
  deepStrictEqual([again.verdict, again.text], ["hit", "made 1"]);
  strictEqual(again.response.headers.get("content-type"), "text/plain");
  strictEqual(again.response.headers.get("age"), "5");
  match(again.response.headers.get("server-timing") ?? "", /^cache;desc="hit";dur=\d+\.\d\d$/);
});

Deno.test("serveCache() keeps bytes as they are, and a body that is none", async () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  const { get } = served(({ url }) =>
    url.endsWith("/none") ? new Response(null, { status: 204 }) : new Response(bytes)
  );
  await get();
  const { response } = await get();
  strictEqual(response.headers.get("cache-status"), "holdfast; hit");
  await get("/none");
  deepStrictEqual([(await get("/none")).status, (await get("/none")).verdict], [204, "hit"]);
});

Deno.test("serveCache() tells pages apart by their whole URL", async () => {
  const { get } = served(({ url }) => new Response(url));
  for (const path of ["/a", "/a?x=1", "/a?x=2", "/A", "/a/"]) {
    strictEqual((await get(path)).text, `http://localhost${path}`);
  }
});

Deno.test("serveCache() makes a page once for all who ask at the same time", async () => {
  let made = 0;
  const { get, clock } = served(async () => {
    made++;
    await new Promise<void>((resolve) => clock.after(50, resolve));
    return new Response("slow");
  });
  const all = Promise.all(Array.from({ length: 100 }, () => get()));
  await clock.advance(60);
  const answers = await all;
  strictEqual(made, 1);
  deepStrictEqual([...new Set(answers.map(({ text }) => text))], ["slow"]);
  const verdicts = answers.map(({ verdict }) => verdict);
  strictEqual(verdicts.filter((verdict) => verdict === "fwd=miss; stored").length, 1);
  strictEqual(verdicts.filter((verdict) => verdict === "fwd=miss; collapsed").length, 99);
});

Deno.test("serveCache() never shows an answer with a cookie to anybody else, waiting or later", async () => {
  let made = 0;
  const { get, clock } = served(async () => {
    const mine = ++made;
    await new Promise<void>((resolve) => clock.after(50, resolve));
    return new Response(`secret of ${mine}`, { headers: { "set-cookie": `session=${mine}` } });
  });
  const all = Promise.all(Array.from({ length: 10 }, () => get()));
  await clock.advance(200);
  const texts = (await all).map(({ text }) => text);
  strictEqual(new Set(texts).size, 10);
});

Deno.test("serveCache() passes by what it must not share", async () => {
  const cases: [RequestInit, HeadersInit, number][] = [
    [{ method: "POST" }, {}, 200],
    [{ method: "HEAD" }, {}, 200],
    [{ headers: { cookie: "a=1" } }, {}, 200],
    [{ headers: { authorization: "Bearer x" } }, {}, 200],
    [{}, { "cache-control": "no-store" }, 200],
    [{}, { vary: "accept" }, 200],
    [{}, {}, 500],
  ];
  for (const [init, headers, status] of cases) {
    const { get } = served(counted(headers, status));
    await get("/", init);
    const { response } = await get("/", init);
    strictEqual(
      response.headers.get("cache-status")?.includes("hit") ?? false,
      false,
      JSON.stringify(init),
    );
  }
});

Deno.test("serveCache() lets an answer set its own lifetime", async () => {
  const { get, clock } = served(counted({ "cache-control": "max-age=1" }));
  await get();
  await clock.advance(900);
  strictEqual((await get()).text, "made 1");
  await clock.advance(200);
  strictEqual((await get()).text, "made 2");
});

Deno.test("serveCache() answers 304 to who has the page already", async () => {
  const { get } = served(counted({ etag: '"v1"' }));
  await get();
  const { status, text } = await get("/", { headers: { "if-none-match": 'W/"v1"' } });
  deepStrictEqual([status, text], [304, ""]);
});

Deno.test("serveCache() passes a body over the limit on whole, and keeps none of it", async () => {
  let made = 0;
  const page: PartFunction = () => {
    made++;
    const chunks = Array.from({ length: 8 }, (_, i) => new Uint8Array(100).fill(i));
    return new Response(ReadableStream.from(chunks));
  };
  const { get } = served(page, { bodyBytesMax: 250 });
  for (let i = 0; i < 2; i++) strictEqual((await get()).text.length, 800);
  strictEqual(made, 2);
});

Deno.test("serveCache() takes keys from its user", async () => {
  const { get } = served(counted(), {
    key: (request) => request.headers.get("cookie") ?? undefined,
  });
  await get("/", { headers: { cookie: "de" } });
  strictEqual((await get("/other", { headers: { cookie: "de" } })).verdict, "hit");
  strictEqual((await get("/other", { headers: { cookie: "en" } })).verdict, "fwd=miss; stored");
  strictEqual((await get("/")).verdict, undefined);
});

Deno.test("serveCache() gives the failure of a page to everybody who waited, and keeps none", async () => {
  let made = 0;
  const { get } = served(() => {
    if (++made === 1) throw new Error("first");
    return new Response("second");
  });
  strictEqual((await get()).status, 500);
  strictEqual((await get()).text, "second");
});

Deno.test("serveCache() refuses an unknown option", () => {
  const cache = createCache(memory(), { name: "pages", ttl: "1m" });
  throws(() => serveCache(cache, { tll: 1 } as never), { code: "ERR_INVALID_OPTION" });
});
