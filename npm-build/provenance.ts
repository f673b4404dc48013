/**
 * Where everything comes from that is not ours: `deno task provenance` lists each package that the lock file names, with
 * its version, its licence, its source and the hash that an installation is held against.
 *
 * @module
 */
// deno-lint-ignore-file no-console

import { join } from "node:path";
import { NODE_DOORS } from "./build.ts";
import { readLibrary } from "./modules.ts";
import { type Project, readProject } from "./project.ts";

/** A package that the lock file names. */
export interface Origin {
  /** Its name. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
  /** Whether users of the library get it too, or only who works on it. */
  readonly use: "run time" | "development";
  /** Its licence, by its own word; `undefined` if it says none. */
  readonly licence: string | undefined;
  /** Where its source is, by its own word; `undefined` if it does not say. */
  readonly source: string | undefined;
  /** The hash that an installation is held against. */
  readonly integrity: string;
}

/** The licences that packages may have: all of them let the library be used and sold by anybody. */
export const LICENCES: readonly string[] = [
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "CC0-1.0",
  "ISC",
  "MIT",
  "MIT-0",
  "MIT/X11",
  "PSF-2.0",
  "Python-2.0",
  "Unlicense",
  "WTFPL",
  "Zlib",
];

/** A package in the lock file. */
interface Locked {
  readonly integrity: string;
  readonly dependencies?: readonly string[];
  readonly optionalDependencies?: readonly string[];
  /** The systems that it is for; others do not install it. */
  readonly os?: readonly string[];
}

/** What is read of a package's own description. */
interface Manifest {
  readonly license?: unknown;
  readonly licenses?: readonly unknown[];
  readonly repository?: unknown;
  readonly homepage?: unknown;
}

/** Every package of the lock file, but those for other systems than this one. */
export async function readOrigins(project: Project): Promise<readonly Origin[]> {
  const lock = JSON.parse(await Deno.readTextFile(join(project.root, "deno.lock")));
  const packages: Readonly<Record<string, Locked>> = lock.npm;
  const specifiers: Readonly<Record<string, string>> = lock.specifiers;
  const used = [...(await readLibrary(project, NODE_DOORS)).packages.keys()].flatMap((name) =>
    Object.entries(specifiers).filter(([specifier]) => specifier.startsWith(`npm:${name}@`))
      .map(([, version]) => `${name}@${version}`)
  );
  const atRunTime = closure(used, packages);
  const origins: Origin[] = [];
  for (const [id, locked] of Object.entries(packages)) {
    const manifest = await manifestOf(project.root, id);
    if (manifest === undefined && locked.os !== undefined) continue;
    const { name, version } = partsOf(id);
    origins.push({
      name,
      version,
      use: atRunTime.has(id) ? "run time" : "development",
      licence: licenceOf(manifest ?? {}),
      source: sourceOf(manifest ?? {}),
      integrity: locked.integrity,
    });
  }
  return origins;
}

/** Whether an expression of licences leaves a choice that is allowed: `(MIT OR GPL-3.0)` does. */
export function isAllowed(licence: string | undefined): boolean {
  const choices = (licence ?? "").replace(/[()]/g, "").split(" OR ");
  return choices.some((choice) => choice.split(" AND ").every((each) => LICENCES.includes(each)));
}

/** These packages and all that they need, by their ids in the lock file. */
function closure(
  roots: readonly string[],
  packages: Readonly<Record<string, Locked>>,
): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (dependency: string): void => {
    // A dependency stands by its name where there is one version of it, else by its id.
    const ids = Object.keys(packages).filter((id) =>
      id === dependency || partsOf(id).name === dependency || id.startsWith(`${dependency}_`)
    );
    for (const id of ids) {
      if (found.has(id)) continue;
      found.add(id);
      const { dependencies = [], optionalDependencies = [] } = packages[id] ?? {};
      [...dependencies, ...optionalDependencies].forEach(visit);
    }
  };
  roots.forEach(visit);
  return found;
}

/** Name and version of an id such as `@redis/bloom@6.3.1_@redis+client@6.3.1`. */
function partsOf(id: string): { readonly name: string; readonly version: string } {
  const [, name = id, version = ""] = /^(@?[^@]+)@([^_]+)/.exec(id) ?? [];
  return { name, version };
}

async function manifestOf(root: string, id: string): Promise<Manifest | undefined> {
  const { name, version } = partsOf(id);
  const folder = `${name.replaceAll("/", "+")}@${version}`;
  const path = join(root, "node_modules", ".deno", folder, "node_modules", name, "package.json");
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function licenceOf({ license, licenses: [first] = [] }: Manifest): string | undefined {
  const given = license ?? first;
  const licence: unknown = Object(given).type ?? given;
  return typeof licence === "string" ? licence : undefined;
}

function sourceOf({ repository, homepage }: Manifest): string | undefined {
  const source: unknown = Object(repository).url ?? repository ?? homepage;
  if (typeof source !== "string") return undefined;
  return source.replace(/^git\+/, "").replace(/\.git$/, "");
}

if (import.meta.main) {
  for (
    const { name, version, use, licence, source, integrity } of await readOrigins(
      await readProject(),
    )
  ) {
    console.log([name, version, use, licence ?? "?", source ?? "?", integrity].join("\t"));
  }
}
