/**
 * A program of Deno's outside of this tree, with no configuration at all, that imports the library from a folder or
 * from a server.
 *
 * @module
 */

import { deepStrictEqual } from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { output } from "../../npm-build/command.ts";
import { namesOfDoors } from "../../npm-build/doors.ts";
import { readProject, ROOT } from "../../npm-build/project.ts";

const project = await readProject();
const paths = [...project.doors.values()];

/** Checks and runs a program that imports every door from here. Returns the names that each of them gives. */
async function namesFrom(base: string, ...flags: string[]): Promise<string[][]> {
  const folder = await Deno.makeTempDir({ prefix: "holdfast-stranger-" });
  try {
    const imports = paths.map((path, index) => `import * as d${index} from "${base}${path}";\n`);
    const program = `${imports.join("")}
      const doors = [${paths.map((_, index) => `d${index}`)}];
      console.log(JSON.stringify(doors.map((door) => Object.keys(door).sort())));`;
    await Deno.writeTextFile(join(folder, "main.ts"), program);
    const env = { DENO_DIR: await ownCache(folder) };
    const args = ["run", "--quiet", "--check", ...flags, "main.ts"];
    return JSON.parse(await output(Deno.execPath(), args, folder, env));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A cache for this run alone, as a module from a port that is soon another's must not stay; packages are shared. */
async function ownCache(folder: string): Promise<string> {
  const { denoDir } = JSON.parse(await output(Deno.execPath(), ["info", "--json"], ROOT));
  const cache = join(folder, "cache");
  await Deno.mkdir(cache);
  await Deno.symlink(join(denoDir, "npm"), join(cache, "npm"));
  return cache;
}

/** Serves the tree's modules, and nothing else, on a free port. */
function served(): { readonly url: string; readonly host: string } & AsyncDisposable {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      if (!pathname.endsWith(".ts")) return new Response(null, { status: 404 });
      const text = await Deno.readTextFile(join(ROOT, pathname));
      return new Response(text, { headers: { "content-type": "application/typescript" } });
    },
  );
  const host = `127.0.0.1:${server.addr.port}`;
  return { host, url: `http://${host}/`, [Symbol.asyncDispose]: () => server.shutdown() };
}

Deno.test("every door can be imported by path, without any configuration", async () => {
  deepStrictEqual(await namesFrom(`${pathToFileURL(ROOT).href}/`), await namesOfDoors(project));
});

Deno.test("every door can be imported by URL, without any configuration", async () => {
  await using server = served();
  const names = await namesFrom(server.url, `--allow-import=${server.host}`);
  deepStrictEqual(names, await namesOfDoors(project));
});
