/**
 * Runs the smoke suite on every runtime that is there and prints a table of what passed where.
 *
 * @module
 */

import type { Verdict } from "./case.ts";
import { type Finding, findRuntimes, type RuntimeName } from "./find.ts";
import { type Bundles, bundleSuite, runSuite } from "./runtimes.ts";

/** What came of a whole suite on one runtime. */
interface Row {
  readonly name: RuntimeName;
  readonly version: string;
  readonly passed: number;
  readonly failures: readonly string[];
  readonly note: string;
  readonly isSkipped: boolean;
}

async function rowOf(name: RuntimeName, finding: Finding, bundles: Bundles): Promise<Row> {
  const row = { name, version: "", passed: 0, failures: [], note: "", isSkipped: false };
  if (finding.kind === "missing") return { ...row, note: finding.reason, isSkipped: true };
  const start = performance.now();
  try {
    const verdicts = await runSuite(name, finding, bundles);
    const failures = verdicts.flatMap(failuresOf);
    const note = `${Math.round(performance.now() - start)} ms`;
    const passed = verdicts.length - failures.length;
    return { ...row, version: finding.version, passed, failures, note };
  } catch (error) {
    // A runtime that did not come as far as a verdict failed once.
    return { ...row, version: finding.version, failures: [String(error)] };
  }
}

function failuresOf({ name, failure }: Verdict): readonly string[] {
  return failure === undefined ? [] : [`${name}\n    ${failure.replaceAll("\n", "\n    ")}`];
}

function line({ name, version, passed, failures, note, isSkipped }: Row): string {
  const counts = isSkipped
    ? "skipped".padStart(15)
    : `${passed}`.padStart(6) + `${failures.length}`.padStart(9);
  const details = failures.map((failure) => `\n  ${failure}`).join("");
  return `${name.padEnd(14)}${version.padEnd(16)}${counts}  ${note}${details}`;
}

if (import.meta.main) {
  await using bundles = await bundleSuite();
  const rows: Row[] = [];
  const lines = [`${"runtime".padEnd(14)}${"version".padEnd(16)}passed   failed`];
  for (const [name, finding] of await findRuntimes()) {
    const row = await rowOf(name, finding, bundles);
    rows.push(row);
    lines.push(line(row));
  }
  const passed = rows.reduce((sum, row) => sum + row.passed, 0);
  const failed = rows.reduce((sum, row) => sum + row.failures.length, 0);
  const skipped = rows.filter(({ isSkipped }) => isSkipped).length;
  lines.push(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  // deno-lint-ignore no-console -- this is a program, and its table is its purpose
  console.log(lines.join("\n"));
  Deno.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}
