import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import type { GatewayOptions } from "../../../adapters/gateway/mod.ts";
import { startGateway, type TestGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { type RedisServer, startRedis } from "../../support/redis/server.ts";
import { command, rest } from "./rest.ts";

async function withStrict(
  test: (gateway: TestGateway, redis: RedisServer) => Promise<void>,
  options: Partial<GatewayOptions> = {},
): Promise<void> {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis, { isStrict: true, ...options });
  await test(gateway, redis);
}

const LOCK = "#!lua flags=allow-key-locking\n";
const UNDECLARED =
  /^ERR Script attempted to access a key that is not in KEYS while the flag allow-key-locking is set/;
const REFUSED = /^ERR This Redis command is not allowed from script/;

redisTest("gateway rejects the lock flag as Redis does, unless it is strict", async () => {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis);
  const { error } = await command(gateway, "EVAL", `${LOCK}return 1`, 0);
  strictEqual(error, "ERR Unexpected flag in script shebang: allow-key-locking");
});

redisTest("gateway, strict, takes the lock flag, alone or among others", async () => {
  await withStrict(async (gateway) => {
    const headers = [
      LOCK,
      "#!lua flags=no-writes,allow-key-locking\n",
      "#!lua flags=allow-key-locking,no-writes\n",
      "#!lua\n",
      "",
    ];
    for (const header of headers) {
      deepStrictEqual(await command(gateway, "EVAL", `${header}return 'x'`, 0), { result: "x" });
    }
    const script =
      "#!lua flags=no-writes,allow-key-locking\nreturn redis.call('SET', KEYS[1], 'v')";
    match(
      (await command(gateway, "EVAL", script, 1, "k")).error ?? "",
      /^ERR Write commands are not/,
    );
    const unknown = await command(
      gateway,
      "EVAL",
      "#!lua flags=nonsense,allow-key-locking\nreturn 1",
      0,
    );
    strictEqual(unknown.error, "ERR Unexpected flag in script shebang: nonsense");
  });
});

redisTest("gateway, strict, knows scripts by the SHA-1 that their client computes", async () => {
  await withStrict(async (gateway) => {
    for (const script of [`${LOCK}return KEYS[1]`, "return KEYS[1]"]) {
      const sha = createHash("sha1").update(script).digest("hex");
      match((await command(gateway, "EVALSHA", sha, 1, "k")).error ?? "", /^NOSCRIPT /);
      deepStrictEqual(await command(gateway, "EVAL", script, 1, "k"), { result: "k" });
      deepStrictEqual(await command(gateway, "EVALSHA", sha, 1, "k"), { result: "k" });
      deepStrictEqual(await command(gateway, "EVALSHA", sha.toUpperCase(), 1, "k"), {
        result: "k",
      });
      deepStrictEqual(await command(gateway, "SCRIPT", "EXISTS", sha, "0"), { result: [1, 0] });
      deepStrictEqual(await command(gateway, "SCRIPT", "FLUSH"), { result: "OK" });
      match((await command(gateway, "EVALSHA", sha, 1, "k")).error ?? "", /^NOSCRIPT /);
      deepStrictEqual(await command(gateway, "SCRIPT", "LOAD", script), { result: sha });
      deepStrictEqual(await command(gateway, "EVALSHA", sha, 1, "k"), { result: "k" });
      const body = [["EVALSHA", sha, 1, "a"], ["EVALSHA", sha, 1, "b"]];
      for (const path of ["/pipeline", "/multi-exec"]) {
        strictEqual((await rest(gateway, path, { body })).text, '[{"result":"a"},{"result":"b"}]');
      }
    }
  });
});

redisTest("gateway, strict, refuses keys that a flagged script did not declare", async () => {
  await withStrict(async (gateway, redis) => {
    const calls = [
      "redis.call('SET', 'other', 'v')",
      "redis.call('set', KEYS[1] .. 'x', 'v')",
      "redis.call('MSET', KEYS[1], 'v', 'other', 'v')",
      "redis.call('RENAME', KEYS[1], 'other')",
      "redis.call('ZUNIONSTORE', KEYS[1], 2, KEYS[1], 'other')",
      "redis.call('XREAD', 'STREAMS', KEYS[1], 'other', '0', '0')",
      "redis.call('BITOP', 'AND', KEYS[1], 'other')",
      "(function() local r = redis.pcall('GET', 'other') return r.err and error(r) end)()",
      "(function() local c = redis.call return c('GET', 'other') end)()",
    ];
    await redis.command("SET", "k", "v");
    for (const call of calls) {
      const { error } = await command(gateway, "EVAL", `${LOCK}return ${call}`, 1, "k");
      match(error ?? "", UNDECLARED, call);
    }
    strictEqual(await redis.command("DBSIZE"), 1);
    const allowed = `${LOCK}redis.call('MSET', KEYS[1], '1', KEYS[2], '2') redis.call('PING')
      return { redis.call('MGET', KEYS[2], KEYS[1]), redis.sha1hex('x'), #KEYS }`;
    const { result } = await command(gateway, "EVAL", allowed, 2, "k", "l");
    deepStrictEqual(result, [["2", "1"], "11f6ad8ec52a2984abaafd7c3b516503785c2072", 2]);
  });
});

redisTest("gateway, strict, lets a script without the flag use what keys it likes", async () => {
  await withStrict(async (gateway) => {
    const script = "redis.call('SET', 'a', ARGV[1]) return redis.call('GET', 'a')";
    deepStrictEqual(await command(gateway, "EVAL", script, 0, "v"), { result: "v" });
  });
});

redisTest("gateway, strict, leaves the lines of a script's errors where they are", async () => {
  await withStrict(async (gateway) => {
    const script = `${LOCK}local a = 1\nlocal b = nil\nreturn a + b`;
    match((await command(gateway, "EVAL", script, 0)).error ?? "", /user_script:4: /);
    const broken = await command(gateway, "EVAL", "return 1\n\n)", 0);
    match(broken.error ?? "", /user_script:3: /);
  });
});

redisTest(
  "gateway, strict, passes on the errors that redis.call raises, and that pcall returns",
  async () => {
    await withStrict(async (gateway, redis) => {
      await redis.command("SET", "k", "text");
      const raised = await command(
        gateway,
        "EVAL",
        `${LOCK}return redis.call('INCR', KEYS[1])`,
        1,
        "k",
      );
      match(raised.error ?? "", /^ERR value is not an integer or out of range/);
      const script = `${LOCK}local r = redis.pcall('INCR', KEYS[1]) return 'caught ' .. r.err`;
      const { result } = await command(gateway, "EVAL", script, 1, "k");
      match(String(result), /^caught ERR value is not an integer or out of range/);
    });
  },
);

redisTest("gateway, strict, refuses what Upstash does not have", async () => {
  await withStrict(async (gateway, redis) => {
    const commands = [
      "LCS a b",
      "SORT k",
      "OBJECT ENCODING k",
      "SLOWLOG GET",
      "LATENCY DOCTOR",
      "CLIENT LIST",
      "CLUSTER INFO",
      "MOVE k 1",
      "SWAPDB 0 1",
      "FUNCTION DUMP",
      "ROLE",
      "XSETID s 1-1",
      "SPUBLISH ch m",
    ];
    for (const text of commands) {
      const { error } = await command(gateway, ...text.split(" "));
      match(error ?? "", /^ERR Command is not available: /, text);
      const inScript = `return redis.call('${text.split(" ").join("','")}')`;
      if (/^(CLIENT|CLUSTER|FUNCTION|LATENCY|SLOWLOG)/.test(text)) continue;
      const { error: scriptError } = await command(gateway, "EVAL", inScript, 0);
      match(scriptError ?? "", REFUSED, text);
    }
    strictEqual(await redis.command("DBSIZE"), 0);
  });
});

redisTest("gateway, strict, holds the limits on keys and commands", async () => {
  await withStrict(async (gateway, redis) => {
    const key = "k".repeat(32_769);
    strictEqual(
      (await command(gateway, "SET", key, "v")).error,
      "ERR max key size exceeded. Limit: 32768 bytes, Actual: 32769",
    );
    deepStrictEqual(await command(gateway, "SET", key.slice(1), "v"), { result: "OK" });
    const value = "v".repeat(10 * 1_048_576);
    const large = await rest(gateway, "/", { body: ["SET", "k", value] });
    // As Upstash answers it: the status says nothing, the error does.
    strictEqual(large.status, 200);
    match(large.text, /^\{"error":"ERR max request size exceeded. Limit: 10485760 bytes, Actual: /);
    const body = [["SET", "a", "1"], ["SET", "k", value], ["SET", "b", "2"]];
    const pipeline = JSON.parse((await rest(gateway, "/pipeline", { body })).text);
    deepStrictEqual([pipeline[0], pipeline[2]], [{ result: "OK" }, { result: "OK" }]);
    match(pipeline[1].error, /^ERR max request size exceeded/);
    strictEqual((await rest(gateway, "/multi-exec", { body })).status, 200);
    strictEqual(await redis.command("EXISTS", "k"), 0);
  });
});

redisTest("gateway, strict, holds the limit on records, in scripts as well", async () => {
  const limits = { recordBytesMax: 20_000 };
  await withStrict(async (gateway, redis) => {
    const part = "x".repeat(8_000);
    for (let i = 0; i < 2; i++) {
      deepStrictEqual(await command(gateway, "HSET", "h", `f${i}`, part), { result: 1 });
    }
    const exceeded = /^ERR max single record size exceeded. Limit: 20000 bytes, Actual: \d+/;
    match((await command(gateway, "HSET", "h", "f2", part)).error ?? "", exceeded);
    for (const header of ["", LOCK]) {
      const script = `${header}return redis.call('HSET', KEYS[1], 'f2', ARGV[1])`;
      match((await command(gateway, "EVAL", script, 1, "h", part)).error ?? "", exceeded);
    }
    const body = [["SET", "first", "v"], ["HSET", "h", "f2", part]];
    strictEqual((await rest(gateway, "/multi-exec", { body })).status, 400);
    deepStrictEqual(await redis.command("EXISTS", "first"), 0);
    strictEqual(await redis.command("HLEN", "h"), 2);
    // What replaces a record does not add to it.
    for (let i = 0; i < 3; i++) {
      deepStrictEqual(await command(gateway, "SET", "s", part + part), { result: "OK" });
    }
    deepStrictEqual(await command(gateway, "HDEL", "h", "f0"), { result: 1 });
  }, { limits });
});

redisTest("gateway, strict, can refuse PUBLISH in scripts and only there", async () => {
  const script = "return redis.pcall('PUBLISH', 'ch', 'm')";
  await withStrict(async (gateway) => {
    deepStrictEqual(await command(gateway, "EVAL", script, 0), { result: 0 });
  });
  await withStrict(async (gateway) => {
    const { error } = await command(gateway, "EVAL", script, 0);
    match(error ?? "", REFUSED);
    deepStrictEqual(await command(gateway, "PUBLISH", "ch", "m"), { result: 0 });
  }, { mayScriptsPublish: false });
});
