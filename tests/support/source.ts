/**
 * The source as the house rules see it: files, their imports, and their text without comments and literals.
 *
 * @module
 */

import { dirname, join, normalize } from "node:path/posix";
import { fileURLToPath } from "node:url";

/** The folder of the checkout. */
export const ROOT: string = fileURLToPath(new URL("../../", import.meta.url));

/** One module of the tree. */
export interface SourceFile {
  /** Its path from the root of the checkout, with forward slashes. */
  readonly path: string;
  /** Its text. */
  readonly text: string;
  /** Its text with comments gone and strings, templates and regular expressions emptied. */
  readonly code: string;
  /** What it imports or exports from elsewhere. */
  readonly imports: readonly ImportEdge[];
}

/** One import. */
export interface ImportEdge {
  /** A path from the root, or a package specifier. */
  readonly target: string;
  /** Whether it vanishes when types are erased. */
  readonly isTypeOnly: boolean;
}

/** Folders of what was installed or built, which is not ours to read. */
const NOT_SOURCE: readonly string[] = ["node_modules", "dist"];

/** Every TypeScript file below these places, in the order of their paths. */
export async function readSources(places: readonly string[]): Promise<SourceFile[]> {
  const paths: string[] = [];
  for (const place of places) await collect(place, paths);
  const files = paths.sort().map(async (path) =>
    parse(path, await Deno.readTextFile(join(ROOT, path)))
  );
  return await Promise.all(files);
}

async function collect(path: string, into: string[]): Promise<void> {
  const stat = await Deno.stat(join(ROOT, path)).catch(() => undefined);
  if (stat === undefined) return;
  if (stat.isFile) {
    if (path.endsWith(".ts")) into.push(path);
    return;
  }
  for await (const entry of Deno.readDir(join(ROOT, path))) {
    if (!NOT_SOURCE.includes(entry.name)) await collect(`${path}/${entry.name}`, into);
  }
}

/** A module from its path and text. */
export function parse(path: string, text: string): SourceFile {
  const { code, literals } = strip(text);
  return { path, text, code, imports: importsOf(path, code, literals) };
}

const TOKEN =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[\s\S]|[^`\\])*`|(?<=[=(,:;!&|?{}[\n]\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[dgimsuvy]*/g;

/** The code without comments; literals become `"0"`, `"1"`, …, their texts listed. Template holes go with the template. */
function strip(text: string): { code: string; literals: string[] } {
  const literals: string[] = [];
  const code = text.replace(TOKEN, (token) => {
    if (token.startsWith("/*")) return token.replace(/[^\n]/g, "");
    if (token.startsWith("//")) return "";
    literals.push(token.slice(1, -1));
    return `"${literals.length - 1}"`;
  });
  return { code, literals };
}

const IMPORT = /\b(import|export)\s+(type\s+)?([^;"]*?)\s*from\s*"(\d+)"|\bimport\s*\(?\s*"(\d+)"/g;

function importsOf(path: string, code: string, literals: readonly string[]): ImportEdge[] {
  return [...code.matchAll(IMPORT)].map(([, , type, names = "", from, bare]) => {
    const specifier = literals[Number(from ?? bare)] ?? "";
    return {
      target: specifier.startsWith(".") ? resolve(path, specifier) : specifier,
      isTypeOnly: from !== undefined && (type !== undefined || onlyTypes(names)),
    };
  });
}

function onlyTypes(names: string): boolean {
  const inside = /^\{([\s\S]*)\}$/.exec(names.trim())?.[1];
  return inside !== undefined &&
    inside.split(",").every((name) => name.trim() === "" || name.trim().startsWith("type "));
}

function resolve(from: string, specifier: string): string {
  return normalize(join(dirname(from), specifier));
}
