/**
 * Runs files of tests, written for `Deno.test`, by Node's test runner.
 *
 * @module
 */

import * as esbuild from "esbuild";
import { basename, join } from "node:path";
import type { Counts } from "../tests/support/junit.ts";
import { ROOT } from "./project.ts";

/** What Node's test runner did, with its report in TAP. */
export interface NodeRun {
  /** How many tests did what. */
  readonly counts: Counts;
  /** What the runner printed. */
  readonly report: string;
}

/** In how many processes files are run: starting one for each of them would take longer than their tests. */
const PROCESSES = 4;

/** Runs these files, which are in a folder, in each of these Nodes, side by side: most of what a run takes is waiting. */
export async function runInNodes(
  nodes: readonly string[],
  folder: string,
  files: readonly string[],
): Promise<readonly NodeRun[]> {
  const none = { counts: { passed: 0, failed: 0, skipped: 0 }, report: "" };
  if (files.length === 0) return nodes.map(() => none);
  const runner = join(folder, "runner.mjs");
  await writeRunner(runner);
  const groups = await writeGroups(folder, files);
  return await Promise.all(nodes.map((node) => runGroups(node, folder, runner, groups)));
}

async function runGroups(
  node: string,
  folder: string,
  runner: string,
  groups: readonly string[],
): Promise<NodeRun> {
  const { stdout, success } = await new Deno.Command(node, {
    args: [
      "--enable-source-maps",
      ...["--import", runner],
      ...["--test", "--test-reporter=tap"],
      `--test-concurrency=${navigator.hardwareConcurrency}`,
      ...groups,
    ],
    cwd: folder,
    stdin: "null",
    stderr: "inherit",
  }).output();
  const report = new TextDecoder().decode(stdout);
  const count = (what: string) =>
    Number(new RegExp(`^# ${what} (\\d+)$`, "m").exec(report)?.[1] ?? 0);
  const [passed, skipped] = [count("pass"), count("skipped") + count("todo")];
  const failed = count("fail") + count("cancelled");
  // A run that failed for no test's sake, such as a runner that did not start, counts as one failure.
  return { counts: { passed, skipped, failed: success ? failed : Math.max(failed, 1) }, report };
}

/** Modules that import the files, each its share. Returns their paths. */
async function writeGroups(folder: string, files: readonly string[]): Promise<readonly string[]> {
  const groups = Array.from(
    { length: PROCESSES },
    (_, group) => files.filter((_file, at) => at % PROCESSES === group),
  ).filter((group) => group.length > 0); // Node counts an empty file as a test that passed.
  return await Promise.all(groups.map(async (group, at) => {
    const path = join(folder, `group${at}.mjs`);
    await Deno.writeTextFile(
      path,
      group.map((file) => `import "./${basename(file)}";\n`).join(""),
    );
    return path;
  }));
}

async function writeRunner(file: string): Promise<void> {
  const source = await Deno.readTextFile(join(ROOT, "npm-build/node_runner.ts"));
  try {
    const { code } = await esbuild.transform(source, { loader: "ts", target: "node20" });
    await Deno.writeTextFile(file, code);
  } finally {
    await esbuild.stop();
  }
}
