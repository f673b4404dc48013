import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { LogView } from "../../../src/raft/core/log_view.ts";
import { InflightWindow } from "../../../src/raft/core/progress.ts";
import { entriesAfter } from "./lone.ts";

Deno.test("LogView.batch() gives as many entries as fit, but always one", () => {
  const log = new LogView({ index: 0, term: 0 }, 0, entriesAfter(0, 1, 1, 1, 1));
  const sizes = [[4, 1000], [2, 1000], [4, 80], [4, 1]].map(([count, bytes]) => {
    return log.batch(1, count ?? 0, bytes ?? 0).length;
  });
  deepStrictEqual(sizes, [4, 2, 2, 1]);
});

Deno.test("LogView.release() keeps what is not applied, and knows the term before what it keeps", () => {
  const log = new LogView({ index: 0, term: 0 }, 0, entriesAfter(0, 1, 1, 2, 3));
  log.release(3, 1);
  deepStrictEqual([log.anchorIndex, log.termAt(3), log.termAt(2), log.lastIndex], [
    3,
    2,
    undefined,
    4,
  ]);
  deepStrictEqual(log.base, { index: 0, term: 0 });
});

type Action =
  | { readonly kind: "append"; readonly count: number }
  | { readonly kind: "cut"; readonly back: number; readonly count: number }
  | { readonly kind: "stored"; readonly back: number };

Deno.test("LogView.stored is never above what the finished writes have left on a disk", () => {
  const action = fc.oneof(
    fc.record({ kind: fc.constant("append" as const), count: fc.integer({ min: 1, max: 3 }) }),
    fc.record({
      kind: fc.constant("cut" as const),
      back: fc.nat(4),
      count: fc.integer({ min: 1, max: 3 }),
    }),
    fc.record({ kind: fc.constant("stored" as const), back: fc.nat(3) }),
  );
  fc.assert(fc.property(fc.array(action), (actions: readonly Action[]) => {
    const log = new LogView({ index: 0, term: 0 }, 0, []);
    const disks: (readonly number[])[] = [[]]; // the disk's terms after each write
    let term = 1;
    let done = 0;
    const write = (keep: number, count: number) => {
      term++;
      const terms = Array.from({ length: count }, () => term);
      if (keep < log.lastIndex) log.truncate(keep);
      log.append(entriesAfter(keep, ...terms));
      disks.push([...(disks[disks.length - 1] ?? []).slice(0, keep), ...terms]);
      log.writing(disks.length - 1);
    };
    for (const one of actions) {
      if (one.kind === "append") write(log.lastIndex, one.count);
      else if (one.kind === "cut") write(Math.max(0, log.lastIndex - one.back), one.count);
      else {
        done = Math.max(done, disks.length - 1 - one.back);
        log.written(done);
        const disk = disks[done] ?? [];
        for (let index = 1; index <= log.stored; index++) {
          strictEqual(log.termAt(index), disk[index - 1]);
        }
        if (one.back === 0) strictEqual(log.stored, log.lastIndex);
      }
    }
  }));
});

Deno.test("InflightWindow counts what is on the way, by messages and by bytes", () => {
  const window = new InflightWindow();
  for (let end = 1; end <= 200; end++) window.push(end, 10);
  window.freeThrough(150);
  deepStrictEqual([window.count, window.bytes], [50, 500]);
  window.freeThrough(100);
  deepStrictEqual([window.count, window.bytes], [50, 500]);
  window.freeThrough(999);
  deepStrictEqual([window.count, window.bytes], [0, 0]);
});
