import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import { type Random, randomInteger, seededRandom } from "../../../src/random.ts";
import { createSync, type SyncLimits } from "../../../src/sync/mod.ts";
import { manualClock } from "../../contracts/manual_clock.ts";
import { eventually } from "../../support/eventually.ts";
import { serveHub } from "../../support/sync/deno_host.ts";
import { faultyWakes } from "../../support/sync/faulty_wakes.ts";
import { connectPeer, type Peer } from "../../support/sync/peer.ts";
import { todosOn } from "../../support/sync/todos.ts";

const SEED = Number(Deno.env.get("SEED") ?? 20_261_128);

function opened(limits: SyncLimits = {}, backend = memory()) {
  const todos = todosOn(backend);
  return { todos, hub: createSync(backend, { models: [todos], limits }) };
}

Deno.test("Hub tells each change once and in order, though hints are lost, doubled and late", async () => {
  const clock = manualClock();
  const random = seededRandom(SEED);
  const backend = memory({ clock, random: seededRandom(SEED + 1) });
  const wakes = faultyWakes(backend.wakes, random, clock);
  const todos = todosOn({ ...backend, wakes });
  const hub = createSync({ ...backend, wakes }, { models: [todos] });
  const peer = await connectPeer(hub);
  peer.say({ event: "$sync:hello" });
  peer.say({ event: "$sync:subscribe", data: { model: "Todo" } });
  await clock.advance(1_500);
  for (let i = 0; i < 200; i++) {
    await todos.create({ text: String(i) });
    if (i % 10 === 0) await clock.advance(20);
  }
  // The last hints may be lost, so that only the slow look finds what they told of; the client must seem alive.
  for (let waited = 0; waited < 40_000; waited += 5_000) {
    peer.say({ event: "$sync:ping" });
    await clock.advance(5_000);
  }
  deepStrictEqual(
    peer.events("Todo:upsert").map(({ data }) => data.text),
    Array.from({ length: 200 }, (_, i) => String(i)),
    `seed ${SEED}`,
  );
  await hub.close();
  strictEqual(clock.pending, 0, "no timer is left");
});

Deno.test("Hub pings with cursors, closes who says nothing, and leaves no timer", async () => {
  const clock = manualClock();
  const backend = memory({ clock, random: seededRandom(SEED) });
  const hub = createSync(backend, { models: [todosOn(backend)] });
  const silent = await connectPeer(hub);
  const seed = await connectPeer(hub);
  silent.say({ event: "$sync:hello" });
  silent.say({ event: "$sync:subscribe", data: { model: "Todo" } });
  await clock.advance(26_000);
  ok(silent.events("$sync:ping")[0].data.cursors.Todo);
  await clock.advance(40_000);
  strictEqual(silent.closed, 4408);
  strictEqual(seed.closed, undefined, "the seed's clients are never asked");
  await hub.close();
  strictEqual(seed.closed, 4001);
  await clock.advance(0);
  strictEqual(clock.pending, 0);
});

Deno.test("Hub closes a connection when its user's time is over, unless it is prolonged", async () => {
  const clock = manualClock();
  const backend = memory({ clock, random: seededRandom(SEED) });
  const hub = createSync(backend, { models: [todosOn(backend)] });
  const peer = await connectPeer(hub, { id: "ada", expiresAtMs: clock.now() + 10_000 });
  await clock.advance(9_000);
  strictEqual(peer.closed, undefined);
  await clock.advance(2_000);
  strictEqual(peer.closed, 4401);
  strictEqual(hub.size, 0);
});

Deno.test("Hub tells that a user is gone within 30 s of the crash of their process", async () => {
  const clock = manualClock();
  const backend = memory({ clock, random: seededRandom(SEED) });
  const hub = createSync(backend, { models: [todosOn(backend)] });
  const watcher = await connectPeer(hub, { id: "watcher" });
  // What a process that then died had put there.
  const meta = JSON.stringify(["ghost", {}]);
  await backend.presence.put("sync/lobby", "dead.connection", meta, { ttlMs: 20_000, tag: "t" });
  watcher.say({ id: 1, event: "$sync:presence", data: { room: "lobby", meta: {} } });
  await clock.advance(1_000);
  const { data } = watcher.heard.find(({ id }) => id === 1);
  deepStrictEqual(data.members.map(({ key }: { key: string }) => key), ["ghost", "watcher"]);
  const isGone = () =>
    watcher.events("$sync:presence").some(({ data }) => data.leaves[0]?.key === "ghost");
  await clock.advance(17_000);
  strictEqual(isGone(), false);
  await clock.advance(12_000);
  strictEqual(isGone(), true);
  strictEqual(
    watcher.events("$sync:presence").some(({ data }) => data.leaves[0]?.key === "watcher"),
    false,
  );
  await hub.close();
  strictEqual(clock.pending, 0);
});

Deno.test("Hub shares nothing between connections where requests may not share", async () => {
  const backend = memory({ isolation: "request" });
  const todos = todosOn(backend);
  await using hub = createSync(backend, { models: [todos] });
  const peers = [await connectPeer(hub), await connectPeer(hub)];
  for (const peer of peers) {
    await peer.ask("$sync:hello");
    await peer.ask("$sync:subscribe", { model: "Todo" });
    await peer.ask("$sync:presence", { room: "lobby", meta: {} });
  }
  await peers[0]?.ask("Todo:upsert", { text: "x" }, { tx: "a" });
  for (const peer of peers) await peer.until("Todo:upsert", 1);
  await peers[0]?.until("$sync:presence", 1);
  strictEqual(hub.size, 2);
  peers[0]?.end();
  strictEqual(hub.size, 1);
});

Deno.test("Hub bounds what waits for a reader that has stopped: coalesces, resets, closes", async () => {
  const { hub, todos } = opened();
  await using _hub = hub;
  const slow = await connectPeer(hub);
  const quick = await connectPeer(hub);
  for (const peer of [slow, quick]) {
    await peer.ask("$sync:hello");
    await peer.ask("$sync:subscribe", { model: "Todo" });
  }
  slow.hold(2 << 20);
  const text = "x".repeat(50_000);
  for (let i = 0; i < 1_000; i++) {
    await todos.upsert({ id: i % 100 + 1, text: `${i} ${text}` });
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  await quick.until("Todo:upsert", 1_000);
  ok(slow.events("Todo:upsert").length < 10, "what does not fit waits");
  slow.hold(0);
  await slow.until("$sync:reset", 1);
  const [reset] = slow.events("$sync:reset");
  const after = slow.events("Todo:upsert").filter(({ seq }) => seq > reset.data.seq);
  strictEqual(after.at(-1)?.seq ?? reset.data.seq, 1_000, "nothing after the reset is missing");
  await todos.upsert({ id: 1, text: "last" });
  await eventually("it goes on", () => slow.events("Todo:upsert").at(-1)?.data.text === "last");
  slow.hold(15 << 20);
  for (let i = 0; i < 100; i++) await todos.upsert({ id: i + 1, text: `${i} ${text}` });
  await eventually("it is given up", () => slow.closed === 4429);
});

Deno.test("Hub serves others while a real socket reads nothing of 50 MB", async () => {
  const { hub, todos } = opened();
  await using _hub = hub;
  await using host = serveHub(() => hub);
  const { port } = new URL(host.url);
  using stalled = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
  await stalled.write(new TextEncoder().encode(
    `GET /sync HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nupgrade: websocket\r\nconnection: Upgrade\r\n` +
      "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  ));
  const socket = new WebSocket(`${host.url.replace("http", "ws")}/sync`);
  const heard: { readonly event: string; readonly seq: number }[] = [];
  socket.onmessage = ({ data }) => {
    const { event, seq } = JSON.parse(data);
    heard.push({ event, seq });
  };
  const closed = new Promise((resolve) => socket.onclose = resolve);
  await eventually("both are connected", () => hub.size === 2);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const before = Deno.memoryUsage().rss;
  const text = "x".repeat(50_000);
  for (let i = 0; i < 1_000; i++) {
    await todos.upsert({ id: i % 100 + 1, text: `${i} ${text}` });
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  await eventually("the other one heard the last", () => heard.at(-1)?.seq === 1_000);
  ok(!heard.some(({ event }) => event === "$sync:reset"), "who reads is not reset");
  const grownBytes = Deno.memoryUsage().rss - before;
  ok(grownBytes < 200_000_000, `memory grew by ${grownBytes} bytes`);
  socket.close();
  await closed;
  stalled.close();
  await eventually("both are gone", () => hub.size === 0);
});

Deno.test("Hub answers a flood with ERR_RATE_LIMITED and the requests' ids, then closes", async () => {
  // Time stands, so that nothing more may be said than a burst.
  const { hub } = opened({}, memory({ clock: manualClock() }));
  await using _hub = hub;
  const peer = await connectPeer(hub, { id: "ada" });
  for (let id = 1; id <= 1_000; id++) peer.say({ id, event: "$sync:ping" });
  const limited = peer.heard.filter(({ code }) => code === "ERR_RATE_LIMITED");
  ok(limited.length >= 850 && limited.length < 1_000, String(limited.length));
  ok(limited.every(({ id, details }) => id > 0 && details.retryAfterMs > 0));
  strictEqual(peer.closed, undefined);
  for (let id = 1; id <= 2_000; id++) peer.say({ id, event: "$sync:ping" });
  strictEqual(peer.closed, 4400);
  strictEqual(hub.size, 0);
});

Deno.test("Hub survives 10,000 random malformed messages, and tells nothing that it should not", async () => {
  const { hub, todos } = opened({ messagesPerSecond: 1e6, messagesBurst: 1e6 });
  await using _hub = hub;
  const random = seededRandom(SEED);
  const secret = await todos.create({ text: "of somebody else", code: "unique-secret" });
  const bystander = await connectPeer(hub, { id: "bystander" });
  let peer = await connectPeer(hub, { id: "mallory" });
  const all: Peer[] = [peer];
  for (let i = 0; i < 10_000; i++) {
    if (peer.closed !== undefined) all.push(peer = await connectPeer(hub, { id: "mallory" }));
    peer.say(malformed(random));
    if (i % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  }
  const heard = JSON.stringify(all.flatMap((one) => one.heard));
  ok(all.some(({ closed }) => closed === 4400), "strikes close");
  for (const word of ["node_modules", "TypeError", "    at ", "undefined is not", "polluted"]) {
    ok(!heard.includes(word), `seed ${SEED}: ${word}`);
  }
  strictEqual(({} as Record<string, unknown>).polluted, undefined);
  strictEqual((await bystander.ask("Todo:read", { id: secret.id })).data.text, "of somebody else");
  deepStrictEqual((await todos.get(secret.id))?.text, "of somebody else");
});

Deno.test("Hub refuses a read by a field called __proto__ or any other, and answers no record", async () => {
  const { hub, todos } = opened();
  await using _hub = hub;
  await todos.create({ text: "of somebody else" });
  const peer = await connectPeer(hub);
  for (const name of ["__proto__", "constructor", "", "nothing"]) {
    const where = JSON.parse(`{"${name}":{"gte":1}}`);
    const { code, data } = await peer.ask("Todo:read", { where });
    deepStrictEqual({ code, data }, { code: "ERR_INVALID_ARGUMENT", data: null }, name);
  }
  for (const where of [[], "x", 7, null]) {
    const { code, data } = await peer.ask("Todo:read", { where });
    strictEqual(typeof code, "string");
    strictEqual(data, null);
  }
});

const PIECES: readonly (() => string)[] = [
  () => "",
  () => "null",
  () => "[]",
  () => "{",
  () => "[".repeat(10_000),
  () => '{"event":1}',
  () => '{"event":"Todo"}',
  () => '{"event":":read"}',
  () => '{"event":"constructor:read","id":1}',
  () => '{"event":"__proto__:upsert","data":{"polluted":1},"id":1}',
  () => '{"event":"Todo:constructor","id":"x"}',
  () => '{"event":"Todo:__proto__","id":{}}',
  () => '{"event":"Todo:on_close","id":1}',
  () => '{"event":"Todo:upsert","id":1,"data":[1,2]}',
  () => '{"event":"Todo:upsert","id":1,"data":{"text":7}}',
  () =>
    '{"event":"Todo:upsert","id":1,"data":{"__proto__":{"polluted":1},"text":"x","code":"unique-secret"}}',
  () => '{"event":"Todo:upsert","id":1,"data":{"text":"x","id":{"a":1}}}',
  () => '{"event":"Todo:upsert","id":1,"data":{"text":"x"},"tx":"not a name"}',
  () => '{"event":"Todo:upsert","id":1,"data":{"text":"x"},"tx":"a/0"}',
  () => '{"event":"Todo:upsert","id":1,"data":{"text":"x"},"v":["1-x"]}',
  () => '{"event":"Todo:read","id":1,"data":{"limit":-1}}',
  () => '{"event":"Todo:read","id":1,"data":{"after":"nonsense"}}',
  () => '{"event":"Todo:read","id":1,"data":{"where":{"constructor":1}}}',
  () => '{"event":"Todo:delete","id":1,"data":{"id":"constructor"}}',
  () => '{"event":"$sync:subscribe","id":1,"data":{"model":"Todo","after":"e.999999.t"}}',
  () => '{"event":"$sync:subscribe","id":1,"data":{"model":"hasOwnProperty"}}',
  () => '{"event":"$sync:presence","id":1,"data":{"room":"","meta":1}}',
  () => '{"event":"$sync:hello","id":1,"data":{"token":"forged"}}',
  () => '{"event":"$sync:toString","id":1}',
];

/** A piece as it is, cut, doubled, or with a character changed. */
function malformed(random: Random): string {
  const piece = PIECES[randomInteger(random, 0, PIECES.length)]?.() ?? "";
  const at = randomInteger(random, 0, piece.length + 1);
  switch (randomInteger(random, 0, 5)) {
    case 0:
      return piece.slice(0, at);
    case 1:
      return piece + piece;
    case 2:
      return piece.slice(0, at) + String.fromCharCode(randomInteger(random, 0, 65_536)) +
        piece.slice(at + 1);
    default:
      return piece;
  }
}
