/**
 * Programs of these tests as one file that Node can run.
 *
 * @module
 */

import { build, stop } from "esbuild";

/** Whether there is a Node at all; where there is none, Deno may stand in for it under the same name. */
export function hasNode(): boolean {
  try {
    const { stdout } = new Deno.Command("node", { args: ["--version"], stderr: "null" })
      .outputSync();
    return new TextDecoder().decode(stdout).startsWith("v");
  } catch {
    // None.
    return false;
  }
}

/** Bundles a program of this folder into a file that Node can run. */
export async function bundleProgram(name: string, outfile: string): Promise<void> {
  const packages = new URL("../../../node_modules", import.meta.url).pathname;
  const banner =
    'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';
  await build({
    entryPoints: [new URL(name, import.meta.url).pathname],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    banner: { js: banner },
    logLevel: "silent",
    plugins: [{
      name: "npm specifiers",
      setup: (plugin) => {
        plugin.onResolve({ filter: /^npm:/ }, ({ path, kind }) => {
          const bare = path.replace(/^npm:((?:@[^/]+\/)?[^/@]+)@[^/]+/, "$1");
          return plugin.resolve(bare, { kind, resolveDir: packages });
        });
      },
    }],
  });
  await stop();
}
