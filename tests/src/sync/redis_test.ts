import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { createGateway, serveGateway } from "../../../adapters/gateway/mod.ts";
import { redis as redisBackend } from "../../../adapters/redis/mod.ts";
import { createSync, type SyncHub } from "../../../src/sync/mod.ts";
import { eventually } from "../../support/eventually.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startRedis } from "../../support/redis/server.ts";
import { serveHub } from "../../support/sync/deno_host.ts";
import { connectPeer } from "../../support/sync/peer.ts";
import { listen, streamUrl } from "../../support/sync/sse.ts";
import { todosOn } from "../../support/sync/todos.ts";

interface Address {
  readonly url: string;
  readonly token: string;
}

function hubOn({ url, token }: Address): SyncHub {
  const backend = redisBackend({ url, token });
  return createSync(backend, { models: [todosOn(backend)] });
}

function writerOn({ url, token }: Address) {
  return todosOn(redisBackend({ url, token }));
}

/** A gateway's streams end a moment after their hub. */
async function streamsEnd(gateway: { counters(): { readonly streams: number } }): Promise<void> {
  await eventually("no stream is left", () => gateway.counters().streams === 0);
}

async function subscribed(hub: SyncHub, after?: string) {
  const peer = await connectPeer(hub);
  await peer.ask("$sync:hello");
  const { data } = await peer.ask("$sync:subscribe", { model: "Todo", after });
  return { peer, subscription: data };
}

redisTest("Hub tells what is written in another process, through a stream that dies", async () => {
  await using redis = await startRedis();
  const first = await startGateway(redis);
  await using hub = hubOn(first);
  await using direct = await startGateway(redis);
  const writer = writerOn(direct);
  const { peer } = await subscribed(hub);
  for (let i = 0; i < 10; i++) await writer.create({ text: String(i) });
  await peer.until("Todo:upsert", 10);
  await first.stop();
  for (let i = 10; i < 20; i++) await writer.create({ text: String(i) });
  const gateway = createGateway({ redis: redis.url, token: first.token });
  await using _again = await serveGateway(gateway, { port: Number(new URL(first.url).port) });
  for (let i = 20; i < 30; i++) await writer.create({ text: String(i) });
  const heard = await peer.until("Todo:upsert", 30);
  deepStrictEqual(
    heard.map(({ data }) => data.text),
    Array.from({ length: 30 }, (_, i) => String(i)),
  );
});

redisTest("Hub that is killed loses nothing: its client goes on at another one", async () => {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis);
  const killed = hubOn(gateway);
  await using other = hubOn(gateway);
  const { peer, subscription } = await subscribed(killed);
  const made = await peer.ask("Todo:upsert", { text: "0" }, { tx: "q/1" });
  const [echo] = await peer.until("Todo:upsert", 1);
  strictEqual(echo.tx, "q/1");
  await killed.close();
  const writer = writerOn(gateway);
  for (let i = 1; i <= 20; i++) await writer.create({ text: String(i) });
  const again = await subscribed(other, echo.cursor);
  strictEqual(again.subscription.reset, false);
  const heard = await again.peer.until("Todo:upsert", 20);
  deepStrictEqual(
    heard.map(({ data }) => data.text),
    Array.from({ length: 20 }, (_, i) => String(i + 1)),
  );
  // The write whose answer may have been lost with the hub is not made again.
  const repeated = await again.peer.ask("Todo:upsert", { text: "0" }, { tx: "q/1" });
  deepStrictEqual(repeated.data, made.data);
  const stale = await subscribed(other, subscription.cursor);
  await stale.peer.until("Todo:upsert", 21);
  await other.close();
  await streamsEnd(gateway);
});

redisTest("Hub made anew for each request serves an event stream and POST", async () => {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis);
  await using host = serveHub(() => hubOn(gateway));
  const base = `${host.url}/sync`;
  const post = async (message: object) => {
    const response = await fetch(base, { method: "POST", body: JSON.stringify(message) });
    const [answer] = await response.json();
    return answer;
  };
  await using stream = await listen(streamUrl(base, [["Todo"]]));
  await eventually("it stands", () => stream.heard.length === 1);
  for (let i = 1; i <= 5; i++) {
    const answer = await post({
      id: i,
      event: "Todo:upsert",
      data: { text: `${i}` },
      tx: `q/${i}`,
    });
    strictEqual(answer.data.text, `${i}`);
  }
  const repeated = await post({ id: 9, event: "Todo:upsert", data: { text: "3" }, tx: "q/3" });
  strictEqual(repeated.data.id, 3);
  await eventually("five events", () => stream.heard.length >= 6);
  const events = stream.heard.slice(1);
  deepStrictEqual(events.map(({ data }) => data.text), ["1", "2", "3", "4", "5"]);
  ok(events.every(({ v }, i) => v === stream.heard[i + 1].v));
  await stream[Symbol.asyncDispose]();
  await post({ id: 10, event: "Todo:delete", data: { id: 2 } });
  await using resumed = await listen(streamUrl(base, [["Todo"]]), {
    "last-event-id": stream.ids.at(-1) ?? "",
  });
  await eventually("the deletion", () => resumed.heard.length === 2);
  deepStrictEqual(
    [resumed.heard[0].data.reset, resumed.heard[1].event, resumed.heard[1].data],
    [false, "Todo:delete", { id: 2 }],
  );
  await resumed[Symbol.asyncDispose]();
  await streamsEnd(gateway);
});

redisTest(
  "Hubs on one Redis share presence: a crash is a leave, and a ticket opens once",
  async () => {
    await using redis = await startRedis();
    await using gateway = await startGateway(redis);
    await using one = hubOn(gateway);
    await using other = hubOn(gateway);
    const ada = await connectPeer(one, { id: "ada" });
    const bob = await connectPeer(other, { id: "bob" });
    await ada.ask("$sync:presence", { room: "lobby", meta: { page: 1 } });
    const joined = await bob.ask("$sync:presence", { room: "lobby", meta: {} });
    strictEqual(joined.data.members.length, 2);
    await eventually(
      "ada sees bob",
      () =>
        ada.events("$sync:presence").some(({ data }) =>
          data.joins.some(({ key }: { key: string }) => key === "bob")
        ),
    );
    bob.end();
    await eventually(
      "bob left",
      () =>
        ada.events("$sync:presence").some(({ data }) =>
          data.leaves.some(({ key }: { key: string }) => key === "bob")
        ),
    );
    const ticket = await one.ticket({ id: "ada" });
    const request = () => new Request(`http://hub/sync?ticket=${ticket}&models=[]&wait=0`);
    const statuses = await Promise.all(
      [one, other].map(async (hub) => (await hub.handle(request())).status),
    );
    deepStrictEqual(statuses.sort(), [200, 401]);
    await Promise.all([one.close(), other.close()]);
    await streamsEnd(gateway);
  },
);
