/**
 * A log on a backend: one order for many writers, kept by the store itself.
 *
 * @module
 */

import { checkBackend } from "../backend.ts";
import { ArgumentError, assertNever } from "../errors.ts";
import type { Json } from "../json.ts";
import { randomToken } from "../random.ts";
import { accepted } from "../schema.ts";
import type { LogContext } from "./context.ts";
import { Lanes } from "./lanes.ts";
import { LogConflictError, refusal, TrimmedError } from "./log_errors.ts";
import type {
  Log,
  LogAppended,
  LogAppendOptions,
  LogCallOptions,
  LogOptions,
  LogSavedState,
  LogTrimOptions,
} from "./log_face.ts";
import {
  LOG_SNAPSHOT_BYTES_MAX,
  type LogAppendOrder,
  type LogAppendResult,
  type LogBackend,
  type LogPosition,
  type LogStoreOptions,
  type LogTrimResult,
  type LogWriter,
} from "./port.ts";
import { checkedPosition } from "./position.ts";
import {
  checkedWriter,
  checkName,
  checkSize,
  entryTexts,
  jsonText,
  shapeOf,
  valueOf,
} from "./prepare.ts";
import { entries, pages, read } from "./reading.ts";

/**
 * A log on a backend. Does no I/O and may be made at module scope; making it twice is as good as once.
 *
 * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` for a backend that lacks something, `ERR_INVALID_OPTION` for options.
 *
 * @example
 * ```ts
 * import { createLog } from "@holdfast/holdfast/log";
 * import { memory } from "@holdfast/holdfast/memory";
 * import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
 *
 * const log = createLog<{ readonly sold: number }>(memory(), { name: "orders" });
 * const { last } = await log.append([{ sold: 2 }, { sold: 3 }]);
 * strictEqual(last.index, 2);
 * const { entries } = await log.read();
 * deepStrictEqual(entries.map(({ event }) => event.sold), [2, 3]);
 *
 * // Only if nobody was faster:
 * await log.append([{ sold: 1 }], { expect: last });
 * await rejects(log.append([{ sold: 1 }], { expect: last }), { code: "ERR_CONFLICT" });
 * ```
 */
export function createLog<Event = Json>(
  backend: LogBackend,
  options: LogOptions<Event>,
): Log<Event> {
  checkBackend("create a log", backend, ["log", "wakes", "clock", "random"]);
  const { log: store, wakes, clock, random } = backend;
  const shape = shapeOf(options);
  const { schema } = options;
  const lanes = new Lanes();
  return faceOf({ shape, schema, store, wakes, clock, random, lanes, signal: undefined });
}

function faceOf<Event>(context: LogContext<Event>): Log<Event> {
  const { store, shape } = context;
  const call = ({ signal = context.signal }: LogCallOptions = {}): LogCallOptions => ({ signal });
  return {
    name: shape.name,
    append: (events, options) => append(context, events, options),
    read: (options) => read(context, options),
    tail: (options) => entries(context, options),
    pages: (options) => pages(context, options),
    state: (options) => store.state(shape, call(options)),
    fence: async (token, options) => {
      checkName("fence a log", "token", token, 120);
      return unfenced("fence a log", await store.fence(shape, token, call(options)));
    },
    seal: async (options = {}) =>
      unfenced("seal a log", await store.seal(shape, checkedFence(options), call(options))),
    saveSnapshot: (saved, options) => saveSnapshot(context, saved, call(options)),
    loadSnapshot: async (options) => {
      const found = await store.snapshot(shape, call(options));
      // What `saveSnapshot` wrote.
      return found && { position: found.position, state: valueOf(found.text) as Json };
    },
    trim: (options) => trim(context, options),
    commit: (consumer, position, options) => commit(context, consumer, position, call(options)),
    load: async (consumer, options) => {
      checkName("load a position", "consumer", consumer, 64);
      return (await store.state(shape, call(options))).consumers.get(consumer);
    },
    forget: async (consumer, options) => {
      checkName("forget a consumer", "consumer", consumer, 64);
      await store.commit(shape, consumer, undefined, call(options));
    },
    with: ({ signal }) => faceOf({ ...context, signal }),
  };
}

async function append<Event>(
  context: LogContext<Event>,
  events: readonly Event[],
  options: LogAppendOptions = {},
): Promise<LogAppended> {
  const { expect, writer, signal = context.signal } = options;
  const fence = checkedFence(options);
  const order = {
    tag: randomToken(context.random, 8),
    expect: expect && checkedPosition(expect),
    fence,
    signal,
  };
  const given = writer && checkedWriter(writer);
  const entries = entryTexts(await checkedEvents(context, events));
  const result = given === undefined
    ? await appendByLane(context, entries, order)
    : await context.store.append(context.shape, entries, { ...order, writer: given });
  if (result.kind === "done") {
    const { first, last, isRepeat } = result;
    return { first, last, isRepeat };
  }
  throw result.kind === "conflict"
    ? new LogConflictError(result.head)
    : refusal("append", result.kind);
}

/** Appends by a lane; by a new one if the store forgot this one, as it does not forget what it has just done. */
async function appendByLane<Event>(
  { store, shape, lanes, clock, random }: LogContext<Event>,
  entries: readonly string[],
  order: Omit<LogAppendOrder & LogStoreOptions, "writer">,
): Promise<LogAppendResult> {
  const draw = (): LogWriter => ({ id: randomToken(random), sequence: 1 });
  const tried = async (writer: LogWriter): Promise<LogAppendResult> => {
    let isForgotten = false;
    try {
      const result = await store.append(shape, entries, { ...order, writer });
      isForgotten = result.kind === "unknown";
      return result;
    } finally {
      if (!isForgotten) lanes.free(writer, clock.monotonic());
    }
  };
  const writer = lanes.take(clock.monotonic()) ?? draw();
  const result = await tried(writer);
  return result.kind === "unknown" && writer.sequence > 1 ? await tried(draw()) : result;
}

/** The events as the log's schema gives them. */
async function checkedEvents<Event>(
  { schema }: LogContext<Event>,
  events: readonly Event[],
): Promise<readonly unknown[]> {
  if (schema === undefined || !Array.isArray(events)) return events;
  const validate = schema["~standard"].validate;
  return await Promise.all(events.map(async (event) => accepted("append", await validate(event))));
}

async function saveSnapshot<Event>(
  { store, shape }: LogContext<Event>,
  { position, state }: LogSavedState,
  options: LogCallOptions,
): Promise<void> {
  const text = jsonText(state);
  checkSize("a snapshot", new TextEncoder().encode(text).length, LOG_SNAPSHOT_BYTES_MAX);
  const snapshot = { position: checkedPosition(position), text };
  const result = await store.trim(shape, { snapshot, ...options });
  if (result.kind !== "behind") trimmed("save a snapshot", result);
}

/** Trims until nothing more may go, as one step drops a bounded number. */
async function trim<Event>(
  context: LogContext<Event>,
  { upTo, isForced = false, signal = context.signal }: LogTrimOptions = {},
): Promise<LogPosition> {
  if (isForced && upTo === undefined) {
    throw new ArgumentError("ERR_INVALID_ARGUMENT", "Cannot force a trim as upTo must be given");
  }
  const order = { upTo: upTo && checkedPosition(upTo), isForced, signal };
  for (;;) {
    const result = trimmed("trim a log", await context.store.trim(context.shape, order));
    if (result.isDone) return result.start;
  }
}

async function commit<Event>(
  { store, shape }: LogContext<Event>,
  consumer: string,
  position: LogPosition,
  options: LogCallOptions,
): Promise<LogPosition> {
  const action = "commit a position";
  checkName(action, "consumer", consumer, 64);
  const given = checkedPosition(position);
  const result = await store.commit(shape, consumer, given, options);
  if (result.kind === "trimmed") throw new TrimmedError(action, result.start);
  if (result.kind !== "done") throw refusal(action, result.kind);
  return result.position ?? given;
}

function checkedFence({ fence }: { readonly fence?: string | undefined }): string | undefined {
  if (fence !== undefined) checkName("use a fence", "fence", fence, 120);
  return fence;
}

function unfenced(action: string, head: LogPosition | undefined): LogPosition {
  if (head === undefined) throw refusal(action, "fenced");
  return head;
}

function trimmed(
  action: string,
  result: LogTrimResult,
): Extract<LogTrimResult, { readonly kind: "done" }> {
  switch (result.kind) {
    case "done":
      return result;
    case "trimmed":
      throw new TrimmedError(action, result.start);
    case "behind":
    case "regressed":
      throw refusal(action, "regressed");
    default:
      return assertNever(result, "what became of a trim");
  }
}
