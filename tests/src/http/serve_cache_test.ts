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

Deno.test("serveCache() passes by what it must not share, and says why", async () => {
  const cases: [RequestInit, HeadersInit, number, string][] = [
    [{ method: "POST" }, {}, 200, "fwd=method"],
    [{ method: "HEAD" }, {}, 200, "fwd=method"],
    [{ headers: { cookie: "a=1" } }, {}, 200, "fwd=bypass"],
    [{ headers: { authorization: "Bearer x" } }, {}, 200, "fwd=bypass"],
    [{ headers: { range: "bytes=0-1" } }, {}, 200, "fwd=bypass"],
    [{}, { "cache-control": "no-store" }, 200, "fwd=miss"],
    [{}, { "cache-control": "max-age=0" }, 200, "fwd=miss"],
    [{}, { expires: "0" }, 200, "fwd=miss"],
    [{}, { vary: "accept" }, 200, "fwd=miss"],
    [{}, {}, 500, "fwd=miss"],
  ];
  for (const [init, headers, status, expected] of cases) {
    const { get } = served(counted(headers, status));
    await get("/", init);
    const { verdict, text } = await get("/", init);
    deepStrictEqual([verdict, text], [expected, "made 2"], JSON.stringify([init, headers]));
  }
});

Deno.test("serveCache() passes a URL by that is too long for a key", async () => {
  const { get } = served(counted());
  for (const length of [5_000, 100_000]) {
    const { status, verdict } = await get(`/${"x".repeat(length)}`);
    deepStrictEqual([status, verdict], [200, "fwd=bypass"]);
  }
});

Deno.test("serveCache() heeds no request that would empty the cache for others", async () => {
  const { get } = served(counted());
  await get();
  const { verdict } = await get("/", {
    headers: { "cache-control": "no-cache", pragma: "no-cache" },
  });
  strictEqual(verdict, "hit");
});

Deno.test("serveCache() keeps hosts apart, whatever a client says its host is", async () => {
  const cache = createCache(memory(), { name: "pages", ttl: "10m" });
  const handler = createHandler([serveCache(cache), ({ url }) => new Response(new URL(url).host)]);
  for (const host of ["a.example", "evil.example", "a.example:8000"]) {
    strictEqual(await (await handler(new Request(`http://${host}/`))).text(), host);
  }
});

Deno.test("serveCache() hands on a stream of events while it still goes on", async () => {
  const page: PartFunction = () => {
    const endless = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode("data: 1\n\n")),
    });
    return new Response(endless, { headers: { "content-type": "text/event-stream" } });
  };
  const cache = createCache(memory(), { name: "pages", ttl: "10m" });
  const response = await createHandler([serveCache(cache), page])(new Request("http://localhost/"));
  const reader = response.body?.getReader();
  strictEqual(new TextDecoder().decode((await reader?.read())?.value), "data: 1\n\n");
  await reader?.cancel();
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

Deno.test("serveCache() answers 304 for a page that is there, and for nothing else", async () => {
  for (const status of [404, 301]) {
    const { get } = served(counted({ etag: '"v1"' }, status));
    await get();
    const again = await get("/", { headers: { "if-none-match": '"v1"' } });
    deepStrictEqual([again.status, again.verdict], [status, "hit"]);
  }
});

Deno.test("serveCache() counts the age that an answer came with", async () => {
  const { get, clock } = served(counted({ "cache-control": "max-age=60", age: "45" }));
  strictEqual((await get()).response.headers.get("age"), "45");
  await clock.advance(14_000);
  const held = await get();
  deepStrictEqual([held.verdict, held.response.headers.get("age")], ["hit", "59"]);
  await clock.advance(2_000);
  strictEqual((await get()).verdict, "fwd=miss; stored");
});

Deno.test("serveCache() does not begin to read a body that says it is over the limit", async () => {
  let pulls = 0;
  const page: PartFunction = () => {
    const body = new ReadableStream({
      pull: (controller) => {
        pulls++;
        controller.enqueue(new Uint8Array(1));
      },
    }, { highWaterMark: 0 });
    return new Response(body, { headers: { "content-length": "251" } });
  };
  const cache = createCache(memory(), { name: "pages", ttl: "10m" });
  const handler = createHandler([serveCache(cache, { bodyBytesMax: 250 }), page]);
  const response = await handler(new Request("http://localhost/"));
  strictEqual(pulls, 0);
  await response.body?.cancel();
});

Deno.test("serveCache() tells the failure of a body in its middle as a failure, and keeps no half", async () => {
  let made = 0;
  const { get } = served(() => {
    if (++made > 1) return new Response("whole");
    let pulls = 0;
    return new Response(
      new ReadableStream({
        pull: (controller) => {
          if (++pulls > 1) throw new Error("cut");
          controller.enqueue(new TextEncoder().encode("half"));
        },
      }),
    );
  });
  const first = await get();
  strictEqual(first.status, 500);
  strictEqual((await get()).text, "whole");
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
  strictEqual((await get("/")).verdict, "fwd=bypass");
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

Deno.test("serveCache() refuses what is no cache and no option, with the rule and the value", () => {
  const cache = createCache(memory(), { name: "pages", ttl: "1m" });
  const options: unknown[] = [
    { tll: 1 },
    { key: "url" },
    { tags: ["a"] },
    { bodyBytesMax: NaN },
    { bodyBytesMax: -1 },
    { bodyBytesMax: "1mb" },
    null,
    "options",
  ];
  for (const each of options) {
    throws(() => serveCache(cache, each as never), { code: "ERR_INVALID_OPTION" });
  }
  for (const none of [undefined, null, {}, "pages", new Map()]) {
    throws(() => serveCache(none as never), { code: "ERR_INVALID_ARGUMENT" });
  }
  throws(
    () => serveCache(cache, { bodyBytesMax: -1 }),
    /bodyBytesMax must be a whole number of at least 0: current value is -1$/,
  );
});
