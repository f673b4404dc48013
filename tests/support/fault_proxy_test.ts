import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { eventually } from "./eventually.ts";
import { startFaultProxy } from "./fault_proxy.ts";
import type { Fault, FaultRule } from "./fault_requester.ts";
import { startGateway, type TestGateway } from "./redis/gateway.ts";
import { redisTest } from "./redis/register.ts";
import { type RedisServer, startRedis } from "./redis/server.ts";

async function withProxy(
  rules: readonly FaultRule[],
  test: (post: Post, redis: RedisServer, gateway: TestGateway) => Promise<void>,
): Promise<void> {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis);
  await using proxy = startFaultProxy(gateway, { seed: 1, rules });
  await test(poster(proxy.url, gateway.token), redis, gateway);
}

type Post = (command: unknown, init?: RequestInit) => Promise<Response>;

function poster(url: string, token: string): Post {
  return (command, init = {}) =>
    fetch(url, {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify(command),
      ...init,
    });
}

const always = (fault: Fault, ms?: number): FaultRule[] => [
  { fault, chance: 1, ...(ms === undefined ? {} : { ms }) },
];

redisTest("startFaultProxy() passes everything on where no rule strikes", async () => {
  await withProxy([], async (post) => {
    deepStrictEqual(await (await post(["INCR", "n"])).json(), { result: 1 });
    deepStrictEqual(await (await post(["INCR", "n"])).json(), { result: 2 });
    const refused = await post(["NOPE"]);
    strictEqual(refused.status, 400);
    await refused.body?.cancel();
  });
});

redisTest("startFaultProxy() drops a request before it is applied, or after", async () => {
  await withProxy(always("drop-before"), async (post, redis) => {
    await rejects(post(["INCR", "n"]));
    strictEqual(await redis.command("GET", "n"), null);
  });
  await withProxy(always("drop-after"), async (post, redis) => {
    await rejects(post(["INCR", "n"]));
    // An HTTP client of its own accord repeats a request on a connection that had served before, so at least once.
    ok(Number(await redis.command("GET", "n")) >= 1);
  });
});

redisTest("startFaultProxy() doubles, and truncates after applying", async () => {
  await withProxy(always("double", 1), async (post, redis) => {
    deepStrictEqual(await (await post(["INCR", "n"])).json(), { result: 1 });
    strictEqual(await redis.command("GET", "n"), "2");
  });
  await withProxy(always("truncate"), async (post, redis) => {
    await rejects(async () => (await post(["INCR", "n"])).text());
    strictEqual(await redis.command("GET", "n"), "1");
  });
});

redisTest("startFaultProxy() answers 429 and 503 with a page, and garbage with 200", async () => {
  await withProxy(always("429"), async (post, redis) => {
    const response = await post(["INCR", "n"]);
    strictEqual(response.status, 429);
    strictEqual(response.headers.get("retry-after"), "0");
    ok((await response.text()).startsWith("<!doctype html>"));
    strictEqual(await redis.command("GET", "n"), null);
  });
  await withProxy(always("503"), async (post) => {
    const response = await post(["INCR", "n"]);
    strictEqual(response.status, 503);
    ok((await response.text()).startsWith("<!doctype html>"));
  });
  await withProxy(always("garbage"), async (post, redis) => {
    const response = await post(["INCR", "n"]);
    strictEqual(response.status, 200);
    await rejects(response.json());
    strictEqual(await redis.command("GET", "n"), "1");
  });
});

redisTest("startFaultProxy() hangs until its client gives up, after applying", async () => {
  await withProxy(always("hang"), async (post, redis) => {
    const leaving = new AbortController();
    const hanging = post(["INCR", "n"], { signal: leaving.signal });
    await eventually("it is applied", async () => await redis.command("GET", "n") === "1");
    leaving.abort();
    await rejects(hanging, { name: "AbortError" });
  });
});

redisTest("startFaultProxy() lets the next request overtake a reordered one", async () => {
  const rules: FaultRule[] = [{ fault: "reorder", chance: 1, match: /first/, ms: 60_000 }];
  await withProxy(rules, async (post, redis) => {
    const first = post(["RPUSH", "list", "first"]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await (await post(["RPUSH", "list", "second"])).body?.cancel();
    await (await first).body?.cancel();
    deepStrictEqual(await redis.command("LRANGE", "list", 0, -1), ["second", "first"]);
  });
});

redisTest("startFaultProxy() strikes by path and body only where its rule says so", async () => {
  const rules: FaultRule[] = [{ fault: "429", chance: 1, match: /^\/ .*"GET"/ }];
  await withProxy(rules, async (post) => {
    const set = await post(["SET", "k", "v"]);
    strictEqual(set.status, 200);
    await set.body?.cancel();
    const get = await post(["GET", "k"]);
    strictEqual(get.status, 429);
    await get.body?.cancel();
  });
});

redisTest("startFaultProxy() rolls the same dice for the same seed", async () => {
  const statuses = async (): Promise<number[]> => {
    await using redis = await startRedis();
    await using gateway = await startGateway(redis);
    const rules: FaultRule[] = [{ fault: "429", chance: 0.5 }];
    await using proxy = startFaultProxy(gateway, { seed: 42, rules });
    const post = poster(proxy.url, gateway.token);
    const all: number[] = [];
    for (let i = 0; i < 12; i++) {
      const response = await post(["PING"]);
      all.push(response.status);
      await response.body?.cancel();
    }
    strictEqual(proxy.requests, 12);
    strictEqual(proxy.struck["429"], all.filter((status) => status === 429).length);
    return all;
  };
  const [one, other] = [await statuses(), await statuses()];
  deepStrictEqual(one, other);
  ok(one.includes(429) && one.includes(200));
});

/** Strikes after about two thirds of the rule's time. */
const STREAM_SEED = 3;

redisTest("startFaultProxy() cuts a stream, or lets it go silent", async () => {
  const headers = (token: string) => ({
    authorization: `Bearer ${token}`,
    accept: "text/event-stream",
  });
  for (const fault of ["cut", "silence"] as const) {
    await using redis = await startRedis();
    await using gateway = await startGateway(redis);
    await using proxy = startFaultProxy(gateway, { seed: STREAM_SEED, rules: always(fault, 600) });
    const leaving = new AbortController();
    const response = await fetch(`${proxy.url}/subscribe/ch`, {
      headers: headers(gateway.token),
      signal: leaving.signal,
    });
    const reader = response.body?.getReader();
    const first = await reader?.read();
    strictEqual(new TextDecoder().decode(first?.value), "data: subscribe,ch,1\n\n");
    await new Promise((resolve) => setTimeout(resolve, 700));
    await redis.command("PUBLISH", "ch", "unheard");
    const next = reader?.read().then(({ done }) => done ? "done" : "data", () => "broken");
    if (fault === "cut") {
      strictEqual(await next === "data", false);
    } else {
      const quiet = new Promise((resolve) => setTimeout(resolve, 50, "quiet"));
      strictEqual(await Promise.race([next, quiet]), "quiet");
    }
    leaving.abort();
    await next;
  }
});
