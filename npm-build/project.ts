/**
 * The project as `deno.json` describes it, which is the only place that says what the package is.
 *
 * @module
 */

import { join } from "node:path";

/** What the build reads of `deno.json`. */
export interface Project {
  /** The absolute path of the folder that holds `deno.json`. */
  readonly root: string;
  /** The package's name. */
  readonly name: string;
  /** The package's version. */
  readonly version: string;
  /** The doors: what a user imports, and the module behind it, such as `./cache` and `src/cache/mod.ts`. */
  readonly doors: ReadonlyMap<string, string>;
  /** Other fields that a `package.json` has under the same name, such as `description`. */
  readonly about: Readonly<Record<string, unknown>>;
  /** The compiler's settings. */
  readonly compilerOptions: Readonly<Record<string, unknown>>;
}

const ABOUT = ["description", "keywords", "license", "author", "homepage", "repository", "bugs"];

/** This repository's own root. */
export const ROOT: string = join(import.meta.dirname ?? "", "..");

/** Reads the project in a folder. */
export async function readProject(root: string = ROOT): Promise<Project> {
  const config = JSON.parse(await Deno.readTextFile(join(root, "deno.json"))) as
    & { name: string; version: string; exports: Record<string, string> }
    & Record<string, Record<string, unknown>>;
  return {
    root,
    name: config.name,
    version: config.version,
    doors: new Map(
      Object.entries(config.exports).map(([door, path]) => [door, path.replace(/^\.\//, "")]),
    ),
    about: Object.fromEntries(
      ABOUT.filter((field) => field in config).map((field) => [field, config[field]]),
    ),
    compilerOptions: config.compilerOptions ?? {},
  };
}

/** What a user writes to import a door: the package's name, or a path below it. */
export function specifierOf(project: Project, door: string): string {
  return project.name + door.slice(1);
}
