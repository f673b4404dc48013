import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import { HoldfastError } from "../../../src/errors.ts";
import { createHandler, type HandlerOptions, serveLog } from "../../../src/http/mod.ts";
import { connectLog, createLog, LogConflictError, TrimmedError } from "../../../src/log/mod.ts";
import { seededRandom } from "../../../src/random.ts";
import { take } from "../log/setup.ts";

/** A served log, its client, and the power to spoil what is between them. */
function served(options: HandlerOptions = {}) {
  const log = createLog<unknown>(memory(), { name: "orders", entriesMax: 100 });
  const handler = createHandler([serveLog(log)], options);
  const between: ((handle: () => Promise<Response>) => Promise<Response>)[] = [];
  const seen: Request[] = [];
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const request = new Request(url, init);
    seen.push(request);
    const handle = () => handler(request.clone());
    return await (between.shift()?.(handle) ?? handle());
  };
  const client = connectLog<unknown>("http://localhost/orders", { fetch, random: seededRandom(1) });
  const send = async (method: string, path: string, body?: unknown, headers = {}) => {
    const response = await handler(
      new Request(`http://localhost${path}`, {
        method,
        headers: { "content-type": "application/json", ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    );
    return { status: response.status, body: JSON.parse(await response.text() || "null") };
  };
  return { log, handler, client, send, between, seen };
}

Deno.test("serveLog() and connectLog() append and read as the log itself does", async () => {
  const { client, log } = served();
  const { first, last, isRepeat } = await client.append(["a", { b: [1, null] }]);
  deepStrictEqual([first.index, last.index, isRepeat], [1, 2, false]);
  const page = await client.read({ minIndex: last.index });
  deepStrictEqual(page, await log.read());
  deepStrictEqual((await client.read({ from: first, limit: 1 })).entries.length, 1);
  deepStrictEqual((await client.read({ from: "end" })).entries, []);
});

Deno.test("connectLog() throws what the log throws, with its positions", async () => {
  const { client, log } = served();
  const { first, last } = await client.append([1, 2]);
  const { last: head } = await client.append([3]);
  const conflict = await client.append([4], { expect: last }).catch((error) => error);
  ok(conflict instanceof LogConflictError);
  deepStrictEqual(conflict.head, head);
  await log.trim({ upTo: last, isForced: true });
  const trimmed = await client.read({ from: first }).catch((error) => error);
  ok(trimmed instanceof TrimmedError);
  deepStrictEqual(trimmed.start, last);
  await rejects(client.tail({ from: first }).next(), { code: "ERR_TRIMMED" });
  const lost = { ...head, tag: "other" };
  await rejects(client.read({ from: lost }), { code: "ERR_STORE_REGRESSED" });
  await rejects(client.append([5], { expect: lost }), { code: "ERR_STORE_REGRESSED" });
  await rejects(client.tail({ from: lost }).next(), { code: "ERR_STORE_REGRESSED" });
  deepStrictEqual(await client.fence("f1"), head);
  await rejects(client.append([4]), { code: "ERR_FENCED" });
  await client.append([4], { fence: "f1" });
  await rejects(client.append(Array.from({ length: 200 }, () => 1), { fence: "f1" }), {
    code: "ERR_LIMIT",
  });
  await rejects(client.seal(), { code: "ERR_FENCED" });
  strictEqual((await client.seal({ fence: "f1" })).index, 4);
  await rejects(client.append([5], { fence: "f1" }), { code: "ERR_SEALED" });
});

Deno.test("connectLog().append() happens once, though answers are lost and requests refused", async () => {
  const { client, log, between } = served();
  const lost = async (handle: () => Promise<Response>) => {
    await (await handle()).body?.cancel();
    throw new TypeError("connection reset");
  };
  const away = () => Promise.resolve(new Response("busy", { status: 503 }));
  between.push(lost, away, lost);
  strictEqual((await client.append(["a"])).isRepeat, true);
  between.push(lost);
  const writer = { id: "w", sequence: 1 };
  await client.append(["b"], { writer });
  deepStrictEqual((await client.append(["b"], { writer })).last.index, 2);
  deepStrictEqual((await log.read()).entries.map(({ event }) => event), ["a", "b"]);
});

Deno.test("connectLog() gives up after its attempts, and says what is not known", async () => {
  const { client, between, seen } = served();
  const away = () => Promise.resolve(new Response("busy", { status: 503 }));
  between.push(...Array.from({ length: 5 }, () => away));
  await rejects(client.append(["a"]), { code: "ERR_OUTCOME_UNKNOWN" });
  strictEqual(seen.length, 5);
  between.push(...Array.from({ length: 5 }, () => away));
  await rejects(client.read(), { code: "ERR_UNAVAILABLE" });
  const refusing = () => Promise.resolve(new Response("", { status: 404 }));
  between.push(refusing);
  await rejects(client.read(), { code: "ERR_NOT_FOUND" });
  strictEqual(seen.length, 11);
});

Deno.test("connectLog() follows a server that says who leads, and not for ever", async () => {
  const { client, between, seen } = served();
  const elsewhere = () =>
    Promise.resolve(Response.json({ leader: "http://b.example/orders" }, { status: 421 }));
  between.push(elsewhere, elsewhere);
  await client.append(["a"]);
  deepStrictEqual(seen.map(({ url }) => new URL(url).host), [
    "localhost",
    "b.example",
    "b.example",
  ]);
  between.push(...Array.from({ length: 40 }, () => elsewhere));
  await rejects(client.read(), (error) => HoldfastError.is(error));
  ok(seen.length < 20, `${seen.length} requests`);
});

Deno.test("connectLog().tail() gives every entry once, though its stream breaks", async () => {
  const { client, log, between, seen } = served();
  const broken = (after: number) => async (handle: () => Promise<Response>) => {
    const { body, ...init } = await handle();
    let chunks = 0;
    const cut = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        if (++chunks > after) controller.error(new Error("reset"));
        else controller.enqueue(chunk);
      },
    });
    return new Response(body?.pipeThrough(cut), init);
  };
  for (let at = 0; at < 40; at++) await log.append([at]);
  between.push(broken(1), broken(9), broken(3), broken(12));
  const taking = take(client.tail(), 60);
  for (let at = 40; at < 60; at++) await log.append([at]);
  deepStrictEqual(
    (await taking).map(({ event }) => event),
    Array.from({ length: 60 }, (_, at) => at),
  );
  strictEqual(seen.length, 5);
});

Deno.test("connectLog().tail() ends with a sealed log, and with its signal", async () => {
  const { client, log } = served();
  await log.append(["a"]);
  const stop = new AbortController();
  const feed = client.tail({ signal: stop.signal });
  strictEqual((await feed.next()).value?.event, "a");
  const ending = rejects(feed.next(), /enough/);
  stop.abort(new Error("enough"));
  await ending;
  await log.seal();
  strictEqual((await take(client.tail(), 9)).length, 1);
});

Deno.test("connectLog() appends and tails over sockets, and lets go of them", async () => {
  const log = createLog<number>(memory(), { name: "orders" });
  const handler = createHandler([serveLog(log)]);
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handler);
  const client = connectLog<number>(`http://127.0.0.1:${server.addr.port}/orders`);
  const stop = new AbortController();
  const ending = rejects(async () => {
    for await (const _entry of client.tail({ signal: stop.signal }));
  }, /enough/);
  const taking = take(client.tail(), 20);
  for (let at = 0; at < 20; at++) await client.append([at]);
  deepStrictEqual(
    (await taking).map(({ event }) => event),
    Array.from({ length: 20 }, (_, at) => at),
  );
  stop.abort(new Error("enough"));
  await ending;
});

Deno.test("serveLog() streams the tail with positions as ids, and from Last-Event-ID on", async () => {
  const { log, handler } = served();
  const { first } = await log.append(["a", "b"]);
  await log.seal();
  const id = `${first.epoch}.1.${first.tag}`;
  const response = await handler(
    new Request("http://localhost/orders:tail", { headers: { "last-event-id": id } }),
  );
  strictEqual(response.headers.get("content-type"), "text/event-stream");
  const text = await response.text();
  deepStrictEqual(text.split("\n\n").slice(1, 4), [
    `id: ${id}`,
    `id: ${first.epoch}.2.${first.tag}\ndata: "b"`,
    "event: sealed\ndata: {}",
  ]);
});

Deno.test("serveLog() answers an Idempotency-Key like the first time, for who sent it", async () => {
  const { send, log } = served({
    authenticate: (request) => ({ id: request.headers.get("x-user") ?? "" }),
  });
  const post = (user: string) =>
    send("POST", "/orders", { events: [user] }, { "idempotency-key": "k", "x-user": user });
  const first = await post("ada");
  deepStrictEqual([first.status, (await post("ada")).status, (await post("bob")).status], [
    201,
    200,
    201,
  ]);
  deepStrictEqual((await post("ada")).body.first, first.body.first);
  strictEqual((await log.state()).head.index, 2);
});

Deno.test("serveLog() refuses bad requests with problem details, and quotes nothing of them", async () => {
  const { send } = served();
  const cases: [string, string, unknown, number, string][] = [
    ["POST", "/orders", { events: "secret" }, 400, "ERR_INVALID_ARGUMENT"],
    ["POST", "/orders", [], 400, "ERR_INVALID_ARGUMENT"],
    ["POST", "/orders", { events: [] }, 422, "ERR_LIMIT"],
    ["POST", "/orders", { events: [1], expect: "secret" }, 400, "ERR_INVALID_CURSOR"],
    ["POST", "/orders", { events: [1], fence: 7 }, 400, "ERR_INVALID_ARGUMENT"],
    ["POST", "/orders", { events: [1], writer: { id: 1 } }, 400, "ERR_INVALID_ARGUMENT"],
    [
      "POST",
      "/orders",
      { events: [1], writer: { id: "a", sequence: 0 } },
      400,
      "ERR_INVALID_ARGUMENT",
    ],
    [
      "POST",
      "/orders",
      { events: [1], writer: { id: "a", sequence: 9 } },
      503,
      "ERR_OUTCOME_UNKNOWN",
    ],
    ["GET", "/orders?from=secret", undefined, 400, "ERR_INVALID_CURSOR"],
    ["GET", "/orders?limit=0", undefined, 400, "ERR_INVALID_ARGUMENT"],
    ["GET", "/orders?minIndex=x", undefined, 400, "ERR_INVALID_ARGUMENT"],
    ["GET", "/orders:tail?from=secret", undefined, 400, "ERR_INVALID_CURSOR"],
    ["POST", "/orders:fence", {}, 400, "ERR_INVALID_ARGUMENT"],
    ["POST", "/orders:fence", { token: "a b" }, 400, "ERR_INVALID_ARGUMENT"],
  ];
  for (const [method, path, given, status, code] of cases) {
    const { status: told, body } = await send(method, path, given);
    deepStrictEqual(
      [told, body.code],
      [status, code],
      `${method} ${path} ${JSON.stringify(given)}`,
    );
    ok(!JSON.stringify(body).includes("secret"));
  }
  const state = await send("GET", "/orders:state");
  deepStrictEqual(state.body, {
    head: "0.0.",
    start: "0.0.",
    consumers: {},
    bytes: 0,
    isFenced: false,
    isSealed: false,
  });
});

Deno.test("serveLog() and connectLog() refuse what is of no use", () => {
  const log = createLog(memory(), { name: "a.b" });
  throws(() => serveLog(log), { code: "ERR_INVALID_ARGUMENT" });
  strictEqual(serveLog(log, { name: "ab" }).name, "log");
  for (const none of [undefined, {}, "orders"]) {
    throws(() => serveLog(none as never), { code: "ERR_INVALID_ARGUMENT" });
  }
  throws(() => serveLog(log, { nmae: "x" } as never), { code: "ERR_INVALID_OPTION" });
  for (const url of ["", "orders", "ftp://x/y", "http://x/?a=1"]) {
    throws(() => connectLog(url), { code: "ERR_INVALID_OPTION" });
  }
  throws(() => connectLog("http://x", { attemptsMax: 0 }), { code: "ERR_INVALID_OPTION" });
  throws(() => connectLog("http://x", { retries: 1 } as never), { code: "ERR_INVALID_OPTION" });
});
