/**
 * Programs of the checkout in Node, without a build of the package.
 *
 * @module
 */

import { build } from "esbuild";

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

/** Makes a program of the checkout one file that Node can run: everything but Node's own modules is inside. */
export async function bundleProgram(program: string, outfile: string): Promise<void> {
  const main = new URL(`../../${program}`, import.meta.url).pathname;
  const packages = new URL("../../node_modules", import.meta.url).pathname;
  const banner =
    'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';
  await build({
    entryPoints: [main],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    banner: { js: banner },
    plugins: [{
      name: "npm specifiers",
      setup: (plugin) => {
        plugin.onResolve({ filter: /^npm:/ }, ({ path, kind }) => {
          const name = path.replace(/^npm:(.+?)@\^[\d.]+$/, "$1");
          return plugin.resolve(name, { kind, resolveDir: packages });
        });
      },
    }],
  });
}
