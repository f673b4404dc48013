/**
 * The examples with WebSockets, started on their real hosts and driven by real clients: ours, and npm `sharedb`'s.
 *
 * @module
 */
// The real client has no types.
// deno-lint-ignore-file no-explicit-any

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { createRequire } from "node:module";
import { connectDocuments } from "../../src/documents/client/mod.ts";
import { connectLog } from "../../src/log/mod.ts";
import { connectSync, type SyncClient } from "../../src/sync/client/mod.ts";
import { eventually } from "../support/eventually.ts";
import { checkDocumented, type Example, started } from "./example.ts";
import { findRuntimes, needing } from "./find.ts";

const { Connection } = createRequire(import.meta.url)("sharedb/lib/client");

/** An example, and what stands before its paths. */
interface SocketExample extends Example {
  readonly basePath?: string;
}

const EXAMPLES: readonly SocketExample[] = [
  {
    file: "examples/sockets/deno.ts",
    runtime: "deno",
    start: "deno serve --allow-env examples/sockets/deno.ts",
    onPort: ([serve = "", ...rest], port) => [
      ...[serve, "--host=127.0.0.1", `--port=${port}`],
      ...rest,
    ],
  },
  ...(["node20", "node22", "node24"] as const).map((runtime): SocketExample => ({
    file: "examples/sockets/node.ts",
    runtime,
    bundle: "deno bundle --output examples/dist/sockets.mjs examples/sockets/node.ts",
    start: "node examples/dist/sockets.mjs 8000",
    onPort: ([script = ""], port) => [script, `${port}`],
  })),
  {
    file: "examples/sockets/bun.ts",
    runtime: "bun",
    bundle: "deno bundle --output examples/dist/sockets_bun.mjs examples/sockets/bun.ts",
    start: "bun examples/dist/sockets_bun.mjs 8000",
    onPort: ([script = ""], port) => [script, `${port}`],
  },
  {
    file: "examples/durable-object/worker.ts",
    runtime: "workerd",
    bundle:
      "deno bundle --platform browser --output examples/dist/rooms.mjs examples/durable-object/worker.ts",
    start: "workerd serve examples/durable-object/config.capnp",
    onPort: (args, port) => [...args, "--socket-addr", `http=127.0.0.1:${port}`],
    basePath: "/rooms/kitchen",
  },
];

const runtimes = await findRuntimes();

for (const example of EXAMPLES) {
  const { file, runtime, basePath = "" } = example;
  Deno.test({
    ...needing(
      `${file} keeps clients together over WebSockets on ${runtime}`,
      runtimes.get(runtime),
    ),
    fn: async (t) => {
      await checkDocumented(example);
      await using host = await started(example, runtimes);
      const url = `${host.url}${basePath}`;
      await t.step("a hub: two clients see each other's writes", () => sync(url));
      await t.step("a hub: one over a socket and one over a stream", () => syncOverStream(url));
      await t.step("documents: two of our clients edit one", () => documents(url));
      await t.step("documents: npm sharedb's client edits with ours", () => sharedb(url));
      await t.step("a log: what is appended is read and followed", () => log(url));
      await t.step("what is no socket, or none of ours, is refused", () => refusals(url));
    },
  });
}

function socketUrl(url: string, path: string): string {
  return `${url.replace("http", "ws")}${path}`;
}

async function sync(url: string): Promise<void> {
  await using ada = connectSync(socketUrl(url, "/sync"));
  // A token travels as a second subprotocol: a host must answer with the first.
  await using bob = connectSync(socketUrl(url, "/sync"), { token: "bob" });
  await seeEachOther(ada, bob);
  const [here, there] = [ada.presence("desk", { name: "Ada" }), bob.presence("desk", {})];
  await eventually("both are present", () => there.members.size === 2);
  here.leave();
  await eventually("one has left", () => there.members.size === 1);
}

async function syncOverStream(url: string): Promise<void> {
  await using ada = connectSync(socketUrl(url, "/sync"));
  await using bob = connectSync(`${url}/sync`);
  await seeEachOther(ada, bob);
}

async function seeEachOther(ada: SyncClient, bob: SyncClient): Promise<void> {
  const [mine, theirs] = [
    ada.collection<{ text: string }>("Note"),
    bob.collection<{ text: string }>("Note"),
  ];
  await Promise.all([mine.ready, theirs.ready]);
  const tea = await mine.upsert({ text: "tea" });
  await eventually("the other sees it", () => theirs.get(tea.id)?.text === "tea");
  await theirs.upsert({ id: tea.id, text: "coffee" });
  await eventually("the one sees it", () => mine.get(tea.id)?.text === "coffee");
  await mine.delete(tea.id);
  await eventually("it is gone", () => theirs.get(tea.id) === undefined);
}

async function documents(url: string): Promise<void> {
  const [a, b] = [0, 1].map(() => connectDocuments(socketUrl(url, "/documents")));
  if (a === undefined || b === undefined) throw new Error("There are two");
  const [mine, theirs] = [a.get("pages", "ours"), b.get("pages", "ours")];
  await mine.create({ l: [] });
  await Promise.all([mine.subscribe(), theirs.subscribe()]);
  await Promise.all([
    mine.submit([{ p: ["l", 0], li: "a" }]),
    theirs.submit([{ p: ["l", 0], li: "b" }]),
  ]);
  await eventually("both have both", () => mine.version === 3 && theirs.version === 3);
  deepStrictEqual(mine.data, theirs.data);
  a.close();
  b.close();
}

async function sharedb(url: string): Promise<void> {
  const ours = connectDocuments(socketUrl(url, "/documents"));
  const socket = new WebSocket(socketUrl(url, "/documents"));
  const ended = new Promise((resolve) => socket.addEventListener("close", resolve));
  const real: any = new Connection(socket).get("pages", "theirs");
  await done((callback) => real.create({ n: 0 }, callback));
  await done((callback) => real.subscribe(callback));
  const doc = ours.get("pages", "theirs");
  await doc.subscribe();
  await doc.submit([{ p: ["n"], na: 2 }]);
  await done((callback) => real.submitOp([{ p: ["n"], na: 3 }], callback));
  await eventually("both count", () => real.version === 3 && doc.version === 3);
  deepStrictEqual([real.data, doc.data], [{ n: 5 }, { n: 5 }]);
  ours.close();
  socket.close();
  await ended;
}

function done(call: (callback: (error: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => call((error) => error ? reject(error) : resolve()));
}

async function log(url: string): Promise<void> {
  const journal = connectLog<string>(`${url}/journal`);
  const stop = new AbortController();
  const tail = journal.tail({ from: "start", signal: stop.signal });
  const { last } = await journal.append(["first", "second"]);
  const heard: string[] = [];
  for await (const { event } of tail) if (heard.push(event) === 2) break;
  stop.abort();
  deepStrictEqual(heard, ["first", "second"]);
  strictEqual((await journal.read({ minIndex: last.index })).entries.length, 2);
}

async function refusals(url: string): Promise<void> {
  for (const path of ["/sync", "/documents"]) {
    const headers = { origin: "https://elsewhere.example" };
    const plain = await fetch(`${url}${path}`, { method: "PUT", headers });
    await plain.body?.cancel();
    ok([403, 405].includes(plain.status), `${path} ${plain.status}`);
  }
  strictEqual(await closing(socketUrl(url, "/nothing")), "closed");
}

/** What becomes of a socket that nobody makes. */
function closing(url: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url);
    socket.onopen = () => resolve("opened");
    socket.onclose = () => resolve("closed");
  });
}
