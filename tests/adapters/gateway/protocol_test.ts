import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { startGateway, type TestGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { type RedisServer, startRedis } from "../../support/redis/server.ts";
import { command, rest } from "./rest.ts";

async function withGateway(
  test: (gateway: TestGateway, redis: RedisServer) => Promise<void>,
): Promise<void> {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis, { readOnlyToken: "token-for-readers" });
  await test(gateway, redis);
}

const BASE64 = { "upstash-encoding": "base64" };
const RESP2 = { "upstash-response-format": "resp2" };

redisTest(
  "gateway answers a command in the body, by HEAD, GET, POST or PUT, and no other method",
  async () => {
    await withGateway(async (gateway) => {
      for (const method of ["POST", "PUT"]) {
        const set = await rest(gateway, "/", { method, body: ["SET", "k", "v", "EX", 100] });
        strictEqual(`${set.status} ${set.text}`, '200 {"result":"OK"}');
        strictEqual(set.headers.get("content-type"), "application/json");
      }
      strictEqual((await rest(gateway, "/get/k", { method: "GET" })).text, '{"result":"v"}');
      const head = await rest(gateway, "/get/k", { method: "HEAD" });
      strictEqual(`${head.status} ${head.text}`, "200 ");
      for (const method of ["DELETE", "PATCH", "OPTIONS"]) {
        const other = await rest(gateway, "/get/k", { method });
        strictEqual(`${other.status} ${other.text}`, '405 {"error":"ERR unsupported HTTP method"}');
      }
    });
  },
);

redisTest("gateway answers a command in the path, with body and query behind it", async () => {
  await withGateway(async (gateway, redis) => {
    strictEqual((await rest(gateway, "/set/foo/bar/EX/100")).text, '{"result":"OK"}');
    strictEqual((await rest(gateway, "/mget/foo/none")).text, '{"result":["bar",null]}');
    strictEqual((await rest(gateway, "/get/a%2Fb")).text, '{"result":null}');
    const set = await rest(gateway, "/set/json?EX=100", { body: '{"a":[]}' });
    strictEqual(set.text, '{"result":"OK"}');
    strictEqual(await redis.command("GET", "json"), '{"a":[]}');
    strictEqual(await redis.command("TTL", "json"), 100);
    await rest(gateway, "/set/brackets", { body: "[]" });
    strictEqual(await redis.command("GET", "brackets"), "[]");
  });
});

redisTest("gateway keeps every byte of a value", async () => {
  await withGateway(async (gateway) => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    await rest(gateway, "/set/bytes", { body: bytes });
    const base64 = JSON.parse((await rest(gateway, "/get/bytes", { headers: BASE64 })).text);
    deepStrictEqual(Uint8Array.from(atob(base64.result), (c) => c.charCodeAt(0)), bytes);
    const response = await fetch(`${gateway.url}/get/bytes`, {
      headers: { ...RESP2, authorization: `Bearer ${gateway.token}` },
    });
    const raw = new Uint8Array(await response.arrayBuffer());
    strictEqual(new TextDecoder().decode(raw.subarray(0, 6)), "$256\r\n");
    deepStrictEqual(raw.subarray(6, 262), bytes);
    const json = JSON.parse((await rest(gateway, "/get/bytes")).text);
    strictEqual(json.result, new TextDecoder().decode(bytes));
  });
});

redisTest("gateway keeps strings that look like something else", async () => {
  await withGateway(async (gateway) => {
    const values = ["", "OK", "null", "123", "1e5", "true", "😀", "\u0000", '"', "a\nb", "[]"];
    for (const value of values) {
      await command(gateway, "SET", "k", value);
      deepStrictEqual(await command(gateway, "GET", "k"), { result: value });
      const encoded = await rest(gateway, "/get/k", { headers: BASE64 });
      const bytes = Uint8Array.from(atob(JSON.parse(encoded.text).result), (c) => c.charCodeAt(0));
      strictEqual(new TextDecoder().decode(bytes), value);
    }
  });
});

redisTest("gateway keeps integers past 2^53, in and out", async () => {
  await withGateway(async (gateway) => {
    await command(gateway, "SET", "n", "9007199254740993");
    strictEqual((await rest(gateway, "/incr/n")).text, '{"result":9007199254740994}');
    const body = '["INCRBY","n",9007199254740993]';
    strictEqual((await rest(gateway, "/", { body })).text, '{"result":18014398509481987}');
    strictEqual((await rest(gateway, "/decr/m", {})).text, '{"result":-1}');
    const pipeline = await rest(gateway, "/pipeline", { body: [["INCR", "n"]], headers: BASE64 });
    strictEqual(pipeline.text, '[{"result":18014398509481988}]');
  });
});

redisTest("gateway encodes every string in base64 but the OK at the top", async () => {
  await withGateway(async (gateway) => {
    const encoded = async (...args: (string | number)[]) =>
      (await rest(gateway, "/", { body: args, headers: BASE64 })).text;
    strictEqual(await encoded("SET", "k", "OK"), '{"result":"OK"}');
    strictEqual(await encoded("GET", "k"), '{"result":"T0s="}');
    strictEqual(await encoded("PING"), '{"result":"UE9ORw=="}');
    strictEqual(await encoded("MGET", "k", "none"), '{"result":["T0s=",null]}');
    strictEqual(
      await encoded("EVAL", "return {redis.status_reply('OK'), 1}", 0),
      '{"result":["T0s=",1]}',
    );
    strictEqual(await encoded("EVAL", "return redis.status_reply('42')", 0), '{"result":"NDI="}');
    const failed = await encoded("INCR", "k");
    strictEqual(failed, '{"error":"ERR value is not an integer or out of range"}');
  });
});

redisTest("gateway answers RESP2 as Redis sent it", async () => {
  await withGateway(async (gateway) => {
    const raw = async (...args: (string | number)[]) => {
      const { status, text, headers } = await rest(gateway, "/", { body: args, headers: RESP2 });
      strictEqual(headers.get("content-type"), "application/octet-stream");
      return `${status} ${text}`;
    };
    strictEqual(await raw("SET", "k", "v"), "200 +OK\r\n");
    strictEqual(await raw("GET", "k"), "200 $1\r\nv\r\n");
    strictEqual(await raw("GET", "none"), "200 $-1\r\n");
    strictEqual(await raw("LPOP", "none", 2), "200 *-1\r\n");
    strictEqual(await raw("GEOPOS", "none", "a", "b"), "200 *2\r\n*-1\r\n*-1\r\n");
    strictEqual(await raw("MGET", "k", "none"), "200 *2\r\n$1\r\nv\r\n$-1\r\n");
    strictEqual(await raw("STRLEN", "k"), "200 :1\r\n");
    strictEqual(await raw("LRANGE", "none", 0, -1), "200 *0\r\n");
    strictEqual(
      await raw("EVAL", "return {1,{'a',redis.status_reply('7')}}", 0),
      "200 *2\r\n:1\r\n*2\r\n$1\r\na\r\n+7\r\n",
    );
    match(await raw("INCR", "k"), /^400 -ERR value is not an integer/);
    const body = [["GET", "k"], ["INCR", "k"]];
    const pipeline = await rest(gateway, "/pipeline", { body, headers: RESP2 });
    match(pipeline.text, /^\$1\r\nv\r\n-ERR value is not an integer[^\r]*\r\n$/);
  });
});

redisTest("gateway refuses forms that it does not know, and resp2 with base64", async () => {
  await withGateway(async (gateway) => {
    const refusals: [Record<string, string>, string][] = [
      [{ ...BASE64, ...RESP2 }, "ERR base64 encoding is not permitted with resp2 format"],
      [{ "upstash-response-format": "xml" }, "ERR unsupported Upstash-Response-Format"],
      [{ "upstash-encoding": "hex" }, "ERR unsupported Upstash-Encoding"],
    ];
    for (const [headers, error] of refusals) {
      const { status, text } = await rest(gateway, "/", { body: ["PING"], headers });
      deepStrictEqual([status, JSON.parse(text)], [400, { error }]);
    }
  });
});

redisTest(
  "gateway answers a pipeline in order, errors in their places, and always 200",
  async () => {
    await withGateway(async (gateway) => {
      const body = [["SET", "k", "v"], ["GET", "k"], ["INCR", "k"], ["WATCH", "k"], [
        "GET",
        "none",
      ]];
      const { status, text } = await rest(gateway, "/pipeline", { body });
      strictEqual(status, 200);
      deepStrictEqual(JSON.parse(text), [
        { result: "OK" },
        { result: "v" },
        { error: "ERR value is not an integer or out of range" },
        {
          error: "ERR Command is not available: 'WATCH'. " +
            "See https://upstash.com/docs/redis/overall/rediscompatibility for details",
        },
        { result: null },
      ]);
    });
  },
);

redisTest("gateway runs a pipeline of 1,000 commands in order", async () => {
  await withGateway(async (gateway, redis) => {
    const body = Array.from({ length: 1_000 }, (_, i) => ["RPUSH", "list", i]);
    const { text } = await rest(gateway, "/pipeline", { body });
    deepStrictEqual(JSON.parse(text).at(-1), { result: 1_000 });
    const list = Array.from({ length: 1_000 }, (_, i) => String(i));
    deepStrictEqual(await redis.command("LRANGE", "list", 0, -1), list);
  });
});

redisTest("gateway runs a transaction as one, with run-time errors in their places", async () => {
  await withGateway(async (gateway) => {
    const body = [["SET", "k", "v"], ["INCR", "k"], ["GET", "k"]];
    const { status, text } = await rest(gateway, "/multi-exec", { body });
    strictEqual(status, 200);
    strictEqual(
      text,
      '[{"result":"OK"},{"error":"ERR value is not an integer or out of range"},{"result":"v"}]',
    );
    const encoded = await rest(gateway, "/multi-exec", { body: [["GET", "k"]], headers: BASE64 });
    strictEqual(encoded.text, '[{"result":"dg=="}]');
    const resp2 = await rest(gateway, "/multi-exec", { body: [["GET", "k"]], headers: RESP2 });
    strictEqual(resp2.text, '[{"result":"v"}]');
  });
});

redisTest("gateway never executes a part of a transaction", async () => {
  await withGateway(async (gateway, redis) => {
    const discarded: [unknown, string][] = [
      [[["SET", "k", "v"], ["INCR"]], "ERR wrong number of arguments for 'incr' command"],
      [[["SET", "k", "v"], ["WATCH", "k"]], "ERR Command is not available: 'WATCH'."],
      [[["SET", "k", "v"], ["NOPE"]], "ERR Command is not available: 'NOPE'."],
      [[["SET", "k", "v"], []], "ERR failed to parse transaction request"],
      [[["SET", "k", "v"], "x"], "ERR failed to parse transaction request"],
    ];
    for (const [body, error] of discarded) {
      const { status, text } = await rest(gateway, "/multi-exec", { body });
      strictEqual(status, 400);
      strictEqual(JSON.parse(text).error.slice(0, error.length), error);
      strictEqual(await redis.command("EXISTS", "k"), 0);
    }
    // The connection is not left inside MULTI.
    deepStrictEqual(await command(gateway, "SET", "k", "after"), { result: "OK" });
  });
});

redisTest(
  "gateway answers transactions and pipelines side by side without mixing them",
  async () => {
    await withGateway(async (gateway, redis) => {
      const transfers = Array.from(
        { length: 50 },
        (_, i) =>
          rest(gateway, i % 2 ? "/multi-exec" : "/pipeline", {
            body: [["RPUSH", "log", `${i}a`], ["RPUSH", "log", `${i}b`]],
          }),
      );
      for (const { status } of await Promise.all(transfers)) {
        strictEqual(status, 200);
      }
      const log = await redis.command("LRANGE", "log", 0, -1) as string[];
      strictEqual(log.length, 100);
      for (let i = 1; i < 50; i += 2) strictEqual(log.indexOf(`${i}b`), log.indexOf(`${i}a`) + 1);
    });
  },
);

redisTest("gateway refuses what has no meaning over HTTP", async () => {
  await withGateway(async (gateway) => {
    const commands = [
      "SUBSCRIBE ch",
      "MULTI",
      "EXEC",
      "WATCH k",
      "AUTH x",
      "SELECT 1",
      "HELLO 3",
      "QUIT",
      "RESET",
      "BLPOP k 0",
      "BZPOPMIN k 0",
      "BLMOVE a b LEFT LEFT 0",
      "WAIT 0 0",
      "MONITOR",
      "SHUTDOWN",
      "DEBUG SLEEP 0",
      "REPLICAOF NO ONE",
      "CLIENT KILL ID 1",
      "CLIENT REPLY OFF",
      "SCRIPT DEBUG YES",
      "XREAD BLOCK 0 STREAMS s $",
      "XREADGROUP GROUP g c BLOCK 0 STREAMS s >",
      "CONFIG SET maxmemory 1",
      "MIGRATE h 1 k 0 1",
      "FAILOVER",
    ];
    for (const text of commands) {
      const { status, text: answer } = await rest(gateway, "/", { body: text.split(" ") });
      strictEqual(status, 400, text);
      match(answer, /not available/, text);
    }
    // A key may be called like an option, and the one setting that Upstash has passes.
    strictEqual(
      (await rest(gateway, "/", { body: ["XREAD", "STREAMS", "BLOCK", "0"] })).status,
      200,
    );
    const setting = ["CONFIG", "SET", "notify-keyspace-events", "KEA"];
    strictEqual((await rest(gateway, "/", { body: setting })).status, 200);
  });
});

redisTest("gateway refuses the commands that it is told to", async () => {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis, { refuse: ["flushall", "CONFIG|GET"] });
  strictEqual((await rest(gateway, "/flushall")).status, 400);
  strictEqual((await rest(gateway, "/config/get/dir")).status, 400);
  strictEqual((await rest(gateway, "/flushdb")).status, 200);
});

redisTest("gateway holds its limits on bodies and pipelines", async () => {
  await using redis = await startRedis();
  const limits = { bodyBytesMax: 1_000, pipelineMax: 3 };
  await using gateway = await startGateway(redis, { limits });
  const long = await rest(gateway, "/set/k", { body: "x".repeat(1_001) });
  strictEqual(long.status, 413);
  match(
    long.text,
    /^\{"error":"ERR max request size exceeded. Limit: 1000 bytes, Actual: 1001"\}$/,
  );
  strictEqual((await rest(gateway, "/set/k", { body: "x".repeat(1_000) })).status, 200);
  const chunked = new ReadableStream({
    start: (controller) => {
      for (let i = 0; i < 20; i++) controller.enqueue(new Uint8Array(100));
      controller.close();
    },
  });
  const streamed = await fetch(`${gateway.url}/set/k2`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.token}` },
    body: chunked,
  });
  strictEqual(streamed.status, 413);
  await streamed.body?.cancel();
  strictEqual(await redis.command("EXISTS", "k2"), 0);
  const four = [["PING"], ["PING"], ["PING"], ["PING"]];
  strictEqual((await rest(gateway, "/pipeline", { body: four })).status, 400);
  strictEqual((await rest(gateway, "/multi-exec", { body: four })).status, 400);
  strictEqual((await rest(gateway, "/pipeline", { body: four.slice(1) })).status, 200);
});

redisTest("gateway sends back a fresh sync token to who uses them", async () => {
  await withGateway(async (gateway) => {
    const headers = { "upstash-sync-token": "" };
    const tokens: (string | null)[] = [];
    for (let i = 0; i < 2; i++) {
      const answer = await rest(gateway, "/", { body: ["SET", "k", i], headers });
      tokens.push(answer.headers.get("upstash-sync-token"));
    }
    match(tokens[0] ?? "", /^[0-9a-f]{40}:\d+:\d+$/);
    strictEqual(tokens[0] === tokens[1], false);
  });
});

redisTest("gateway shares requests among several connections", async () => {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis, { connections: 4 });
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => command(gateway, "INCR", "n")),
  );
  strictEqual(new Set(answers.map(({ result }) => result)).size, 40);
  const clients = String(await redis.command("CLIENT", "LIST")).trim().split("\n");
  // Four of the gateway, and the one that asks.
  strictEqual(clients.length, 5);
});

redisTest(
  "gateway counts requests and commands, and tells them in the Prometheus format",
  async () => {
    await withGateway(async (gateway) => {
      await command(gateway, "PING");
      await rest(gateway, "/pipeline", { body: [["PING"], ["PING"], ["WATCH", "k"]] });
      await rest(gateway, "/multi-exec", { body: [["PING"], ["PING"]] });
      await rest(gateway, "/", { body: "x" });
      const { requests, commands, refused, unknown } = gateway.counters();
      deepStrictEqual({ requests, commands, refused, unknown }, {
        requests: 4,
        commands: 5,
        refused: 1,
        unknown: 0,
      });
      const metrics = await rest(gateway, "/-/metrics");
      strictEqual(metrics.status, 200);
      match(metrics.text, /^holdfast_gateway_commands_total 5$/m);
      match(metrics.text, /^# TYPE holdfast_gateway_in_flight gauge$/m);
      const health = await rest(gateway, "/-/health", { headers: { authorization: "" } });
      strictEqual(`${health.status} ${health.text}`, "200 ok\n");
      strictEqual(
        (await rest(gateway, "/-/metrics", { headers: { authorization: "" } })).status,
        401,
      );
    });
  },
);
