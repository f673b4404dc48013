/** @module */
// deno-lint-ignore-file no-console

import { strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { Dice } from "../src/ot/generate.ts";
import { fuzz, LAWS } from "./ot_fuzz.ts";

const SEED = Number(Deno.env.get("SEED") ?? Date.now() % 2 ** 31);
const CASES = 1_000;
const SHRINKABLE_CASES = 200;

Deno.test(`the laws of transformation hold for ${CASES} cases of each kind`, () => {
  console.log(`SEED=${SEED}`);
  const failures: string[] = [];
  fuzz(SEED, (cases) => cases >= CASES || failures.length > 0, (message, error) => {
    failures.push(`${message}: ${error}`);
  });
  strictEqual(failures.join("\n"), "");
});

for (const [kind, check] of Object.entries(LAWS)) {
  Deno.test(`the laws of transformation hold where fast-check draws: ${kind}`, () => {
    const property = fc.property(fc.gen(), (draw) => {
      const dice: Dice = (from, to) => draw(fc.integer, { min: from, max: to - 1 });
      check(dice);
    });
    fc.assert(property, { seed: SEED, numRuns: SHRINKABLE_CASES });
  });
}

Deno.test("fuzz() says which case failed, and that case is drawn again from its seed", () => {
  const failing: string[] = [];
  const broken = { "broken": (dice: Dice) => strictEqual(dice(0, 3) === 1, false) };
  const report = (message: string) => void failing.push(message);
  strictEqual(fuzz(1, (cases) => cases >= 20, report, broken), 20);
  const [first = ""] = failing;
  const again: string[] = [];
  fuzz(Number(first.split("SEED=")[1]), (cases) => cases >= 1, (m) => void again.push(m), broken);
  strictEqual(again[0], first);
});
