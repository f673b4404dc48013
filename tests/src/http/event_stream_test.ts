import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  createHandler,
  eventStream,
  type HandlerOptions,
  type ServerEvent,
} from "../../../src/http/mod.ts";
import { eventText } from "../../../src/http/event_stream.ts";
import { manualClock } from "../../contracts/manual_clock.ts";
import { requestOf } from "../../support/http/client.ts";
import { eventually } from "../../support/eventually.ts";

type Source = (signal: AbortSignal) => AsyncIterator<ServerEvent>;

function served(source: Source, options: HandlerOptions = {}) {
  const about = { summary: "events", answers: {} };
  const answer = (call: Parameters<typeof eventStream>[0]) => eventStream(call, source);
  const route = { method: "GET", path: "/events", access: undefined, about, answer } as const;
  return createHandler([{ name: "events", routes: [route] }], options);
}

function reading(response: Response) {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  return {
    next: async () => (await reader?.read())?.value,
    cancel: async () => await reader?.cancel(),
  };
}

/** Says nothing until it is stopped; then what it saw is true. */
function silent(): { source: Source; seen: { isStopped: boolean } } {
  const seen = { isStopped: false };
  async function* source(signal: AbortSignal) {
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    seen.isStopped = true;
    yield { data: "never" };
  }
  return { source, seen };
}

Deno.test("eventText() writes events as browsers read them", () => {
  const table: [ServerEvent, string][] = [
    [{ data: "a" }, "data: a\n\n"],
    [{ id: "1", event: "create", data: "{}" }, "id: 1\nevent: create\ndata: {}\n\n"],
    [{ data: "a\nb\r\nc\rd" }, "data: a\ndata: b\ndata: c\ndata: d\n\n"],
    [{ id: "1" }, "id: 1\n\n"],
    [{ data: "" }, "data: \n\n"],
  ];
  for (const [event, text] of table) strictEqual(eventText(event), text);
});

Deno.test("eventStream() sends events, and ends with its source", async () => {
  async function* source() {
    await Promise.resolve();
    yield { data: "1" };
    yield { data: "2" };
  }
  const response = await served(source)(requestOf("GET /events"));
  strictEqual(response.headers.get("content-type"), "text/event-stream");
  strictEqual(await response.text(), "retry: 2000\n\ndata: 1\n\ndata: 2\n\n");
});

Deno.test("eventStream() reads its source no further than its client reads it", async () => {
  let read = 0;
  async function* source() {
    await Promise.resolve();
    for (;;) yield { data: String(++read) };
  }
  const stream = reading(await served(source)(requestOf("GET /events")));
  strictEqual(read, 0);
  for (let count = 0; count < 3; count++) await stream.next();
  strictEqual(read <= 4, true, `${read}`);
  await stream.cancel();
});

Deno.test("eventStream() sends a comment where nothing comes, and goes on", async () => {
  const clock = manualClock();
  let say = (): void => {};
  async function* source() {
    await new Promise<void>((resolve) => say = resolve);
    yield { data: "at last" };
  }
  const stream = reading(await served(source, { clock })(requestOf("GET /events")));
  strictEqual(await stream.next(), "retry: 2000\n\n");
  const beat = stream.next();
  await eventually("the stream waits", () => clock.pending === 1);
  await clock.advance(15_000);
  strictEqual(await beat, ":\n\n");
  const event = stream.next();
  await eventually("the stream waits", () => clock.pending === 1);
  say();
  strictEqual(await event, "data: at last\n\n");
  strictEqual(await stream.next(), undefined);
  strictEqual(clock.pending, 0);
});

Deno.test("eventStream() stops its source when its client leaves, either way", async () => {
  const leaving: ((stream: ReturnType<typeof reading>, stop: AbortController) => unknown)[] = [
    (stream) => stream.cancel(),
    (_stream, stop) => stop.abort(),
  ];
  for (const leave of leaving) {
    const clock = manualClock();
    const stop = new AbortController();
    const { source, seen } = silent();
    const handler = served(source, { clock });
    const stream = reading(await handler(requestOf("GET /events", { signal: stop.signal })));
    await stream.next();
    const pending = stream.next();
    await eventually("the stream waits", () => clock.pending === 1);
    await leave(stream, stop);
    strictEqual(await pending, undefined);
    await eventually("the source stops", () => seen.isStopped);
    await eventually("no timer is left", () => clock.pending === 0);
  }
});

Deno.test("eventStream() tells the owner of a failure, and ends", async () => {
  const heard: unknown[] = [];
  const failure = new Error("secret");
  // deno-lint-ignore require-yield -- it fails before its first event
  async function* source(): AsyncGenerator<ServerEvent> {
    await Promise.resolve();
    throw failure;
  }
  const handler = served(source, { onError: (error) => heard.push(error) });
  strictEqual(await (await handler(requestOf("GET /events"))).text(), "retry: 2000\n\n");
  deepStrictEqual(heard, [failure]);
});

Deno.test("eventStream() refuses one more than the bound, and takes another after one has ended", async () => {
  const { source } = silent();
  const handler = served(source, { limits: { streamsMax: 2 } });
  const open = async () => await handler(requestOf("GET /events"));
  const [first, second] = [await open(), await open()];
  const third = await open();
  deepStrictEqual([third.status, (await third.json()).code], [503, "ERR_LIMIT"]);
  strictEqual(third.headers.has("retry-after"), true);
  await first.body?.cancel();
  await first.body?.cancel();
  const fourth = await open();
  strictEqual(fourth.status, 200);
  strictEqual((await open()).status, 503);
  await second.body?.cancel();
  await fourth.body?.cancel();
  const head = await handler(requestOf("HEAD /events"));
  strictEqual(head.status, 200);
  for (const response of [await open(), await open()]) await response.body?.cancel();
});
