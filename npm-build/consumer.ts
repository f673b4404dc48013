/**
 * A stranger's folder with the packed package installed in it: what is tested there is what a user gets.
 *
 * @module
 */

import { join } from "node:path";
import { output } from "./command.ts";

/** A folder in which the package is installed; disposing of it removes it. */
export interface Consumer extends AsyncDisposable {
  /** The folder's absolute path. */
  readonly folder: string;
  /** The absolute path of the package's archive. */
  readonly tarball: string;
}

/** Whether `npm` and a `node` that really is Node are here; Deno puts a stand-in on the path where there is none. */
export async function hasNode(): Promise<boolean> {
  try {
    await output("npm", ["--version"], ".");
    return /^v\d+\.\d+\.\d+\s*$/.test(await output("node", ["--version"], "."));
  } catch (error) {
    // Missing is the answer that is asked for.
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Packs a built package and installs it in a fresh folder. */
export async function installed(dist: string): Promise<Consumer> {
  const folder = await Deno.makeTempDir({ prefix: "holdfast-consumer-" });
  try {
    const tarball = await packed(dist, folder);
    await Deno.writeTextFile(join(folder, "package.json"), `{ "private": true }\n`);
    await output(
      "npm",
      ["install", "--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts", tarball],
      folder,
    );
    return { folder, tarball, [Symbol.asyncDispose]: () => removed(folder) };
  } catch (error) {
    await removed(folder);
    throw error;
  }
}

async function packed(dist: string, into: string): Promise<string> {
  const said = await output("npm", ["pack", "--json", "--pack-destination", into], dist);
  const [file] = JSON.parse(said) as { filename: string }[];
  if (!file) throw new Error(`npm pack named no file: ${said}`);
  return join(into, file.filename);
}

function removed(folder: string): Promise<void> {
  return Deno.remove(folder, { recursive: true });
}
