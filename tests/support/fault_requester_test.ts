import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { failureOf } from "../../adapters/redis/failures.ts";
import type { RedisRequest, Requester } from "../../adapters/redis/requester.ts";
import { seededRandom } from "../../src/random.ts";
import { sleep } from "../../src/waiting.ts";
import { manualClock } from "../contracts/manual_clock.ts";
import { type Fault, faultRequester, type FaultRule } from "./fault_requester.ts";

/** A requester that keeps what reached it, behind faults. */
function bench(rules: readonly FaultRule[], seed = 1) {
  const clock = manualClock();
  const reached: unknown[] = [];
  const inner: Requester = {
    request: async (request: RedisRequest) => {
      if (!request.isStreaming) {
        reached.push(request.body);
        return { result: request.body };
      }
      for (;;) {
        await sleep(clock, 10, { signal: request.signal });
        request.onMessage?.("message,a,x");
      }
    },
  };
  const requester = faultRequester(inner, { clock, random: seededRandom(seed), rules });
  const send = (body: unknown, signal?: AbortSignal) =>
    requester.request({ body, ...signal && { signal } }).then(
      () => "answered",
      (error) => failureOf(error).code,
    );
  return { clock, reached, requester, send };
}

const always = (fault: Fault): FaultRule[] => [{ fault, chance: 1 }];

Deno.test("faultRequester() passes everything on where no rule strikes", async () => {
  const { send, reached } = bench([{ fault: "drop-before", chance: 1, match: /SET/ }]);
  strictEqual(await send(["GET", "k"]), "answered");
  strictEqual(await send(["SET", "k", "v"]), "ERR_UNAVAILABLE");
  deepStrictEqual(reached, [["GET", "k"]]);
});

Deno.test("faultRequester() loses a request before it is carried out, or its answer after", async () => {
  const table: Record<string, [string, number]> = {};
  for (const fault of ["drop-before", "drop-after", "truncate", "garbage", "429"] as const) {
    const { send, reached } = bench(always(fault));
    table[fault] = [await send(["INCR", "n"]), reached.length];
  }
  deepStrictEqual(table, {
    "drop-before": ["ERR_UNAVAILABLE", 0],
    "drop-after": ["ERR_UNAVAILABLE", 1],
    "truncate": ["ERR_UNAVAILABLE", 1],
    "garbage": ["ERR_UNAVAILABLE", 1],
    "429": ["ERR_RATE_LIMITED", 0],
  });
});

Deno.test("faultRequester() carries out one of two requests that it answers with 503", async () => {
  const { send, reached } = bench(always("503"));
  for (let i = 0; i < 100; i++) strictEqual(await send([i]), "ERR_UNAVAILABLE");
  ok(reached.length > 30 && reached.length < 70, `${reached.length} of 100`);
});

Deno.test("faultRequester() delivers a double late, and says when nothing is under way", async () => {
  const { clock, send, reached, requester } = bench(always("double"));
  strictEqual(await send(["INCR", "n"]), "answered");
  strictEqual(reached.length, 1);
  const idle = requester.idle();
  await clock.advance(20);
  await idle;
  strictEqual(reached.length, 2);
});

Deno.test("faultRequester() lets the next request overtake, or waits for its time", async () => {
  const { clock, send, reached } = bench([{ fault: "reorder", chance: 1, match: /first/ }]);
  const first = send(["first"]);
  strictEqual(await send(["second"]), "answered");
  strictEqual(await first, "answered");
  deepStrictEqual(reached, [["second"], ["first"]]);
  const alone = send(["first"]);
  await clock.advance(20);
  strictEqual(await alone, "answered");
  strictEqual(clock.pending, 0);
});

Deno.test("faultRequester() hangs until the caller gives up, though the request was carried out", async () => {
  const { clock, send, reached } = bench(always("hang"));
  const stop = new AbortController();
  const hanging = send(["INCR", "n"], stop.signal);
  await clock.advance(60_000);
  strictEqual(reached.length, 1);
  stop.abort(new TypeError("enough"));
  strictEqual(await hanging, "ERR_UNAVAILABLE");
});

Deno.test("faultRequester() cuts a stream, or lets it fall silent without an end", async () => {
  for (const fault of ["cut", "silence"] as const) {
    const { clock, requester } = bench([{ fault, chance: 1, ms: 1_000 }]);
    const stop = new AbortController();
    let lines = 0;
    let ended = "";
    const streaming = requester.request({
      path: ["subscribe", "a"],
      isStreaming: true,
      onMessage: () => lines++,
      signal: stop.signal,
    }).then(() => ended = "ended", () => ended = "aborted");
    await clock.advance(10_000);
    ok(lines > 0 && lines < 100, `${lines} lines`);
    strictEqual(ended, fault === "cut" ? "ended" : "");
    stop.abort();
    await streaming;
    strictEqual(clock.pending, 0);
  }
});

Deno.test("faultRequester() does the same again from the same seed", async () => {
  const run = async (seed: number) => {
    const rules: FaultRule[] = [{ fault: "drop-after", chance: 0.3 }, {
      fault: "429",
      chance: 0.3,
    }];
    const { send, requester } = bench(rules, seed);
    const answers = [];
    for (let i = 0; i < 50; i++) answers.push(await send([i]));
    return [answers, requester.struck];
  };
  deepStrictEqual(await run(7), await run(7));
});
