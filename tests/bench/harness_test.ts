/** @module */
import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert/strict";
import { compare, figures, measure, peer, quantile } from "../../bench/harness.ts";

/** A clock that only operations move. */
function hand() {
  let ms = 0;
  return {
    now: () => ms,
    takes: (cost: number) => () => {
      ms += cost;
    },
  };
}

Deno.test("measure() counts the operations of a second", async () => {
  const { now, takes } = hand();
  const { opsPerSecond } = await measure(takes(0.5), { now, rounds: 3, roundMs: 100 });
  strictEqual(Math.round(opsPerSecond), 2_000);
});

Deno.test("measure() awaits what an operation promises", async () => {
  const { now, takes } = hand();
  const step = takes(4);
  const operation = async () => {
    await Promise.resolve();
    step();
  };
  const { opsPerSecond } = await measure(operation, { now, rounds: 3, roundMs: 100 });
  strictEqual(Math.round(opsPerSecond), 250);
});

Deno.test("measure() hands every call the next index", async () => {
  const { now, takes } = hand();
  const step = takes(1);
  const seen: number[] = [];
  await measure((index) => (seen.push(index), step()), { now, rounds: 2, roundMs: 10 });
  ok(seen.length > 10);
  deepStrictEqual(seen, seen.map((_, index) => index));
});

Deno.test("measure() counts every operation of a call that makes many", async () => {
  const { now, takes } = hand();
  const { opsPerSecond } = await measure(takes(1), { now, roundMs: 50, opsPerCall: 10 });
  strictEqual(Math.round(opsPerSecond), 10_000);
});

Deno.test("measure() reports latencies if it is told how many calls are under way", async () => {
  const { now, takes } = hand();
  const step = takes(2);
  const operation = async () => {
    await Promise.resolve();
    step();
  };
  const one = await measure(operation, { now, roundMs: 100, inFlight: 1 });
  deepStrictEqual([one.p50Ms, one.p99Ms], [2, 2]);
  const four = await measure(operation, { now, roundMs: 100, inFlight: 4 });
  strictEqual(four.p50Ms, 8);
});

Deno.test("compare() lets the contenders take turns", async () => {
  const { now, takes } = hand();
  const turns: string[] = [];
  const contender = (name: string, ms: number) => {
    const step = takes(ms);
    return () => {
      if (turns.at(-1) !== name) turns.push(name);
      step();
    };
  };
  const table = await compare("x", { us: contender("us", 1), them: contender("them", 2) }, {
    now,
    rounds: 3,
    roundMs: 20,
  });
  strictEqual(turns.join(" "), Array(4).fill("us them").join(" "));
  deepStrictEqual(table.rows.map(({ name, value }) => [name, Math.round(value)]), [
    ["us", 1_000],
    ["them", 500],
  ]);
});

Deno.test("compare() with roundCalls has every contender do the same number of calls", async () => {
  const { now, takes } = hand();
  const calls = { us: 0, them: 0 };
  const contender = (name: keyof typeof calls, ms: number) => {
    const step = takes(ms);
    return async () => {
      await Promise.resolve();
      calls[name]++;
      step();
    };
  };
  await compare("x", { us: contender("us", 1), them: contender("them", 5) }, {
    ...{ now, rounds: 3, roundCalls: 10, inFlight: 4 },
  });
  deepStrictEqual(calls, { us: 40, them: 40 });
});

Deno.test("figures() keeps the order of its rows", () => {
  deepStrictEqual(figures("Hits", "%", { b: 2, a: 1 }), {
    title: "Hits",
    unit: "%",
    rows: [{ name: "b", value: 2 }, { name: "a", value: 1 }],
  });
});

Deno.test("peer() adds the version in the lock", () => {
  match(peer("fast-check"), /^fast-check \d+\.\d+\.\d+$/);
  throws(() => peer("not-there"), /not in deno.lock/);
});

Deno.test("quantile() takes the value that the share lies below", () => {
  strictEqual(quantile([3, 1, 2]), 2);
  strictEqual(quantile([5, 1, 2, 3, 4], 0.99), 5);
  ok(Number.isNaN(quantile([])));
});
