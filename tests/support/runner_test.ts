/** Runs of small folders of tests. @module */
import { deepStrictEqual, match, notStrictEqual, strictEqual } from "node:assert/strict";
import { denoTest, type TestRun } from "./runner.ts";

/** Runs the tests of a folder with these files. Returns what it did, and what it printed. */
async function ran(files: Readonly<Record<string, string>>): Promise<TestRun & { text: string }> {
  const folder = await Deno.makeTempDir({ prefix: "holdfast-run-" });
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (const [name, content] of Object.entries({ "deno.json": "{}", ...files })) {
      await Deno.writeTextFile(`${folder}/${name}`, content);
    }
    const run = await denoTest(["--quiet"], folder, (output) => {
      text += decoder.decode(output, { stream: true });
      return Promise.resolve();
    });
    return { ...run, text };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("denoTest() counts tests, steps and doc examples", async () => {
  const { counts, exitCode } = await ran({
    "a_test.ts": `Deno.test("a", () => {}); Deno.test.ignore("b", () => {});
      Deno.test("c", async (t) => { await t.step("d", () => {}); await t.step("e", () => {}); });`,
    "doc.ts":
      "/**\n * Doc\n * ```ts\n * const one: number = 1;\n * ```\n */\nexport const x = 1;\n",
  });
  deepStrictEqual(counts, { passed: 4, failed: 0, skipped: 1 });
  strictEqual(exitCode, 0);
});

Deno.test("denoTest() counts a module that does not load as a failure", async () => {
  const { counts, exitCode } = await ran({
    "a_test.ts": `Deno.test("a", () => {}); Deno.test("b", () => { throw new Error("b"); });`,
    "b_test.ts": `throw new Error("at load");`,
  });
  deepStrictEqual(counts, { passed: 1, failed: 2, skipped: 0 });
  notStrictEqual(exitCode, 0);
});

Deno.test("denoTest() counts a type error as a failure", async () => {
  const { counts, exitCode } = await ran({
    "a_test.ts": `Deno.test("a", () => {}); const x: string = 1; console.log(x);`,
  });
  deepStrictEqual(counts, { passed: 0, failed: 1, skipped: 0 });
  notStrictEqual(exitCode, 0);
});

Deno.test("denoTest() fails if nothing passed", async () => {
  const skipped = await ran({ "a_test.ts": `Deno.test.ignore("a", () => {});` });
  deepStrictEqual(skipped.counts, { passed: 0, failed: 0, skipped: 1 });
  notStrictEqual(skipped.exitCode, 0);
  deepStrictEqual((await ran({})).counts, { passed: 0, failed: 1, skipped: 0 });
});

Deno.test("denoTest() hands on what the runner prints", async () => {
  const { text } = await ran({ "a_test.ts": `Deno.test("ä", () => {});` });
  match(text, /ä \.{3} [\s\S]*1 passed/);
});
