import { strictEqual, throws } from "node:assert/strict";
import {
  compilePattern,
  PATTERN_STATES_MAX,
  PATTERN_TEXT_LENGTH_MAX,
} from "../../../src/queries/pattern.ts";
import { PATTERN_LENGTH_MAX } from "../../../src/queries/pattern_syntax.ts";
import { type Dice, diceOf, oneOf, SEED } from "./draw.ts";

/** What is drawn longer than this may have more states than a pattern may. */
const LONG = 64;

Deno.test(`compilePattern() finds what the host's expressions find (SEED=${SEED})`, () => {
  const dice = diceOf(SEED);
  for (let run = 0; run < 3_000; run++) {
    const source = drawPattern(dice, 3);
    if (source.length > LONG) continue;
    const flags = ["", "i", "m", "s", "im"][dice(0, 5)] ?? "";
    const text = Array.from({ length: dice(0, 9) }, () => oneOf(dice, [..."abAB_ \n1-"])).join("");
    const ours = compilePattern(source, flags)(text);
    strictEqual(
      ours,
      new RegExp(source, `${flags}u`).test(text),
      JSON.stringify({ source, flags, text }),
    );
  }
});

Deno.test("compilePattern() takes linear time where the host's would take ages", () => {
  const isFound = compilePattern("^(a+)+$", "");
  strictEqual(isFound("a".repeat(PATTERN_TEXT_LENGTH_MAX - 1) + "!"), false);
  strictEqual(isFound("a".repeat(PATTERN_TEXT_LENGTH_MAX)), true);
  strictEqual(isFound("a".repeat(PATTERN_TEXT_LENGTH_MAX + 1)), false, "past what is looked at");
});

const REFUSED = [
  "(a)\\1",
  "(?=a)",
  "(?<n>a)",
  "a**",
  "*a",
  "a{2,1}",
  "{",
  "[b-a]",
  "[a",
  "a)",
  "\\",
  "\\q",
  "\\u12",
  "(".repeat(20) + ")".repeat(20),
  "a".repeat(PATTERN_LENGTH_MAX + 1),
  `a{${PATTERN_STATES_MAX + 1}}`,
];

for (const source of REFUSED) {
  Deno.test(`compilePattern() refuses ${source.slice(0, 20)}`, () => {
    throws(() => compilePattern(source, ""), { code: "ERR_QUERY_PATTERN" });
  });
}

Deno.test("compilePattern() refuses flags that it does not know, or twice", () => {
  for (const flags of ["g", "x", "ii", "u"]) {
    throws(() => compilePattern("a", flags), { code: "ERR_QUERY_PATTERN" });
  }
});

function drawPattern(dice: Dice, depth: number): string {
  const parts = Array.from({ length: dice(1, 4) }, () => drawPart(dice, depth));
  return parts.join("");
}

function drawPart(dice: Dice, depth: number): string {
  switch (dice(0, depth > 0 ? 9 : 5)) {
    case 0:
      return oneOf(dice, ["a", "b", "A", "1"]);
    case 1:
      return oneOf(dice, [".", "\\w", "\\d", "\\s", "\\W"]);
    case 2:
      return oneOf(dice, ["[ab]", "[^a]", "[a-b1]", "[\\d_]", "[A-Z-]"]);
    case 3:
      return oneOf(dice, ["^", "$", "\\b", "\\B"]);
    case 4:
      return "a" + oneOf(dice, ["*", "+", "?", "{2}", "{1,2}", "{1,}", "*?"]);
    case 5:
      return `(${drawPattern(dice, depth - 1)})`;
    case 6:
      return `(?:${drawPattern(dice, depth - 1)}|${drawPattern(dice, depth - 1)})`;
    default:
      return `(?:${drawPattern(dice, depth - 1)})${oneOf(dice, ["*", "+", "?", "{0,2}"])}`;
  }
}
