import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { runDeno } from "../support/process.ts";
import { startGateway } from "../support/redis/gateway.ts";
import { redisTest } from "../support/redis/register.ts";
import { startRedis } from "../support/redis/server.ts";
import denoJson from "../../deno.json" with { type: "json" };

const LIVE = ["run", "-A", "tests/live/live.ts"];

Deno.test("live: the task runs what these tests run", () => {
  strictEqual(denoJson.tasks.live.command, ["deno", ...LIVE].join(" "));
});

Deno.test("live: without the two variables it is one clear line and exit code 1", async () => {
  for (const env of [{}, { UPSTASH_REDIS_REST_URL: "https://x.example" }]) {
    const { code, stdout, stderr } = await runDeno(LIVE, env);
    deepStrictEqual([code, stdout, stderr.trim().split("\n")], [1, "", [
      "Cannot try a live Redis as UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN must be set",
    ]]);
  }
});

redisTest("live: passes against a strict gateway, reports, and leaves nothing behind", async () => {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis, { isStrict: true });
  await redis.command("SET", "somebody's", "own");
  const env = { UPSTASH_REDIS_REST_URL: gateway.url, UPSTASH_REDIS_REST_TOKEN: gateway.token };
  const { code, stdout, stderr } = await runDeno([...LIVE, "--idle-seconds", "1"], env);
  strictEqual(code, 0, stdout + stderr);
  match(stdout, /^lock flag in scripts +(taken|refused)/m);
  match(stdout, /^PUBLISH in scripts +(allowed|refused)$/m);
  match(stdout, /^TIME in scripts +allowed$/m);
  match(stdout, /^billing of scripts +a script and every call in it are counted$/m);
  match(stdout, /^latency of a script +median \d/m);
  match(stdout, /^idle stream +open and alive after 1 s/m);
  match(stdout.trimEnd().split("\n").at(-1) ?? "", /^\d{2,} passed, 0 failed$/);
  strictEqual((stdout + stderr).includes(gateway.token), false);
  deepStrictEqual(await redis.command("KEYS", "*"), ["somebody's"]);
});

redisTest("live: a token that is refused is one clear line and exit code 1", async () => {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis);
  const env = { UPSTASH_REDIS_REST_URL: gateway.url, UPSTASH_REDIS_REST_TOKEN: "wrong-token" };
  const { code, stderr } = await runDeno(LIVE, env);
  strictEqual(code, 1);
  strictEqual(stderr.trim().split("\n").length, 1, stderr);
  strictEqual(stderr.includes("wrong-token"), false);
});
