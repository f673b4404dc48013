/**
 * A shared log over HTTP: append, read, and the tail as server-sent events.
 *
 * @module
 */

import { ArgumentError, checkOptions, shown } from "../errors.ts";
import type { Json, JsonObject } from "../json.ts";
import type { Log } from "../log/mod.ts";
import { append, fence, read, seal, state, tail } from "./log_calls.ts";
import type { Part, Route } from "./part.ts";

/** Options of {@linkcode serveLog}. */
export interface ServeLogOptions {
  /** The name in paths and in `authorize`: 1 to 64 letters, digits, _ and -. Default: the log's own. */
  readonly name?: string;
}

/**
 * Serves a log by its name. Of `orders`:
 *
 * - `POST /orders` appends `{ events, expect?, fence?, writer? }`, and answers 201 with `first` and `last`. With an
 *   `Idempotency-Key`, or a `writer` of `{ id, sequence }`, a second arrival answers like the first. 409 with `head` if the
 *   log does not end at `expect`.
 * - `GET /orders?from=&limit=&minIndex=` some entries. `from` is a position, `start` or `end`; with `minIndex` the answer
 *   has what was written up to there, or is 504.
 * - `GET /orders:tail?from=` every entry as server-sent events, each with its position as id, so that a client that comes
 *   back with `Last-Event-ID` misses nothing. The last event is `sealed`, or `failed` with a code.
 * - `GET /orders:state`, `POST /orders:fence` of `{ token }`, `POST /orders:seal` of `{ fence? }`.
 *
 * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` if it is no log or its name does not fit a path, `ERR_INVALID_OPTION`.
 *
 * @example
 * ```ts
 * import { createHandler, serveLog } from "@holdfast/holdfast/http";
 * import { connectLog, createLog } from "@holdfast/holdfast/log";
 * import { memory } from "@holdfast/holdfast/memory";
 * import { strictEqual } from "node:assert/strict";
 *
 * const handler = createHandler([serveLog(createLog(memory(), { name: "orders" }))]);
 * const log = connectLog<string>("http://localhost/orders", {
 *   fetch: (url, init) => handler(new Request(url, init)),
 * });
 * const { last } = await log.append(["tea"]);
 * strictEqual((await log.read({ minIndex: last.index })).entries[0]?.event, "tea");
 * ```
 */
export function serveLog<Event>(log: Log<Event>, options: ServeLogOptions = {}): Part {
  checkOptions("serve a log", options, ["name"]);
  // What comes from outside is judged by the log's own schema, whatever its type.
  const served = checkedLog(log) as unknown as Log<Json>;
  const name = checkedName(options.name ?? log.name);
  return {
    name: "log",
    routes: routesOf(name, served),
    check: ({ signal }) => served.state({ signal }),
  };
}

const POSITION: JsonObject = { type: "string", pattern: "^[\\w-]+\\.\\d+\\.[\\w-]*$" };
const ENTRIES: JsonObject = {
  type: "object",
  required: ["entries", "position", "head", "isSealed"],
  properties: {
    entries: {
      type: "array",
      items: { type: "object", properties: { position: POSITION, event: {} } },
    },
    position: POSITION,
    head: POSITION,
    isSealed: { type: "boolean" },
  },
};
const APPEND: JsonObject = {
  type: "object",
  required: ["events"],
  properties: {
    events: { type: "array", items: {} },
    expect: POSITION,
    fence: { type: "string" },
    writer: {
      type: "object",
      required: ["id", "sequence"],
      properties: { id: { type: "string" }, sequence: { type: "integer" } },
    },
  },
};

function routesOf(name: string, log: Log<Json>): readonly Route[] {
  const route = (
    method: Route["method"],
    suffix: string,
    about: Route["about"],
    answer: Route["answer"],
  ): Route => ({
    method,
    path: `/${name}${suffix}`,
    access: { resource: name, action: method === "GET" ? "read" : "write" },
    about,
    answer,
  });
  return [
    route("POST", "", {
      summary: `Appends events to ${name}, all or none`,
      headers: {
        "Idempotency-Key": "Names the append: a second one with it answers like the first",
      },
      body: APPEND,
      answers: {
        201: ["Appended", { type: "object", properties: { first: POSITION, last: POSITION } }],
        409: ["The log does not end as expected, is fenced, or sealed"],
        429: ["The log is full"],
      },
    }, (call) => append(log, call)),
    route("GET", "", {
      summary: `Entries of ${name}`,
      query: {
        from: "A position, start or end; start if left out",
        limit: "The most entries, from 1 to 1,000; 100 if left out",
        minIndex: "The index that the log must have reached",
      },
      answers: { 200: ["Entries in their order", ENTRIES], 410: ["They were trimmed"] },
    }, (call) => read(log, call)),
    route("GET", ":tail", {
      summary: `Entries of ${name} as they come, as server-sent events`,
      query: { from: "A position, start or end; start if left out" },
      headers: { "Last-Event-ID": "The position of the last event that was seen" },
      answers: { 200: ["Entries, then sealed or failed", { type: "string" }] },
      answerType: "text/event-stream",
    }, (call) => tail(log, call)),
    route("GET", ":state", {
      summary: `How ${name} stands`,
      answers: { 200: ["Positions, sizes and consumers", { type: "object" }] },
    }, (call) => state(log, call)),
    route("POST", ":fence", {
      summary: `Lets nobody append to ${name} but who has the token`,
      body: { type: "object", required: ["token"], properties: { token: { type: "string" } } },
      answers: { 200: ["Where the log ends", { type: "object" }] },
    }, (call) => fence(log, call)),
    route("POST", ":seal", {
      summary: `Ends ${name} for ever`,
      body: { type: "object", properties: { fence: { type: "string" } } },
      answers: { 200: ["Where the log ends", { type: "object" }] },
    }, (call) => seal(log, call)),
  ];
}

function checkedLog<Event>(log: Log<Event>): Log<Event> {
  if (typeof log?.append === "function" && typeof log.tail === "function") return log;
  throw refused("it must be one that createLog made", log);
}

function checkedName(name: string): string {
  if (typeof name === "string" && /^[\w-]{1,64}$/.test(name)) return name;
  throw refused("its name must have 1 to 64 letters, digits, _ and -", name);
}

function refused(rule: string, value: unknown): ArgumentError {
  return new ArgumentError(
    "ERR_INVALID_ARGUMENT",
    `Cannot serve a log as ${rule}: current value is ${shown(value)}`,
  );
}
