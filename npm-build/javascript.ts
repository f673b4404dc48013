/**
 * The package's code: every module becomes one file in either format, so that doors share what they share, and bundlers
 * drop what nobody uses.
 *
 * @module
 */

import * as esbuild from "esbuild";
import { dirname, join, relative, sep } from "node:path";
import { type Format, mapped } from "./formats.ts";

/** Writes the code of these modules, with source maps, to a folder named as the format below `out`. */
export async function writeJavaScript(
  root: string,
  out: string,
  paths: readonly string[],
  format: Format,
): Promise<void> {
  const { warnings, outputFiles } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [...paths],
    outbase: root,
    outdir: join(out, format.name),
    outExtension: { ".js": format.code },
    format: format.name,
    // With "node" the CommonJS files carry a note of their exports, which Node needs to import them by name.
    platform: format.name === "cjs" ? "node" : "neutral",
    target: "es2022",
    tsconfigRaw: { compilerOptions: { target: "es2022", verbatimModuleSyntax: true } },
    bundle: true, // Each import is left outside, but only a bundler hands it to the plugin.
    plugins: [importsOutside(format)],
    sourcemap: true,
    charset: "utf8",
    logLevel: "silent",
    write: false,
  });
  if (warnings.length > 0) {
    throw new Error((await esbuild.formatMessages(warnings, { kind: "warning" })).join("\n"));
  }
  for (const { path, text } of outputFiles) {
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeTextFile(
      path,
      path.endsWith(".map") ? insidePackage(text, path, root, out) : text,
    );
  }
}

function importsOutside(format: Format): esbuild.Plugin {
  return {
    name: "imports-outside",
    setup: ({ onResolve }) => {
      onResolve({ filter: /./ }, ({ kind, path }) => {
        if (kind === "entry-point") return undefined;
        return { path: mapped(path, format.code), external: true, sideEffects: false };
      });
    },
  };
}

/**
 * A source map whose sources are named as if the package held them at the same path as the repository. Their text is in
 * the map, so that no file is missed, and no path of the machine that built it gets out.
 */
function insidePackage(text: string, path: string, root: string, out: string): string {
  const map = JSON.parse(text) as { sources: string[] };
  const sources = map.sources.map((source) => {
    const module = relative(root, join(dirname(path), source));
    return relative(dirname(path), join(out, module)).replaceAll(sep, "/");
  });
  return JSON.stringify({ ...map, sources });
}
