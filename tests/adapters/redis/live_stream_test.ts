import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { RedisClient, StreamOptions } from "../../../adapters/redis/client.ts";
import type { RedisCommand } from "../../../adapters/redis/reply.ts";
import { RequestError } from "../../../adapters/redis/failures.ts";
import {
  keepStream,
  OPEN_MS_MAX,
  PING_MS_MAX,
  SILENCE_MS,
} from "../../../adapters/redis/live_stream.ts";
import { seededRandom } from "../../../src/random.ts";
import { manualClock } from "../../contracts/manual_clock.ts";

const CONFIRMED = "psubscribe,ns:*,1";

Deno.test("keepStream() tells that it stands, and each message", async () => {
  await using bench = opened();
  await bench.clock.advance(0);
  bench.say("psubscribe,ns:*,1", "", "pmessage,ns:*,ns:a,one, two", "message,ns:b,");
  deepStrictEqual(bench.told, ["open", "ns:a: one, two", "ns:b: "]);
});

Deno.test("keepStream() takes a line that it does not know for something lost", async () => {
  await using bench = opened();
  await bench.clock.advance(0);
  bench.say(CONFIRMED, "overlong", "pmessage,ns:*", "garbage");
  deepStrictEqual(bench.told, ["open", "open", "open", "open"]);
});

Deno.test("keepStream() asks a silent stream for a sign of life, and keeps one that gives it", async () => {
  await using bench = opened();
  bench.onCommand = () => bench.say("pmessage,ns:*,ns:~ping,ping");
  await bench.clock.advance(0);
  bench.say(CONFIRMED);
  await bench.clock.advance(600_000);
  deepStrictEqual([bench.told, bench.streams], [["open"], 1]);
  ok(bench.commands.length >= 8 && bench.commands.length <= 13, `${bench.commands.length} pings`);
  for (const command of bench.commands) deepStrictEqual(command, ["PUBLISH", "ns:~ping", "ping"]);
});

Deno.test("keepStream() asks nothing of a stream that shows life by itself", async () => {
  await using bench = opened();
  await bench.clock.advance(0);
  bench.say(CONFIRMED);
  for (let i = 0; i < 40; i++) {
    await bench.clock.advance(15_000);
    bench.say("");
  }
  deepStrictEqual([bench.commands.length, bench.streams, bench.clock.pending], [0, 1, 1]);
});

Deno.test("keepStream() opens a stream anew that is silently dead", async () => {
  await using bench = opened();
  await bench.clock.advance(0);
  bench.say(CONFIRMED);
  await bench.clock.advance(SILENCE_MS);
  strictEqual(bench.streams, 1);
  while (bench.streams === 1) await bench.clock.advance(100);
  ok(bench.clock.monotonic() <= SILENCE_MS * 4 / 3 + PING_MS_MAX + 200);
  bench.say(CONFIRMED);
  deepStrictEqual(bench.told, ["open", "open"]);
});

Deno.test("keepStream() gives up a stream that is not confirmed in time, and says so", async () => {
  await using bench = opened();
  await bench.clock.advance(OPEN_MS_MAX + 100);
  deepStrictEqual([bench.told, bench.streams], [["down ERR_TIMEOUT"], 2]);
});

Deno.test("keepStream() opens a stream anew that ended, at once and with nothing to tell", async () => {
  await using bench = opened();
  for (let i = 0; i < 5; i++) {
    await bench.clock.advance(0);
    bench.say(CONFIRMED);
    await bench.clock.advance(300);
    bench.end();
    await bench.clock.advance(50);
    strictEqual(bench.streams, i + 2);
  }
  deepStrictEqual(bench.told, Array(5).fill("open"));
});

Deno.test("keepStream() waits longer and longer for a server that refuses, and says why", async () => {
  await using bench = opened(() => new RequestError("ERR_UNAUTHORIZED", "no"));
  await bench.clock.advance(600_000);
  ok(bench.streams > 60 && bench.streams < 240, `${bench.streams} attempts in ten minutes`);
  ok(bench.told.every((told) => told === "down ERR_UNAUTHORIZED"));
  strictEqual(bench.told.length, bench.streams);
});

Deno.test("keepStream() does not hurry after a server that ends each stream before it begins", async () => {
  await using bench = opened(() => undefined);
  await bench.clock.advance(60_000);
  ok(bench.streams > 8 && bench.streams < 60, `${bench.streams} attempts in a minute`);
  ok(bench.told.every((told) => told === "down ERR_UNAVAILABLE"));
});

Deno.test("keepStream() ends with its signal, while it streams and while it waits, and leaves no timer", async () => {
  const streaming = opened();
  await streaming.clock.advance(0);
  streaming.say(CONFIRMED);
  await streaming[Symbol.asyncDispose]();
  strictEqual(streaming.clock.pending, 0);
  const waiting = opened(() => new RequestError("ERR_UNAVAILABLE", "no"));
  await waiting.clock.advance(100);
  await waiting[Symbol.asyncDispose]();
  strictEqual(waiting.clock.pending, 0);
  deepStrictEqual(streaming.told, ["open"]);
});

/** A stream that is kept open over a client that the test plays. `ends`: what every stream ends with at once. */
function opened(ends?: () => Error | undefined) {
  const clock = manualClock();
  const told: string[] = [];
  const commands: RedisCommand[] = [];
  let streams = 0;
  let say = (_data: string): void => {};
  let end = (): void => {};
  const stream = (_path: readonly string[], { signal, onData }: StreamOptions): Promise<void> => {
    streams++;
    say = onData;
    if (ends !== undefined) {
      const failure = ends();
      return failure === undefined ? Promise.resolve() : Promise.reject(failure);
    }
    return new Promise((resolve, reject) => {
      end = resolve;
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  };
  const command = (sent: RedisCommand): Promise<number> => {
    commands.push(sent);
    played.onCommand();
    return Promise.resolve(1);
  };
  const stop = new AbortController();
  const kept = keepStream({ stream, command } as unknown as RedisClient, {
    path: ["psubscribe", "ns:*"],
    pingChannel: "ns:~ping",
    onOpen: () => told.push("open"),
    onMessage: (channel, text) => told.push(`${channel}: ${text}`),
    onDown: (error) => told.push(`down ${"code" in error ? error.code : ""}`),
    clock,
    random: seededRandom(9),
  }, stop.signal);
  const played = {
    onCommand: () => {},
    clock,
    told,
    commands,
    get streams() {
      return streams;
    },
    say: (...lines: string[]) => lines.forEach((line) => say(line)),
    end: () => end(),
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await kept;
    },
  };
  return played;
}
