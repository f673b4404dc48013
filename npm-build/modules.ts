/**
 * The modules that the doors reach, by type too, and the packages they name.
 *
 * Deno itself reads the imports (`deno info`), so that a regular expression, a template or a comment that looks like
 * one is none, and an import of nothing but types is told apart from one that loads.
 *
 * @module
 */

import { join, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { output } from "./command.ts";
import type { Project } from "./project.ts";

/** A module of the library. */
export interface Module {
  /** Where it is, from the project's root, with `/`. */
  readonly path: string;
  /** What it imports, by any kind of import, as written. */
  readonly specifiers: readonly string[];
  /** Whether anything loads it; a module that is only imported by type leaves no code. */
  readonly isLoaded: boolean;
  /** Whether a door reaches it that has to work everywhere, so that it may not name a builtin of Node. */
  readonly isPortable: boolean;
}

/** All modules, by path, and the packages that they need, with their ranges. */
export interface Library {
  /** By path. */
  readonly modules: ReadonlyMap<string, Module>;
  /** Name to range, by name. */
  readonly packages: ReadonlyMap<string, string>;
}

/** A package specifier in its parts: `npm:@a/b@^1/sub` has name `@a/b`, range `^1` and bare form `@a/b/sub`. */
export interface PackageSpecifier {
  /** The package's name. */
  readonly name: string;
  /** The versions that will do. */
  readonly range: string;
  /** How Node and bundlers write it. */
  readonly bare: string;
}

/** What `deno info --json` says of a graph, as far as it is read here. */
interface Graph {
  readonly modules: readonly {
    readonly kind: string;
    readonly specifier: string;
    readonly error?: string;
    readonly dependencies?: readonly {
      readonly specifier: string;
      readonly code?: Target;
      readonly type?: Target;
    }[];
  }[];
}
interface Target {
  readonly specifier?: string;
  readonly error?: string;
}

interface Import {
  readonly specifier: string;
  readonly target: string;
  readonly isLoaded: boolean;
}

/**
 * Reads the library behind the doors. `nodeDoors` are those that may use builtins of Node.
 *
 * @throws if an import cannot be found, or is none that works in every runtime and from every place.
 */
export async function readLibrary(
  project: Project,
  nodeDoors: ReadonlySet<string> = new Set(),
): Promise<Library> {
  const graph = importsByModule(await readGraph(project));
  const urls = (isWanted: (door: string) => boolean) =>
    [...project.doors].filter(([door]) => isWanted(door))
      .map(([, path]) => pathToFileURL(join(project.root, path)).href);
  const every = reached(graph, urls(() => true), () => true);
  const loaded = reached(graph, urls(() => true), ({ isLoaded }) => isLoaded);
  const portable = reached(graph, urls((door) => !nodeDoors.has(door)), () => true);
  const modules = [...every].filter(isFile).map((url): Module => ({
    path: pathOf(url, project.root),
    specifiers: [...new Set(graph.get(url)?.map(({ specifier }) => specifier))],
    isLoaded: loaded.has(url),
    isPortable: portable.has(url),
  })).sort((a, b) => a.path < b.path ? -1 : 1);
  for (const module of modules) checkSpecifiers(module);
  return {
    modules: new Map(modules.map((module) => [module.path, module])),
    packages: packagesOf(modules),
  };
}

/** The parts of an inline package specifier, or undefined if it is none. */
export function packageOf(specifier: string): PackageSpecifier | undefined {
  const match = /^npm:\/?((?:@[^/@]+\/)?[^/@]+)(?:@([^/]+))?(\/.*)?$/.exec(specifier);
  if (!match) return undefined;
  const [, name = "", range = "", path = ""] = match;
  return { name, range, bare: name + path };
}

async function readGraph(project: Project): Promise<Graph> {
  const entry = await Deno.makeTempFile({ prefix: "holdfast-doors-", suffix: ".ts" });
  try {
    const urls = [...project.doors.values()].map((path) => pathToFileURL(join(project.root, path)));
    await Deno.writeTextFile(entry, urls.map(({ href }) => `import "${href}";\n`).join(""));
    const config = join(project.root, "deno.json");
    const args = ["info", "--json", "--config", config, entry];
    return JSON.parse(await output(Deno.execPath(), args, project.root)) as Graph;
  } finally {
    await Deno.remove(entry);
  }
}

function importsByModule(graph: Graph): Map<string, Import[]> {
  return new Map(graph.modules.map(({ kind, specifier, error, dependencies = [] }) => {
    if (error !== undefined) throw new Error(error);
    if (isFile(specifier) && kind !== "esm") throw new Error(`${specifier} is no module of code`);
    return [specifier, dependencies.map((dependency) => importOf(specifier, dependency))];
  }));
}

function importOf(
  module: string,
  { specifier, code, type }: { specifier: string; code?: Target; type?: Target },
): Import {
  const target = (code ?? type)?.specifier;
  if (target === undefined) {
    throw new Error(`${module}: ${(code ?? type)?.error ?? `${specifier} leads nowhere`}`);
  }
  return { specifier, target, isLoaded: code !== undefined };
}

/** Every module that can be reached from these over the imports that count. */
function reached(
  graph: ReadonlyMap<string, readonly Import[]>,
  from: readonly string[],
  counts: (edge: Import) => boolean,
): Set<string> {
  const found = new Set(from);
  for (const module of found) {
    for (const edge of graph.get(module) ?? []) if (counts(edge)) found.add(edge.target);
  }
  return found;
}

function isFile(specifier: string): boolean {
  return specifier.startsWith("file:");
}

function pathOf(module: string, root: string): string {
  const path = relative(root, fileURLToPath(module)).replaceAll(sep, "/");
  if (path.startsWith("../")) throw new Error(`${path} is outside of the project`);
  if (!path.endsWith(".ts")) throw new Error(`${path} is not TypeScript`);
  return path;
}

function checkSpecifiers({ path, specifiers, isPortable }: Module): void {
  for (const specifier of specifiers) {
    const fault = faultOf(specifier, isPortable);
    if (fault !== undefined) throw new Error(`${path} imports ${specifier}, which ${fault}`);
  }
}

/** Why an import would not work in every runtime and from every place, if so. */
function faultOf(specifier: string, isPortable: boolean): string | undefined {
  if (/^\.{1,2}\/.*\.ts$/.test(specifier)) return undefined;
  if (specifier.startsWith("node:")) {
    return isPortable ? "is Node's, behind a door that has to work everywhere" : undefined;
  }
  const found = packageOf(specifier);
  if (found === undefined) return "is neither a relative path to a .ts file nor an inline npm: one";
  return found.range === "" ? "does not say which versions" : undefined;
}

/** The packages that the modules name, each in one range only. */
function packagesOf(modules: readonly Module[]): ReadonlyMap<string, string> {
  const packages = new Map<string, string>();
  for (const { path, specifiers } of modules) {
    for (const { name, range } of specifiers.flatMap((text) => packageOf(text) ?? [])) {
      const known = packages.get(name) ?? range;
      if (known !== range) {
        throw new Error(`${path} imports ${name}@${range}, and another module ${name}@${known}`);
      }
      packages.set(name, range);
    }
  }
  return new Map([...packages].sort());
}
