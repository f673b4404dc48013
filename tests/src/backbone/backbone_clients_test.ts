import { deepStrictEqual } from "node:assert/strict";
import { run, runDeno } from "../../support/process.ts";
import { bundleProgram, hasNode } from "../../support/sync/node_program.ts";
import { serveTodos } from "../../support/sync/todo_hub.ts";

const program = new URL("../../support/sync/backbone_client.ts", import.meta.url).pathname;

/** Two pages by each road: every record once, in both, by the server's id. */
function checkPages(printed: string): void {
  const lines = printed.trim().split("\n").map((line) => JSON.parse(line));
  const milk = { id: 1, text: "milk by ws", done: true };
  const both = [milk, { id: 2, text: "milk by http", done: true }];
  deepStrictEqual(lines, [
    { scheme: "ws", records: [milk], adds: 1 },
    { scheme: "ws", records: [milk], adds: 1 },
    { scheme: "http", records: both, adds: 2 },
    { scheme: "http", records: both, adds: 2 },
  ], printed);
}

Deno.test("npm backbone on Deno has every record once, over both roads", async () => {
  await using hub = serveTodos();
  checkPages((await runDeno(["run", "-A", "--no-check", program, hub.url("http")])).stdout);
});

Deno.test({
  name: "npm backbone on Node has every record once, over both roads",
  ignore: !hasNode(),
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      await bundleProgram("backbone_client.ts", `${folder}/client.mjs`);
      await using hub = serveTodos();
      checkPages((await run("node", [`${folder}/client.mjs`, hub.url("http")])).stdout);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
