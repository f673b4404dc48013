/** The package of this tree, as a stranger meets it. @module */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { build, NODE_DOORS } from "../../npm-build/build.ts";
import { faults } from "../../npm-build/check_package.ts";
import { output } from "../../npm-build/command.ts";
import { namesOfDoors } from "../../npm-build/doors.ts";
import { type Consumer, hasNode, installed } from "../../npm-build/consumer.ts";
import { readProject, ROOT, specifierOf } from "../../npm-build/project.ts";
import { awkward } from "./fixture.ts";

/** esbuild's service is a process of its own, which the build ends and the runner takes for a leak. */
const options = { sanitizeOps: false, sanitizeResources: false, ignore: !await hasNode() };

const project = await readProject();
const doors = [...project.doors.keys()].map((door) => specifierOf(project, door));

/** A program that prints the names that each door gives. */
const NAMES = `
  const given = doors.map((door) => Object.keys(door).filter((name) => name !== "module.exports"));
  console.log(JSON.stringify(given.map((names) => names.sort())));`;

Deno.test("the package", options, async (t) => {
  const dist = await Deno.makeTempDir({ prefix: "holdfast-dist-" });
  await build(project, dist);
  await using consumer = await installed(dist);
  await Deno.remove(dist, { recursive: true });

  await t.step("has no fault by publint and are-the-types-wrong", async () => {
    deepStrictEqual(await faults(consumer.tarball), []);
  });
  await t.step("gives by import in Node what the tree gives", async () => {
    const loads = doors.map((door) => `await import("${door}")`);
    await write(consumer, "names.mjs", `const doors = [${loads}];${NAMES}`);
    deepStrictEqual(
      JSON.parse(await output("node", ["names.mjs"], consumer.folder)),
      await namesOfDoors(project),
    );
  });
  await t.step("gives by require in Node what the tree gives", async () => {
    const loads = doors.map((door) => `require("${door}")`);
    await write(consumer, "names.cjs", `const doors = [${loads}];${NAMES}`);
    deepStrictEqual(
      JSON.parse(await output("node", ["names.cjs"], consumer.folder)),
      await namesOfDoors(project),
    );
  });
  await t.step(
    "compiles in a module of Node's",
    () => compiles(consumer, "all.mts", IMPORTS, NODE16),
  );
  await t.step(
    "compiles in a CommonJS module",
    () => compiles(consumer, "all.cts", REQUIRES, NODE16),
  );
  await t.step(
    "compiles as bundlers resolve",
    () => compiles(consumer, "all.ts", IMPORTS, BUNDLER),
  );
  await t.step("has the same types in both formats", async () => {
    await compiles(consumer, "both.mts", BOTH, { ...NODE16, module: "nodenext" });
  });
});

Deno.test("faults() finds what is wrong with a package", options, async () => {
  await using library = await awkward();
  await build(library.project, library.out);
  const path = join(library.out, "package.json");
  const described = JSON.parse(await Deno.readTextFile(path));
  described.exports["./part"].require.types = "./esm/src/part/mod.d.ts";
  described.exports["./tcp"].require.default = "./cjs/src/nowhere.cjs";
  await Deno.writeTextFile(path, JSON.stringify(described));
  await using consumer = await installed(library.out);
  const found = (await faults(consumer.tarball)).map((fault) => fault.split(":")[0]);
  deepStrictEqual(new Set(found), new Set(["publint", "are-the-types-wrong"]));
});

const IMPORTS = doors.map((door, index) => `import * as d${index} from "${door}";`).join("\n") +
  `\nexport const all = [${doors.map((_, index) => `d${index}`)}];\n`;
const REQUIRES = doors.map((door, index) => `import d${index} = require("${door}");`).join("\n") +
  `\nexport const all = [${doors.map((_, index) => `d${index}`)}];\n`;
const BOTH = doors.flatMap((door, index) => [
  `import type * as E${index} from "${door}" with { "resolution-mode": "import" };`,
  `import type * as C${index} from "${door}" with { "resolution-mode": "require" };`,
  // What imports CommonJS sees a default export beside the names, which is no part of the door.
  `export const asCommon${index} = (door: typeof E${index}): Omit<typeof C${index}, "default"> =>`,
  `  door;`,
  `export const asModule${index} = (door: typeof C${index}): typeof E${index} => door;`,
]).join("\n");

const NODE16 = { module: "node16", moduleResolution: "node16" };
const BUNDLER = { module: "esnext", moduleResolution: "bundler" };

/** Compiles a file beside the installed package, its declarations included, with settings as users have them. */
async function compiles(
  consumer: Consumer,
  file: string,
  text: string,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  const usesNode = [...project.doors.keys()].some((door) => NODE_DOORS.has(door));
  const compilerOptions = {
    ...settings,
    strict: true,
    target: "es2022",
    lib: ["es2022", "dom"],
    types: usesNode ? ["node"] : [],
    typeRoots: [join(ROOT, "node_modules/@types")],
    skipLibCheck: false,
    noEmit: true,
  };
  await write(consumer, file, text);
  await write(consumer, "tsconfig.json", JSON.stringify({ compilerOptions, files: [file] }));
  const compiler = join(ROOT, "node_modules/typescript/bin/tsc");
  strictEqual(await output(Deno.execPath(), ["run", "-A", compiler], consumer.folder), "");
}

function write({ folder }: Consumer, file: string, text: string): Promise<void> {
  return Deno.writeTextFile(join(folder, file), text);
}
