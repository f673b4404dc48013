import { deepStrictEqual, doesNotMatch, ok, rejects, strictEqual } from "node:assert/strict";
import { connectRedis, type ConnectRedisOptions } from "../../../adapters/redis/connection.ts";
import { readEventStream } from "../../../adapters/redis/event_stream.ts";
import type { RedisRequest, Requester } from "../../../adapters/redis/requester.ts";
import { type RedisScript, scriptText, sha1, WAKES } from "../../../adapters/redis/scripts.ts";
import { seededRandom } from "../../../src/random.ts";
import { manualClock } from "../../contracts/manual_clock.ts";

const NOSCRIPT = { error: "NOSCRIPT No matching script. Please use EVAL." };
const BAD_FLAG = { error: "ERR Unexpected flag in script shebang: allow-key-locking" };
const ADD: RedisScript = {
  keys: ["counter"],
  effect: "repeatable",
  body: "return {ARGV[1]}",
};
const GROW: RedisScript = { ...ADD, wakes: WAKES, tellsTime: true };
const READ = { effect: "read" } as const;

/** A client on a requester that answers as the test says, and the bodies that it got. */
function scripted(
  answer: (body: unknown[], number: number) => unknown,
  options: ConnectRedisOptions = {},
) {
  const clock = manualClock();
  const bodies: unknown[][] = [];
  const request = (req: RedisRequest): Promise<unknown> => {
    const body = Array.isArray(req.body) ? req.body : [];
    bodies.push(body);
    return Promise.resolve(answer(body, bodies.length));
  };
  const requester = { request };
  const random = seededRandom(1);
  const connection = connectRedis({ requester, clock, random, ...options });
  return { client: connection.client, clock, bodies };
}

const names = (bodies: unknown[][]) => bodies.map(([name]) => name);

Deno.test("RedisClient.command() leaves every text as it is", async () => {
  const texts = ["123", "null", "true", "1e5", '{"a":1}', "OK", "", "9007199254740993"];
  const { client, bodies } = scripted(() => ({ result: texts }));
  deepStrictEqual(await client.command(["MGET", ...texts], READ), texts);
  deepStrictEqual(bodies, [["MGET", ...texts]]);
});

Deno.test("RedisClient.command() gives null, numbers and lists as Redis answers them", async () => {
  for (const result of [null, 0, -1, "x", [], [1, [null, ["y"]]]]) {
    const { client } = scripted(() => ({ result }));
    deepStrictEqual(await client.command(["GET", "k"], READ), result);
  }
});

Deno.test("RedisClient.command() does not take a stranger's answer for a reply", async () => {
  for (const answer of [undefined, null, {}, [], "x", 7, { result: { a: 1 } }, { result: true }]) {
    const { client, clock } = scripted(() => answer);
    const asking = client.command(["GET", "k"], READ).catch((error) => error);
    await clock.advance(20_000);
    strictEqual((await asking).code, "ERR_UNAVAILABLE", JSON.stringify(answer));
  }
});

Deno.test("RedisClient.command() does not put a stored value, a key or a token into an error", async () => {
  const { client } = scripted(() => ({ error: "ERR bad value 'v4lue' for key 'k3y' of t0ken" }));
  const error = await client.command(["SET", "k3y", "v4lue"], { effect: "once" }).catch((e) => e);
  strictEqual(error.code, "ERR_SCRIPT_FAILED");
  const shown = Deno.inspect(error, { depth: 9 });
  doesNotMatch(`${shown}${JSON.stringify(error)}`, /v4lue|k3y|t0ken/);
});

Deno.test("RedisClient.command() refuses a key that is empty or longer than 32 KB, and sends nothing", async () => {
  const { client, bodies } = scripted(() => ({ result: "OK" }));
  const call = { keys: [""], args: ["x"] };
  for (const key of ["", "x".repeat(32_769), "é".repeat(16_385)]) {
    await rejects(client.command(["GET", key], READ), { code: "ERR_INVALID_KEY" });
    await rejects(client.run(ADD, { ...call, keys: [key] }), { code: "ERR_INVALID_KEY" });
  }
  strictEqual(bodies.length, 0);
  await client.command(["GET", "x".repeat(32_768)], READ);
  await client.command(["GET", "é".repeat(16_384)], READ);
  strictEqual(bodies.length, 2);
});

Deno.test("RedisClient.command() keeps its own deadline and the caller's signal", async () => {
  const hanging: Requester = { request: () => new Promise(() => {}) };
  const clock = manualClock();
  const { client } = connectRedis({ requester: hanging, clock, random: seededRandom(1) });
  const asking = client.command(["GET", "k"], { ...READ, deadlineMs: 500 }).catch((e) => e);
  await clock.advance(500);
  strictEqual((await asking).code, "ERR_TIMEOUT");
  const reason = new Error("enough");
  const stop = new AbortController();
  const aborted = client.command(["GET", "k"], { ...READ, signal: stop.signal });
  stop.abort(reason);
  await rejects(aborted, reason);
  await rejects(client.command(["GET", "k"], { ...READ, signal: stop.signal }), reason);
  strictEqual(clock.pending, 0);
});

Deno.test("RedisClient.command() gives each concurrent call its own signal", async () => {
  const signals: (AbortSignal | undefined)[] = [];
  const request = ({ signal }: RedisRequest) => {
    signals.push(signal);
    return new Promise<never>(() => {});
  };
  const { client } = connectRedis({ requester: { request }, clock: manualClock() });
  const stops = [new AbortController(), new AbortController()];
  const calls = stops.map(({ signal }) =>
    client.command(["GET", "k"], { ...READ, signal }).catch(() => {})
  );
  stops[0]?.abort();
  await calls[0];
  deepStrictEqual(signals.map((signal) => signal?.aborted), [true, false]);
  stops[1]?.abort();
  await calls[1];
});

Deno.test("RedisClient.stream() ends when it is aborted, even where the requester does not listen", async () => {
  const { client } = connectRedis({ requester: { request: () => new Promise(() => {}) } });
  const stop = new AbortController();
  const streaming = client.stream(["subscribe", "a"], {
    signal: stop.signal,
    onData: () => {},
    read: readEventStream,
  });
  stop.abort(new RangeError("enough"));
  await rejects(streaming, RangeError);
});

Deno.test("RedisClient.pipeline() gives each command its own result", async () => {
  const { client, bodies } = scripted(() => [
    { result: "1" },
    { error: "WRONGTYPE x" },
    { result: null },
  ]);
  const results = await client.pipeline([["GET", "a"], ["INCR", "b"], ["GET", "c"]], READ);
  deepStrictEqual(
    results.map((result) => result.kind === "reply" ? result.reply : result.error.code),
    ["1", "ERR_WRONG_TYPE", null],
  );
  deepStrictEqual(bodies, [[["GET", "a"], ["INCR", "b"], ["GET", "c"]]]);
  deepStrictEqual(client.counters, { requests: 1, commands: 3 });
  deepStrictEqual(await client.pipeline([], READ), []);
  strictEqual(bodies.length, 1);
});

Deno.test("RedisClient.pipeline() does not take an answer with too few or other results", async () => {
  for (const answer of [[], [{ result: "1" }], [{ result: 1 }, {}], { result: "x" }, [1, 2]]) {
    const { client, clock } = scripted(() => answer);
    const asking = client.pipeline([["GET", "a"], ["GET", "b"]], READ).catch((error) => error);
    await clock.advance(20_000);
    strictEqual((await asking).code, "ERR_UNAVAILABLE", JSON.stringify(answer));
  }
  const { client } = scripted(() => ({ error: "ERR max pipeline size exceeded" }));
  await rejects(client.pipeline([["GET", "a"]], READ), { code: "ERR_TOO_LARGE" });
});

Deno.test("RedisClient.run() finds out once that a server takes the locking flag", async () => {
  const { client, bodies } = scripted(() => ({ result: ["done"] }));
  for (let i = 0; i < 3; i++) await client.run(ADD, { keys: ["k"], args: ["x"] });
  const text = scriptText(ADD, "key-locking");
  ok(text.startsWith("#!lua flags=allow-key-locking\n"));
  const sha = await sha1(text);
  deepStrictEqual(bodies, [
    ["EVAL", text, "1", "k", "x"],
    ["EVALSHA", sha, "1", "k", "x"],
    ["EVALSHA", sha, "1", "k", "x"],
  ]);
});

Deno.test("RedisClient.run() finds out once that a server does not", async () => {
  const loaded = new Set<unknown>();
  const { client, bodies } = scripted(([name, script]) => {
    if (String(script).startsWith("#!")) return BAD_FLAG;
    if (name === "EVALSHA" && !loaded.has(script)) {
      loaded.add(script);
      return NOSCRIPT;
    }
    return { result: ["done"] };
  });
  for (let i = 0; i < 2; i++) await client.run(ADD, { keys: ["k"], args: ["x"] });
  deepStrictEqual(names(bodies), ["EVAL", "EVALSHA", "EVAL", "EVALSHA"]);
  strictEqual(bodies[2]?.[1], "return {ARGV[1]}");
  await client.run({ ...ADD, body: "return {'other'}" }, { keys: ["k"], args: ["x"] });
  deepStrictEqual(names(bodies).slice(4), ["EVALSHA", "EVAL"]);
});

Deno.test("RedisClient.run() sends a script whole when the server has forgotten it, in the same attempt", async () => {
  let forgets = false;
  const { client, bodies } = scripted(([name]) =>
    forgets && name === "EVALSHA" ? NOSCRIPT : { result: ["done"] }
  );
  await client.run(ADD, { keys: ["k"], args: ["x"] });
  forgets = true;
  await client.run(ADD, { keys: ["k"], args: ["x"] });
  deepStrictEqual(names(bodies), ["EVAL", "EVALSHA", "EVAL"]);
});

Deno.test("RedisClient.run() ends when a server refuses everything", async () => {
  const { client, bodies } = scripted(([name]) => name === "EVAL" ? BAD_FLAG : NOSCRIPT);
  await rejects(client.run(ADD, { keys: ["k"], args: [] }), { code: "ERR_SCRIPT_FAILED" });
  deepStrictEqual(names(bodies), ["EVAL", "EVALSHA", "EVAL"]);
});

Deno.test("RedisClient.run() takes time and wake off the answer, and learns the server's time", async () => {
  const { client, clock, bodies } = scripted(() => ({ result: ["done", "1700000005000", "1"] }));
  const answer = await client.run(GROW, { keys: ["k"], args: ["x"], channel: "a/b" });
  deepStrictEqual(answer, ["done"]);
  deepStrictEqual(client.serverTime(), { nowMs: 1_700_000_005_000.5, errorMs: 1 });
  strictEqual(bodies[0]?.at(-1), "holdfast:a~2fb");
  await clock.advance(1_000);
  strictEqual(client.serverTime()?.nowMs, 1_700_000_006_000.5);
});

Deno.test("RedisClient.run() takes no answer for one that lacks what the client asked for", async () => {
  for (const result of ["x", [], ["done", "soon", "1"], ["done", "-5", "1"]]) {
    const { client, clock } = scripted(() => ({ result }));
    const running = client.run(GROW, { keys: ["k"], args: [], channel: "a" }).catch((e) => e);
    await clock.advance(20_000);
    strictEqual((await running).code, "ERR_OUTCOME_UNKNOWN", JSON.stringify(result));
    strictEqual(client.serverTime(), undefined);
  }
});

Deno.test("RedisClient.run() wakes by itself where scripts must not publish: once late, then in the same request", async () => {
  const { client, bodies } = scripted((body) =>
    Array.isArray(body[0])
      ? [{ result: ["done", "1700000005000", "0"] }, { result: 1 }]
      : { result: body[0] === "PUBLISH" ? 1 : ["done", "1700000005000", "0"] }
  );
  const input = { keys: ["k"], args: ["x"], channel: "a" };
  for (let i = 0; i < 3; i++) deepStrictEqual(await client.run(GROW, input), ["done"]);
  const publish = ["PUBLISH", "holdfast:a", "?"];
  const sha = await sha1(scriptText(GROW, "key-locking"));
  const run = ["EVALSHA", sha, 1, "k", "x", "holdfast:a"];
  deepStrictEqual(bodies.slice(1), [publish, [run, publish], [run, publish]]);
});

Deno.test("RedisClient.run() sends a forgotten script whole beside its wake, too", async () => {
  const { client, bodies } = scripted((body) => {
    const [first] = body;
    if (first === "PUBLISH") return { result: 1 };
    if (!Array.isArray(first)) return { result: ["1700000005000", "0"] };
    const script = first[0] === "EVAL" ? { result: ["1700000005000", "0"] } : NOSCRIPT;
    return [script, { result: 1 }];
  });
  const input = { keys: ["k"], args: ["x"], channel: "a" };
  for (let i = 0; i < 2; i++) await client.run(GROW, input);
  const scripts = bodies.slice(2).map(([first]) => Array.isArray(first) ? first[0] : first);
  deepStrictEqual(scripts, ["EVALSHA", "EVAL"]);
});

Deno.test("RedisClient.run() refuses other keys than declared, and a wake without a channel", async () => {
  const { client, bodies } = scripted(() => ({ result: [] }));
  const broken = { code: "ERR_INVARIANT" };
  const many: RedisScript = { ...ADD, keys: ["head", "tags…"] };
  await rejects(client.run(ADD, { keys: [], args: [] }), broken);
  await rejects(client.run(ADD, { keys: ["a", "b"], args: [] }), broken);
  await rejects(client.run(many, { keys: [], args: [] }), broken);
  await rejects(client.run(GROW, { keys: ["a"], args: [] }), broken);
  await rejects(client.run(ADD, { keys: ["a"], args: [], channel: "a" }), broken);
  strictEqual(bodies.length, 0);
  for (const keys of [["a"], ["a", "b"], ["a", "b", "c"]]) {
    await client.run(many, { keys, args: [] });
  }
});

Deno.test("RedisClient.run() tries again as the script's effect allows", async () => {
  const lost = (_body: unknown, number: number) => {
    if (number > 1) return { result: ["done"] };
    throw new TypeError("connection reset");
  };
  const repeatable = scripted(lost);
  const asking = repeatable.client.run(ADD, { keys: ["k"], args: [] });
  await repeatable.clock.advance(1_000);
  deepStrictEqual(await asking, ["done"]);
  const once = scripted(lost);
  await rejects(once.client.run({ ...ADD, effect: "once" }, { keys: ["k"], args: [] }), {
    code: "ERR_OUTCOME_UNKNOWN",
  });
  strictEqual(once.bodies.length, 1);
});

Deno.test("RedisClient.counters counts every attempt and every command", async () => {
  const { client, clock } = scripted((_body, number) => {
    if (number === 1) throw new TypeError("connection reset");
    return number === 2 ? { result: "1" } : [{ result: "1" }, { result: "2" }];
  });
  const asking = client.command(["GET", "k"], READ);
  await clock.advance(1_000);
  await asking;
  await client.pipeline([["GET", "a"], ["GET", "b"]], READ);
  deepStrictEqual(client.counters, { requests: 3, commands: 4 });
});
