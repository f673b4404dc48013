/**
 * Copies the source with a mistake in it, and loads the simulator of documents from the copy.
 *
 * @module
 */

import type { Mutation } from "../mutations/mistake.ts";
import type { runSeed } from "./run.ts";

/** The simulator with a mistake in what it simulates. */
export interface Mutant {
  readonly runSeed: typeof runSeed;
  /** Removes the copy. */
  remove(): Promise<void>;
}

const ROOT = new URL("../../../", import.meta.url);

/** All that the simulator imports. */
const FOLDERS: readonly string[] = [
  "src/",
  "src/documents/",
  "src/documents/client/",
  "src/documents/protocol/",
  "src/ot/",
  "tests/simulation/",
  "tests/simulation/documents/",
];

/** Loads the simulator with a mistake. @throws if an edit's text does not occur exactly once. */
export async function loadMutant({ edits, name }: Mutation): Promise<Mutant> {
  const folder = await Deno.makeTempDir({ prefix: "mutant-" });
  const copy = new URL(`file://${folder}/`);
  for (const path of FOLDERS) {
    await Deno.mkdir(new URL(path, copy), { recursive: true });
    for await (const file of Deno.readDir(new URL(path, ROOT))) {
      if (
        !file.isFile || !file.name.endsWith(".ts") || file.name === "npm_edits.ts" ||
        file.name.endsWith("_test.ts")
      ) continue;
      const source = await Deno.readTextFile(new URL(path + file.name, ROOT));
      const own = edits.filter((edit) => edit.file === path + file.name);
      await Deno.writeTextFile(new URL(path + file.name, copy), edited(source, own, name));
    }
  }
  const module: { runSeed: typeof runSeed } = await import(
    new URL("tests/simulation/documents/run.ts", copy).href
  );
  return { runSeed: module.runSeed, remove: () => Deno.remove(folder, { recursive: true }) };
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
