import { deepStrictEqual, notStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import * as z from "zod";
import { checkBackend, checkedIsolation } from "../../src/backend.ts";
import { backoffMs } from "../../src/backoff.ts";
import { systemClock } from "../../src/clock.ts";
import { type Duration, durationMs } from "../../src/duration.ts";
import { isJsonObject, parseJson } from "../../src/json.ts";
import { mac, macMatches } from "../../src/mac.ts";
import { once } from "../../src/once.ts";
import { randomInteger, randomToken, seededRandom, systemRandom } from "../../src/random.ts";
import { accepted, type InferOutput, ValueError } from "../../src/schema.ts";

Deno.test("durationMs() takes milliseconds and numbers with a unit", () => {
  const table: [Duration, number][] = [
    [0, 0],
    [250, 250],
    [Infinity, Infinity],
    ["250ms", 250],
    ["10s", 10_000],
    ["5m", 300_000],
    ["1.5h", 5_400_000],
    ["2d", 172_800_000],
    ["0s", 0],
  ];
  for (const [duration, ms] of table) strictEqual(durationMs(duration, "ttl"), ms);
});

Deno.test("durationMs() refuses everything else and names the option", () => {
  const bad = [
    "60",
    "",
    "s",
    "-1s",
    "1 s",
    "1S",
    "1e3s",
    "Infinitys",
    -1,
    NaN,
    null,
    undefined,
    {},
    [],
    5n,
    true,
  ];
  for (const value of bad) {
    throws(
      () => durationMs(value as never, "stale"),
      (error: Error & { code?: string }) =>
        error instanceof TypeError && error.code === "ERR_INVALID_OPTION" &&
        error.message.includes("stale"),
    );
  }
});

Deno.test("backoffMs() grows to its ceiling and never passes it", () => {
  const highest = { bytes: () => new Uint8Array(), float: () => 0.999 };
  const options = { firstMs: 25, ceilingMs: 1_000 };
  deepStrictEqual(
    [0, 1, 2, 5, 6, 1_000, 1e9].map((attempt) => Math.round(backoffMs(attempt, options, highest))),
    [25, 50, 100, 799, 999, 999, 999],
  );
  strictEqual(backoffMs(3, options, { ...highest, float: () => 0 }), 0);
});

Deno.test("seededRandom() replays from its seed and spreads evenly", () => {
  const [a, b, c] = [seededRandom(1), seededRandom(1), seededRandom(2)];
  deepStrictEqual(a.bytes(16), b.bytes(16));
  notStrictEqual(a.float(), c.float());
  const buckets = new Uint32Array(10);
  for (let i = 0; i < 100_000; i++) buckets[Math.floor(a.float() * 10)]! += 1;
  ok(buckets.every((count) => Math.abs(count - 10_000) < 500), buckets.join(" "));
});

Deno.test("systemRandom() gives each byte of what it drew once, and all that it is asked for", () => {
  const random = systemRandom();
  const drawn = Array.from({ length: 300 }, () => random.bytes(16));
  strictEqual(new Set(drawn.map(String)).size, drawn.length);
  for (const length of [0, 1, 100, 127, 128, 129, 5_000]) {
    strictEqual(random.bytes(length).length, length);
  }
  const [first] = drawn;
  const before = String(first);
  for (let at = 0; at < 200; at++) random.bytes(100);
  strictEqual(String(first), before);
});

Deno.test("systemRandom() gives bytes, and floats in [0, 1)", () => {
  const random = systemRandom();
  strictEqual(random.bytes(16).length, 16);
  for (let i = 0; i < 1_000; i++) {
    const value = random.float();
    ok(value >= 0 && value < 1, String(value));
  }
});

Deno.test("randomToken() has the asked length and only URL-safe characters", () => {
  const random = seededRandom(3);
  const tokens = new Set(Array.from({ length: 1_000 }, () => randomToken(random)));
  strictEqual(tokens.size, 1_000);
  for (const token of tokens) ok(/^[A-Za-z0-9_-]{22}$/.test(token), token);
  strictEqual(randomToken(random, 4).length, 4);
});

Deno.test("randomInteger() stays in its half-open range", () => {
  const random = seededRandom(5);
  const seen = new Set(Array.from({ length: 200 }, () => randomInteger(random, -1, 2)));
  deepStrictEqual([...seen].sort((a, b) => a - b), [-1, 0, 1]);
  throws(() => randomInteger(random, 2, 2), { code: "ERR_INVALID_ARGUMENT" });
});

Deno.test("systemClock() tells the time, calls back once, and can be told not to", async () => {
  const clock = systemClock();
  ok(Math.abs(clock.now() - Date.now()) < 10_000);
  const before = clock.monotonic();
  const calls: string[] = [];
  const cancel = clock.after(1, () => calls.push("cancelled"));
  cancel();
  await new Promise<void>((resolve) => clock.after(5, resolve));
  ok(clock.monotonic() > before);
  deepStrictEqual(calls, []);
});

Deno.test("systemClock().after() does not fire early for waits beyond the host's timers", async () => {
  const clock = systemClock();
  const calls: string[] = [];
  const cancels = [2 ** 31, Infinity].map((ms) => clock.after(ms, () => calls.push("early")));
  await new Promise<void>((resolve) => clock.after(5, resolve));
  for (const cancel of cancels) cancel();
  deepStrictEqual(calls, []);
});

Deno.test("mac() follows RFC 4231, test case 2", async () => {
  const code = await mac("Jefe", "what do ya want for nothing?");
  strictEqual(code, "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM");
});

Deno.test("macMatches() accepts the code of the text and nothing else", async () => {
  const code = await mac("secret", "text");
  strictEqual(code.length, 43);
  ok(await macMatches("secret", "text", code));
  ok(!await macMatches("secret", "other", code));
  ok(!await macMatches("other", "text", code));
  ok(!await macMatches("secret", "text", code.slice(1)));
  ok(!await macMatches("secret", "text", ""));
});

Deno.test("parseJson() refuses what is no JSON without quoting it", () => {
  deepStrictEqual(parseJson('{"a":[1]}', "the body"), { a: [1] });
  throws(
    () => parseJson("hunter2 {", "the body"),
    (error: Error & { code?: string }) =>
      error.code === "ERR_MALFORMED" && !`${error.message}${error.cause}`.includes("hunter2"),
  );
});

Deno.test("isJsonObject() is true for objects alone", () => {
  ok(isJsonObject({}));
  for (const other of [null, [], "x", 1, undefined]) ok(!isJsonObject(other));
});

Deno.test("accepted() gives the output or every issue with its path", () => {
  const schema = z.object({ user: z.object({ age: z.coerce.number() }), name: z.string() });
  const output: InferOutput<typeof schema> = accepted(
    "create a record",
    schema["~standard"].validate({ user: { age: "7" }, name: "ada" }) as {
      value: { user: { age: number }; name: string };
    },
  );
  deepStrictEqual(output, { user: { age: 7 }, name: "ada" });
  throws(
    () =>
      accepted("create a record", schema["~standard"].validate({ user: { age: "x" } }) as never),
    (error: unknown) =>
      error instanceof ValueError &&
      error.issues.map(({ path }) => path.join(".")).join() === "user.age,name",
  );
});

Deno.test("checkedIsolation() defaults to process and refuses others", () => {
  strictEqual(checkedIsolation(), "process");
  strictEqual(checkedIsolation("request"), "request");
  throws(() => checkedIsolation("isolate" as never), { code: "ERR_INVALID_OPTION" });
});

Deno.test("once() makes one value, and none when it fails", () => {
  let calls = 0;
  const value = once((fail: boolean) => {
    calls++;
    if (fail) throw new Error("not yet");
    return { calls };
  });
  throws(() => value(true), { message: "not yet" });
  strictEqual(value(false), value(true));
  strictEqual(calls, 2);
});

Deno.test("checkBackend() names what a backend lacks", () => {
  checkBackend("make it", { cache: {}, clock: {} }, ["cache", "clock"]);
  throws(() => checkBackend("make it", { cache: {} }, ["cache", "clock"]), {
    code: "ERR_INVALID_ARGUMENT",
    message: "Cannot make it as the backend must have cache, clock: it lacks clock",
  });
  for (const bad of [undefined, null, "redis", 5]) {
    throws(() => checkBackend("make it", bad, ["cache"]), { code: "ERR_INVALID_ARGUMENT" });
  }
});
