/**
 * Bundles what users bundle, and holds it against the budgets: `deno task sizes`.
 *
 * Sizes are those of a minified bundle for a browser or a Worker, in bytes, before and after gzip. Packages are left
 * out of the doors' bundles and have rows of their own, since a program that uses one elsewhere has it anyway.
 *
 * @module
 */
// deno-lint-ignore-file no-console

import * as esbuild from "esbuild";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type Budget, BUDGETS } from "./budgets.ts";
import { NODE_DOORS } from "./build.ts";
import { type Library, packageOf, readLibrary } from "./modules.ts";
import { type Project, readProject, ROOT, specifierOf } from "./project.ts";

/** What one bundle weighs, in bytes. */
export interface Weight {
  /** Minified. */
  readonly minified: number;
  /** Minified and compressed. */
  readonly gzipped: number;
}

/** A row of the table. */
export interface Size extends Weight {
  /** What was bundled. */
  readonly name: string;
  /** What `gzipped` may be. */
  readonly bytesMax: number;
}

/**
 * The size of everything that has a budget.
 *
 * @throws if a door or a package has no budget, or a budget is for none.
 */
export async function measuredSizes(
  project: Project,
  library: Library,
  budgets: readonly Budget[],
): Promise<Size[]> {
  checkComplete("door", [...project.doors.keys()], budgets);
  checkComplete("package", [...library.packages.keys()], budgets);
  const sizes: Size[] = [];
  try {
    for (const budget of budgets) {
      const weight = "package" in budget
        ? await weightOfPackage(project, budget.package)
        : await weigh(project, "door" in budget ? everythingOf(project, budget.door) : budget.code);
      sizes.push({ name: nameOf(budget), bytesMax: budget.bytesMax, ...weight });
    }
  } finally {
    await esbuild.stop();
  }
  return sizes;
}

/** The table as text, with a mark at each row that is over its budget. */
export function sizesTable(sizes: readonly Size[]): string {
  const width = Math.max(...sizes.map(({ name }) => name.length), "bundle".length);
  const line = (...[name = "", ...cells]: string[]) =>
    name.padEnd(width) + cells.map((cell) => cell.padStart(10)).join("");
  return [
    line("bundle", "min", "min+gzip", "budget"),
    ...sizes.map(({ name, minified, gzipped, bytesMax }) =>
      line(name, ...[minified, gzipped, bytesMax].map((bytes) => bytes.toLocaleString("en-US"))) +
      (gzipped > bytesMax ? "  over" : "")
    ),
  ].join("\n");
}

function nameOf(budget: Budget): string {
  return "door" in budget ? budget.door : "package" in budget ? budget.package : budget.name;
}

function checkComplete(
  kind: "door" | "package",
  names: readonly string[],
  budgets: readonly Budget[],
): void {
  const known = budgets.filter((budget) => kind in budget).map(nameOf);
  const missing = names.filter((name) => !known.includes(name));
  if (missing.length > 0) throw new Error(`No budget for ${kind} ${missing.join(", ")}`);
  const idle = known.filter((name) => !names.includes(name));
  if (idle.length > 0) {
    throw new Error(`A budget for ${kind} ${idle.join(", ")}, which is not there`);
  }
}

function everythingOf(project: Project, door: string): string {
  return `export * from "${specifierOf(project, door)}";`;
}

/** What a package adds to a program that uses all doors. */
async function weightOfPackage(project: Project, name: string): Promise<Weight> {
  const code = [...project.doors.keys()]
    .map((door, index) => `export * as door${index} from "${specifierOf(project, door)}";`).join(
      "",
    );
  const without = await weigh(project, code);
  const together = await weigh(project, code, name);
  return {
    minified: together.minified - without.minified,
    gzipped: together.gzipped - without.gzipped,
  };
}

async function weigh(project: Project, code: string, withPackage?: string): Promise<Weight> {
  const { outputFiles } = await esbuild.build({
    stdin: { contents: code, resolveDir: project.root },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    conditions: ["worker"],
    target: "es2022",
    tsconfigRaw: {},
    plugins: [fromTheTree(project, withPackage)],
    legalComments: "none",
    logLevel: "silent",
    write: false,
  });
  const bytes = outputFiles[0]?.contents ?? new Uint8Array();
  return { minified: bytes.length, gzipped: gzipSync(bytes).length };
}

/** Finds the doors in the tree, and leaves packages outside but this one. */
function fromTheTree(project: Project, withPackage: string | undefined): esbuild.Plugin {
  const doors = new Map(
    [...project.doors].map((
      [door, path],
    ) => [specifierOf(project, door), join(project.root, path)]),
  );
  return {
    name: "from-the-tree",
    setup: ({ onResolve, resolve }) => {
      onResolve({ filter: /^[^.]/ }, ({ path, kind }) => {
        const door = doors.get(path);
        if (door !== undefined) return { path: door, sideEffects: false };
        const found = packageOf(path);
        if (isBuiltin(path)) return { path, external: true };
        if (found === undefined) return undefined;
        if (found.name !== withPackage) return { path: found.bare, external: true };
        return resolve(found.bare, { kind, resolveDir: ROOT });
      });
      onResolve({ filter: /^\..*\.ts$/ }, ({ path, resolveDir }) => ({
        path: join(resolveDir, path),
        sideEffects: false,
      }));
    },
  };
}

if (import.meta.main) {
  const project = await readProject();
  const sizes = await measuredSizes(project, await readLibrary(project, NODE_DOORS), BUDGETS);
  console.log(sizesTable(sizes));
  if (sizes.some(({ gzipped, bytesMax }) => gzipped > bytesMax)) Deno.exit(1);
}
