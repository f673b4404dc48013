/**
 * One script per kind of runtime, made from an entry by esbuild: as a user's bundler would for the edge.
 *
 * @module
 */

import * as esbuild from "esbuild";
import { join } from "node:path";

const FOLDER = import.meta.dirname ?? ".";

/** How a runtime wants its script. */
export interface BundleOptions {
  /** A module, or a script that leaves nothing behind in its scope. */
  readonly format: "esm" | "iife";
}

/** Bundles an entry of this folder into one file. */
export async function bundle(entry: string, to: string, { format }: BundleOptions): Promise<void> {
  await build({ entryPoints: [join(FOLDER, entry)] }, to, format);
}

/** Bundles a module given as text, whose imports are relative to this folder. */
export async function bundleText(
  text: string,
  to: string,
  { format }: BundleOptions,
): Promise<void> {
  const stdin = { contents: text, resolveDir: FOLDER, loader: "ts" as const };
  await build({ stdin }, to, format);
}

async function build(
  source: Pick<esbuild.BuildOptions, "entryPoints" | "stdin">,
  outfile: string,
  format: "esm" | "iife",
): Promise<void> {
  try {
    await esbuild.build({
      ...source,
      outfile,
      format,
      bundle: true,
      platform: "browser",
      conditions: ["worker"],
      target: "es2022",
      logLevel: "silent",
      plugins: [inlineNpm],
    });
  } finally {
    // esbuild keeps a process for further builds; a test leaves none behind.
    await esbuild.stop();
  }
}

/** Inline `npm:` specifiers, as the drivers use them, by the package's name. */
const inlineNpm: esbuild.Plugin = {
  name: "inline-npm",
  setup: (build) => {
    build.onResolve({ filter: /^npm:/ }, ({ path, resolveDir, kind }) => {
      const name = path.replace(/^npm:\/?((?:@[^/]+\/)?[^/@]+)(?:@[^/]+)?/, "$1");
      return build.resolve(name, { resolveDir, kind });
    });
  },
};
