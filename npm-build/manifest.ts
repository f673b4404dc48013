/**
 * The package's `package.json`.
 *
 * @module
 */

import { type Format, FORMATS } from "./formats.ts";
import type { Project } from "./project.ts";

/** The oldest Node that the package is for. */
const NODE = ">=20";

/** The content of the package's `package.json`, with these packages as its dependencies. */
export function manifest(
  project: Project,
  packages: ReadonlyMap<string, string>,
): Record<string, unknown> {
  const doors = [...project.doors].map(([door, path]) =>
    [door, { import: files(path, "esm"), require: files(path, "cjs") }] as const
  );
  const root = project.doors.get(".");
  return {
    name: project.name,
    version: project.version,
    ...project.about,
    type: "module",
    sideEffects: false,
    engines: { node: NODE },
    ...root === undefined ? {} : legacyRoot(root),
    exports: { ...Object.fromEntries(doors), "./package.json": "./package.json" },
    typesVersions: { "*": legacyTypes(project) },
    files: [...FORMATS.map(({ name }) => name), "CHANGELOG.md"],
    ...packages.size === 0 ? {} : { dependencies: Object.fromEntries(packages) },
  };
}

function files(path: string, name: Format["name"]): { types: string; default: string } {
  const format = FORMATS.find((other) => other.name === name);
  if (!format) throw new Error(`No format ${name}`);
  const stem = `./${name}/${path.replace(/\.ts$/, "")}`;
  return { types: stem + format.types, default: stem + format.code };
}

/** For tools that do not read `exports`. */
function legacyRoot(path: string): { main: string; module: string; types: string } {
  const { types, default: main } = files(path, "cjs");
  return { main, module: files(path, "esm").default, types };
}

/** For the compiler's old way of finding a package, which does not read `exports` either. */
function legacyTypes({ doors }: Project): Record<string, [string]> {
  return Object.fromEntries(
    [...doors].filter(([door]) => door !== ".")
      .map(([door, path]) => [door.slice(2), [files(path, "cjs").types]]),
  );
}
