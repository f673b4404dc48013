/** @module */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { hasNode } from "../../npm-build/consumer.ts";
import { facadesOf, namesOfDoors } from "../../npm-build/doors.ts";
import { type Format, FORMATS } from "../../npm-build/formats.ts";
import { readLibrary } from "../../npm-build/modules.ts";
import { runInNodes } from "../../npm-build/node_run.ts";
import { nodeTest, type Source } from "../../npm-build/node_tests.ts";
import { fixture } from "./fixture.ts";

/** esbuild's service is a process of its own, which the runner takes for a leak. */
const withBundler = { sanitizeOps: false, sanitizeResources: false };
const [ESM, CJS] = FORMATS as readonly [Format, Format];

const LIBRARY = {
  "mod.ts": `export { open } from "./src/inner.ts"; export * from "./src/part.ts";`,
  "src/inner.ts": `export const open: string = "open"; export const hidden: string = "hidden";`,
  "src/part.ts": `export const part: readonly string[] = ["part"]; export type T = string;`,
  "tests/helper.ts": `export const one: number = 1;`,
  "tests/deno.ts": `export const os: string = Deno.build.os;`,
  "outside.ts": `export const outside: number = 1;`,
};
const DOORS = { ".": "./mod.ts", "./part": "./src/part.ts" };

async function withSource<T>(
  tests: Readonly<Record<string, string>>,
  use: (source: Source) => Promise<T>,
): Promise<T> {
  await using library = await fixture(DOORS, { ...LIBRARY, ...tests });
  const { project } = library;
  const facades = await facadesOf(project, await readLibrary(project));
  return await use({ root: project.root, name: project.name, facades });
}

/** What becomes of one test file with this text. */
async function outcomeOf(text: string, format = ESM): Promise<string> {
  const found = await withSource(
    { "tests/x_test.ts": text },
    (source) => nodeTest(source, "tests/x_test.ts", format),
  );
  return found.kind === "left" ? found.reason : found.code;
}

Deno.test("facadesOf() gives of each module what the doors do, from its own door first", async () => {
  await withSource({}, ({ root, facades }) => {
    const text = (path: string) => facades.get(join(root, path));
    strictEqual(text("src/inner.ts"), `export { open } from "@fixture/library";\n`);
    strictEqual(text("src/part.ts"), `export { part } from "@fixture/library/part";\n`);
    match(text("mod.ts") ?? "", /open.*library";\n.*part.*library";\n/);
    return Promise.resolve();
  });
});

Deno.test("namesOfDoors() lists the names of every door", async () => {
  await using library = await fixture(DOORS, LIBRARY);
  deepStrictEqual(await namesOfDoors(library.project), [["open", "part"], ["part"]]);
});

Deno.test("nodeTest() puts the package's doors in the library's place", withBundler, async () => {
  const code = await outcomeOf(`
    import { open } from "../src/inner.ts"; import { part, type T } from "../src/part.ts";
    import { one } from "./helper.ts";
    Deno.test("x", () => { const t: T = open; console.log(t, part, one); });`);
  match(code, /import \{ open \} from "@fixture\/library"/);
  match(code, /import \{ part \} from "@fixture\/library\/part"/);
  ok(!code.includes(`"hidden"`) && !code.includes('helper.ts"'));
});

const LEFT: readonly [what: string, text: string, reason: RegExp, format?: Format][] = [
  ["what no door gives", `import { hidden } from "../src/inner.ts"; hidden;`, /no door gives/],
  ["a module behind the doors", `import { outside } from "../outside.ts"; outside;`, /behind/],
  ["more of Deno", `import { open } from "../mod.ts"; Deno.test(open, () => Deno.cwd());`, /Deno/],
  [
    "a helper that uses more of Deno",
    `import { open } from "../mod.ts"; import { os } from "./deno.ts"; console.log(open, os);`,
    /Deno/,
  ],
  ["nothing of the library", `import { one } from "./helper.ts"; one;`, /no door/],
  ["an await at its top", `import { open } from "../mod.ts"; await open;`, /awaits/, CJS],
  ["its own place", `import { open } from "../mod.ts"; open; import.meta.url;`, /where it is/, CJS],
];

for (const [what, text, reason, format] of LEFT) {
  Deno.test(`nodeTest() leaves to Deno a file that uses ${what}`, withBundler, async () => {
    match(await outcomeOf(text, format), reason);
  });
}

Deno.test("nodeTest() throws for a file that is broken", withBundler, async () => {
  await rejects(outcomeOf(`import { open } from "../mod.ts"; const ( = 1;`), /Expected/);
  await rejects(outcomeOf(`import "./nowhere.ts";`), /nowhere/);
});

Deno.test("runInNodes() counts what Node's runner saw", {
  ...withBundler,
  ignore: !await hasNode(),
}, async () => {
  const folder = await Deno.makeTempDir({ prefix: "holdfast-node-run-" });
  try {
    const run = async (text: string) => {
      await Deno.writeTextFile(join(folder, "x.mjs"), text);
      const [result] = await runInNodes(["node"], folder, [join(folder, "x.mjs")]);
      return result?.counts;
    };
    const good = await run(`
      Deno.test("a", () => {}); Deno.test.ignore("b", () => { throw 1; });
      Deno.test({ name: "c", ignore: true, fn: () => { throw 1; } });
      Deno.test({ name: "d" }, (t) => { if (t.name !== "d") throw 1; });
      Deno.test(function e() {});
      Deno.test("f", { sanitizeOps: false }, async (t) => {
        if (!await t.step("g", () => {})) throw 1;
        if (!await t.step({ name: "h", fn: async () => {} })) throw 1;
      });`);
    deepStrictEqual(good, { passed: 6, failed: 0, skipped: 2 });
    const bad = await run(`Deno.test("a", () => {}); Deno.test("b", () => { throw 1; });`);
    deepStrictEqual(bad, { passed: 1, failed: 1, skipped: 0 });
    strictEqual((await run(`throw new Error("at load");`))?.failed, 1);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
