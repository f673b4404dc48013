import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import { createSync, type SyncOptions } from "../../../src/sync/mod.ts";
import { eventually } from "../../support/eventually.ts";
import { serveHub } from "../../support/sync/deno_host.ts";
import { listen, streamUrl } from "../../support/sync/sse.ts";
import { todosOn } from "../../support/sync/todos.ts";

interface User {
  readonly id: string;
}

const USERS: Readonly<Record<string, string>> = { "token-of-ada": "ada", "token-of-bob": "bob" };

function opened(options: Partial<SyncOptions<User>> = {}) {
  const backend = memory();
  const todos = todosOn(backend);
  const hub = createSync<User>(backend, { models: [todos], ...options });
  return { todos, hub, served: serveHub(() => hub) };
}

const authenticate: NonNullable<SyncOptions<User>["authenticate"]> = (request, { token = "" }) => {
  const cookie = /session=([\w-]+)/.exec(request.headers.get("cookie") ?? "")?.[1] ?? "";
  const id = USERS[token] ?? USERS[cookie];
  return id === undefined ? undefined : { id };
};

async function upgradeStatus(url: string, headers: Record<string, string> = {}): Promise<number> {
  const { port } = new URL(url);
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
  const all = {
    host: `127.0.0.1:${port}`,
    upgrade: "websocket",
    connection: "Upgrade",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    ...headers,
  };
  const { pathname, search } = new URL(url);
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  await connection.write(
    new TextEncoder().encode(`GET ${pathname}${search} HTTP/1.1\r\n${head}\r\n`),
  );
  const bytes = new Uint8Array(1_024);
  const count = await connection.read(bytes) ?? 0;
  connection.close();
  return Number(/^HTTP\/1\.1 (\d+)/.exec(new TextDecoder().decode(bytes.subarray(0, count)))?.[1]);
}

async function openSocket(url: string, protocols: string[] = []) {
  const socket = new WebSocket(url.replace("http", "ws"), protocols);
  // deno-lint-ignore no-explicit-any -- what a message holds is what the test is about.
  const heard: any[] = [];
  socket.onmessage = ({ data }) => void heard.push(JSON.parse(data));
  const closed = new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  return { socket, heard, closed };
}

Deno.test("Hub.upgrade() refuses before it opens: 401, 403, 503, and 426 without a host's upgrade", async () => {
  const { hub, served } = opened({ authenticate, origins: ["https://friend.example"] });
  await using host = served;
  const url = `${host.url}/sync`;
  const authorization = "Bearer token-of-ada";
  strictEqual(await upgradeStatus(url), 401);
  strictEqual(await upgradeStatus(url, { authorization: "Bearer nonsense" }), 401);
  strictEqual(await upgradeStatus(url, { authorization, origin: "https://evil.example" }), 403);
  strictEqual(await upgradeStatus(url, { authorization, origin: "null" }), 403);
  strictEqual(await upgradeStatus(url, { authorization, origin: "https://friend.example" }), 101);
  strictEqual(await upgradeStatus(url, { authorization, origin: host.url }), 101);
  strictEqual(await upgradeStatus(url, { cookie: "session=token-of-bob" }), 101);
  const request = new Request(url, { headers: { upgrade: "websocket", authorization } });
  strictEqual((await hub.handle(request)).status, 426);
  strictEqual((await hub.handle(new Request(`${host.url}/elsewhere`))).status, 404);
  strictEqual((await hub.handle(new Request(url, { method: "PUT" }))).status, 405);
  await hub.drain();
  strictEqual(await upgradeStatus(url, { authorization }), 503);
});

Deno.test("Hub.upgrade() takes a token in a subprotocol, and a ticket once", async () => {
  const { hub, served } = opened({ authenticate });
  await using host = served;
  await using _hub = hub;
  const url = `${host.url}/sync`;
  const token = btoa("token-of-ada").replaceAll("=", "");
  const { socket, heard, closed } = await openSocket(url, ["holdfast", `holdfast.token.${token}`]);
  strictEqual(socket.protocol, "holdfast");
  socket.send(JSON.stringify({ id: 1, event: "$sync:hello" }));
  await eventually("hello is answered", () => heard.length === 1);
  socket.close();
  await closed;
  const issued = await fetch(`${url}/ticket`, {
    method: "POST",
    headers: { authorization: "Bearer token-of-ada" },
  });
  const { ticket } = await issued.json();
  strictEqual(issued.status, 200);
  strictEqual((await hub.handle(new Request(`${url}/ticket`, { method: "POST" }))).status, 401);
  const statuses = await Promise.all([1, 2, 3].map(() => upgradeStatus(`${url}?ticket=${ticket}`)));
  deepStrictEqual(statuses.sort(), [101, 401, 401]);
  const other = await hub.ticket({ id: "bob" });
  const opening = await openSocket(url, ["holdfast", `holdfast.ticket.${other}`]);
  opening.socket.close();
  await opening.closed;
});

Deno.test("Hub says bye with a time to come back, and closes", async () => {
  const { hub, served } = opened();
  await using host = served;
  const { heard, closed } = await openSocket(`${host.url}/sync`);
  await eventually("it is connected", () => hub.size === 1);
  await hub.drain({ afterMs: 500 });
  const { code } = await closed;
  const [bye] = heard;
  deepStrictEqual([code, bye.event], [4001, "$sync:bye"]);
  ok(bye.data.afterMs >= 500 && bye.data.afterMs <= 1_000);
  strictEqual(hub.size, 0);
});

Deno.test("Hub closes a message over its bound, and answers binary", async () => {
  const { hub, served } = opened();
  await using host = served;
  await using _hub = hub;
  const { socket, heard, closed } = await openSocket(`${host.url}/sync`);
  socket.send(new Uint8Array([1, 2, 3]));
  await eventually("binary is refused", () => heard.length === 1);
  strictEqual(heard[0].code, "ERR_MALFORMED");
  socket.send(JSON.stringify({ id: 1, event: "Todo:upsert", data: { text: "x".repeat(300_000) } }));
  strictEqual((await closed).code, 4009);
  strictEqual(heard[1].code, "ERR_TOO_LARGE");
});

Deno.test("Hub streams events that resume by Last-Event-ID, beside POST", async () => {
  const { hub, todos, served } = opened({ authenticate });
  await using host = served;
  await using _hub = hub;
  const authorization = "Bearer token-of-ada";
  const url = streamUrl(`${host.url}/sync`, [["Todo"], ["Nope"]]);
  const first = await listen(url, { authorization });
  await eventually("it stands", () => first.heard.length === 2);
  deepStrictEqual(
    first.heard.map(({ event, data, code }) => [event, data.model, code]).sort(),
    [["$sync:subscribe", "Nope", "ERR_NOT_FOUND"], ["$sync:subscribe", "Todo", undefined]],
  );
  const post = async (body: unknown, headers: Record<string, string> = { authorization }) =>
    await fetch(`${host.url}/sync`, { method: "POST", headers, body: JSON.stringify(body) });
  const answers = await (await post([
    { id: 1, event: "Todo:upsert", data: { text: "a" }, tx: "q/1" },
    { id: 2, event: "Todo:upsert", data: { text: "b" }, tx: "q/2" },
    { event: "Todo:upsert", data: { text: "c" }, tx: "q/3" },
    { id: 4, event: "Todo:read" },
    { id: 5, event: "Nope:read" },
    { id: 6, event: "$sync:subscribe", data: { model: "Todo" } },
    { nonsense: true },
  ])).json();
  deepStrictEqual(
    answers.map(({ id, code }: { id: number; code?: string }) => [id, code]),
    [[1, undefined], [2, undefined], [4, undefined], [5, "ERR_NOT_FOUND"], [
      6,
      "ERR_INVALID_ARGUMENT",
    ], [undefined, "ERR_MALFORMED"]],
  );
  const refused = await post({ id: 1, event: "Todo:read" }, {});
  strictEqual(refused.status, 401);
  await refused.body?.cancel();
  await eventually("three events", () => first.heard.length === 5);
  await first[Symbol.asyncDispose]();
  await eventually("the hub noticed", () => hub.size === 0);
  await todos.create({ text: "meanwhile" });
  const again = await listen(url, { authorization, "last-event-id": first.ids.at(-1) ?? "" });
  await eventually(
    "what was missed",
    () => again.heard.some(({ data }) => data?.text === "meanwhile"),
  );
  const texts = again.heard.filter(({ event }) => event === "Todo:upsert").map(({ data }) =>
    data.text
  );
  deepStrictEqual(texts, ["meanwhile"]);
  await again[Symbol.asyncDispose]();
  await eventually("the hub noticed", () => hub.size === 0);
});

Deno.test("Hub answers a long poll when there is something, and not before", async () => {
  const { hub, todos, served } = opened();
  await using host = served;
  await using _hub = hub;
  const poll = async (after: string | null, wait: number) => {
    const models = encodeURIComponent(JSON.stringify([["Todo", after]]));
    return await (await fetch(`${host.url}/sync?models=${models}&wait=${wait}`)).json();
  };
  const [start] = await poll(null, 20_000);
  deepStrictEqual([start.event, start.data.reset], ["$sync:subscribe", true]);
  deepStrictEqual(
    (await poll(start.data.cursor, 50)).map(({ data }: { data: { reset: boolean } }) => data.reset),
    [false],
  );
  const waiting = poll(start.data.cursor, 20_000);
  await eventually("the poll waits", () => hub.size === 1);
  await todos.create({ text: "a" });
  const messages = await waiting;
  strictEqual(messages.at(-1).data.text, "a");
  await todos.create({ text: "b" });
  strictEqual((await poll(messages.at(-1).cursor, 20_000)).at(-1).data.text, "b");
  const bad = await fetch(`${host.url}/sync?models=nonsense`);
  strictEqual(bad.status, 400);
  await bad.body?.cancel();
});
