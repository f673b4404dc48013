/**
 * A log that a server serves (`serveLog`), used over HTTP from anywhere: a function, a browser, another region.
 *
 * @module
 */

import { backoffMs } from "../backoff.ts";
import { type Clock, systemClock } from "../clock.ts";
import { type Duration, durationMs } from "../duration.ts";
import { checkOptions, HoldfastError } from "../errors.ts";
import { isJsonObject, type Json, type JsonObject, parseJson } from "../json.ts";
import { type Random, randomToken, systemRandom } from "../random.ts";
import { ask, checkedUrl, type Remote, RemoteError } from "../remote.ts";
import { sleep, withDeadline } from "../waiting.ts";
import { LogConflictError, TrimmedError } from "./log_errors.ts";
import type {
  Log,
  LogAppended,
  LogAppendOptions,
  LogCallOptions,
  LogEntry,
  LogFrom,
  LogPage,
  LogReadOptions,
  LogTailOptions,
} from "./log_face.ts";
import type { LogPosition } from "./port.ts";
import { parsePosition, positionText } from "./position.ts";
import { checkName, checkWhole, entryTexts } from "./prepare.ts";
import { eventReader, type RemoteEvent } from "../remote_events.ts";

/** Options of {@linkcode connectLog}. */
export interface ConnectLogOptions {
  /** Headers of every request, such as `authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The host's `fetch`, or one like it. Default: the global one. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** The most attempts of one call, from 1 to 20. Default 5. */
  readonly attemptsMax?: number;
  /** How long one attempt may take until its answer begins. Default 10 seconds. */
  readonly attemptTimeout?: Duration;
  /** Where it reads the time. Default: the host's clock. */
  readonly clock?: Clock;
  /** Where it rolls the dice. Default: the host's generator. */
  readonly random?: Random;
}

/** A log over HTTP: what appends and reads. */
export type RemoteLog<Event = Json> = Pick<
  Log<Event>,
  "append" | "read" | "tail" | "fence" | "seal"
>;

/** How long a tail hears nothing, not even a sign of life, before it takes its stream for dead, in milliseconds. */
const SILENCE_MS_MAX = 40_000;
const TAIL_WAITS = { firstMs: 100, ceilingMs: 5_000 };

/**
 * A log that is served at a URL. Sends nothing yet.
 *
 * A call whose answer is lost is made again, with waits at random between attempts: an append brings its proof of identity,
 * so it happens once. Redirections are followed. A tail comes back by itself with the position that it has.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION`.
 */
export function connectLog<Event = Json>(
  url: string,
  options: ConnectLogOptions = {},
): RemoteLog<Event> {
  const action = "connect to a log";
  const known = ["headers", "fetch", "attemptsMax", "attemptTimeout", "clock", "random"];
  checkOptions(action, options, known);
  const { headers, attemptsMax = 5, clock = systemClock(), random = systemRandom() } = options;
  checkWhole(action, "attemptsMax", attemptsMax, 1, 20);
  const remote: Remote = {
    urls: [checkedUrl(action, url)],
    headers,
    // Called late and without a receiver: a host may replace its `fetch`, and workerd refuses another `this`.
    fetch: options.fetch ?? ((url, init) => fetch(url, init)),
    attemptsMax,
    attemptMs: durationMs(options.attemptTimeout ?? 10_000, "attemptTimeout"),
    clock,
    random,
  };
  return {
    append: (events, options) => append(remote, events, options),
    read: (options) => read(remote, options),
    tail: (options) => tail(remote, options),
    fence: (token, options) => {
      checkName("fence a log", "token", token, 120);
      return ended(remote, ":fence", { token }, options);
    },
    seal: ({ fence, signal } = {}) =>
      ended(remote, ":seal", fence === undefined ? {} : { fence }, { signal }),
  };
}

async function append(
  remote: Remote,
  events: readonly unknown[],
  { expect, fence, writer, signal }: LogAppendOptions = {},
): Promise<LogAppended> {
  const texts = entryTexts(events);
  const rest = { expect: expect && positionText(expect), fence, writer };
  const body = `{"events":[${texts.join(",")}],${JSON.stringify(rest).slice(1)}`
    .replace(/,\}$/, "}");
  const key = writer === undefined ? { "idempotency-key": randomToken(remote.random) } : undefined;
  const answer = await asked(remote, {
    method: "POST",
    path: "",
    body,
    signal,
    ...(key && { headers: key }),
  });
  const { first, last, isRepeat } = answer;
  return { first: placeOf(first), last: placeOf(last), isRepeat: isRepeat === true };
}

async function read<Event>(
  remote: Remote,
  { from = "start", limit = 100, minIndex = 0, signal }: LogReadOptions = {},
): Promise<LogPage<Event>> {
  const query = `?from=${wordOf(from)}&limit=${limit}&minIndex=${minIndex}`;
  const answer = await asked(remote, { method: "GET", path: query, signal });
  const entries = Array.isArray(answer.entries) ? answer.entries.filter(isJsonObject) : [];
  return {
    // What the server's log let in.
    entries: entries.map(({ position, event }) => ({
      position: placeOf(position),
      event: event as Event,
    })),
    position: placeOf(answer.position),
    head: placeOf(answer.head),
    isSealed: answer.isSealed === true,
  };
}

async function ended(
  remote: Remote,
  path: string,
  body: JsonObject,
  { signal }: LogCallOptions = {},
): Promise<LogPosition> {
  const text = JSON.stringify(body);
  const { head } = await asked(remote, { method: "POST", path, body: text, signal });
  return placeOf(head);
}

async function* tail<Event>(
  remote: Remote,
  { from = "start", signal = new AbortController().signal }: LogTailOptions = {},
): AsyncGenerator<LogEntry<Event>, void, void> {
  let word = wordOf(from);
  for (let failures = 0;; failures++) {
    signal.throwIfAborted();
    try {
      for await (const { event, id, data } of streamed(remote, `:tail?from=${word}`, signal)) {
        failures = 0;
        signal.throwIfAborted();
        if (id !== "") word = id;
        if (event === "sealed") return;
        if (event === "failed") throw failedTail(data);
        if (data !== undefined) {
          yield { position: parsePosition(id), event: parseJson(data, "an entry") as Event };
        }
      }
    } catch (error) {
      // A stream that broke; what the log itself told passes through.
      if (!(error instanceof StreamEnd)) throw error;
    }
    await sleep(remote.clock, backoffMs(failures, TAIL_WAITS, remote.random), { signal });
  }
}

/** A stream that broke, so that a tail comes back. */
class StreamEnd extends Error {}

/** The events of one stream until it ends. */
async function* streamed(
  remote: Remote,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<RemoteEvent, void, void> {
  const response = await ask(remote, { method: "GET", path, mayRepeat: true, signal })
    .catch((error) => Promise.reject(told(error)));
  const reader = response.body?.getReader();
  const eventsOf = eventReader();
  const late = () => new StreamEnd();
  try {
    while (reader !== undefined) {
      const reading = reader.read().catch((cause) => Promise.reject(new StreamEnd("", { cause })));
      const { done, value } = await withDeadline(
        remote.clock,
        SILENCE_MS_MAX,
        reading,
        late,
        { signal },
      );
      if (done) return;
      yield* eventsOf(value);
    }
  } finally {
    // Whether it can be stopped is the host's affair.
    await reader?.cancel().catch(() => {});
  }
}

async function asked(
  remote: Remote,
  call: Omit<Parameters<typeof ask>[1], "mayRepeat">,
): Promise<JsonObject> {
  try {
    const response = await ask(remote, { ...call, mayRepeat: true });
    const answer: unknown = await response.json();
    if (isJsonObject(answer)) return answer;
  } catch (error) {
    // A SyntaxError of the body is met below; what the server told has the log's own words.
    if (!(error instanceof SyntaxError)) throw told(error);
  }
  throw new HoldfastError("ERR_MALFORMED", "Cannot read the answer as it must be an object");
}

/** What a server told, as the log itself would throw it. */
function told(error: unknown): unknown {
  if (!(error instanceof RemoteError)) return error;
  const { code, problem: { head, start } } = error;
  if (code === "ERR_CONFLICT" && head !== undefined) return new LogConflictError(placeOf(head));
  if (code === "ERR_TRIMMED" && start !== undefined) {
    return new TrimmedError("read a log", placeOf(start));
  }
  return error;
}

function failedTail(data = "{}"): unknown {
  const problem = parseJson(data, "a failure");
  const { code, start } = isJsonObject(problem) ? problem : {};
  if (code === "ERR_TRIMMED") return new TrimmedError("read a log", placeOf(start));
  return new HoldfastError(
    "ERR_STORE_REGRESSED",
    "Cannot read a log as the store must have all that it acknowledged: it lost entries",
  );
}

function wordOf(from: LogFrom): string {
  return typeof from === "string" ? from : positionText(from);
}

function placeOf(word: Json | undefined): LogPosition {
  return parsePosition(String(word));
}
