import { match, ok, strictEqual } from "node:assert/strict";
import { eventually } from "../../support/eventually.ts";
import { startGateway, type TestGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { type RedisServer, startRedis } from "../../support/redis/server.ts";
import { rest } from "./rest.ts";

/** An event stream, read event by event. */
interface EventReader extends AsyncDisposable {
  next(): Promise<string | undefined>;
}

async function openStream(gateway: TestGateway, path: string): Promise<EventReader> {
  const leaving = new AbortController();
  const response = await fetch(gateway.url + path, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.token}`, accept: "text/event-stream" },
    signal: leaving.signal,
  });
  strictEqual(response.status, 200);
  strictEqual(response.headers.get("content-type"), "text/event-stream");
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let held = "";
  return {
    next: async () => {
      for (;;) {
        const end = held.indexOf("\n\n");
        if (end >= 0) {
          const event = held.slice(0, end);
          held = held.slice(end + 2);
          return event;
        }
        const chunk = await reader?.read();
        if (chunk === undefined || chunk.done) return undefined;
        held += decoder.decode(chunk.value, { stream: true });
      }
    },
    [Symbol.asyncDispose]: async () => {
      // An abort alone may leave the connection open until the host collects it.
      await reader?.cancel();
      leaving.abort();
    },
  };
}

async function withGateway(
  test: (gateway: TestGateway, redis: RedisServer) => Promise<void>,
): Promise<void> {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis);
  await test(gateway, redis);
}

redisTest("gateway streams the messages of a channel in order", async () => {
  await withGateway(async (gateway, redis) => {
    await using stream = await openStream(gateway, "/subscribe/chat");
    strictEqual(await stream.next(), "data: subscribe,chat,1");
    for (let i = 0; i < 100; i++) await redis.command("PUBLISH", "chat", `m${i},x`);
    for (let i = 0; i < 100; i++) strictEqual(await stream.next(), `data: message,chat,m${i},x`);
  });
});

redisTest("gateway streams several channels, and patterns", async () => {
  await withGateway(async (gateway, redis) => {
    await using both = await openStream(gateway, "/subscribe/a/b%2Fc");
    strictEqual(await both.next(), "data: subscribe,a,1");
    strictEqual(await both.next(), "data: subscribe,b/c,2");
    await using pattern = await openStream(gateway, "/psubscribe/b*");
    strictEqual(await pattern.next(), "data: psubscribe,b*,1");
    await redis.command("PUBLISH", "b/c", "x");
    strictEqual(await both.next(), "data: message,b/c,x");
    strictEqual(await pattern.next(), "data: pmessage,b*,b/c,x");
  });
});

redisTest("gateway streams a message of several lines as one event", async () => {
  await withGateway(async (gateway, redis) => {
    await using stream = await openStream(gateway, "/subscribe/ch");
    await stream.next();
    await redis.command("PUBLISH", "ch", "one\ntwo\r\n\nfour");
    strictEqual(await stream.next(), "data: message,ch,one\ndata: two\ndata: \ndata: four");
  });
});

redisTest(
  "gateway needs one connection to Redis for all streams, and lets go of readers that left",
  async () => {
    await withGateway(async (gateway, redis) => {
      const clientsBefore = await clientCount(redis);
      const streams: EventReader[] = [];
      for (let i = 0; i < 20; i++) {
        const stream = await openStream(gateway, `/subscribe/ch${i % 2}`);
        await stream.next();
        streams.push(stream);
      }
      strictEqual(await clientCount(redis), clientsBefore + 1);
      strictEqual(gateway.counters().streams, 20);
      strictEqual(await redis.command("PUBLISH", "ch0", "x"), 1);
      for (const stream of streams) await stream[Symbol.asyncDispose]();
      await eventually("no stream is left", () => gateway.counters().streams === 0);
      await eventually(
        "nobody is subscribed",
        async () => await redis.command("PUBLISH", "ch0", "x") === 0,
      );
    });
  },
);

redisTest("gateway streams what MONITOR sees", async () => {
  await withGateway(async (gateway, redis) => {
    await using stream = await openStream(gateway, "/monitor");
    strictEqual(await stream.next(), 'data: "OK"');
    await redis.command("SET", "k", "v");
    match(await stream.next() ?? "", /^data: [\d.]+ \[0 127\.0\.0\.1:\d+\] "SET" "k" "v"$/);
  });
});

redisTest(
  "gateway ends its streams when their connection to Redis is lost, and opens new ones",
  async () => {
    await withGateway(async (gateway, redis) => {
      await using stream = await openStream(gateway, "/subscribe/ch");
      await stream.next();
      await redis.command("CLIENT", "KILL", "TYPE", "pubsub");
      strictEqual(await stream.next(), undefined);
      await using again = await openStream(gateway, "/subscribe/ch");
      strictEqual(await again.next(), "data: subscribe,ch,1");
      await redis.command("PUBLISH", "ch", "back");
      strictEqual(await again.next(), "data: message,ch,back");
    });
  },
);

redisTest("gateway lets a reader go that does not keep up", async () => {
  await withGateway(async (gateway, redis) => {
    const port = Number(new URL(gateway.url).port);
    // Raw, because an HTTP client would read ahead.
    using reader = await Deno.connect({ hostname: "127.0.0.1", port });
    const head =
      `POST /subscribe/ch?_token=${gateway.token} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n`;
    await reader.write(new TextEncoder().encode(head));
    await eventually("the stream is open", () => gateway.counters().streams > 0);
    const message = "x".repeat(500_000);
    for (let i = 0; i < 400 && gateway.counters().streams > 0; i++) {
      await redis.command("PUBLISH", "ch", message);
    }
    strictEqual(gateway.counters().streams, 0);
  });
});

redisTest("gateway.close() ends event streams and answers what is in flight", async () => {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis);
  await using stream = await openStream(gateway, "/subscribe/ch");
  await stream.next();
  const slow = rest(gateway, "/", {
    body: [
      "EVAL",
      "local t = 0 while t < 2e6 do t = t + 1 end redis.call('SET', 'k', 'v') return 'done'",
      0,
    ],
  });
  await eventually("the request came in", () => gateway.counters().commands > 0);
  const stopped = gateway.stop();
  strictEqual((await slow).text, '{"result":"done"}');
  strictEqual(await stream.next(), undefined);
  await stopped;
  ok(await rest(gateway, "/-/health").then(() => false, () => true), "nobody listens any more");
  strictEqual(await clientCount(redis), 1);
});

async function clientCount(redis: RedisServer): Promise<number> {
  return String(await redis.command("CLIENT", "LIST")).trim().split("\n").length;
}
