/**
 * Draws documents and operations without end, and holds the laws against them: `deno task fuzz:ot --minutes 10`.
 *
 * `--seed N` or the variable SEED says where to begin; each case has a seed of its own, which is printed if it fails, so
 * that `--seed` with it and `--cases 1` is that case again.
 *
 * @module
 */
// deno-lint-ignore-file no-console

import { type Dice, diceOf } from "../src/ot/generate.ts";
import { checkJsonLaws, checkLazyJson, checkTextLaws } from "./ot_laws.ts";

/** What is drawn, and held against which laws. */
export const LAWS: Readonly<Record<string, (dice: Dice) => void>> = {
  "json with si and sd": (dice) => checkJsonLaws({ dice, strings: "si" }),
  "json with text0": (dice) => checkJsonLaws({ dice, strings: "text0" }),
  "json with both": (dice) => checkJsonLaws({ dice, strings: "both" }),
  "json with text": (dice) => checkJsonLaws({ dice, strings: "text" }),
  "json without records": checkLazyJson,
  "text": checkTextLaws,
};

/** Runs cases from a seed on, each of every kind, until there were so many or the time is up; returns how many. */
export function fuzz(
  seed: number,
  isOver: (cases: number) => boolean,
  onFailure: (message: string, error: unknown) => void,
  laws: typeof LAWS = LAWS,
): number {
  let cases = 0;
  for (; !isOver(cases); cases++) {
    const caseSeed = (seed + cases) >>> 0;
    for (const [kind, check] of Object.entries(laws)) {
      try {
        check(diceOf(caseSeed));
      } catch (error) {
        // Whatever it is, it is a finding, and the seed is what makes it one.
        onFailure(`${kind}, SEED=${caseSeed}`, error);
      }
    }
  }
  return cases;
}

function numberAfter(flag: string): number | undefined {
  const index = Deno.args.indexOf(flag);
  return index < 0 ? undefined : Number(Deno.args[index + 1]);
}

if (import.meta.main) {
  const seed = numberAfter("--seed") ?? Number(Deno.env.get("SEED") ?? Date.now() % 2 ** 31);
  const casesMax = numberAfter("--cases") ?? Infinity;
  const end = Date.now() + (numberAfter("--minutes") ?? 1) * 60_000;
  console.log(`SEED=${seed}`);
  let failures = 0;
  const cases = fuzz(
    seed,
    (count) => count >= casesMax || Date.now() >= end || failures >= 10,
    (message, error) => {
      failures++;
      console.error(`${message}: ${error instanceof Error ? error.stack : error}`);
    },
  );
  console.log(`${cases} cases of ${Object.keys(LAWS).join(", ")}: ${failures} failed`);
  Deno.exit(failures > 0 ? 1 : 0);
}
