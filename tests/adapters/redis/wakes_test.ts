import { deepStrictEqual, ok } from "node:assert/strict";
import { createGateway, serveGateway } from "../../../adapters/gateway/mod.ts";
import { connectRedis } from "../../../adapters/redis/connection.ts";
import { redisWakes } from "../../../adapters/redis/wakes.ts";
import type { Isolation } from "../../../src/backend.ts";
import { sleep } from "../../../src/waiting.ts";
import { systemClock } from "../../../src/clock.ts";
import type { WakeEvent, WakeFeed } from "../../../src/wakes/port.ts";
import type { OpenBench } from "../../contracts/harness.ts";
import { wakeFeedContract } from "../../contracts/wake_feed.ts";
import { spent } from "../../support/redis/budget.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startRedis } from "../../support/redis/server.ts";

const clock = systemClock();

function open(isolation: Isolation): OpenBench<WakeFeed> {
  return async () => {
    const stack = new AsyncDisposableStack();
    const redis = stack.use(await startRedis());
    const gateway = stack.use(await startGateway(redis));
    const feed = () =>
      redisWakes(connectRedis({ url: gateway.url, token: gateway.token, isolation }));
    return {
      store: feed(),
      peer: () => Promise.resolve(feed()),
      advance: (ms) => sleep(clock, ms),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  };
}

const named = (isolation: Isolation) => (name: string, run: () => Promise<void>) =>
  redisTest(`${name}, on Redis, isolation ${isolation}`, run);

wakeFeedContract(named("process"), open("process"));
wakeFeedContract(named("request"), open("request"));

redisTest(
  "redisWakes() holds one stream for all channels, and none when nobody listens",
  async () => {
    await using redis = await startRedis();
    await using gateway = await startGateway(redis);
    const { url, token } = gateway;
    const feed = redisWakes(connectRedis({ url, token }));
    const stops = ["a", "b", "c", "a"].map((channel) => {
      const stop = new AbortController();
      const gap = new Promise<WakeEvent>((resolve) =>
        feed.subscribe(channel, resolve, stop.signal)
      );
      return { stop, gap };
    });
    for (const { gap } of stops) deepStrictEqual(await gap, { kind: "gap" });
    deepStrictEqual([gateway.counters().streams, gateway.counters().requests], [1, 1]);
    for (const { stop } of stops) stop.abort();
    await until(() => gateway.counters().streams === 0);
  },
);

redisTest(
  "redisWakes() holds a stream for each subscription where requests share nothing",
  async () => {
    await using redis = await startRedis();
    await using gateway = await startGateway(redis);
    const { url, token } = gateway;
    const feed = redisWakes(connectRedis({ url, token, isolation: "request" }));
    const stops = ["a", "b"].map((channel) => {
      const stop = new AbortController();
      const gap = new Promise<WakeEvent>((resolve) =>
        feed.subscribe(channel, resolve, stop.signal)
      );
      return { stop, gap };
    });
    for (const { gap } of stops) await gap;
    deepStrictEqual(gateway.counters().streams, 2);
    stops[0]?.stop.abort();
    await until(() => gateway.counters().streams === 1);
    stops[1]?.stop.abort();
    await until(() => gateway.counters().streams === 0);
  },
);

redisTest("redisWakes() keeps namespaces apart", async () => {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis);
  const { url, token } = gateway;
  const feeds = ["one", "two"].map((namespace) =>
    redisWakes(connectRedis({ url, token, namespace }))
  );
  const stop = new AbortController();
  const events = feeds.map((feed) => {
    const told: WakeEvent[] = [];
    feed.subscribe("a", (event) => void told.push(event), stop.signal);
    return told;
  });
  await until(() => events.every(({ length }) => length === 1));
  const wake = { epoch: "e", index: 1, tag: "t1", previousTag: "" };
  for (const [i, feed] of feeds.entries()) await feed.publish("a", { ...wake, tag: `t${i}` });
  await until(() => events.every(({ length }) => length === 2));
  deepStrictEqual(
    events.map((told) => told.flatMap((event) => event.kind === "wake" ? [event.wake.tag] : [])),
    [["t0"], ["t1"]],
  );
  stop.abort();
  await until(() => gateway.counters().streams === 0);
});

redisTest(
  "WakeFeed.publish() costs one request and one command, a subscription one request",
  async () => {
    await using redis = await startRedis();
    await using gateway = await startGateway(redis);
    const { url, token } = gateway;
    const feed = redisWakes(connectRedis({ url, token }));
    const stop = new AbortController();
    const events: WakeEvent[] = [];
    const subscribing = await spent(redis, gateway, async () => {
      feed.subscribe("a", (event) => void events.push(event), stop.signal);
      await until(() => events.length === 1);
    });
    deepStrictEqual([subscribing.requests, subscribing.commands], [1, { psubscribe: 1 }]);
    const wake = { epoch: "e", index: 1, tag: "t1", previousTag: "", entry: "[1]" };
    const publishing = await spent(redis, gateway, async () => {
      await feed.publish("a", wake);
      await until(() => events.length === 2);
    });
    deepStrictEqual([publishing.requests, publishing.commands], [1, { publish: 1 }]);
    stop.abort();
    await until(() => gateway.counters().streams === 0);
  },
);

redisTest("redisWakes() takes a stranger's message for a gap", async () => {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis);
  const { url, token } = gateway;
  const feed = redisWakes(connectRedis({ url, token }));
  const stop = new AbortController();
  const events: WakeEvent[] = [];
  feed.subscribe("a", (event) => void events.push(event), stop.signal);
  await until(() => events.length === 1);
  const messages = ["", "hello", "two\nlines", "x".repeat(100_000), "\ud83d", "a,b,c"];
  for (const message of messages) {
    const count = events.length;
    await redis.command("PUBLISH", "holdfast:a", message);
    await until(() => events.length > count);
  }
  ok(events.every(({ kind }) => kind === "gap"));
  await redis.command("PUBLISH", "holdfast:a", "ping");
  await feed.publish("a", { epoch: "e", index: 1, tag: "t", previousTag: "" });
  await until(() => events.at(-1)?.kind === "wake");
  stop.abort();
  await until(() => gateway.counters().streams === 0);
});

redisTest(
  "redisWakes() says that it is down, goes on trying, and says when it stands again",
  async () => {
    await using redis = await startRedis();
    const first = await startGateway(redis);
    const { url, token } = first;
    const feed = redisWakes(connectRedis({ url, token }));
    const stop = new AbortController();
    const events: WakeEvent[] = [];
    feed.subscribe("a", (event) => void events.push(event), stop.signal);
    await until(() => events.length === 1);
    await first.stop();
    await until(() => events.some(({ kind }) => kind === "down"));
    const down = events.find((event) => event.kind === "down");
    ok(down?.kind === "down" && "code" in down.error && down.error.code === "ERR_UNAVAILABLE");
    const gateway = createGateway({ redis: redis.url, token });
    await using _again = await serveGateway(gateway, { port: Number(new URL(url).port) });
    await until(() => events.at(-1)?.kind === "gap");
    await feed.publish("a", { epoch: "e", index: 1, tag: "t", previousTag: "" });
    await until(() => events.at(-1)?.kind === "wake");
    stop.abort();
    await until(() => gateway.counters().streams === 0);
  },
);

redisTest("redisWakes() says unauthorized for a token that is refused", async () => {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis);
  const feed = redisWakes(connectRedis({ url: gateway.url, token: "another-token" }));
  const stop = new AbortController();
  const event = await new Promise<WakeEvent>((resolve) =>
    feed.subscribe("a", resolve, stop.signal)
  );
  ok(event.kind === "down" && "code" in event.error && event.error.code === "ERR_UNAUTHORIZED");
  stop.abort();
});

/** Waits for a condition that a real server brings about, 10 s at most. */
async function until(condition: () => boolean): Promise<void> {
  for (let waits = 0; !condition(); waits++) {
    ok(waits < 1_000, "holds within 10 s");
    await sleep(clock, 10);
  }
}
