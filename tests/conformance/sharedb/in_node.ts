/**
 * Suites as programs of Node.
 *
 * @module
 */

import * as esbuild from "esbuild";
import { join } from "node:path";
import { output } from "../../support/process.ts";
import { ROOT } from "../../support/source.ts";

/** What a program prints in Node, as a bundle that lies where packages are found. */
export async function outputInNode(
  program: string,
  args: readonly string[],
  limit: Parameters<typeof output>[2],
): Promise<string> {
  const folder = await Deno.makeTempDir({ dir: join(ROOT, "node_modules") });
  try {
    const file = join(folder, "suites.mjs");
    await esbuild.build({
      absWorkingDir: ROOT,
      entryPoints: [program],
      outfile: file,
      bundle: true,
      format: "esm",
      platform: "node",
      packages: "external",
      plugins: [namedNpm],
      target: "node20",
      logLevel: "error",
    });
    return await output("node", [file, ...args], limit);
  } finally {
    await esbuild.stop();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Inline `npm:` specifiers, as the drivers use them, by the package's name. */
const namedNpm: esbuild.Plugin = {
  name: "named-npm",
  setup: (build) => {
    build.onResolve({ filter: /^npm:/ }, ({ path }) => ({
      path: path.replace(/^npm:\/?((?:@[^/]+\/)?[^/@]+)(?:@[^/]+)?/, "$1"),
      external: true,
    }));
  },
};
