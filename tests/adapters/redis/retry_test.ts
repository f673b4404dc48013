import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { failureOf, malformed, refusal, statusFailure } from "../../../adapters/redis/failures.ts";
import {
  ATTEMPTS_MAX,
  type Call,
  type Effect,
  nextWaitMs,
  retry,
} from "../../../adapters/redis/retry.ts";
import { HoldfastError } from "../../../src/errors.ts";
import { seededRandom } from "../../../src/random.ts";
import { manualClock } from "../../contracts/manual_clock.ts";

const LOST = () => new TypeError("connection reset");
const BUSY = () => refusal("BUSY x");
const LIMITED = () => statusFailure(429, 2_000);

/** Attempts that fail as listed and then give "done"; undefined is an attempt that hangs. */
function script(failures: readonly ((() => unknown) | undefined)[]) {
  let sent = 0;
  const attempt = (signal: AbortSignal): Promise<string> => {
    const failure = failures[sent++];
    if (sent > failures.length) return Promise.resolve("done");
    if (failure !== undefined) return Promise.reject(failure());
    return new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  };
  return { attempt, sent: () => sent };
}

async function outcome(
  effect: Effect,
  failures: readonly ((() => unknown) | undefined)[],
  advanceMs = 10_000,
  deadlineMs = 10_000,
): Promise<{ result: string; sent: number; atMs: number }> {
  const clock = manualClock();
  const random = seededRandom(3);
  const { attempt, sent } = script(failures);
  let atMs = NaN;
  const result = retry(attempt, { effect, deadlineMs }, { clock, random, attemptMs: 3_000 })
    .catch((error) => HoldfastError.is(error) ? error.code : String(error))
    .finally(() => atMs = clock.monotonic());
  await clock.advance(advanceMs);
  strictEqual(clock.pending, 0);
  return { result: await result, sent: sent(), atMs };
}

Deno.test("retry() sends a read and a repeatable write again after a lost answer, and nothing else", async () => {
  const failures = [LOST, undefined, () => malformed("x"), () => statusFailure(503)];
  for (const failure of failures) {
    const table = [];
    for (const effect of ["read", "repeatable", "once"] as const) {
      const { result, sent } = await outcome(effect, [failure]);
      table.push([result, sent]);
    }
    deepStrictEqual(table, [["done", 2], ["done", 2], ["ERR_OUTCOME_UNKNOWN", 1]]);
  }
});

Deno.test("retry() sends everything again that was certainly not carried out", async () => {
  const refused = () => new TypeError("fetch failed", { cause: { code: "ECONNREFUSED" } });
  for (const failure of [BUSY, () => statusFailure(429), refused]) {
    for (const effect of ["read", "repeatable", "once"] as const) {
      const { result, sent } = await outcome(effect, [failure, failure]);
      deepStrictEqual([result, sent], ["done", 3]);
    }
  }
});

Deno.test("retry() sends nothing again that was refused for good", async () => {
  const refusals: [string, () => unknown][] = [
    ["ERR_WRONG_TYPE", () => refusal("WRONGTYPE x")],
    ["ERR_UNAUTHORIZED", () => statusFailure(401)],
    ["ERR_SCRIPT_FAILED", () => refusal("ERR x")],
    ["ERR_TOO_LARGE", () => statusFailure(413)],
    ["ERR_UNAVAILABLE", () => statusFailure(404)],
    ["ERR_RATE_LIMITED", () => refusal("ERR max requests limit exceeded")],
  ];
  for (const [code, failure] of refusals) {
    const { result, sent } = await outcome("repeatable", [failure]);
    deepStrictEqual([result, sent], [code, 1]);
  }
});

Deno.test("retry() does not come back before the server's own time, and not at all after the deadline", async () => {
  const { result, atMs } = await outcome("once", [LIMITED]);
  deepStrictEqual([result, atMs], ["done", 2_000]);
  const late = await outcome("read", [LIMITED, LIMITED, LIMITED], 10_000, 5_000);
  deepStrictEqual([late.result, late.sent, late.atMs], ["ERR_RATE_LIMITED", 3, 4_000]);
});

Deno.test("retry() gives up at the deadline, and says what is known", async () => {
  const endless = (failure: (() => unknown) | undefined) => Array(99).fill(failure);
  const unreachable = () => new TypeError("client error (Connect)");
  const cases: [Effect, (() => unknown) | undefined, string][] = [
    ["read", undefined, "ERR_TIMEOUT"],
    ["repeatable", undefined, "ERR_OUTCOME_UNKNOWN"],
    ["read", LOST, "ERR_UNAVAILABLE"],
    ["repeatable", LOST, "ERR_OUTCOME_UNKNOWN"],
    ["repeatable", unreachable, "ERR_UNAVAILABLE"],
    ["once", unreachable, "ERR_UNAVAILABLE"],
    ["repeatable", BUSY, "ERR_UNAVAILABLE"],
  ];
  for (const [effect, failure, code] of cases) {
    const { result, sent, atMs } = await outcome(effect, endless(failure));
    strictEqual(result, code);
    ok(sent > 3 && sent <= ATTEMPTS_MAX && atMs <= 10_000, `${sent} attempts in ${atMs} ms`);
  }
});

Deno.test("retry() stays in doubt when a lost answer is followed by a refusal that proves nothing", async () => {
  const unauthorized = () => statusFailure(401);
  strictEqual((await outcome("repeatable", [LOST, unauthorized])).result, "ERR_OUTCOME_UNKNOWN");
  strictEqual((await outcome("read", [LOST, unauthorized])).result, "ERR_UNAUTHORIZED");
  const wrongType = () => refusal("WRONGTYPE x");
  strictEqual((await outcome("repeatable", [LOST, wrongType])).result, "ERR_WRONG_TYPE");
});

Deno.test("retry() ends with the caller's reason, during an attempt and between two", async () => {
  for (const failures of [[undefined], [LIMITED]]) {
    const clock = manualClock();
    const stop = new AbortController();
    const { attempt, sent } = script(failures);
    const call: Call = { effect: "read", deadlineMs: 10_000, signal: stop.signal };
    const waiting = retry(attempt, call, { clock, random: seededRandom(1), attemptMs: 3_000 })
      .catch((error) => error);
    await clock.advance(100);
    const reason = new HoldfastError("ERR_TIMEOUT", "the caller's own");
    stop.abort(reason);
    strictEqual(await waiting, reason);
    deepStrictEqual([sent(), clock.pending], [1, 0]);
  }
});

Deno.test("nextWaitMs() grows with full jitter under its ceiling, and has a bound of attempts", () => {
  const random = seededRandom(5);
  const call: Call = { effect: "read", deadlineMs: 1 };
  const failure = failureOf(LOST());
  for (let attempts = 1; attempts < ATTEMPTS_MAX; attempts++) {
    const bound = Math.min(1_000, 25 * 2 ** (attempts - 1));
    const waits = Array.from({ length: 200 }, () => nextWaitMs(call, failure, attempts, random));
    ok(Math.max(...waits) <= bound && Math.max(...waits) > bound * 0.9, "reaches its bound");
    ok(Math.min(...waits) < bound * 0.1, "may be next to nothing");
  }
  strictEqual(nextWaitMs(call, failure, ATTEMPTS_MAX, random), Infinity);
});
