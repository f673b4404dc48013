/**
 * Runs the benchmarks: `deno task bench [name…]`.
 *
 * Every `bench/x_bench.ts` runs in a process of its own, so that none finds the heap and the compiled code of another,
 * and its tables go to `bench/RESULTS.md`. With names, only those parts run, and the others' sections stay as they are.
 *
 * @module
 */
// deno-lint-ignore-file no-console

import type { Table } from "./harness.ts";
import { merged, type Section, tableText } from "./results.ts";

const FOLDER = new URL("./", import.meta.url);
const RESULTS = new URL("RESULTS.md", FOLDER);
const SUFFIX = "_bench.ts";

if (import.meta.main) {
  const [flag, name = "", report = ""] = Deno.args;
  if (flag === "--one") {
    await Deno.writeTextFile(report, JSON.stringify(await tablesOf(name)));
  } else {
    Deno.exit(await runAll(Deno.args));
  }
}

async function runAll(wanted: readonly string[]): Promise<number> {
  const files = (await Array.fromAsync(Deno.readDir(FOLDER))).map(({ name }) => name);
  const known = files.filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length)).sort();
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    console.error(`No benchmark ${unknown.join(", ")}: there are ${known.join(", ") || "none"}`);
    return 1;
  }
  for (const name of wanted.length > 0 ? wanted : known) {
    console.log(`${name} …`);
    const tables = await inItsOwnProcess(name);
    for (const table of tables) console.log(`\n${tableText(table)}\n`);
    await write({ name, tables });
  }
  return 0;
}

async function tablesOf(name: string): Promise<readonly Table[]> {
  const { bench } = await import(new URL(name + SUFFIX, FOLDER).href) as {
    bench: () => Promise<readonly Table[]>;
  };
  return await bench();
}

async function inItsOwnProcess(name: string): Promise<readonly Table[]> {
  const report = await Deno.makeTempFile({ suffix: ".json" });
  try {
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", import.meta.filename ?? "", "--one", name, report],
      stdin: "null",
      stdout: "inherit",
      stderr: "inherit",
    }).output();
    if (!success) throw new Error(`bench/${name}${SUFFIX} failed`);
    return JSON.parse(await Deno.readTextFile(report)) as readonly Table[];
  } finally {
    await Deno.remove(report);
  }
}

async function write(section: Section): Promise<void> {
  let before = "";
  try {
    before = await Deno.readTextFile(RESULTS);
  } catch (error) {
    // The first run writes the file.
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const setting = `Deno ${Deno.version.deno} (V8 ${Deno.version.v8.split(".")[0]}), ` +
    `${navigator.hardwareConcurrency} cores`;
  await Deno.writeTextFile(RESULTS, merged(before, [section], setting));
}
