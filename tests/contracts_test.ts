/**
 * The tools that contract suites are written with: they must be right before a suite can be believed.
 *
 * @module
 */

import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { HoldfastError } from "../src/errors.ts";
import { equal, fails, ok as holds } from "./contracts/assert.ts";
import { manualClock } from "./contracts/manual_clock.ts";

Deno.test("manualClock() calls timers in the order of their times", async () => {
  const clock = manualClock(1_000);
  const seen: string[] = [];
  clock.after(20, () => seen.push(`b ${clock.now()}`));
  clock.after(10, () => seen.push(`a ${clock.now()}`));
  clock.after(30, () => seen.push("late"));
  const cancel = clock.after(5, () => seen.push("cancelled"));
  cancel();
  await clock.advance(20);
  deepStrictEqual(seen, ["a 1010", "b 1020"]);
  strictEqual(clock.pending, 1);
  strictEqual(clock.now(), 1_020);
});

Deno.test("manualClock() meets a timer that another one set on the same walk", async () => {
  const clock = manualClock(0);
  const seen: number[] = [];
  clock.after(10, () => clock.after(10, () => seen.push(clock.monotonic())));
  await clock.advance(25);
  deepStrictEqual(seen, [20]);
});

Deno.test("manualClock() lets promises run on between two timers", async () => {
  const clock = manualClock(0);
  const seen: string[] = [];
  clock.after(1, () => void Promise.resolve().then(() => seen.push("promise")));
  clock.after(2, () => seen.push("second timer"));
  await clock.advance(5);
  deepStrictEqual(seen, ["promise", "second timer"]);
});

Deno.test("manualClock().setNow() moves the time of day and leaves elapsed time alone", async () => {
  const clock = manualClock(1_000);
  await clock.advance(5);
  clock.setNow(50);
  strictEqual(clock.now(), 50);
  strictEqual(clock.monotonic(), 5);
  await clock.advance(1);
  strictEqual(clock.now(), 51);
});

Deno.test("equal() tells apart what differs and accepts what is alike", () => {
  const alike: [unknown, unknown][] = [
    [NaN, NaN],
    [{ a: [1, { b: undefined }] }, { a: [1, { b: undefined }] }],
    [new Uint8Array([1, 2]), new Uint8Array([1, 2])],
    [new Map([["a", { n: 1 }]]), new Map([["a", { n: 1 }]])],
    [new Set([1]), new Set([1])],
    [new Date(5), new Date(5)],
  ];
  for (const [a, b] of alike) equal(a, b);
  const different: [unknown, unknown][] = [
    [0, -0],
    [{ a: 1 }, { a: 1, b: undefined }],
    [{ a: undefined }, { b: undefined }],
    [[1], { 0: 1, length: 1 }],
    [new Uint8Array([1]), new Uint8Array([2])],
    [new Map([["a", 1]]), new Map([["a", 2]])],
    [new Set([1]), new Set([2])],
    [new Date(5), new Date(6)],
    [null, undefined],
    ["1", 1],
  ];
  for (const [a, b] of different) throws(() => equal(a, b), /differs/);
});

Deno.test("ok() throws with what does not hold", () => {
  holds(true, "fine");
  throws(() => holds(false, "one creation"), /one creation/);
});

Deno.test("fails() wants the code, and neither success nor another failure", async () => {
  const error = await fails("ERR_TIMEOUT", () => {
    throw new HoldfastError("ERR_TIMEOUT", "late");
  });
  strictEqual(error.message, "late");
  await fails("ERR_TIMEOUT", () => Promise.reject(new HoldfastError("ERR_TIMEOUT", "late")));
  await rejects(fails("ERR_TIMEOUT", () => 1), /succeeded/);
  await rejects(
    fails("ERR_TIMEOUT", () => Promise.reject(new Error("other"))),
    (failure: Error) => {
      ok(failure.cause instanceof Error);
      return true;
    },
  );
});
