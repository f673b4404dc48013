/**
 * Counts what a run of `deno test` did, from its JUnit report and its own closing line.
 *
 * A leaf counts once: a step, or a test without steps. A test with steps counts only if something failed in it that is
 * none of its steps (its own code after them, a sanitizer). The report does not know of modules that did not load or
 * that failed outside of any test; the runner's closing line does, and the difference is counted as failures.
 *
 * @module
 */

/** How many tests did what. */
export interface Counts {
  /** Ran and held. */
  readonly passed: number;
  /** Ran and did not hold, was cancelled, or could not even be loaded. */
  readonly failed: number;
  /** Did not run, and said so. */
  readonly skipped: number;
}

interface Case {
  readonly name: string;
  readonly outcome: keyof Counts;
  readonly message: string;
  readonly isStep: boolean;
}

const SUITE = /<testsuite name="[^"]*"[^>]*?(?:\/>|>([\s\S]*?)<\/testsuite>)/g;
const CASE = /<testcase name="([^"]*)"[^>]*?(?:\/>|>([\s\S]*?)<\/testcase>)/g;
const BETWEEN_STEPS = " &gt; ";
const BECAUSE_OF_STEPS = /^\d+ test steps? failed$/;
// deno-lint-ignore no-control-regex
const COLORS = /\x1b\[[\d;]*m/g;
const CLOSING = /^(?:ok|FAILED) \| \d+ passed[^|\n]*\| (\d+) failed/gm;

/** The counts of a run: `report` is its JUnit text (empty if there is none), `output` the end of what it printed. */
export function counted(report: string, output: string, exitCode: number): Counts {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  let failedTests = 0;
  for (const [, suite = ""] of report.matchAll(SUITE)) {
    const cases = casesOf(suite);
    const withSteps = new Set(cases.flatMap(({ name, isStep }) => isStep ? ancestors(name) : []));
    for (const { name, outcome, message, isStep } of cases) {
      if (!isStep && outcome === "failed") failedTests++;
      if (withSteps.has(name) && (outcome !== "failed" || BECAUSE_OF_STEPS.test(message))) continue;
      counts[outcome]++;
    }
  }
  counts.failed += Math.max(0, failuresOf(output) - failedTests);
  if (exitCode !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

/** The line that ends a run. */
export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/** The cases of a suite. Steps come after the test they belong to, under its name and theirs. */
function casesOf(suite: string): Case[] {
  const seen = new Set<string>();
  return [...suite.matchAll(CASE)].map(([, name = "", body = ""]) => {
    const isStep = ancestors(name).some((ancestor) => seen.has(ancestor));
    seen.add(name);
    const [, kind, message = ""] = /<(failure|error|skipped)\b(?: message="([^"]*)")?/.exec(body) ??
      [];
    const outcome = kind === undefined ? "passed" : kind === "skipped" ? "skipped" : "failed";
    return { name, outcome, message, isStep };
  });
}

/** Every name that may be the test, or the outer step, of a step of this name. */
function ancestors(name: string): string[] {
  const parts = name.split(BETWEEN_STEPS);
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join(BETWEEN_STEPS));
}

/** How many tests and modules failed by the runner's own count, which is 0 where it did not get that far. */
function failuresOf(output: string): number {
  const last = [...output.replace(COLORS, "").matchAll(CLOSING)].at(-1);
  return Number(last?.[1] ?? 0);
}
