/**
 * Builds the npm package from the doors in `deno.json`: ESM, CommonJS, declarations and source maps.
 *
 * `deno run -A npm-build/build.ts [folder]` writes to `npm-build/dist` if no folder is given.
 *
 * @module
 */
// deno-lint-ignore-file no-console

import * as esbuild from "esbuild";
import { join } from "node:path";
import { writeDeclarations } from "./declarations.ts";
import { FORMATS } from "./formats.ts";
import { writeJavaScript } from "./javascript.ts";
import { manifest } from "./manifest.ts";
import { type Library, readLibrary } from "./modules.ts";
import { type Project, readProject, ROOT } from "./project.ts";

/** The doors that only Deno, Node and Bun can open. What they reach, and no other door does, may import `node:`. */
export const NODE_DOORS: ReadonlySet<string> = new Set([
  "./tcp",
  "./gateway",
  "./cli",
  "./skiff",
  "./sharedb",
]);

/** Where the package is built. */
export const DIST: string = join(ROOT, "npm-build/dist");

/** Builds a project's package in a folder, whose former content is dropped. Returns what went into it. */
export async function build(project: Project, out: string): Promise<Library> {
  const library = await readLibrary(project, NODE_DOORS);
  const loaded = [...library.modules.values()].filter(({ isLoaded }) => isLoaded);
  await Deno.remove(out, { recursive: true }).catch(ignoreMissing);
  await Deno.mkdir(out, { recursive: true });
  try {
    for (const format of FORMATS) {
      await writeJavaScript(project.root, out, loaded.map(({ path }) => path), format);
    }
    await writeDeclarations(project, library, out);
  } finally {
    await esbuild.stop();
  }
  const text = JSON.stringify(manifest(project, library.packages), null, 2);
  await Deno.writeTextFile(join(out, "package.json"), `${text}\n`);
  for (const file of ["README.md", "LICENSE", "CHANGELOG.md"]) {
    await Deno.copyFile(join(project.root, file), join(out, file));
  }
  return library;
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

if (import.meta.main) {
  const started = performance.now();
  const out = Deno.args[0] ?? DIST;
  const project = await readProject();
  const { modules, packages } = await build(project, out);
  console.log(
    `${project.name} ${project.version}: ${modules.size} modules, ${project.doors.size} doors, ` +
      `needs ${[...packages.keys()].join(", ") || "no packages"}; ` +
      `built in ${((performance.now() - started) / 1_000).toFixed(1)} s`,
  );
}
