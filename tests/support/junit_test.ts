/** @module */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { closingLine, counted, type Counts } from "./junit.ts";

const FAILURE = `<failure message="Uncaught Error: x">Error: x</failure>`;
const LEAK = `<failure message="Leaks detected">Leaks detected:\n  - A timer</failure>`;
const BY_STEP = `<failure message="1 test step failed">1 test step failed.</failure>`;
const BY_STEPS = `<failure message="12 test steps failed">12 test steps failed.</failure>`;
const CANCELLED = `<error message="Cancelled"/>`;
const SKIPPED = `<skipped/>`;

/** A report of one suite, each case given as its name and what stands in it. */
function report(...cases: [name: string, body?: string][]): string {
  const texts = cases.map(([name, body = ""]) =>
    `<testcase name="${name}" classname="./a_test.ts" time="0.000" line="1" col="6">\n${body}\n</testcase>`
  );
  return `<testsuites name="deno test" tests="1" failures="0" errors="0" time="0.1">
    <testsuite name="./a_test.ts" tests="1" disabled="0" errors="0" failures="0">
    ${texts.join("\n")}</testsuite></testsuites>`;
}

const closing = (failed: number, steps = "") =>
  `\n${failed ? "FAILED" : "ok"} | 5 passed (3 steps) | ${failed} failed${steps} (2ms)\n\n`;

const CASES: [what: string, report: string, output: string, exitCode: number, expected: Counts][] =
  [
    [
      "tests without steps",
      report(["a"], ["b"], ["c", SKIPPED], ["d", FAILURE]),
      closing(1),
      1,
      { passed: 2, failed: 1, skipped: 1 },
    ],
    [
      "steps instead of the test they belong to",
      report(["a"], ["a &gt; one"], ["a &gt; two"], ["a &gt; three", SKIPPED]),
      closing(0),
      0,
      { passed: 2, failed: 0, skipped: 1 },
    ],
    [
      "steps of steps",
      report(
        ["a", BY_STEP],
        ["a &gt; one", BY_STEPS],
        ["a &gt; one &gt; x"],
        ["a &gt; one &gt; y", FAILURE],
      ),
      closing(1, " (2 steps)"),
      1,
      { passed: 1, failed: 1, skipped: 0 },
    ],
    [
      "a test that leaks after its steps held",
      report(["a", LEAK], ["a &gt; one"]),
      closing(1),
      1,
      { passed: 1, failed: 1, skipped: 0 },
    ],
    [
      "a test that fails by itself beside its step",
      report(["a", FAILURE], ["a &gt; one", FAILURE]),
      closing(1, " (1 step)"),
      1,
      { passed: 0, failed: 2, skipped: 0 },
    ],
    [
      "a name with an arrow that is nobody's step",
      report(["b &gt; c"], ["a"], ["b"]),
      closing(0),
      0,
      { passed: 3, failed: 0, skipped: 0 },
    ],
    [
      "tests that were cancelled, and what cancelled them",
      report(["a"], ["b", CANCELLED], ["c", CANCELLED]),
      closing(3),
      1,
      { passed: 1, failed: 3, skipped: 0 },
    ],
    [
      "modules that did not load beside a test that failed",
      report(["a"], ["b", FAILURE]),
      closing(3),
      1,
      { passed: 1, failed: 3, skipped: 0 },
    ],
    [
      "a closing line in colours",
      report(["a"]),
      "\x1b[31mFAILED\x1b[0m | 1 passed | 1 failed \x1b[38;5;245m(7ms)\x1b[0m\n",
      1,
      { passed: 1, failed: 1, skipped: 0 },
    ],
    [
      "the last closing line if a test prints one of its own",
      report(["a"]),
      `FAILED | 1 passed | 9 failed (1ms)\n${closing(0)}`,
      0,
      { passed: 1, failed: 0, skipped: 0 },
    ],
    ["nothing of a run that ended before its first test", "", "", 1, {
      passed: 0,
      failed: 1,
      skipped: 0,
    }],
    ["an exit code that nothing else explains", report(["a"]), closing(0), 1, {
      passed: 1,
      failed: 1,
      skipped: 0,
    }],
    ["no test at all", report(), closing(0), 0, { passed: 0, failed: 0, skipped: 0 }],
  ];

for (const [what, xml, output, exitCode, expected] of CASES) {
  Deno.test(`counted() counts ${what}`, () => {
    deepStrictEqual(counted(xml, output, exitCode), expected);
  });
}

Deno.test("counted() reads markup in names and messages as text", () => {
  const failure =
    `<failure message="&lt;skipped/&gt;">&lt;testcase name=&quot;q&quot;/&gt;</failure>`;
  deepStrictEqual(counted(report(["a &lt;/testsuite&gt;", failure], ["b"]), closing(1), 1), {
    passed: 1,
    failed: 1,
    skipped: 0,
  });
});

Deno.test("closingLine() names what was skipped only if something was", () => {
  strictEqual(closingLine({ passed: 3, failed: 0, skipped: 0 }), "3 passed, 0 failed");
  strictEqual(closingLine({ passed: 3, failed: 1, skipped: 2 }), "3 passed, 1 failed, 2 skipped");
});
