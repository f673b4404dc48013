import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import {
  type AccessRequest,
  type Call,
  createHandler,
  type HandlerOptions,
  type Part,
  type PartFunction,
  type Route,
  serveCache,
} from "../../../src/http/mod.ts";
import { memory } from "../../../adapters/memory/mod.ts";
import { createCache } from "../../../src/cache/mod.ts";
import { manualClock } from "../../contracts/manual_clock.ts";
import { clientOf } from "../../support/http/client.ts";

/** A route that answers, and says so. */
function route(
  method: Route["method"],
  path: string,
  answer: Route["answer"] = ({ params }) => Response.json(params),
): Route {
  const action = method === "GET" ? "read" : "write";
  const about = { summary: path, answers: { 200: ["As asked"] } } as const;
  return { method, path, access: { resource: "things", action }, about, answer };
}

const THINGS: Part = {
  name: "things",
  routes: [
    route("GET", "/things"),
    route("POST", "/things", async ({ json }) => Response.json(await json())),
    route("GET", "/things/{id}"),
    route("PUT", "/things/{id}", async ({ bytes }) => Response.json((await bytes()).length)),
    route("DELETE", "/things/{id}"),
  ],
};

const served = <S extends { id: string }>(options: HandlerOptions<S> = {}) =>
  clientOf(createHandler([THINGS], options));

Deno.test("createHandler() answers unknown routes by 404 and wrong methods by 405 with Allow", async () => {
  const send = served();
  for (const path of ["/thing", "/things/", "/things/1/2", "/", "//things", "/Things"]) {
    strictEqual((await send(`GET ${path}`)).status, 404, path);
  }
  const wrong = await send("PATCH /things");
  strictEqual(wrong.status, 405);
  strictEqual(wrong.headers.get("allow"), "GET, POST, HEAD, OPTIONS");
  strictEqual((await send("BREW /things/1")).status, 405);
  const asked = await send("OPTIONS /things/1");
  strictEqual(asked.status, 204);
  strictEqual(asked.headers.get("allow"), "GET, PUT, DELETE, HEAD, OPTIONS");
});

Deno.test("createHandler() answers HEAD as GET without its body", async () => {
  const { status, headers, text } = await served()("HEAD /things/1");
  deepStrictEqual([status, headers.get("content-type"), text], [200, "application/json", ""]);
});

Deno.test("createHandler() decodes segments after it parted them, and refuses what is no UTF-8", async () => {
  const send = served();
  deepStrictEqual((await send("GET /things/a%2Fb%3F%20%F0%9F%99%82")).body, { id: "a/b? 🙂" });
  deepStrictEqual((await send("GET /things/__proto__")).body, JSON.parse('{"id":"__proto__"}'));
  strictEqual((await send("GET /thing%73/1")).status, 200);
  for (const path of ["/things/%", "/things/%E0%A4", "/things/%zz"]) {
    strictEqual((await send(`GET ${path}`)).status, 400, path);
  }
});

Deno.test("createHandler() lets layers have paths that cannot be decoded", async () => {
  const send = clientOf(createHandler([THINGS, () => new Response("page")]));
  strictEqual((await send("GET /100%")).text, "page");
  strictEqual((await clientOf(createHandler([]))("GET /100%")).status, 400);
});

Deno.test("createHandler() serves routes below its base path, and pages everywhere", async () => {
  const handler = createHandler([THINGS, () => new Response("page")], { basePath: "/api/v1" });
  const send = clientOf(handler);
  deepStrictEqual((await send("GET /api/v1/things/1")).body, { id: "1" });
  strictEqual((await send("GET /things/1")).text, "page");
  strictEqual((await send("GET /api/v1things/1")).text, "page");
  strictEqual((await send("GET /api/v1/livez")).status, 200);
});

Deno.test("createHandler() refuses malformed JSON by 400, other types by 415", async () => {
  const send = served();
  for (const body of ["{", "", "\u0000", "{'a':1}", Uint8Array.of(0x22, 0xff, 0x22), "NaN"]) {
    const { status, body: problem } = await send("POST /things", { body });
    deepStrictEqual([status, problem.code], [400, "ERR_MALFORMED"]);
  }
  for (
    const headers of [
      { "content-type": "text/plain" },
      { "content-type": "application/x-www-form-urlencoded" },
      { "content-encoding": "gzip" },
    ] as Record<string, string>[]
  ) {
    const { status, headers: told } = await send("POST /things", { body: "{}", headers });
    deepStrictEqual([status, told.get("accept")], [415, "application/json"]);
  }
  const typed = { "content-type": "Application/JSON; charset=utf-8" };
  strictEqual((await send("POST /things", { body: "{}", headers: typed })).status, 200);
});

Deno.test("createHandler() bounds bodies while it reads them", async () => {
  const send = served({ limits: { bodyBytesMax: 10 } });
  strictEqual((await send("PUT /things/1", { body: "x".repeat(10) })).status, 200);
  strictEqual((await send("PUT /things/1", { body: "x".repeat(11) })).status, 413);
  let pulled = 0;
  let isCancelled = false;
  const endless = new ReadableStream({
    pull: (controller) => {
      pulled++;
      controller.enqueue(new Uint8Array(4));
    },
    cancel: () => {
      isCancelled = true;
    },
  }, { highWaterMark: 0 });
  const { status, body } = await send("PUT /things/1", { body: endless });
  deepStrictEqual([status, body.code], [413, "ERR_TOO_LARGE"]);
  strictEqual(pulled, 3);
  strictEqual(isCancelled, true);
});

Deno.test("createHandler() asks who it is and whether they may, before anything is looked up", async () => {
  const asked: AccessRequest<{ id: string; role?: string }>[] = [];
  const handler = createHandler([THINGS], {
    authenticate: ({ headers }) => {
      const id = headers.get("authorization");
      return id === null ? undefined : { id, role: id };
    },
    authorize: (access) => {
      asked.push(access);
      return access.subject?.role === "admin";
    },
  });
  const send = clientOf(handler);
  const as = (id: string) => ({ headers: { authorization: id } });
  for (const path of ["/things/1", "/things/none", "/things"]) {
    const nobody = await send(`GET ${path}`);
    deepStrictEqual([nobody.status, nobody.headers.get("www-authenticate")], [401, "Bearer"]);
    const eve = await send(`GET ${path}`, as("eve"));
    deepStrictEqual([eve.status, eve.body.code], [403, "ERR_FORBIDDEN"]);
  }
  strictEqual((await send("DELETE /things/7", as("admin"))).status, 200);
  const { part, resource, action, id, subject } = asked.at(-1) ?? {};
  deepStrictEqual(
    [part, resource, action, id, subject?.id],
    ["things", "things", "write", "7", "admin"],
  );
});

Deno.test("createHandler() asks of what the path names, where a route says so", async () => {
  const asked: unknown[] = [];
  const read = route("GET", "/{collection}/{id}");
  const access: Route["access"] = ({ collection = "" }) => ({
    resource: collection,
    action: "read",
  });
  const handler = createHandler([{ name: "documents", routes: [{ ...read, access }] }], {
    authorize: ({ resource, id }) => {
      asked.push([resource, id]);
      return true;
    },
  });
  strictEqual((await clientOf(handler)("GET /letters/7")).status, 200);
  deepStrictEqual(asked, [["letters", "7"]]);
});

Deno.test("createHandler() lets whoever is known do everything, where there is no authorize", async () => {
  const send = served({
    authenticate: ({ headers }) => headers.has("authorization") ? { id: "ada" } : undefined,
  });
  strictEqual((await send("GET /things")).status, 401);
  strictEqual((await send("GET /metrics")).status, 401);
  strictEqual((await send("GET /livez")).status, 200);
  strictEqual((await send("GET /things", { headers: { authorization: "x" } })).status, 200);
});

Deno.test("createHandler() tells nothing of what an authenticate throws", async () => {
  const heard: unknown[] = [];
  const error = new Error("secret key is wrong");
  const send = served({
    authenticate: () => {
      throw error;
    },
    onError: (each) => heard.push(each),
  });
  const { status, text } = await send("GET /things");
  deepStrictEqual([status, text.includes("secret"), heard], [500, false, [error]]);
});

Deno.test("createHandler() gives each subject its own bucket, and says when to come back", async () => {
  const clock = manualClock();
  const send = served({
    clock,
    authenticate: ({ headers }) => ({ id: headers.get("authorization") ?? "nobody" }),
    limits: { rate: { perSecond: 0.5, burst: 2 } },
  });
  const get = async (id: string) => await send("GET /things", { headers: { authorization: id } });
  deepStrictEqual([(await get("a")).status, (await get("a")).status], [200, 200]);
  const late = await get("a");
  deepStrictEqual([late.status, late.body.code], [429, "ERR_RATE_LIMITED"]);
  strictEqual(late.headers.get("retry-after"), "2");
  strictEqual((await get("b")).status, 200);
  await clock.advance(2_000);
  strictEqual((await get("a")).status, 200);
  strictEqual((await get("a")).status, 429);
});

Deno.test("createHandler() counts for whom its owner says", async () => {
  const send = served({
    limits: {
      rate: { perSecond: 1, burst: 1 },
      countedFor: ({ headers }) => headers.get("x-address") ?? "",
    },
  });
  const from = (address: string) => send("GET /things", { headers: { "x-address": address } });
  deepStrictEqual(
    [(await from("1")).status, (await from("1")).status, (await from("2")).status],
    [200, 429, 200],
  );
});

Deno.test("createHandler() refuses sockets where the host gives none, and hands over where it does", async () => {
  const part: Part = {
    name: "sockets",
    routes: [route("GET", "/socket", ({ upgrade }: Call) => upgrade().response)],
  };
  const headers = { upgrade: "WebSocket" };
  const without = await clientOf(createHandler([part]))("GET /socket", { headers });
  deepStrictEqual([without.status, without.headers.get("upgrade")], [426, "websocket"]);
  const socket = {} as WebSocket;
  const send = clientOf(
    createHandler([part], { upgrade: () => ({ socket, response: new Response("upgraded") }) }),
  );
  strictEqual((await send("GET /socket", { headers })).text, "upgraded");
  strictEqual((await send("GET /socket")).status, 426);
});

Deno.test("createHandler() hands the host's upgrade to layers, and a cache does not mind", async () => {
  const cache = createCache(memory(), { name: "pages", ttl: "1m" });
  const upgrade = () => ({ socket: {} as WebSocket, response: new Response("upgraded") });
  const page: PartFunction = (request, context) =>
    context.upgrade?.(request, {}).response ?? new Response("none");
  const send = clientOf(createHandler([serveCache(cache), page], { upgrade }));
  for (let count = 0; count < 2; count++) strictEqual((await send("GET /")).text, "upgraded");
});

Deno.test("createHandler() refuses options that cannot work, with the rule and the value", () => {
  const options: unknown[] = [
    { basePath: "api" },
    { basePath: "/api/" },
    { basePath: 5 },
    { authenticate: true },
    { upgrade: {} },
    { cors: { origins: ["https://a.example/path"] } },
    { cors: { origins: "https://a.example" } },
    { cors: { origins: "*", credentials: true } },
    { cors: {} },
    { limits: { bodyBytesMax: -1 } },
    { limits: { bodyBytes: 1 } },
    { limits: { rate: { perSecond: 0, burst: 1 } } },
    { limits: { rate: { perSecond: 1, burst: 0 } } },
    { limits: { streamsMax: 1.5 } },
  ];
  for (const each of options) {
    throws(
      () => createHandler([], each as never),
      { code: "ERR_INVALID_OPTION", message: /^Cannot create a handler as / },
      JSON.stringify(each),
    );
  }
});
