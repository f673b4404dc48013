/**
 * Runs suites of npm `sharedb` by mocha, in Deno or in Node: every case, or an exclusion by name with its reason.
 *
 * @module
 */
// deno-lint-ignore-file no-explicit-any

import { createRequire } from "node:module";
import process from "node:process";

const require = createRequire(import.meta.url);

/** What came of a run. */
export interface SuiteReport {
  /** Cases that passed. */
  readonly passed: number;
  /** Names and reasons of those that failed. */
  readonly failed: readonly string[];
  /** Names of cases that were left out. */
  readonly excluded: readonly string[];
  /** Exclusions that name no case. */
  readonly unknown: readonly string[];
}

/** Options of {@linkcode runSuites}. */
export interface RunSuitesOptions {
  /** The reason for each case that is left out, by what its whole name ends with. */
  readonly exclusions?: Readonly<Record<string, string>>;
  /** How long a case may take, in milliseconds. */
  readonly timeoutMs?: number;
}

/** Runs what `declare` declares with mocha's globals. */
export async function runSuites(
  declare: () => void,
  { exclusions = {}, timeoutMs = 60_000 }: RunSuitesOptions = {},
): Promise<SuiteReport> {
  const loaded = require("mocha");
  const Mocha = loaded.default ?? loaded;
  const mocha = new Mocha({ reporter: Silent, timeout: timeoutMs });
  mocha.suite.emit("pre-require", globalThis, "suites", mocha);
  require("sharedb/test/setup.js");
  declare();
  const excluded: string[] = [];
  const unknown = new Set(Object.keys(exclusions));
  leaveOut(mocha.suite, (title) => {
    const name = Object.keys(exclusions).find((end) => title.endsWith(end));
    if (name === undefined) return false;
    unknown.delete(name);
    excluded.push(title);
    return true;
  });
  const failed: string[] = [];
  let passed = 0;
  await new Promise<void>((resolve) => {
    mocha.run(() => resolve())
      .on("pass", () => passed++)
      .on("fail", (test: any, error: any) => {
        failed.push(`${test.fullTitle()}: ${error?.stack ?? error?.message ?? error}`);
      });
  });
  return { passed, failed, excluded, unknown: [...unknown] };
}

/** Runs suites as a program: prints the report as its last line, and ends. */
export async function runAsProgram(report: Promise<SuiteReport>): Promise<void> {
  process.stdout.write(`${JSON.stringify(await report)}\n`, () => process.exit(0));
}

/** A reporter that says nothing. */
function Silent(): void {}

function leaveOut(suite: any, isOut: (title: string) => boolean): void {
  suite.tests = suite.tests.filter((test: any) => !isOut(test.fullTitle()));
  for (const inner of suite.suites) leaveOut(inner, isOut);
}
