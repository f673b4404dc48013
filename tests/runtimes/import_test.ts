/**
 * Importing a door does nothing: no time read, no timer set, no dice rolled, no connection opened. workerd forbids all
 * of that at module scope, and a function that starts cold pays for it.
 *
 * @module
 */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import denoJson from "../../deno.json" with { type: "json" };
import { NODE_DOORS } from "../../npm-build/build.ts";
import { bundleText } from "./bundle.ts";
import { findRuntimes, needing, required } from "./find.ts";
import { serveWorkerd } from "./workerd.ts";

const doors = Object.entries(denoJson.exports);

for (const [door, path] of doors) {
  Deno.test(`import: ${door} does nothing at module scope`, async () => {
    strictEqual(await importInRealm(new URL(`../../${path}`, import.meta.url)), "imported");
  });
}

Deno.test("import: creating every part does nothing at module scope", async () => {
  strictEqual(await importInRealm(new URL("./entries/everything.ts", import.meta.url)), "imported");
});

Deno.test("import: the realm catches what it forbids", async () => {
  for (const act of FORBIDDEN_ACTS) {
    const module = new URL(`data:text/javascript,${encodeURIComponent(act)}`);
    const answer = await importInRealm(module);
    strictEqual(answer, "forbidden at module scope", act);
  }
});

const workerd = (await findRuntimes()).get("workerd");

Deno.test({
  ...needing("import: workerd takes every door at module scope", workerd),
  fn: async () => {
    const [program] = required(workerd).command;
    const folder = await Deno.makeTempDir({ prefix: "doors-" });
    try {
      const neutral = doors.filter(([door]) => !NODE_DOORS.has(door));
      const module = join(folder, "doors.mjs");
      await bundleText(doorsWorker(neutral.map(([, path]) => path)), module, { format: "esm" });
      await using server = await serveWorkerd(program, module, { hasNode: false });
      const opened = await (await fetch(server.url)).json();
      deepStrictEqual(opened, neutral.map(() => "object"));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

const FORBIDDEN_ACTS = [
  "Date.now()",
  "new Date()",
  "Date()",
  "performance.now()",
  "setTimeout(() => {}, 0)",
  "setInterval(() => {}, 9)",
  "fetch('http://127.0.0.1:9/')",
  "crypto.getRandomValues(new Uint8Array(1))",
  "crypto.randomUUID()",
  "crypto.subtle.digest('SHA-256', new Uint8Array(1))",
  "Math.random()",
  "AbortSignal.timeout(1)",
  "new WebSocket('ws://127.0.0.1:9/')",
];

/** Imports a module in a realm of its own where time, timers, dice and network throw; returns what came of it. */
async function importInRealm(module: URL): Promise<string> {
  const realm = new Worker(new URL("./entries/forbidding_realm.ts", import.meta.url), {
    type: "module",
  });
  try {
    return await new Promise((resolve, reject) => {
      realm.onmessage = ({ data }) => resolve(String(data));
      realm.onerror = (event) => {
        event.preventDefault();
        reject(new Error(event.message));
      };
      realm.postMessage(module.href);
    });
  } finally {
    realm.terminate();
  }
}

/** A Worker that holds every door at module scope, so that none of them is shaken out of the bundle. */
function doorsWorker(paths: readonly string[]): string {
  const imports = paths.map((path, at) => `import * as door${at} from "../../${path}";`);
  const names = paths.map((_path, at) => `door${at}`);
  return `${imports.join("\n")}
const doors = [${names.join(", ")}];
export default { fetch: () => Response.json(doors.map((door) => typeof { ...door })) };`;
}
