import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { seededRandom } from "../../../../src/random.ts";
import { connectSync } from "../../../../src/sync/client/client.ts";
import { manualClock } from "../../../contracts/manual_clock.ts";
import { MILK } from "./scripted_hub.ts";

/** A hub over HTTP that does what a test says. */
function scriptedHttp(answer: (message: Record<string, unknown>) => Response) {
  const clock = manualClock();
  const opened: { url: URL; headers: Headers }[] = [];
  const posted: Record<string, unknown>[] = [];
  let say: (text: string) => void = () => {};
  let end: () => void = () => {};
  const fetch = (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    if (init.method === "POST") {
      const message = JSON.parse(String(init.body));
      posted.push({ ...message, authorization: headers.get("authorization") });
      return Promise.resolve(answer(message));
    }
    opened.push({ url: new URL(String(input)), headers });
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        say = (text) => controller.enqueue(new TextEncoder().encode(text));
        end = () => controller.close();
        init.signal?.addEventListener("abort", () => controller.error(new Error("aborted")));
      },
    });
    return Promise.resolve(new Response(body));
  };
  const options = { clock, random: seededRandom(3), fetch, locks: null };
  return {
    clock,
    opened,
    posted,
    options,
    say: (text: string) => say(text),
    tell: (message: object) => say(`data: ${JSON.stringify(message)}\n\n`),
    end: () => end(),
  };
}

const SUBSCRIBED = {
  event: "$sync:subscribe",
  data: { model: "Todo", cursor: "e.9.t", seq: 9, reset: true },
};

/** Answers reads with one record, writes with what was written. */
function kind({ id, event, data }: Record<string, unknown>): Response {
  const seq = 20;
  const answer = event === "Todo:read"
    ? { id, event, data: [MILK] }
    : { id, event, data: { id: 5, ...Object(data), $version: `${seq}-x` }, seq };
  return Response.json([answer]);
}

Deno.test("SyncClient over HTTP says who asks, what it hears of, and where it goes on", async () => {
  const hub = scriptedHttp(kind);
  const client = connectSync("https://host/sync?a=b", { ...hub.options, token: "secret" });
  const todos = client.collection("Todo");
  await hub.clock.advance(0);
  strictEqual(hub.opened[0]?.url.searchParams.get("models"), `[["Todo",null]]`);
  strictEqual(hub.opened[0]?.url.searchParams.get("a"), "b");
  strictEqual(hub.opened[0]?.headers.get("authorization"), "Bearer secret");
  hub.tell(SUBSCRIBED);
  await todos.ready;
  strictEqual(hub.posted[0]?.authorization, "Bearer secret");
  hub.tell({ event: "Todo:upsert", data: { id: 2, $version: "10-a" }, seq: 10, cursor: "e.10.t" });
  await hub.clock.advance(0);
  strictEqual(todos.records.length, 2);
  hub.end();
  await hub.clock.advance(501);
  strictEqual(hub.opened[1]?.url.searchParams.get("models"), `[["Todo","e.10.t"]]`);
  await client.close();
  strictEqual(hub.clock.pending, 0);
});

Deno.test("SyncClient over HTTP reads events however they are cut, and lives through garbage", async () => {
  const hub = scriptedHttp(kind);
  const client = connectSync("https://host/sync", hub.options);
  const todos = client.collection("Todo");
  await hub.clock.advance(0);
  for (
    const part of [
      ": hello\r\n\r\ndata:{\r\n\r\n",
      "event: x\r\nid: [\r\n",
      "data: ",
      JSON.stringify(SUBSCRIBED),
      "\r",
      "\n\r\n",
    ]
  ) {
    hub.say(part);
    await hub.clock.advance(0);
  }
  await todos.ready;
  await client.close();
});

Deno.test("SyncClient.presence() over HTTP is refused at once", async () => {
  const client = connectSync("https://host/sync", scriptedHttp(kind).options);
  throws(() => client.presence("list", {}), { code: "ERR_NOT_SUPPORTED" });
  await client.close();
});

Deno.test("SyncClient over HTTP ends a stream whose line has no end", async () => {
  const hub = scriptedHttp(kind);
  const client = connectSync("https://host/sync", hub.options);
  client.collection("Todo");
  await hub.clock.advance(0);
  for (let at = 0; at < 9; at++) hub.say("x".repeat(1_000_000));
  await hub.clock.advance(0);
  strictEqual(client.state, "offline");
  await client.close();
});

Deno.test("SyncClient over HTTP sends again what a proxy fails, and gives up what is too large", async () => {
  const answers = [500, 502, 429, 413];
  const hub = scriptedHttp((message) =>
    message.event === "Todo:read"
      ? kind(message)
      : new Response("<html>", { status: answers.shift() ?? 200 })
  );
  const client = connectSync("https://host/sync", hub.options);
  client.on("refused", () => {});
  const todos = client.collection("Todo");
  await hub.clock.advance(0);
  hub.tell(SUBSCRIBED);
  await todos.ready;
  const made = todos.upsert({ text: "tea" });
  for (let tries = 0; tries < 4; tries++) await hub.clock.advance(30_000);
  await rejects(made, { code: "ERR_TOO_LARGE" });
  const sent = hub.posted.filter(({ event }) => event === "Todo:upsert").map(({ tx }) => tx);
  strictEqual(sent.length, 4);
  strictEqual(new Set(sent).size, 1);
  await client.close();
});

Deno.test("SyncClient over HTTP asks for a new token where the old one is refused, and loses nothing", async () => {
  let expired = "t1";
  const hub = scriptedHttp((message) => {
    const { authorization } = hub.posted.at(-1) ?? {};
    return authorization === `Bearer ${expired}`
      ? new Response(null, { status: 401 })
      : kind(message);
  });
  let tokens = 0;
  const client = connectSync("https://host/sync", { ...hub.options, token: () => `t${++tokens}` });
  const codes: unknown[] = [];
  client.on("error", (error) => codes.push(Reflect.get(error, "code")));
  const todos = client.collection("Todo");
  await hub.clock.advance(0);
  expired = "t1";
  const made = todos.upsert({ text: "tea" });
  await hub.clock.advance(501);
  deepStrictEqual(codes, ["ERR_UNAUTHORIZED"]);
  strictEqual((await made).text, "tea");
  ok(tokens >= 2);
  await client.close();
});
