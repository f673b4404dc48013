/**
 * Runs the repository's tests in Node against the packed and installed package, in both formats, after judging the
 * package itself: `deno run -A npm-build/test_node.ts [node binary…]`.
 *
 * Without binaries it takes the `node` on the path, and those that the runtime tests installed in `.runtimes`. Ends with
 * a line for each format and version and with the total.
 *
 * @module
 */
// deno-lint-ignore-file no-console

import * as esbuild from "esbuild";
import { join } from "node:path";
import { DIST, NODE_DOORS } from "./build.ts";
import { faults } from "./check_package.ts";
import { output } from "./command.ts";
import { type Consumer, hasNode, installed } from "./consumer.ts";
import { facadesOf } from "./doors.ts";
import { type Format, FORMATS } from "./formats.ts";
import { readLibrary } from "./modules.ts";
import { runInNode } from "./node_run.ts";
import { type NodeTest, nodeTest, type Source } from "./node_tests.ts";
import { readProject, ROOT } from "./project.ts";
import { closingLine, type Counts } from "../tests/support/junit.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: readonly string[]): Promise<number> {
  if (!await hasNode()) {
    console.log("0 passed, 0 failed, 1 skipped: the package is tested where npm and Node are");
    return Deno.env.has("CI") ? 1 : 0;
  }
  await using consumer = await installed(DIST);
  const found = await faults(consumer.tarball);
  for (const fault of found) console.error(fault);
  console.log(`publint --strict, are-the-types-wrong: ${found.length || "no"} faults`);
  const nodes = args.length > 0 ? args : ["node", ...await otherNodes()];
  const totals = await runEverywhere(consumer, nodes);
  const total = totals.reduce(sum, { passed: 0, failed: found.length, skipped: 0 });
  console.log(closingLine(total));
  return total.failed > 0 || totals.some(({ passed }) => passed === 0) ? 1 : 0;
}

async function runEverywhere(consumer: Consumer, nodes: readonly string[]): Promise<Counts[]> {
  const source = await readSource();
  const counts: Counts[] = [];
  for (const format of FORMATS) {
    const tests = await bundledTests(source, format);
    sayWhatIsLeft(tests, format);
    const files = await written(consumer, tests, format);
    for (const node of nodes) {
      const version = (await output(node, ["--version"], consumer.folder)).trim();
      const result = await runInNode(node, consumer.folder, files);
      if (result.counts.failed > 0) console.log(result.report);
      console.log(`${format.name} in Node ${version}: ${closingLine(result.counts)}`);
      counts.push(result.counts);
    }
  }
  return counts;
}

async function readSource(): Promise<Source> {
  const project = await readProject();
  const library = await readLibrary(project, NODE_DOORS);
  const facades = await facadesOf(project, library);
  return { root: project.root, name: project.name, facades };
}

async function bundledTests(source: Source, format: Format): Promise<readonly NodeTest[]> {
  try {
    const files = await testFiles("tests");
    return await Promise.all(files.map((file) => nodeTest(source, file, format)));
  } finally {
    await esbuild.stop();
  }
}

function sayWhatIsLeft(tests: readonly NodeTest[], format: Format): void {
  const byReason = new Map<string, string[]>();
  for (const test of tests) {
    if (test.kind === "bundled") continue;
    byReason.set(test.reason, [...byReason.get(test.reason) ?? [], test.file]);
  }
  for (const [reason, files] of byReason) {
    console.log(`${format.name} leaves to Deno what ${reason}: ${files.join(" ")}`);
  }
}

/** Writes the bundles into the consumer's folder. Returns their paths. */
async function written(
  { folder }: Consumer,
  tests: readonly NodeTest[],
  format: Format,
): Promise<string[]> {
  const files: string[] = [];
  for (const test of tests) {
    if (test.kind !== "bundled") continue;
    const ending = format.name === "esm" ? ".mjs" : ".cjs";
    const file = join(folder, test.file.replaceAll("/", "-").replace(/\.ts$/, ending));
    await Deno.writeTextFile(file, test.code);
    files.push(file);
  }
  return files;
}

/** The paths of all test files of a folder, from the root, in order. */
async function testFiles(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(ROOT, folder))) {
    if (isDirectory) files.push(...await testFiles(`${folder}/${name}`));
    else if (name.endsWith("_test.ts")) files.push(`${folder}/${name}`);
  }
  return files.sort();
}

/** The other versions of Node that the runtime tests installed, if they did. */
async function otherNodes(): Promise<string[]> {
  const folder = join(ROOT, ".runtimes/node_modules");
  try {
    const entries = await Array.fromAsync(Deno.readDir(folder));
    return entries.map(({ name }) => name).filter((name) => /^node\d+$/.test(name)).sort()
      .map((name) => join(folder, name, "bin/node"));
  } catch (error) {
    // They are installed only where the runtime tests have run.
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

function sum(a: Counts, b: Counts): Counts {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  };
}
