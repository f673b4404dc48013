/**
 * The smoke suite's verdicts as a table of what passed where.
 *
 * @module
 */

import type { Verdict } from "./case.ts";
import type { Finding, RuntimeName } from "./find.ts";
import { type Bundles, runSuite } from "./runtimes.ts";

/** What came of a whole suite on one runtime. */
export interface Row {
  /** Which. */
  readonly name: RuntimeName;
  /** Its version; empty where it is not. */
  readonly version: string;
  /** What became of each case. */
  readonly verdicts: readonly Verdict[];
  /** What failed, and how. */
  readonly failures: readonly string[];
  /** How long it took, or why it is not here. */
  readonly note: string;
  /** Whether it is not here. */
  readonly isSkipped: boolean;
}

/** Runs the suite on a runtime, if it is here. */
export async function rowOf(name: RuntimeName, finding: Finding, bundles: Bundles): Promise<Row> {
  const row = { name, version: "", verdicts: [], failures: [], note: "", isSkipped: false };
  if (finding.kind === "missing") return { ...row, note: finding.reason, isSkipped: true };
  const start = performance.now();
  try {
    const verdicts = await runSuite(name, finding, bundles);
    const failures = verdicts.flatMap(failuresOf);
    const note = `${Math.round(performance.now() - start)} ms`;
    return { ...row, version: finding.version, verdicts, failures, note };
  } catch (error) {
    // A runtime that did not come as far as a verdict failed once.
    return { ...row, version: finding.version, failures: [String(error)] };
  }
}

function failuresOf({ name, failure }: Verdict): readonly string[] {
  return failure === undefined ? [] : [`${name}\n    ${failure.replaceAll("\n", "\n    ")}`];
}

function line({ name, version, verdicts, failures, note, isSkipped }: Row): string {
  const counts = isSkipped
    ? "skipped".padStart(15)
    : `${passedOf(verdicts)}`.padStart(6) + `${failures.length}`.padStart(9);
  const details = failures.map((failure) => `\n  ${failure}`).join("");
  return `${name.padEnd(14)}${version.padEnd(16)}${counts}  ${note}${details}`;
}

/** The table, and its counts. */
export function tableOf(rows: readonly Row[]): {
  readonly text: string;
  readonly passed: number;
  readonly failed: number;
} {
  const passed = rows.reduce((sum, { verdicts }) => sum + passedOf(verdicts), 0);
  const failed = rows.reduce((sum, { failures }) => sum + failures.length, 0);
  const skipped = rows.filter(({ isSkipped }) => isSkipped).length;
  const text = [
    `${"runtime".padEnd(14)}${"version".padEnd(16)}passed   failed`,
    ...rows.map(line),
    `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`,
  ].join("\n");
  return { text, passed, failed };
}

function passedOf(verdicts: readonly Verdict[]): number {
  return verdicts.filter(({ failure }) => failure === undefined).length;
}
