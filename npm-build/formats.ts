/**
 * The two formats of the package, and how a module's own imports read in each.
 *
 * @module
 */

import { packageOf } from "./modules.ts";

/** One of the package's two trees. */
export interface Format {
  /** The tree's folder, and how the format is called. */
  readonly name: "esm" | "cjs";
  /** How its code files end. */
  readonly code: ".js" | ".cjs";
  /** How its declarations end. */
  readonly types: ".d.ts" | ".d.cts";
}

/** Both formats. */
export const FORMATS: readonly Format[] = [
  { name: "esm", code: ".js", types: ".d.ts" },
  { name: "cjs", code: ".cjs", types: ".d.cts" },
];

/** A specifier as the files of a tree write it: another ending, a package without its range. */
export function mapped(specifier: string, ending: string): string {
  if (specifier.startsWith(".")) return specifier.replace(/\.ts$/, ending);
  return packageOf(specifier)?.bare ?? specifier;
}

/**
 * The text with each of these specifiers mapped where it is imported. For declarations and type checks only: it may
 * also change a comment that quotes an import, which does no harm there, while code is rewritten by the bundler.
 */
export function rewritten(text: string, specifiers: readonly string[], ending: string): string {
  const known = new Set(specifiers);
  return text.replace(
    /(\bfrom\s*|\bimport\s*\(?\s*)(["'])([^"'\n]+)\2/g,
    (all, before: string, quote: string, specifier: string) =>
      known.has(specifier) ? before + quote + mapped(specifier, ending) + quote : all,
  );
}
