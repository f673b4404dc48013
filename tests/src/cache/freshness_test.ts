import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  ageMs,
  freshForMs,
  isEarly,
  isServable,
  jitteredMs,
  leaseForMs,
  mayBeEarly,
  pauseMs,
  standing,
} from "../../../src/cache/freshness.ts";
import type { CacheRecord } from "../../../src/cache/port.ts";
import { seededRandom } from "../../contracts/mod.ts";

const recordOf = (ttlMs: number, costMs = 0): CacheRecord => ({
  text: "",
  createdAtMs: 1_000,
  costMs,
  terms: { ttlMs, lifeMs: ttlMs, tags: [], epochs: [] },
});

const STANDINGS: [made: string[], now: (string | undefined)[], ReturnType<typeof standing>][] = [
  [[], [], "same"],
  [["a.1"], ["a.1"], "same"],
  [["a.1"], ["a.2"], "softened"],
  [["a.1"], ["b.1"], "dead"],
  [["a.1"], [undefined], "dead"],
  [["a.1", "b.1"], ["a.2", "c.1"], "dead"],
  [["a.1", "b.1"], ["a.2", "b.1"], "softened"],
  [["a.1"], ["ab.1"], "dead"],
  [["ab.1"], ["a.1"], "dead"],
];

for (const [made, now, expected] of STANDINGS) {
  Deno.test(`standing() of ${made} in ${now} is ${expected}`, () => {
    strictEqual(standing(made, now), expected);
  });
}

Deno.test("ageMs() counts the clock's offset and its error as age, and is never negative", () => {
  const record = recordOf(100);
  strictEqual(ageMs(record, 1_050, { offsetMs: 0, errorMs: 0 }), 50);
  strictEqual(ageMs(record, 50, { offsetMs: 1_000, errorMs: 7 }), 57);
  strictEqual(ageMs(record, 0, { offsetMs: 0, errorMs: 0 }), 0);
});

Deno.test("freshForMs() is the shorter of the record's time and the reader's", () => {
  strictEqual(freshForMs(recordOf(100), Infinity), 100);
  strictEqual(freshForMs(recordOf(100), 10), 10);
});

Deno.test("isServable() ends with the window, and there is none of 0", () => {
  strictEqual(isServable(recordOf(100), 149, 50), true);
  strictEqual(isServable(recordOf(100), 150, 50), false);
  strictEqual(isServable(recordOf(100), 99, 0), false);
});

Deno.test("isEarly() happens as often as the paper says", () => {
  const random = seededRandom(1);
  const chance = (remainingCosts: number): number => {
    const record = recordOf(10_000, 100);
    let early = 0;
    for (let i = 0; i < 20_000; i++) {
      if (isEarly(record, 10_000 - remainingCosts * 100, 1, () => random.float())) early++;
    }
    return early / 20_000;
  };
  // The chance is e to the minus remaining costs.
  ok(Math.abs(chance(1) - Math.exp(-1)) < 0.02);
  ok(Math.abs(chance(3) - Math.exp(-3)) < 0.01);
  strictEqual(chance(21), 0);
});

Deno.test("isEarly() never happens without eagerness, a cost or an end", () => {
  const roll = () => 1 - 2 ** -32;
  strictEqual(isEarly(recordOf(100, 50), 99, 0, roll), false);
  strictEqual(isEarly(recordOf(100, 0), 99, 1, roll), false);
  strictEqual(isEarly(recordOf(Infinity, 50), 99, 1, roll), false);
  strictEqual(mayBeEarly(recordOf(100, 50), 99, 1), true);
});

Deno.test("jitteredMs() only shortens, by no more than its part", () => {
  strictEqual(jitteredMs(1_000, 0, () => 0.5), 1_000);
  strictEqual(jitteredMs(Infinity, 0.5, () => 0.5), Infinity);
  strictEqual(jitteredMs(1_000, 0.1, () => 0), 1_000);
  strictEqual(jitteredMs(1_000, 0.1, () => 0.999), 901);
  strictEqual(jitteredMs(1, 1, () => 0.999), 1);
});

Deno.test("leaseForMs() is three costs, between 5 and 60 seconds", () => {
  deepStrictEqual([0, 1_000, 2_000, 10_000, 60_000].map(leaseForMs), [
    5_000,
    5_000,
    6_000,
    30_000,
    60_000,
  ]);
});

Deno.test("pauseMs() waits for the expected end, then by an eighth of the age", () => {
  const middle = () => 0.5;
  const pause = (heldMs: number, costMs: number, remainingMs = 60_000) =>
    Math.round(pauseMs({ heldMs, costMs, remainingMs }, middle));
  strictEqual(pause(0, 1_000), 900);
  strictEqual(pause(500, 1_000), 400);
  strictEqual(pause(1_000, 1_000), 125);
  strictEqual(pause(0, 0), 70);
  strictEqual(pause(140, 0), 140);
  strictEqual(pause(10_000, 0), 250);
  strictEqual(pause(0, 1_000, 5), 6);
});

Deno.test("pauseMs() needs few looks for short and long creations", () => {
  const looks = (costMs: number, expectedMs: number): number => {
    let count = 0;
    for (let heldMs = 0; heldMs < costMs; count++) {
      heldMs += pauseMs({ heldMs, costMs: expectedMs, remainingMs: 60_000 }, () => 0.5);
    }
    return count;
  };
  ok(looks(1_000, 1_000) <= 2);
  ok(looks(200, 0) <= 3);
  ok(looks(1_000, 0) <= 6);
  ok(looks(5_000, 5_000) <= 4);
});
