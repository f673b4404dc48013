/** @module */
import { deepStrictEqual, doesNotMatch, match, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { build } from "../../npm-build/build.ts";
import { output } from "../../npm-build/command.ts";
import { hasNode } from "../../npm-build/consumer.ts";
import { awkward, fixture } from "./fixture.ts";

/** esbuild's service is a process of its own, which the build ends and the runner takes for a leak. */
const withBundler = { sanitizeOps: false, sanitizeResources: false };
const ignore = !await hasNode();

async function filesOf(folder: string, below = ""): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(folder, below))) {
    const path = below ? `${below}/${name}` : name;
    files.push(...isDirectory ? await filesOf(folder, path) : [path]);
  }
  return files.sort();
}

Deno.test(
  "build() writes code, maps and declarations of each module in both formats",
  withBundler,
  async () => {
    await using library = await awkward();
    await build(library.project, library.out);
    const files = await filesOf(library.out);
    deepStrictEqual(
      files.filter((file) => file.startsWith("esm/src/part") || !file.includes("/")),
      [
        "CHANGELOG.md",
        "LICENSE",
        "README.md",
        "esm/src/part/mod.d.ts",
        "esm/src/part/mod.js",
        "esm/src/part/mod.js.map",
        "package.json",
      ],
    );
    deepStrictEqual(files.filter((file) => file.includes("/port.")), [
      "cjs/src/port.d.cts",
      "esm/src/port.d.ts",
    ]);
    strictEqual(
      files.filter((file) => file.startsWith("esm/")).length,
      files.filter((file) => file.startsWith("cjs/")).length,
    );
  },
);

Deno.test("build() leaves nothing of a former build behind", withBundler, async () => {
  await using library = await fixture({ ".": "./mod.ts" }, { "mod.ts": "export {};" });
  await Deno.mkdir(join(library.out, "esm"), { recursive: true });
  await Deno.writeTextFile(join(library.out, "esm/old.js"), "");
  await build(library.project, library.out);
  ok(!(await filesOf(library.out)).includes("esm/old.js"));
});

Deno.test("build() makes a package that runs in Node, by import and by require", {
  ...withBundler,
  ignore,
}, async () => {
  await using library = await awkward();
  await build(library.project, library.out);
  const uses = `
    const assert = require("node:assert/strict");
    async function check(root, part, tcp) {
      root.value();
      assert.equal(part.shared.count, 1, "doors share a module");
      assert.equal(root.Secret, part.Secret);
      assert.match(root.port.texts.join(), /regex\\.ts.*import "\\.\\/template\\.ts" import\\("\\.\\/inner\\.ts"\\)/s);
      assert.equal(root.port.path, "./src/shared.ts");
      assert.equal((await root.late()).late, "late");
      assert.equal(typeof tcp.dial, "function");
    }
    const name = "@fixture/library";
    const doors = ["", "/part", "/tcp"].map((door) => name + door);
    Promise.all(doors.map((door) => import(door)))
      .then((loaded) => check(...loaded)).then(() => check(...doors.map((door) => require(door))));
  `;
  const modules = join(library.out, "..", "node_modules");
  await Deno.mkdir(join(modules, "@fixture"), { recursive: true });
  await Deno.symlink(library.out, join(modules, "@fixture/library"));
  await Deno.symlink(
    join(import.meta.dirname ?? "", "../../node_modules/zod"),
    join(modules, "zod"),
  );
  const args = ["--preserve-symlinks", "-e", uses];
  strictEqual(await output("node", args, join(library.out, "..")), "");
});

Deno.test("build() keeps the paths of the machine out of the package", withBundler, async () => {
  await using library = await awkward();
  await build(library.project, library.out);
  for (const file of await filesOf(library.out)) {
    const text = await Deno.readTextFile(join(library.out, file));
    ok(!text.includes(join(library.out, "..")), file);
  }
  const map = JSON.parse(await Deno.readTextFile(join(library.out, "esm/src/part/mod.js.map")));
  deepStrictEqual(map.sources, ["../../../src/part/mod.ts"]);
  match(map.sourcesContent[0], /npm:zod/);
});

Deno.test(
  "build() declares no private names, and every import in its format",
  withBundler,
  async () => {
    await using library = await awkward();
    await build(library.project, library.out);
    const types = (path: string) => Deno.readTextFile(join(library.out, path));
    doesNotMatch(await types("esm/src/shared.d.ts"), /#|private/);
    match(await types("esm/mod.d.ts"), /from "\.\/src\/port\.js".*import\("\.\/src\/late\.js"\)/s);
    match(
      await types("cjs/mod.d.cts"),
      /from "\.\/src\/port\.cjs".*import\("\.\/src\/late\.cjs"\)/s,
    );
    match(await types("cjs/src/part/mod.d.cts"), /from "zod\/mini"/);
  },
);

Deno.test("build() describes the package from deno.json alone", withBundler, async () => {
  await using library = await awkward();
  await build(library.project, library.out);
  const described = JSON.parse(await Deno.readTextFile(join(library.out, "package.json")));
  strictEqual(described.name, "@fixture/library");
  strictEqual(described.version, "1.2.3");
  strictEqual(described.license, "MIT");
  deepStrictEqual(described.dependencies, { zod: "^4.6.7" });
  deepStrictEqual(Object.keys(described.exports), [".", "./part", "./tcp", "./package.json"]);
  deepStrictEqual(described.exports["./part"], {
    import: { types: "./esm/src/part/mod.d.ts", default: "./esm/src/part/mod.js" },
    require: { types: "./cjs/src/part/mod.d.cts", default: "./cjs/src/part/mod.cjs" },
  });
});

const REFUSED: readonly [what: string, text: string, message: RegExp][] = [
  ["a use of Deno", `export const host: string = Deno.hostname();`, /Cannot find name 'Deno'/],
  ["a type of Node", `export type B = Buffer;`, /Cannot find name 'Buffer'/],
  ["process", `export const e: unknown = process.env;`, /Cannot find name 'process'/],
  ["a type error", `export const x: string = 1;`, /not assignable/],
  ["what CommonJS has not", `export const u: string = import.meta.url;`, /import\.meta/],
  ["a top-level await", `export const x: number = await Promise.resolve(1);`, /[Tt]op-level/],
];

for (const [what, text, message] of REFUSED) {
  Deno.test(`build() refuses ${what}`, withBundler, async () => {
    await using library = await fixture({ ".": "./mod.ts" }, { "mod.ts": text });
    await rejects(build(library.project, library.out), message);
  });
}
