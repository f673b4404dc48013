/**
 * The repository's tests as Node can run them against the installed package.
 *
 * A test file is bundled with its own helpers and packages, and everything of the library comes from the package's
 * doors. A file that wants more than the doors give, or more of its host than Node has, stays with Deno.
 *
 * @module
 */

import * as esbuild from "esbuild";
import { dirname, join, relative, resolve } from "node:path";
import type { Facades } from "./doors.ts";
import type { Format } from "./formats.ts";

/** A test file: the bundle that runs in Node, or why it only runs in Deno. */
export type NodeTest =
  | { readonly kind: "bundled"; readonly file: string; readonly code: string }
  | { readonly kind: "left"; readonly file: string; readonly reason: string };

/** Where the tests and the library come from. */
export interface Source {
  /** The project's absolute path. */
  readonly root: string;
  /** The package's name. */
  readonly name: string;
  /** What the doors give of each module. */
  readonly facades: Facades;
}

/** What keeps a file from running on the package, by the identifier or the text of the bundler's message. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^import-is-undefined$|^No matching export/, "uses what no door gives"],
  [/^Top-level await/, "awaits at its top"],
  [/^empty-import-meta$/, "asks where it is"],
  [/ is not part of the tests$/, "reaches behind the doors"],
  [/^require-resolve-not-external$/, "brings a bundler along"],
];
/** What Node has not: `Deno` beyond its tests, and events of the global object. */
const DENO_ONLY = /\bDeno\.(?!test\b)\w|\bglobalThis\.addEventListener\b/;
/** Packages that read files of their own, which no bundle has. */
const WITH_FILES = /\/node_modules\/@seriousme\//;
const NEEDS_DENO = "uses what only Deno has";
const NAMESPACE = "facade";

/** Bundles one test file. Throws if it is broken, rather than just not for Node. */
export async function nodeTest(source: Source, file: string, format: Format): Promise<NodeTest> {
  const left = (reason: string): NodeTest => ({ kind: "left", file, reason });
  if (await needsDeno(source, file)) return left(NEEDS_DENO);
  const result = await bundled(source, file, format);
  const messages = [...result.errors, ...result.warnings];
  const reasons = messages.map((message) => reasonOf(message));
  if (reasons.includes(undefined)) {
    throw new Error((await esbuild.formatMessages(messages, { kind: "error" })).join("\n"));
  }
  if (reasons[0] !== undefined) return left(reasons[0]);
  const { inputs } = result.metafile;
  const facades = Object.keys(inputs).filter((input) => input.startsWith(`${NAMESPACE}:`));
  if (facades.length === 0) return left("uses no door");
  if (Object.keys(inputs).some((input) => WITH_FILES.test(input))) return left("reads files");
  for (const input of Object.keys(inputs).filter((path) => path.startsWith("tests/"))) {
    if (await needsDeno(source, input)) return left(NEEDS_DENO);
  }
  return { kind: "bundled", file, code: result.code };
}

async function needsDeno({ root }: Source, path: string): Promise<boolean> {
  return DENO_ONLY.test(await Deno.readTextFile(join(root, path)));
}

interface Bundled {
  readonly errors: readonly esbuild.Message[];
  readonly warnings: readonly esbuild.Message[];
  readonly metafile: esbuild.Metafile;
  readonly code: string;
}

async function bundled(source: Source, file: string, format: Format): Promise<Bundled> {
  const none = { metafile: { inputs: {}, outputs: {} }, code: "" };
  try {
    const { warnings, outputFiles, metafile } = await esbuild.build({
      absWorkingDir: source.root,
      entryPoints: [file],
      bundle: true,
      external: [source.name, `${source.name}/*`],
      format: format.name,
      platform: "node",
      target: "node20",
      plugins: [onFacades(source)],
      metafile: true,
      sourcemap: "inline",
      logLevel: "silent",
      write: false,
    });
    return { errors: [], warnings, metafile, code: outputFiles[0]?.text ?? "" };
  } catch (failure) {
    // A failed build says what is wrong with the file; anything else is a defect of ours.
    if (!isBuildFailure(failure)) throw failure;
    return { errors: failure.errors, warnings: failure.warnings, ...none };
  }
}

/** Puts the package's doors in the place of the library, and keeps to the tests otherwise. */
function onFacades({ root, facades }: Source): esbuild.Plugin {
  const tests = join(root, "tests");
  return {
    name: "on-facades",
    setup: ({ onLoad, onResolve }) => {
      onResolve({ filter: /^\.{1,2}\// }, ({ importer, kind, path, resolveDir }) => {
        if (kind === "entry-point" || relative(tests, importer).startsWith("..")) return undefined;
        const target = resolve(resolveDir, path);
        if (facades.has(target)) return { path: target, namespace: NAMESPACE };
        if (!relative(tests, target).startsWith("..")) return undefined;
        return { errors: [{ text: `${path} is not part of the tests` }] };
      });
      onLoad({ filter: /./, namespace: NAMESPACE }, ({ path }) => ({
        contents: facades.get(path) ?? "",
        loader: "js",
        resolveDir: dirname(path),
      }));
    },
  };
}

function isBuildFailure(error: unknown): error is esbuild.BuildFailure {
  return error instanceof Error && "errors" in error && "warnings" in error;
}

function reasonOf({ id, text }: esbuild.Message): string | undefined {
  return REASONS.find(([pattern]) => pattern.test(id) || pattern.test(text))?.[1];
}
