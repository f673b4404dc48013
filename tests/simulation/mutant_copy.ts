/**
 * A copy of the source with a mistake in it, from which a simulator can be loaded.
 *
 * @module
 */

import { dirname } from "node:path";
import type { Edit, Mutation } from "./mutations/mistake.ts";

/** A copy in a folder of its own. */
export interface MutantCopy {
  /** Loads one of its files, by the path from the root. */
  load<Module>(path: string): Promise<Module>;
  /** Removes it. */
  remove(): Promise<void>;
}

const ROOT = new URL("../../", import.meta.url).pathname;

/**
 * Copies some files, and all that they import of ours, with a mistake.
 *
 * @throws if an edit's text does not occur exactly once, or its file is not among them.
 */
export async function copyWith(
  { edits, name }: Mutation,
  entries: readonly string[],
): Promise<MutantCopy> {
  const folder = await Deno.makeTempDir({ prefix: "mutant-" });
  const paths = await filesOf(entries);
  const missing = edits.find(({ file }) => !paths.has(file));
  if (missing !== undefined) throw new Error(`Cannot make "${name}": nobody uses ${missing.file}`);
  for (const path of paths) {
    const source = await Deno.readTextFile(ROOT + path);
    await Deno.mkdir(`${folder}/${dirname(path)}`, { recursive: true });
    const own = edits.filter(({ file }) => file === path);
    await Deno.writeTextFile(`${folder}/${path}`, edited(source, own, name));
  }
  return {
    load: async (path) => await import(`file://${folder}/${path}`),
    remove: () => Deno.remove(folder, { recursive: true }),
  };
}

/** Whether all texts of a mistake are where they must be. @throws if not. */
export async function checkAnchors({ edits, name }: Mutation): Promise<void> {
  for (const edit of edits) edited(await Deno.readTextFile(ROOT + edit.file), [edit], name);
}

async function filesOf(entries: readonly string[]): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const waiting = [...entries];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (found.has(path)) continue;
    found.add(path);
    const source = await Deno.readTextFile(ROOT + path);
    for (const [, target = ""] of source.matchAll(/from "(\.{1,2}\/[^"]+\.ts)"/g)) {
      waiting.push(new URL(target, `file:///${path}`).pathname.slice(1));
    }
  }
  return found;
}

function edited(source: string, edits: readonly Edit[], name: string): string {
  return edits.reduce((text, { file, find, replace }) => {
    const parts = text.split(find);
    if (parts.length === 2) return parts.join(replace);
    throw new Error(
      `Cannot make "${name}" as its text occurs ${parts.length - 1} times in ${file}`,
    );
  }, source);
}
