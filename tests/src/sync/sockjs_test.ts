import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import { createSync } from "../../../src/sync/mod.ts";
import { run, runDeno, serve } from "../../support/process.ts";
import { serveHub } from "../../support/sync/deno_host.ts";
import { bundleProgram, hasNode } from "../../support/sync/node_program.ts";
import { todosOn } from "../../support/sync/todos.ts";

const TRANSPORTS = ["websocket", "xhr-streaming", "eventsource", "xhr-polling"];

function served() {
  const backend = memory();
  const hub = createSync(backend, { models: [todosOn(backend)], sockjsPath: "/backsync" });
  return { hub, host: serveHub(() => hub) };
}

function checkClient(printed: string): void {
  const lines = printed.trim().split("\n").map((line) => JSON.parse(line));
  deepStrictEqual(
    lines.map(({ transport, used, answers, events, texts }) => ({
      transport,
      used,
      answers,
      events,
      texts,
    })),
    TRANSPORTS.map((transport) => ({
      transport,
      used: transport,
      answers: 10,
      events: 10,
      texts: 20,
    })),
    printed,
  );
}

const program = new URL("../../support/sync/sockjs_client.ts", import.meta.url).pathname;

Deno.test("sockjs-client connects over every transport from Deno to a hub on Deno", async () => {
  const { hub, host } = served();
  await using _hub = hub;
  await using at = host;
  checkClient((await runDeno(["run", "-A", "--no-check", program, `${at.url}/backsync`])).stdout);
});

Deno.test({
  name: "sockjs-client connects over every transport from Node, to hubs on Deno and on Node",
  ignore: !hasNode(),
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      await bundleProgram("sockjs_client.ts", `${folder}/client.mjs`);
      await bundleProgram("node_host.ts", `${folder}/host.mjs`);
      const { hub, host } = served();
      await using _hub = hub;
      await using onDeno = host;
      checkClient((await run("node", [`${folder}/client.mjs`, `${onDeno.url}/backsync`])).stdout);
      await using onNode = await serve("node", (port) => [`${folder}/host.mjs`, String(port)]);
      checkClient(
        (await run("node", [`${folder}/client.mjs`, `${onNode.url}/sync/sockjs`])).stdout,
      );
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("Hub answers what SockJS asks, row by row", async () => {
  const { hub, host } = served();
  await using _hub = hub;
  await using at = host;
  const base = `${at.url}/backsync`;
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(base + path, init);
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  for (const path of ["", "/"]) {
    const { status, text, headers } = await ask(path);
    deepStrictEqual([status, text], [200, "Welcome to SockJS!\n"]);
    match(headers.get("content-type") ?? "", /^text\/plain; charset=UTF-8$/i);
  }
  const info = await ask("/info", { headers: { origin: "null" } });
  const told = JSON.parse(info.text);
  deepStrictEqual([told.websocket, told.cookie_needed, told.origins], [true, false, ["*:*"]]);
  ok(Number.isInteger(told.entropy) && told.entropy >= 0 && told.entropy < 2 ** 32);
  strictEqual(info.headers.get("access-control-allow-origin"), "null");
  strictEqual(info.headers.get("access-control-allow-credentials"), "true");
  match(info.headers.get("cache-control") ?? "", /no-store/);
  const preflight = await ask("/000/a/xhr", { method: "OPTIONS" });
  strictEqual(preflight.status, 204);
  strictEqual(preflight.headers.get("access-control-allow-methods"), "OPTIONS, POST");
  ok(Number(preflight.headers.get("access-control-max-age")) > 1_000_000);
  for (
    const path of [
      "//",
      "/a.",
      "/iframe.htm",
      "/IFRAME",
      "/a/b.c/xhr",
      "/a/b/c/xhr",
      "/x/y/jsonp",
      "/x/y/constructor",
    ]
  ) {
    strictEqual((await ask(path)).status, 404, path);
  }
  strictEqual((await ask("/000/a/websocket")).status, 400);
  strictEqual((await ask("/000/a/xhr")).status, 405);
  const post = (path: string, body?: string) => ask(path, { method: "POST", body: body ?? null });
  strictEqual((await post("/000/none/xhr_send", '["x"]')).status, 404);
  strictEqual((await post("/000/one/xhr")).text, "o\n");
  deepStrictEqual((await post("/000/one/xhr_send", "")).status, 500);
  strictEqual((await post("/000/one/xhr_send", "")).text, "Payload expected.");
  strictEqual((await post("/000/one/xhr_send", '["x')).text, "Broken JSON encoding.");
  const ping = JSON.stringify({ id: 1, event: "$sync:ping" });
  strictEqual((await post("/111/one/xhr_send", JSON.stringify([ping]))).status, 204);
  deepStrictEqual(
    JSON.parse((await post("/222/one/xhr")).text.slice(1)),
    [JSON.stringify({ id: 1, event: "$sync:ping", data: {} })],
  );
  // Of two at once, whichever comes second is refused.
  const both = [post("/000/one/xhr"), post("/000/one/xhr")];
  strictEqual((await Promise.race(both)).text, 'c[2010,"Another connection still open"]\n');
  await post("/000/one/xhr_send", JSON.stringify([JSON.stringify({ event: "$sync:bye" })]));
  const texts = (await Promise.all(both)).map(({ text }) => text);
  ok(texts.includes('c[3000,"Go away!"]\n'), texts.join());
  strictEqual((await post("/000/one/xhr")).text, 'c[3000,"Go away!"]\n');
});
