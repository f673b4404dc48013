/**
 * Copies the source with a mistake in it, and loads the simulator from the copy.
 *
 * @module
 */

import type { Edit, Mutation } from "./mutations/mistake.ts";
import type { libraryLoops } from "./library_loop.ts";
import { planOf } from "./plan.ts";
import type { runPlanAsync, RunReport, runSeed } from "./simulation.ts";

/** The simulator with a mistake in what it simulates. */
export interface Mutant {
  readonly runSeed: typeof runSeed;
  /** Runs a seed on the loop that the library ships. */
  runLibrarySeed(seed: number): Promise<RunReport>;
  /** Removes the copy. */
  remove(): Promise<void>;
}

const ROOT = new URL("../../", import.meta.url);

/** All that the simulator imports. */
const FOLDERS: readonly string[] = ["src/", "src/raft/", "src/raft/core/", "tests/simulation/"];

/** Loads the simulator with a mistake. @throws if an edit's text does not occur exactly once. */
export async function loadMutant({ edits, name }: Mutation): Promise<Mutant> {
  const folder = await Deno.makeTempDir({ prefix: "mutant-" });
  const copy = new URL(`file://${folder}/`);
  for (const path of FOLDERS) {
    await Deno.mkdir(new URL(path, copy), { recursive: true });
    for await (const file of Deno.readDir(new URL(path, ROOT))) {
      if (!file.isFile || !file.name.endsWith(".ts") || file.name.endsWith("_test.ts")) continue;
      const source = await Deno.readTextFile(new URL(path + file.name, ROOT));
      const own = edits.filter((edit) => edit.file === path + file.name);
      await Deno.writeTextFile(new URL(path + file.name, copy), apply(source, own, name));
    }
  }
  const module: { runSeed: typeof runSeed; runPlanAsync: typeof runPlanAsync } = await import(
    new URL("tests/simulation/simulation.ts", copy).href
  );
  return {
    runSeed: module.runSeed,
    async runLibrarySeed(seed) {
      const library: { libraryLoops: typeof libraryLoops } = await import(
        new URL("tests/simulation/library_loop.ts", copy).href
      );
      return await module.runPlanAsync(planOf(seed), library.libraryLoops());
    },
    remove: () => Deno.remove(folder, { recursive: true }),
  };
}

/** Whether all texts of a mistake are where they must be. */
export async function checkAnchors({ edits, name }: Mutation): Promise<void> {
  for (const edit of edits) {
    apply(await Deno.readTextFile(new URL(edit.file, ROOT)), [edit], name);
  }
}

function apply(source: string, edits: readonly Edit[], name: string): string {
  let edited = source;
  for (const { file, find, replace } of edits) {
    const parts = edited.split(find);
    if (parts.length !== 2) {
      throw new Error(
        `Cannot make "${name}" as its text occurs ${parts.length - 1} times in ${file}`,
      );
    }
    edited = parts.join(replace);
  }
  return edited;
}
