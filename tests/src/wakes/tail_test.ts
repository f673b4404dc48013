import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { memoryWakes } from "../../../adapters/memory/wakes.ts";
import { HoldfastError } from "../../../src/errors.ts";
import { seededRandom } from "../../../src/random.ts";
import type { Wake, WakeFeed } from "../../../src/wakes/port.ts";
import {
  FIRST_LOOK_MS,
  tail,
  type TailEvent,
  type TailJournal,
  type TailOptions,
} from "../../../src/wakes/tail.ts";
import { manualClock } from "../../contracts/manual_clock.ts";
import { memoryJournal } from "../../support/list_journal.ts";

const FROM = { epoch: "e1", index: 0, tag: "" };

Deno.test("tail() gives what there is, then each entry as it is added, without a further read", async () => {
  const { journal, follow, clock } = bench();
  for (const index of [1, 2]) await journal.append(`v${index}`, `t${index}`);
  await using tailed = follow();
  await clock.advance(0);
  deepStrictEqual(tailed.entries, ["v1", "v2"]);
  strictEqual(journal.reads, 1);
  for (const index of [3, 4]) await journal.append(`v${index}`, `t${index}`);
  await clock.advance(0);
  deepStrictEqual(tailed.entries, ["v1", "v2", "v3", "v4"]);
  strictEqual(journal.reads, 1);
});

Deno.test("tail() reads what is too large to travel, once for many hints", async () => {
  const { journal, follow, clock } = bench();
  await using tailed = follow();
  await clock.advance(0);
  const large = "x".repeat(9_000);
  for (let i = 1; i <= 50; i++) await journal.append(large, `t${i}`);
  await clock.advance(100);
  strictEqual(tailed.entries.length, 50);
  ok(journal.reads <= 3, `${journal.reads} reads`);
});

Deno.test("tail() reads on while an answer ends before the head", async () => {
  const { journal, follow, clock } = bench({ answerMax: 10 });
  for (let i = 1; i <= 95; i++) await journal.append(`v${i}`, `t${i}`);
  await using tailed = follow();
  await clock.advance(200);
  strictEqual(tailed.entries.length, 95);
  strictEqual(journal.reads, 10);
});

Deno.test("tail() looks by itself now and then when the feed says nothing", async () => {
  const wakes = memoryWakes();
  const silent: WakeFeed = { ...wakes, subscribe: () => {} };
  const { journal, follow, clock } = bench({}, silent);
  await journal.append("v1", "t1");
  await using tailed = follow();
  await clock.advance(FIRST_LOOK_MS);
  deepStrictEqual(tailed.entries, ["v1"]);
  await journal.append("v2", "t2");
  await clock.advance(30_000);
  deepStrictEqual(tailed.entries, ["v1", "v2"]);
  strictEqual(journal.reads, 2);
});

Deno.test("tail() looks each time the feed says that it is down", async () => {
  const wakes = memoryWakes();
  const error = new Error("down");
  const down: { tell: () => void } = { tell: () => {} };
  const broken: WakeFeed = {
    ...wakes,
    subscribe: (_channel, listener) => down.tell = () => listener({ kind: "down", error }),
  };
  const { journal, follow, clock } = bench({}, broken);
  await using tailed = follow();
  for (let i = 1; i <= 3; i++) {
    await journal.append(`v${i}`, `t${i}`);
    down.tell();
    await clock.advance(20);
    strictEqual(tailed.entries.length, i);
  }
});

Deno.test("tail() says reset when its entry was trimmed, and goes on from the head", async () => {
  const { journal, follow, clock } = bench({ lengthMax: 5 });
  for (let i = 1; i <= 20; i++) await journal.append(`v${i}`, `t${i}`);
  await using tailed = follow({ from: { epoch: "e1", index: 3, tag: "t3" } });
  await clock.advance(0);
  await journal.append("v21", "t21");
  await clock.advance(0);
  deepStrictEqual(tailed.events.map(({ kind, position }) => [kind, position.index]), [
    ["reset", 20],
    ["entries", 21],
  ]);
});

Deno.test("tail() says reset when the store lost its tail and was refilled, by the first hint of it", async () => {
  for (const refilled of [1, 2, 3]) {
    const { journal, follow, clock } = bench();
    for (let i = 1; i <= 5; i++) await journal.append(`v${i}`, `t${i}`);
    await using tailed = follow();
    await clock.advance(0);
    journal.truncate(3);
    for (let i = 0; i < refilled; i++) await journal.append(`w${i}`, `u${i}`);
    await clock.advance(50);
    strictEqual(tailed.events.at(-1)?.kind, "reset", `${refilled} refilled`);
  }
});

Deno.test("tail() loses nothing and gives nothing twice when hints are lost, doubled and shuffled", async () => {
  for (let seed = 1; seed <= 8; seed++) {
    const random = seededRandom(seed);
    const honest = memoryWakes();
    const held: Wake[] = [];
    const release = () => {
      const [wake] = held.splice(Math.floor(random.float() * held.length), 1);
      return wake ? honest.publish("list", wake) : Promise.resolve();
    };
    const lying: WakeFeed = {
      ...honest,
      publish: async (_channel, wake) => {
        const roll = random.float();
        if (roll < 0.2) return;
        held.push(wake);
        if (roll < 0.4) held.push(wake);
        if (held.length > 3) await release();
      },
    };
    const { journal, follow, clock } = bench({}, lying);
    await using tailed = follow();
    for (let i = 1; i <= 200; i++) {
      await journal.append(`v${i}`, `t${i}`);
      if (i % 7 === 0) await clock.advance(3);
    }
    await clock.advance(30_000);
    deepStrictEqual(
      tailed.entries,
      Array.from({ length: 200 }, (_, i) => `v${i + 1}`),
      `seed ${seed}`,
    );
    ok(journal.reads < 100, `seed ${seed}: ${journal.reads} reads`);
  }
});

Deno.test("tail() waits while the store cannot be reached, and throws what time does not heal", async () => {
  const { journal, follow, clock } = bench();
  await journal.append("v1", "t1");
  let failures = 3;
  let code: "ERR_UNAVAILABLE" | "ERR_UNAUTHORIZED" = "ERR_UNAVAILABLE";
  const failing: TailJournal<string> = {
    ...journal,
    read: (after, options) =>
      failures-- > 0 ? Promise.reject(new HoldfastError(code, "no")) : journal.read(after, options),
  };
  await using tailed = follow({}, failing);
  await clock.advance(1_000);
  deepStrictEqual(tailed.entries, ["v1"]);
  code = "ERR_UNAUTHORIZED";
  failures = 1;
  await using refused = follow({}, failing);
  await clock.advance(1_000);
  ok(HoldfastError.is(refused.failure, "ERR_UNAUTHORIZED"));
});

Deno.test("tail() throws the signal's reason, and leaves no timer and no subscription", async () => {
  const { journal, follow, clock } = bench();
  const tailed = follow();
  await clock.advance(0);
  strictEqual(clock.pending, 1);
  const reason = new Error("enough");
  tailed.stop.abort(reason);
  await clock.advance(0);
  strictEqual(tailed.failure, reason);
  strictEqual(clock.pending, 0);
  await rejects(
    tail(journal, { ...tailed.options, signal: AbortSignal.abort(reason) }).next(),
    reason,
  );
});

Deno.test("tail() ends its subscription when the iteration is left", async () => {
  const wakes = memoryWakes();
  const signals: AbortSignal[] = [];
  const watched: WakeFeed = {
    ...wakes,
    subscribe: (channel, listener, signal) => {
      signals.push(signal);
      wakes.subscribe(channel, listener, signal);
    },
  };
  const { journal, clock } = bench({}, watched);
  await journal.append("v1", "t1");
  const random = seededRandom(1);
  const { signal } = new AbortController();
  for await (const event of tail(journal, { from: FROM, signal, clock, random })) {
    strictEqual(event.kind, "entries");
    break;
  }
  deepStrictEqual([signals.map(({ aborted }) => aborted), clock.pending], [[true], 0]);
});

Deno.test("tail() reads nothing ahead of a slow consumer, and misses nothing", async () => {
  const { journal, clock } = bench({ answerMax: 10 });
  const { signal } = new AbortController();
  const iterator = tail(journal, { from: FROM, signal, clock, random: seededRandom(1) });
  const first = iterator.next();
  await clock.advance(FIRST_LOOK_MS);
  await journal.append("v1", "t1");
  await clock.advance(0);
  await first;
  for (let i = 2; i <= 2_000; i++) await journal.append(`v${i}`, `t${i}`);
  const reads = journal.reads;
  await clock.advance(60_000);
  strictEqual(journal.reads, reads);
  const seen = ["v1"];
  while (seen.length < 2_000) {
    const next = iterator.next();
    await clock.advance(50);
    const { value } = await next;
    if (value?.kind === "entries") seen.push(...value.entries.map(({ entry }) => entry));
  }
  deepStrictEqual(seen, Array.from({ length: 2_000 }, (_, i) => `v${i + 1}`));
  await iterator.return();
});

interface Followed extends AsyncDisposable {
  readonly events: TailEvent<string>[];
  readonly entries: string[];
  readonly stop: AbortController;
  readonly options: TailOptions;
  failure: unknown;
}

function bench(options: Parameters<typeof memoryJournal>[1] = {}, wakes: WakeFeed = memoryWakes()) {
  const clock = manualClock();
  const journal = memoryJournal(wakes, options);
  const follow = (
    some: Partial<TailOptions> = {},
    of: TailJournal<string> = journal,
  ): Followed => {
    const stop = new AbortController();
    const tailOptions = {
      from: FROM,
      signal: stop.signal,
      clock,
      random: seededRandom(1),
      ...some,
    };
    const events: TailEvent<string>[] = [];
    const entries: string[] = [];
    const reading = (async () => {
      for await (const event of tail(of, tailOptions)) {
        events.push(event);
        if (event.kind === "entries") entries.push(...event.entries.map(({ entry }) => entry));
      }
    })().catch((error) => {
      followed.failure = error;
    });
    const followed: Followed = {
      events,
      entries,
      stop,
      options: tailOptions,
      failure: undefined,
      [Symbol.asyncDispose]: async () => {
        stop.abort();
        await reading;
      },
    };
    return followed;
  };
  return { clock, journal, follow };
}
