import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { HoldCounts, type Reason } from "../../../src/path_model/counts.ts";
import { diceOf, oneOf, SEED } from "../queries/draw.ts";

const CONTEXTS = ["root", "page", "other", "__proto__"];
const KEYS = ["a", "b", "constructor"];
const REASONS: readonly Reason[] = ["fetch", "subscribe", "create"];

Deno.test(`HoldCounts counts as a list of holds does (SEED=${SEED})`, () => {
  const dice = diceOf(SEED);
  for (let round = 0; round < 100; round++) {
    const counts = new HoldCounts();
    let plain: (readonly [context: string, key: string, reason: Reason])[] = [];
    const countOf = (key: string, reason: Reason, context?: string): number =>
      plain.filter((each) =>
        each[1] === key && each[2] === reason && (context ?? each[0]) === each[0]
      ).length;
    for (let step = 0; step < 60; step++) {
      const hold = [oneOf(dice, CONTEXTS), oneOf(dice, KEYS), oneOf(dice, REASONS)] as const;
      const [context, key, reason] = hold;
      const kind = dice(0, 10);
      if (kind < 5) {
        counts.add(context, key, reason);
        plain.push(hold);
      } else if (kind < 9) {
        const at = plain.findIndex((each) => each.every((part, i) => part === hold[i]));
        if (at >= 0) plain.splice(at, 1);
        strictEqual(counts.release(context, key, reason), countOf(key, reason));
      } else {
        const gone = new Set(plain.filter(([of]) => of === context).map(([, key]) => key));
        plain = plain.filter(([of]) => of !== context);
        deepStrictEqual([...counts.releaseAll(context)].sort(), [...gone].sort());
      }
      strictEqual(counts.of(context, key)[reason], countOf(key, reason, context));
      strictEqual(counts.total(key)[reason], countOf(key, reason));
      strictEqual(counts.has(key), plain.some((each) => each[1] === key));
      deepStrictEqual([...counts.contexts].sort(), [...new Set(plain.map(([of]) => of))].sort());
    }
  }
});

Deno.test("HoldCounts.add() is taken back once, and not from who came after", () => {
  const counts = new HoldCounts();
  const takeBack = counts.add("page", "a", "subscribe");
  counts.releaseAll("page");
  counts.add("page", "a", "subscribe");
  takeBack();
  strictEqual(counts.total("a").subscribe, 1);
});
