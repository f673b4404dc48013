/**
 * The examples of hosts, started for real by the very commands that they name.
 *
 * @module
 */

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { blocksOf } from "../support/http/client.ts";
import { checkDocumented, type Example, started } from "./example.ts";
import { findRuntimes, needing } from "./find.ts";

const WORKER: Omit<Example, "runtime"> = {
  file: "examples/workers/worker.ts",
  bundle:
    "deno bundle --platform browser --output examples/dist/worker.mjs examples/workers/worker.ts",
  start: "workerd serve examples/workers/config.capnp",
  onPort: (args, port) => [...args, "--socket-addr", `http=127.0.0.1:${port}`],
};

const ROOMS: Example = {
  ...WORKER,
  file: "examples/durable-object/worker.ts",
  runtime: "workerd",
  bundle:
    "deno bundle --platform browser --output examples/dist/rooms.mjs examples/durable-object/worker.ts",
  start: "workerd serve examples/durable-object/config.capnp",
};

const EXAMPLES: readonly Example[] = [
  {
    file: "examples/deno.ts",
    runtime: "deno",
    start: "deno serve --allow-env examples/deno.ts",
    onPort: ([serve = "", ...rest], port) => [
      ...[serve, "--host=127.0.0.1", `--port=${port}`],
      ...rest,
    ],
  },
  ...(["node20", "node22", "node24"] as const).map((runtime): Example => ({
    file: "examples/node.ts",
    runtime,
    bundle: "deno bundle --output examples/dist/node.mjs examples/node.ts",
    start: "node examples/dist/node.mjs 8000",
    onPort: ([script = ""], port) => [script, `${port}`],
  })),
  {
    file: "examples/bun.ts",
    runtime: "bun",
    bundle: "deno bundle --output examples/dist/bun.mjs examples/bun.ts",
    start: "bun examples/dist/bun.mjs 8000",
    onPort: ([script = ""], port) => [script, `${port}`],
  },
  { ...WORKER, runtime: "workerd" },
  {
    ...WORKER,
    runtime: "workerd+node",
    start: "workerd serve examples/workers/config_node.capnp",
  },
  {
    file: "examples/vercel-edge/local.ts",
    runtime: "edge-runtime",
    bundle:
      "deno bundle --platform browser --format iife --output examples/dist/edge.js examples/vercel-edge/local.ts",
    start: "edge-runtime --listen --port 8000 examples/dist/edge.js",
    onPort: (args, port) => args.map((arg) => arg === "8000" ? `${port}` : arg),
  },
];

const runtimes = await findRuntimes();

for (const example of EXAMPLES) {
  const { file, runtime } = example;
  Deno.test({
    ...needing(`${file} serves pages through the cache on ${runtime}`, runtimes.get(runtime)),
    fn: async () => {
      await checkDocumented(example);
      await using host = await started(example, runtimes);
      const first = await pageOf(`${host.url}/countries/AT`);
      const again = await pageOf(`${host.url}/countries/AT`);
      strictEqual(first.cacheStatus, "holdfast; fwd=miss; stored");
      strictEqual(again.cacheStatus, "holdfast; hit");
      strictEqual(again.text, first.text);
      strictEqual((await pageOf(`${host.url}/countries/XX`)).status, 404);
      const stampede = await fetch(`${host.url}/stampede`, { method: "POST" });
      match(await stampede.text(), /1000 callers, 1 creation,/);
    },
  });
  Deno.test({
    ...needing(`${file} serves models over HTTP on ${runtime}`, runtimes.get(runtime)),
    fn: async () => {
      await using host = await started(example, runtimes);
      await checkApi(`${host.url}/api`);
    },
  });
}

Deno.test({
  ...needing(`${ROOMS.file} shares a room among its visitors`, runtimes.get(ROOMS.runtime)),
  fn: async () => {
    await checkDocumented(ROOMS);
    await using host = await started(ROOMS, runtimes);
    const kitchen = `${host.url}/rooms/kitchen/notes`;
    const [watcher, written] = [
      await watch(`${kitchen}:changes`),
      await post(kitchen, { text: "tea" }),
    ];
    deepStrictEqual((await watcher.next()).record, written.body);
    await watcher.stop();
    deepStrictEqual(await (await fetch(kitchen)).json(), [written.body]);
    deepStrictEqual(await (await fetch(`${host.url}/rooms/cellar/notes`)).json(), []);
    strictEqual((await fetch(host.url).then(drained)).status, 404);
  },
});

/** What the API of the atlas does on every host. */
async function checkApi(url: string): Promise<void> {
  const listed = await fetch(`${url}/countries?continent=EU&limit=2`);
  deepStrictEqual(
    (await listed.json()).map(({ id }: { id: string }) => id),
    ["AX", "AL"],
  );
  match(listed.headers.get("link") ?? "", /rel="next"/);
  const watcher = await watch(`${url}/postcards:changes`);
  const card = await post(`${url}/postcards`, { to: "IS", text: "Wish you were here ❄" });
  deepStrictEqual([card.status, card.body.from], [201, "a traveller"]);
  deepStrictEqual((await watcher.next()).record, card.body);
  await watcher.stop();
  strictEqual((await post(`${url}/postcards`, { to: "Iceland" })).status, 422);
  strictEqual((await post(`${url}/countries`, {})).status, 401);
  const headers = { "if-none-match": card.etag };
  const known = await fetch(`${url}/postcards/${card.body.id}`, { headers }).then(drained);
  strictEqual(known.status, 304);
  const gone = await fetch(`${url}/postcards/${card.body.id}`, { method: "DELETE" }).then(drained);
  strictEqual(gone.status, 204);
  strictEqual((await fetch(`${url}/readyz`).then(drained)).status, 200);
}

async function post(url: string, body: unknown) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const { status, headers } = response;
  return { status, etag: headers.get("etag") ?? "", body: await response.json() };
}

/** The events of a stream, once it has said where it begins. */
async function watch(url: string) {
  const stop = new AbortController();
  const events = eventsOf(await fetch(url, { signal: stop.signal }));
  await events.next();
  return {
    next: async () => JSON.parse((await events.next()).value ?? "{}"),
    stop: async () => {
      await events.return();
      stop.abort();
    },
  };
}

/** What each event says; nothing for one that only says where it stands. */
async function* eventsOf(response: Response): AsyncGenerator<string, void, void> {
  for await (const block of blocksOf(response)) {
    if (block.startsWith("id:")) yield /^data: (.+)$/m.exec(block)?.[1] ?? "";
  }
}

async function drained(response: Response): Promise<Response> {
  await response.body?.cancel();
  return response;
}

async function pageOf(url: string) {
  const response = await fetch(url);
  return {
    status: response.status,
    cacheStatus: response.headers.get("cache-status"),
    text: await response.text(),
  };
}
