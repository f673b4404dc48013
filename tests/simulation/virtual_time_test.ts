import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { diceFor } from "./dice.ts";
import { DriftingClock, VirtualTime } from "./virtual_time.ts";

Deno.test("VirtualTime.step() runs events by instant, and those of one instant as scheduled", () => {
  const time = new VirtualTime();
  const dice = diceFor(1, "instants");
  const expected: [number, number][] = [];
  const ran: [number, number][] = [];
  for (let order = 0; order < 2_000; order++) {
    const atMs = dice.whole(0, 100);
    expected.push([atMs, order]);
    time.after(atMs, () => ran.push([time.nowMs, order]));
  }
  while (time.step(Infinity));
  deepStrictEqual(ran, expected.sort(([a, i], [b, j]) => a - b || i - j));
});

Deno.test("VirtualTime.step() stops before its limit and goes on later", () => {
  const time = new VirtualTime();
  const ran: number[] = [];
  time.after(10, () => {
    ran.push(time.nowMs);
    time.after(0, () => ran.push(time.nowMs));
  });
  time.after(20, () => ran.push(time.nowMs));
  while (time.step(15));
  deepStrictEqual(ran, [10, 10]);
  strictEqual(time.waiting, 1);
  while (time.step(20));
  deepStrictEqual(ran, [10, 10, 20]);
});

Deno.test("DriftingClock.timeMs() runs at its own rate from its own start, and jumps", () => {
  const time = new VirtualTime();
  const clock = new DriftingClock(time, { offsetMs: 5_000, rate: 1.02 });
  time.after(1_000, () => {});
  time.step(Infinity);
  strictEqual(clock.timeMs(), 6_020);
  strictEqual(clock.nowMs(), 1_020);
  strictEqual(clock.trueMs(102), 100);
  clock.jump(-20);
  strictEqual(clock.timeMs(), 6_000);
  strictEqual(clock.nowMs(), 1_020);
});

Deno.test("diceFor() gives each name its own sequence, and the same name the same", () => {
  const first = diceFor(7, "network");
  const again = diceFor(7, "network");
  const other = diceFor(7, "store");
  const draws = Array.from({ length: 8 }, () => first.whole(0, 1_000));
  deepStrictEqual(Array.from({ length: 8 }, () => again.whole(0, 1_000)), draws);
  strictEqual(
    Array.from({ length: 8 }, () => other.whole(0, 1_000)).join() === draws.join(),
    false,
  );
});
