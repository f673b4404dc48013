/** @module */
import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { packageOf, readLibrary } from "../../npm-build/modules.ts";
import { mapped, rewritten } from "../../npm-build/formats.ts";
import { awkward, fixture } from "./fixture.ts";

const NODE_DOORS = new Set(["./tcp"]);

Deno.test("readLibrary() finds what the doors reach, and no import in a text or comment", async () => {
  await using library = await awkward();
  const { modules } = await readLibrary(library.project, NODE_DOORS);
  deepStrictEqual([...modules.keys()], [
    "mod.ts",
    "src/late.ts",
    "src/other.ts",
    "src/part/mod.ts",
    "src/port.ts",
    "src/shared.ts",
    "src/tcp.ts",
  ]);
});

Deno.test("readLibrary() tells apart what is loaded from what is only named by type", async () => {
  await using library = await awkward();
  const { modules } = await readLibrary(library.project, NODE_DOORS);
  const types = [...modules.values()].filter(({ isLoaded }) => !isLoaded);
  deepStrictEqual(types.map(({ path }) => path), ["src/other.ts", "src/port.ts"]);
});

Deno.test("readLibrary() names the packages with their ranges", async () => {
  await using library = await awkward();
  const { packages } = await readLibrary(library.project, NODE_DOORS);
  deepStrictEqual([...packages], [["zod", "^4.6.7"]]);
});

Deno.test("readLibrary() knows what only a door of Node's reaches", async () => {
  await using library = await awkward();
  const { modules } = await readLibrary(library.project, NODE_DOORS);
  const theirs = [...modules.values()].filter(({ isPortable }) => !isPortable);
  deepStrictEqual(theirs.map(({ path }) => path), ["src/tcp.ts"]);
});

const REFUSED: readonly [what: string, files: Record<string, string>, message: RegExp][] = [
  ["a builtin of Node behind a portable door", { "mod.ts": `import "node:net";` }, /node:net/],
  [
    "a builtin of Node that is only named by type",
    { "mod.ts": `import type { Socket } from "node:net"; export type S = Socket;` },
    /behind a door that has to work everywhere/,
  ],
  ["a name from an import map", {
    "mod.ts": `export * from "zod";`,
    "deno.json": JSON.stringify({
      name: "@a/b",
      version: "1.0.0",
      exports: { ".": "./mod.ts" },
      imports: { zod: "npm:zod@^4.6.7" },
    }),
  }, /inline npm:/],
  ["a package without a range", { "mod.ts": `export * from "npm:zod";` }, /which versions/],
  ["two ranges of one package", {
    "mod.ts": `export * from "npm:zod@^4.6.7"; import "./b.ts";`,
    "b.ts": `import "npm:zod@^4.6.0/mini";`,
  }, /another module zod@/],
  ["a module that is not there", { "mod.ts": `import "./nowhere.ts";` }, /nowhere\.ts/],
  ["a data URL", { "mod.ts": `import "data:text/javascript,1";` }, /neither a relative path/],
  [
    "JSON",
    { "mod.ts": `import x from "./x.json" with { type: "json" };`, "x.json": "1" },
    /x\.json/,
  ],
  ["plain JavaScript", { "mod.ts": `import "./x.js";`, "x.js": "1" }, /x\.js/],
];

for (const [what, files, message] of REFUSED) {
  Deno.test(`readLibrary() refuses ${what}`, async () => {
    await using library = await fixture({ ".": "./mod.ts" }, files);
    await rejects(readLibrary(library.project), message);
  });
}

Deno.test("readLibrary() refuses a module outside of the project", async () => {
  await using library = await fixture({ ".": "./mod.ts" }, { "mod.ts": `import "../x.ts";` });
  await Deno.writeTextFile(`${library.project.root}/../x.ts`, "");
  await rejects(readLibrary(library.project), /outside of the project/);
});

Deno.test("packageOf() takes a package specifier apart", () => {
  const cases: readonly [string, string, string, string][] = [
    ["npm:zod@^4.6.7", "zod", "^4.6.7", "zod"],
    ["npm:zod@^4.6.7/mini", "zod", "^4.6.7", "zod/mini"],
    ["npm:@a/b@~1.0/c/d.js", "@a/b", "~1.0", "@a/b/c/d.js"],
    ["npm:/@a/b@1", "@a/b", "1", "@a/b"],
    ["npm:@a/b", "@a/b", "", "@a/b"],
  ];
  for (const [specifier, name, range, bare] of cases) {
    deepStrictEqual(packageOf(specifier), { name, range, bare });
  }
  strictEqual(packageOf("node:net"), undefined);
  strictEqual(packageOf("./npm:x"), undefined);
});

Deno.test("mapped() changes the ending of a path, and the name of a package", () => {
  strictEqual(mapped("../a.ts", ".cjs"), "../a.cjs");
  strictEqual(mapped("./a.ts.ts", ".js"), "./a.ts.js");
  strictEqual(mapped("npm:@a/b@^1/c", ".js"), "@a/b/c");
  strictEqual(mapped("node:net", ".js"), "node:net");
});

Deno.test("rewritten() changes known imports of every kind, and no other text", () => {
  const text = `import "./a.ts"; import { x } from './a.ts'; export * from"./a.ts";
    type T = import("./a.ts").T; const path = "./a.ts"; import "./unknown.ts";`;
  strictEqual(
    rewritten(text, ["./a.ts"], ".js"),
    `import "./a.js"; import { x } from './a.js'; export * from"./a.js";
    type T = import("./a.js").T; const path = "./a.ts"; import "./unknown.ts";`,
  );
});
