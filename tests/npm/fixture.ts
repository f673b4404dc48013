/**
 * A small library on disk, for the tests of the build.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { type Project, readProject } from "../../npm-build/project.ts";

/** A project in a folder of its own; disposing of it removes the folder. */
export interface Fixture extends AsyncDisposable {
  /** What `readProject` says of it. */
  readonly project: Project;
  /** Where to build it. */
  readonly out: string;
}

/** Writes these files beside a `deno.json` with these doors. */
export async function fixture(
  doors: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>>,
): Promise<Fixture> {
  const folder = await Deno.makeTempDir({ prefix: "holdfast-fixture-" });
  const root = join(folder, "project");
  const config = {
    name: "@fixture/library",
    version: "1.2.3",
    license: "MIT",
    exports: doors,
    compilerOptions: { isolatedDeclarations: true, exactOptionalPropertyTypes: true },
  };
  const all = { "deno.json": JSON.stringify(config), ...META, ...files };
  for (const [path, text] of Object.entries(all)) {
    await Deno.mkdir(dirname(join(root, path)), { recursive: true });
    await Deno.writeTextFile(join(root, path), text);
  }
  return {
    project: await readProject(root),
    out: join(folder, "dist"),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

const META = { "README.md": "# Fixture\n", "LICENSE": "MIT\n", "CHANGELOG.md": "# Changes\n" };

/** A project with everything that is easy to get wrong. */
export function awkward(): Promise<Fixture> {
  return fixture({ ".": "./mod.ts", "./part": "./src/part/mod.ts", "./tcp": "./src/tcp.ts" }, {
    "mod.ts": [
      `/** Doc, which says: import { nothing } from "./comment.ts"; */`,
      `import type { Port } from "./src/port.ts";`,
      `import { shared } from "./src/shared.ts";`,
      `export type { Other } from './src/other.ts';`,
      `export * from "./src/shared.ts";`,
      `const QUOTE = /["'\`] from "\\.\\/regex.ts/;`,
      `const TEMPLATE = \`import "./template.ts" \${\`import("./inner.ts")\`}\`;`,
      `/** Doc. */`,
      `export const port: Port = { path: "./src/shared.ts", texts: [QUOTE.source, TEMPLATE] };`,
      `/** Doc. */`,
      `export const late = (): Promise<typeof import("./src/late.ts")> => import("./src/late.ts");`,
      `/** Doc. */`,
      `export const value = (): number => shared.count++;`,
    ].join("\n"),
    "src/port.ts": "export interface Port { readonly path: string; readonly texts: string[] }\n",
    "src/other.ts": "export type Other = 'ü' | 'x';\n",
    "src/shared.ts": [
      `/** Doc. */`,
      `export class Secret {`,
      `  #hidden = 1;`,
      `  /** Doc. */`,
      `  get open(): number { return this.#hidden; }`,
      `}`,
      `/** Doc. */`,
      `export const shared: { count: number } = { count: 0 };`,
    ].join("\n"),
    "src/late.ts": "export const late: string = 'late';\n",
    "src/part/mod.ts": [
      `import * as z from "npm:zod@^4.6.7/mini";`,
      `export { Secret, shared } from "../shared.ts";`,
      `/** Doc. */`,
      `export const text: z.ZodMiniString = z.string();`,
    ].join("\n"),
    "src/tcp.ts": [
      `import { connect, type Socket } from "node:net";`,
      `/** Doc. */`,
      `export const dial = (port: number): Socket => connect(port);`,
    ].join("\n"),
  });
}
