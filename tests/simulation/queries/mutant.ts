/**
 * Copies the source with a mistake in it, and loads the simulator of queries from the copy.
 *
 * @module
 */

import { dirname } from "node:path";
import type { Mutation } from "../mutations/mistake.ts";
import type { runSeed } from "./run.ts";

/** The simulator with a mistake in what it simulates. */
export interface Mutant {
  readonly runSeed: typeof runSeed;
  /** Removes the copy. */
  remove(): Promise<void>;
}

const ROOT = new URL("../../../", import.meta.url).pathname;

/** Loads the simulator with a mistake. @throws if an edit's text does not occur exactly once. */
export async function loadMutant({ edits, name }: Mutation): Promise<Mutant> {
  const folder = await Deno.makeTempDir({ prefix: "mutant-" });
  for (const path of await filesOf("tests/simulation/queries/run.ts")) {
    const source = await Deno.readTextFile(ROOT + path);
    await Deno.mkdir(`${folder}/${dirname(path)}`, { recursive: true });
    const own = edits.filter((edit) => edit.file === path);
    await Deno.writeTextFile(`${folder}/${path}`, edited(source, own, name));
  }
  const module: { runSeed: typeof runSeed } = await import(
    `file://${folder}/tests/simulation/queries/run.ts`
  );
  return { runSeed: module.runSeed, remove: () => Deno.remove(folder, { recursive: true }) };
}

/** A file and all that it imports of ours, from the root. */
async function filesOf(entry: string): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const waiting = [entry];
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

function edited(source: string, edits: Mutation["edits"], name: string): string {
  return edits.reduce((text, { file, find, replace }) => {
    const parts = text.split(find);
    if (parts.length === 2) return parts.join(replace);
    throw new Error(
      `Cannot make "${name}" as its text occurs ${parts.length - 1} times in ${file}`,
    );
  }, source);
}
