/**
 * Makes the page's script and style from their sources, in memory.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import denoJson from "../../deno.json" with { type: "json" };

/** What the page loads. */
export interface Bundle {
  readonly script: string;
  readonly style: string;
}

/** Bundles the page's sources. Takes a fraction of a second, so that there is nothing to build beforehand. */
export async function bundlePage(): Promise<Bundle> {
  try {
    const { outputFiles } = await esbuild.build({
      entryPoints: [pathOf("./browser/main.ts"), pathOf("./browser/style.css")],
      // Where nothing is written; it only tells the outputs apart.
      outdir: "page",
      write: false,
      bundle: true,
      minify: true,
      format: "esm",
      platform: "browser",
      target: "es2022",
      logLevel: "silent",
      alias: doors(),
    });
    const textOf = (ending: string): string =>
      outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? "";
    return { script: textOf(".js"), style: textOf(".css") };
  } finally {
    // Its process is not needed again.
    await esbuild.stop();
  }
}

/** The package's own doors, by the paths of this checkout. */
function doors(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(denoJson.exports).map(([door, path]) => {
      return [`${denoJson.name}${door.slice(1)}`, pathOf(`../../${path.slice(2)}`)];
    }),
  );
}

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
