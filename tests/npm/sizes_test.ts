/** @module */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { type Budget, BUDGETS as ALL_BUDGETS } from "../../npm-build/budgets.ts";
import { readLibrary } from "../../npm-build/modules.ts";
import { ROOT } from "../../npm-build/project.ts";
import { measuredSizes, type Size, sizesTable } from "../../npm-build/sizes.ts";
import { fixture } from "./fixture.ts";

/** esbuild's service is a process of its own, which the runner takes for a leak. */
const withBundler = { sanitizeOps: false, sanitizeResources: false };

const DOORS = { ".": "./mod.ts", "./checked": "./checked.ts" };
const FILES = {
  "mod.ts": `export { used } from "./used.ts"; export { unused } from "./unused.ts";`,
  "used.ts": `export const used = "${"u".repeat(100)}";`,
  "unused.ts": `export const unused = "${"n".repeat(1_000)}";`,
  "checked.ts": `import * as z from "npm:zod@^4.6.7/mini"; export const text = z.string();`,
};
const BUDGETS: readonly Budget[] = [
  { door: ".", bytesMax: 10_000 },
  { door: "./checked", bytesMax: 10_000 },
  { name: "one name", code: `export { used } from "@fixture/library";`, bytesMax: 10_000 },
  { package: "zod", bytesMax: 10_000 },
];

async function sizesOf(budgets: readonly Budget[]): Promise<Size[]> {
  await using library = await fixture(DOORS, FILES);
  return await measuredSizes(library.project, await readLibrary(library.project), budgets);
}

Deno.test(
  "measuredSizes() weighs doors without packages, programs without the rest, packages alone",
  withBundler,
  async () => {
    const [root, checked, program, zod] = await sizesOf(BUDGETS);
    ok(root && checked && program && zod);
    ok(root.minified > 1_100 && root.minified < 1_300);
    ok(program.minified > 100 && program.minified < 200);
    ok(checked.minified < 200);
    ok(zod.minified > 5_000 && zod.gzipped < zod.minified);
    ok(root.gzipped < 200);
    deepStrictEqual([root.name, checked.name, program.name, zod.name], [
      ".",
      "./checked",
      "one name",
      "zod",
    ]);
  },
);

Deno.test(
  "measuredSizes() wants a budget for each door and package, and none for others",
  withBundler,
  async () => {
    await rejects(sizesOf(BUDGETS.slice(1)), /No budget for door \./);
    await rejects(sizesOf(BUDGETS.slice(0, 3)), /No budget for package zod/);
    await rejects(sizesOf([...BUDGETS, { door: "./gone", bytesMax: 1 }]), /\.\/gone, which is not/);
  },
);

Deno.test(
  "measuredSizes() refuses a program that takes what no door gives",
  withBundler,
  async () => {
    const budget = { name: "x", code: `export { x } from "@fixture/library";`, bytesMax: 1 };
    await rejects(sizesOf([...BUDGETS, budget]), /No matching export/);
  },
);

Deno.test("sizesTable() marks what is over its budget", () => {
  const table = sizesTable([
    { name: "fits", minified: 2_000, gzipped: 1_000, bytesMax: 1_000 },
    { name: "grew", minified: 2_000, gzipped: 1_001, bytesMax: 1_000 },
  ]);
  match(table, /fits +2,000 +1,000 +1,000$/m);
  match(table, /grew +2,000 +1,001 +1,000 {2}over$/m);
  strictEqual(table.split("\n").length, 3);
});

Deno.test("README tells the budgets of sizes as they are, to a twentieth", async () => {
  const readme = await Deno.readTextFile(join(ROOT, "README.md"));
  const rows = [
    ...readme.matchAll(/^\| (?:packages: )?`?([^|`]+?)`?(?: \([^|]*\))? +\| +([\d.]+) KB \|$/gm),
  ];
  ok(rows.length > 10);
  for (const [, what, told] of rows) {
    const budget = ALL_BUDGETS.find((one) => what === nameOf(one));
    ok(budget !== undefined, `${what} has no budget`);
    const off = Math.abs(Number(told) - budget.bytesMax / 1_000) / (budget.bytesMax / 1_000);
    ok(off <= 0.05, `${what} has ${budget.bytesMax} bytes`);
  }
});

function nameOf(budget: Budget): string {
  if ("door" in budget) return budget.door;
  return "name" in budget ? budget.name : budget.package;
}
