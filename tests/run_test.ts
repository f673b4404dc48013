/** The test command itself, run on small folders of tests. @module */
import { match, notStrictEqual, strictEqual } from "node:assert/strict";

const RUN = new URL("./run.ts", import.meta.url).href;

/** Runs the test command in a folder with these files. Returns its last line and its exit code. */
async function ran(files: Readonly<Record<string, string>>): Promise<[string, number]> {
  const folder = await Deno.makeTempDir({ prefix: "holdfast-run-" });
  try {
    for (const [name, text] of Object.entries({ "deno.json": "{}", ...files })) {
      await Deno.writeTextFile(`${folder}/${name}`, text);
    }
    const { stdout, code } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", RUN],
      cwd: folder,
      stdin: "null",
      stderr: "null",
    }).output();
    return [new TextDecoder().decode(stdout).split("\n").at(-2) ?? "", code];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("deno task test counts tests, steps and doc examples", async () => {
  const [line, code] = await ran({
    "a_test.ts": `Deno.test("a", () => {}); Deno.test.ignore("b", () => {});
      Deno.test("c", async (t) => { await t.step("d", () => {}); await t.step("e", () => {}); });`,
    "doc.ts":
      "/**\n * Doc\n * ```ts\n * const one: number = 1;\n * ```\n */\nexport const x = 1;\n",
  });
  strictEqual(line, "4 passed, 0 failed, 1 skipped");
  strictEqual(code, 0);
});

Deno.test("deno task test counts a module that does not load as a failure", async () => {
  const [line, code] = await ran({
    "a_test.ts": `Deno.test("a", () => {}); Deno.test("b", () => { throw new Error("b"); });`,
    "b_test.ts": `throw new Error("at load");`,
  });
  strictEqual(line, "1 passed, 2 failed");
  notStrictEqual(code, 0);
});

Deno.test("deno task test counts a type error as a failure", async () => {
  const [line, code] = await ran({
    "a_test.ts": `Deno.test("a", () => {}); const x: string = 1; console.log(x);`,
  });
  strictEqual(line, "0 passed, 1 failed");
  notStrictEqual(code, 0);
});

Deno.test("deno task test fails if nothing passed", async () => {
  const [skipped, code] = await ran({ "a_test.ts": `Deno.test.ignore("a", () => {});` });
  strictEqual(skipped, "0 passed, 0 failed, 1 skipped");
  notStrictEqual(code, 0);
  const [none] = await ran({});
  match(none, /^0 passed, 1 failed$/);
});
