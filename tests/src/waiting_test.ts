import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { sleep, withDeadline } from "../../src/waiting.ts";
import { manualClock } from "../contracts/manual_clock.ts";

const late = () => new RangeError("late");

Deno.test("sleep() waits by its clock and leaves no timer", async () => {
  const clock = manualClock();
  const woken = sleep(clock, 50).then(() => clock.monotonic());
  await clock.advance(49);
  strictEqual(clock.pending, 1);
  await clock.advance(100);
  strictEqual(await woken, 50);
  strictEqual(clock.pending, 0);
});

Deno.test("sleep() ends with the signal's own reason, before and midway", async () => {
  const clock = manualClock();
  const reason = { any: "value" };
  await sleep(clock, 50, { signal: AbortSignal.abort(reason) }).then(
    () => Promise.reject(new Error("must not resolve")),
    (error) => strictEqual(error, reason),
  );
  strictEqual(clock.pending, 0);
  const stop = new AbortController();
  const sleeping = sleep(clock, 50, { signal: stop.signal });
  await clock.advance(10);
  stop.abort(reason);
  await sleeping.then(
    () => Promise.reject(new Error("must not resolve")),
    (error) => strictEqual(error, reason),
  );
  strictEqual(clock.pending, 0);
});

Deno.test("sleep() takes its listener off a signal that lives on", async () => {
  const clock = manualClock();
  const { signal, listeners } = countedSignal();
  const sleeping = sleep(clock, 50, { signal });
  strictEqual(listeners(), 1);
  await clock.advance(50);
  await sleeping;
  strictEqual(listeners(), 0);
});

Deno.test("sleep() without end waits for its signal alone", async () => {
  const clock = manualClock();
  const stop = new AbortController();
  const sleeping = sleep(clock, Infinity, { signal: stop.signal });
  strictEqual(clock.pending, 0);
  stop.abort(late());
  await rejects(sleeping, RangeError);
});

Deno.test("withDeadline() gives what the work gives, and leaves no timer", async () => {
  const clock = manualClock();
  const { signal, listeners } = countedSignal();
  strictEqual(await withDeadline(clock, 50, Promise.resolve(1), late, { signal }), 1);
  strictEqual(await withDeadline(clock, 50, () => Promise.resolve(2), late, { signal }), 2);
  await rejects(withDeadline(clock, 50, Promise.reject(new TypeError("own")), late), TypeError);
  const throwing = (): Promise<void> => {
    throw new TypeError("own");
  };
  await rejects(withDeadline(clock, 50, throwing, late), TypeError);
  deepStrictEqual([clock.pending, listeners()], [0, 0]);
});

Deno.test("withDeadline() fails when the time is up, stops the work and swallows its failure", async () => {
  const clock = manualClock();
  let stopped: unknown;
  const work = (signal: AbortSignal) =>
    new Promise<never>((_resolve, reject) =>
      signal.addEventListener("abort", () => reject(stopped = signal.reason))
    );
  const waiting = withDeadline(clock, 50, work, late);
  const failed = rejects(waiting, RangeError);
  await clock.advance(50);
  await failed;
  strictEqual(stopped instanceof RangeError, true);
  strictEqual(clock.pending, 0);
});

Deno.test("withDeadline() hands an abort on to the work", async () => {
  const clock = manualClock();
  const stop = new AbortController();
  let handed: unknown;
  const work = (signal: AbortSignal) =>
    new Promise<never>(() => {
      signal.addEventListener("abort", () => handed = signal.reason);
    });
  const waiting = withDeadline(clock, 50, work, late, { signal: stop.signal });
  stop.abort("enough");
  await waiting.then(
    () => Promise.reject(new Error("must not resolve")),
    (reason) => strictEqual(reason, "enough"),
  );
  deepStrictEqual([handed, clock.pending], ["enough", 0]);
});

Deno.test("withDeadline() starts nothing for a caller who has given up, and handles the failure of a promise", async () => {
  const signal = AbortSignal.abort("enough");
  let started = 0;
  const work = () => Promise.resolve(++started);
  const aborted = (waiting: Promise<unknown>) =>
    waiting.then(
      () => Promise.reject(new Error("must not resolve")),
      (reason) => strictEqual(reason, "enough"),
    );
  await aborted(withDeadline(manualClock(), 50, work, late, { signal }));
  await aborted(
    withDeadline(manualClock(), 50, Promise.reject(new Error("own")), late, { signal }),
  );
  strictEqual(started, 0);
});

Deno.test("withDeadline() without end sets no timer", async () => {
  const clock = manualClock();
  let pending = -1;
  const work = () => Promise.resolve(pending = clock.pending);
  await withDeadline(clock, Infinity, work, late);
  strictEqual(pending, 0);
});

function countedSignal(): { signal: AbortSignal; listeners: () => number } {
  const { signal } = new AbortController();
  let count = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<AbortSignal["addEventListener"]>) => {
    count++;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<AbortSignal["removeEventListener"]>) => {
    count--;
    remove(...args);
  };
  return { signal, listeners: () => count };
}
