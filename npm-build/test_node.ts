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
import { runInNodes } from "./node_run.ts";
import { type NodeTest, nodeTest, type Source } from "./node_tests.ts";
import { readProject, ROOT } from "./project.ts";
import { findRuntimes } from "../tests/runtimes/find.ts";
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
  const { nodes, missing } = args.length > 0 ? { nodes: args, missing: 0 } : await nodesHere();
  const totals = await runEverywhere(consumer, nodes);
  const total = totals.reduce(sum, { passed: 0, failed: found.length, skipped: missing });
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
    const results = await runInNodes(nodes, consumer.folder, files);
    for (const [at, result] of results.entries()) {
      const version = await output(nodes[at] ?? "node", ["--version"], consumer.folder);
      if (result.counts.failed > 0) console.log(result.report);
      console.log(`${format.name} in Node ${version.trim()}: ${closingLine(result.counts)}`);
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

/** The Nodes that the package is for, beginning with the one on the path; what is not here is said and counted. */
async function nodesHere(): Promise<
  { readonly nodes: readonly string[]; readonly missing: number }
> {
  const wanted = [...await findRuntimes()].filter(([name]) => name.startsWith("node"));
  const nodes = new Set(["node"]);
  let missing = 0;
  for (const [name, finding] of wanted) {
    if (finding.kind === "found") nodes.add(finding.command[0]);
    else {
      console.log(`${name} is skipped: ${finding.reason}`);
      missing += FORMATS.length;
    }
  }
  return { nodes: [...nodes], missing };
}

function sum(a: Counts, b: Counts): Counts {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  };
}
