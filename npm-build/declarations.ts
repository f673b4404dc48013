/**
 * The package's declarations, by the TypeScript compiler, which sees no types of Deno here, and those of Node only
 * behind the doors that may use them: what is not on every runtime is a type error, and fails the build.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { output } from "./command.ts";
import { type Format, FORMATS, rewritten } from "./formats.ts";
import type { Library, Module } from "./modules.ts";
import { type Project, ROOT } from "./project.ts";

/** Writes the declarations of every module, for each format, below `out`. */
export async function writeDeclarations(
  project: Project,
  library: Library,
  out: string,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "holdfast-types-" });
  try {
    await writeSources(project, library, folder);
    const modules = [...library.modules.values()];
    await compile(project, folder, modules.filter(({ isPortable }) => isPortable), []);
    await compile(project, folder, modules.filter(({ isPortable }) => !isPortable), ["node"]);
    for (const module of modules) {
      const types = await Deno.readTextFile(join(folder, "out", ending(module.path, ".d.ts")));
      for (const format of FORMATS) await writeTypes(out, module, types, format);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The library's text, with packages named as the compiler knows them, beside this project's packages. */
async function writeSources(project: Project, library: Library, folder: string): Promise<void> {
  for (const { path, specifiers } of library.modules.values()) {
    const text = await Deno.readTextFile(join(project.root, path));
    await write(join(folder, path), rewritten(text, specifiers, ".ts"));
  }
  await write(join(folder, "package.json"), `{ "type": "module" }`);
  await Deno.symlink(join(ROOT, "node_modules"), join(folder, "node_modules"), { type: "dir" });
}

async function compile(
  project: Project,
  folder: string,
  modules: readonly Module[],
  types: readonly string[],
): Promise<void> {
  if (modules.length === 0) return;
  const config = {
    compilerOptions: {
      ...project.compilerOptions,
      noUnusedLocals: true, // Not in deno.json, as a doc test imports all that its file exports.
      target: "es2022",
      lib: ["es2023", "es2024.string", "dom", "dom.iterable", "esnext.disposable"],
      types,
      module: "nodenext",
      allowImportingTsExtensions: true,
      skipLibCheck: true,
      declaration: true,
      emitDeclarationOnly: true,
      noEmitOnError: true,
      rootDir: ".",
      outDir: "out",
    },
    files: modules.map(({ path }) => path),
  };
  await write(join(folder, "tsconfig.json"), JSON.stringify(config));
  const compiler = join(ROOT, "node_modules/typescript/bin/tsc");
  await output(Deno.execPath(), ["run", "-A", compiler, "-p", folder], ROOT);
}

async function writeTypes(
  out: string,
  { path, specifiers }: Module,
  types: string,
  format: Format,
): Promise<void> {
  const text = withoutPrivateNames(rewritten(types, specifiers, format.code));
  await write(join(out, format.name, ending(path, format.types)), withLibraries(text));
}

/**
 * Declarations without the mark that a class has private names: it makes the types of the two formats' copies of one
 * class differ, so that what one hands out could not be given to the other.
 */
function withoutPrivateNames(types: string): string {
  return types.replace(/^ *#private;\n/gm, "");
}

/** Declarations that ask by themselves for what a consumer's settings may not bring: the types of `await using`. */
function withLibraries(types: string): string {
  const isDisposable = /\b(Async)?Disposable\b|\bSymbol\.(asyncDispose|dispose)\b/.test(types);
  return isDisposable ? `/// <reference lib="esnext.disposable" />\n${types}` : types;
}

function ending(path: string, end: string): string {
  return path.replace(/\.ts$/, end);
}

async function write(path: string, text: string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, text);
}
