import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { seededRandom } from "../../../src/random.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startRedis } from "../../support/redis/server.ts";
import { command, rest } from "./rest.ts";

const UNAUTHORIZED = '401 {"error":"WRONGPASS invalid or missing auth token"}';

redisTest("gateway answers a wrong token with 401 and nothing else", async () => {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis, { readOnlyToken: "token-for-readers" });
  const tokens = [
    "",
    "Bearer",
    "Bearer ",
    "Bearer x",
    `Basic ${gateway.token}`,
    `Bearer ${gateway.token}x`,
  ];
  const paths = [
    "/",
    "/pipeline",
    "/multi-exec",
    "/get/k",
    "/subscribe/ch",
    "/monitor",
    "/-/metrics",
  ];
  for (const authorization of tokens) {
    for (const path of paths) {
      const body = path === "/" ? ["SET", "k", "v"] : [["SET", "k", "v"]];
      const { status, text } = await rest(gateway, path, { body, headers: { authorization } });
      strictEqual(`${status} ${text}`, UNAUTHORIZED, `${authorization} ${path}`);
    }
  }
  // Also before anything else of the request is looked at.
  const headers = { authorization: "Bearer x", "upstash-response-format": "xml" };
  strictEqual((await rest(gateway, "/%zz", { body: "x", headers })).status, 401);
  strictEqual(await redis.command("DBSIZE"), 0);
  strictEqual(gateway.counters().commands, 0);
});

redisTest("gateway takes the token from the query as well", async () => {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis);
  const headers = { authorization: "" };
  const path = `/set/k/v?_token=${gateway.token}&EX=100`;
  strictEqual((await rest(gateway, path, { headers })).text, '{"result":"OK"}');
  strictEqual(await redis.command("TTL", "k"), 100);
  strictEqual((await rest(gateway, "/get/k?_token=wrong-token", { headers })).status, 401);
});

redisTest("gateway lets the read-only token read, and nothing more", async () => {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis, { readOnlyToken: "token-for-readers" });
  await redis.command("SET", "k", "v");
  await redis.command("HSET", "h", "f", "v");
  const reader = { url: gateway.url, token: "token-for-readers" };
  deepStrictEqual(await command(reader, "GET", "k"), { result: "v" });
  deepStrictEqual(await command(reader, "HGETALL", "h"), { result: ["f", "v"] });
  deepStrictEqual(await command(reader, "PING"), { result: "PONG" });
  deepStrictEqual(await command(reader, "EVAL_RO", "return redis.call('GET', KEYS[1])", 1, "k"), {
    result: "v",
  });
  const refused = [
    "SET k x",
    "DEL k",
    "INCR n",
    "GETDEL k",
    "GETEX k PERSIST",
    "KEYS *",
    "SCAN 0",
    "FLUSHALL",
    "PUBLISH ch m",
    "EVALSHA 0000000000000000000000000000000000000000 0",
    "CONFIG GET dir",
    "SCRIPT FLUSH",
    "XADD s * f v",
    "SORT h STORE d",
    "ACL WHOAMI",
  ];
  for (const text of refused) {
    const { error } = await command(reader, ...text.split(" "));
    const name = text.split(" ")[0]?.toLowerCase();
    strictEqual(error, `NOPERM this user has no permissions to run the '${name}' command`, text);
  }
  const script = await command(reader, "EVAL", "return 1", 0);
  match(script.error ?? "", /^NOPERM/);
  const body = [["GET", "k"], ["SET", "k", "x"]];
  const pipeline = await rest(reader, "/pipeline", { body });
  match(pipeline.text, /^\[\{"result":"v"\},\{"error":"NOPERM /);
  strictEqual((await rest(reader, "/multi-exec", { body })).status, 400);
  strictEqual((await rest(reader, "/monitor")).status, 400);
  strictEqual(await redis.command("GET", "k"), "v");
});

redisTest("gateway answers what is malformed with Upstash's words and 400", async () => {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis);
  const malformed: [string, unknown, string][] = [
    ["/", "", "ERR failed to parse command"],
    ["/", "[", "ERR failed to parse command"],
    ["/", "[]", "ERR failed to parse command"],
    ["/", { a: 1 }, "ERR failed to parse command"],
    ["/", [["SET", "k", "v"]], "ERR failed to parse command"],
    ["/pipeline", "[", "ERR failed to parse pipeline request"],
    ["/pipeline", [], "ERR failed to parse pipeline request"],
    ["/pipeline", ["SET", "k", "v"], "ERR failed to parse pipeline request"],
    ["/pipeline", [["SET", "k", "v"], []], "ERR failed to parse pipeline request"],
    ["/multi-exec", [["SET", "k", "v"], [null]], "ERR failed to parse transaction request"],
    ["/set/k/%zz", undefined, "ERR failed to parse path"],
    ["/subscribe", undefined, "ERR failed to parse path"],
    ["/psubscribe/", undefined, "ERR failed to parse path"],
  ];
  for (const [path, body, error] of malformed) {
    const { status, text } = await rest(gateway, path, { body });
    deepStrictEqual([status, JSON.parse(text)], [400, { error }], path);
  }
  strictEqual((await rest(gateway, "/")).status, 400);
  strictEqual(await redis.command("DBSIZE"), 0);
});

redisTest("gateway names no stored value, no address and no token in an error", async () => {
  await using redis = await startRedis();
  const secret = "secret-of-the-store";
  await using gateway = await startGateway(redis, { isStrict: true, limits: { keyBytesMax: 64 } });
  await redis.command("SET", secret, secret);
  await redis.command("HSET", "hash", secret, secret);
  const requests: [string, unknown][] = [
    ["/", ["INCR", secret]],
    ["/", ["HINCRBY", "hash", secret, 1]],
    ["/", ["LPUSH", secret, secret]],
    ["/", [
      `${secret}-as-a-name`.toUpperCase().replace("SECRET-OF-THE-STORE", "NOPE"),
      secret,
      secret,
    ]],
    ["/", ["SET", secret, secret, secret]],
    ["/", ["SET", `${secret}${"x".repeat(99)}`, secret]],
    ["/", ["EVAL", "return redis.call('INCR', KEYS[1])", 1, secret]],
    ["/", ["EVAL", "#!lua flags=allow-key-locking\nreturn redis.call('GET', ARGV[1])", 0, secret]],
    ["/", ["EVALSHA", secret, 0]],
    ["/", ["OBJECT", "ENCODING", secret]],
    ["/", ["XADD", secret, "1-1", "f", secret]],
    ["/multi-exec", [["INCR", secret, secret]]],
    ["/", `["SET","k","${secret}"`],
  ];
  const forbidden = [secret, gateway.token, redis.url, String(redis.port), "127.0.0.1"];
  for (const [path, body] of requests) {
    const { status, text } = await rest(gateway, path, { body });
    strictEqual(status, 400, text);
    for (const word of forbidden) ok(!text.includes(word), `${JSON.stringify(body)} → ${text}`);
  }
});

redisTest("gateway survives 1,000 random malformed requests", async () => {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis);
  const seed = Number(Deno.env.get("SEED") ?? 20_261_121);
  const random = seededRandom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random.float() * items.length)] as T;
  const pieces = [
    "[",
    "]",
    "{",
    "}",
    '"SET"',
    '"GET"',
    '"k"',
    ",",
    ":",
    "null",
    "1e999",
    "\\",
    '"\\ud800"',
    "\u0000",
    '"EVAL"',
    "true",
    "-",
    "[[",
    "]]",
    "9".repeat(30),
    '"MULTI"',
    '"EXEC"',
    " ",
    "\n",
    "%",
    "€",
  ];
  const paths = [
    "/",
    "/pipeline",
    "/multi-exec",
    "/get",
    "/set/%",
    "/%00/%ff",
    "//",
    "/pipeline/x",
    "/-/x",
    "/eval/return/9999999999",
    "/xread/streams",
    "/config",
    "/subscribe/",
    "/?a=%zz&_token",
    "/zadd/k/x",
  ];
  for (let i = 0; i < 1_000; i++) {
    const text = Array.from({ length: Math.floor(random.float() * 8) }, () => pick(pieces)).join(
      "",
    );
    const path = pick(paths);
    const { status, text: answer } = await rest(gateway, path, { method: "POST", body: text });
    ok([200, 400].includes(status), `seed ${seed}, request ${i}: ${status} ${answer}`);
    const parsed: unknown = JSON.parse(answer);
    ok(typeof parsed === "object", `seed ${seed}, request ${i}: ${answer}`);
  }
  deepStrictEqual(await command(gateway, "PING"), { result: "PONG" });
  strictEqual(gateway.counters().inFlight, 0);
});
