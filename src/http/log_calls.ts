/**
 * The calls of a log over HTTP: from a request to the log, and back.
 *
 * @module
 */

import { HoldfastError } from "../errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import type { Log, LogPosition, LogWriter } from "../log/mod.ts";
import { mac } from "../mac.ts";
import { eventStream, type ServerEvent } from "./event_stream.ts";
import { fromOfWord, positionOfWord, positionWord } from "./log_positions.ts";
import { tokenOf } from "./model_service.ts";
import type { Call } from "./part.ts";
import { Refusal } from "./refusal.ts";

/** Appends events, and answers with their positions. */
export async function append(log: Log<Json>, call: Call): Promise<Response> {
  const { events, expect, fence, writer } = await bodyOf(call);
  if (!Array.isArray(events)) throw malformed("events must be an array");
  const token = await tokenOf(call);
  try {
    const { first, last, isRepeat } = await log.append(events, {
      expect: expect === undefined ? undefined : positionOfWord(expect),
      fence: textOf(fence),
      writer: token === undefined ? await writerOf(call, writer) : { id: token, sequence: 1 },
      signal: call.context.signal,
    });
    const body = { first: positionWord(first), last: positionWord(last), isRepeat };
    return Response.json(body, { status: isRepeat ? 200 : 201 });
  } catch (error) {
    throw withPlace(error, 409, "ERR_CONFLICT", "head");
  }
}

/** Answers with some entries. */
export async function read(
  log: Log<Json>,
  { query, context: { signal } }: Call,
): Promise<Response> {
  try {
    const { entries, position, head, isSealed } = await log.read({
      from: fromOfWord(query.get("from")),
      limit: wholeOf(query, "limit"),
      minIndex: wholeOf(query, "minIndex"),
      signal,
    });
    return Response.json({
      entries: entries.map(({ position, event }) => ({ position: positionWord(position), event })),
      position: positionWord(position),
      head: positionWord(head),
      isSealed,
    }, { headers: { "cache-control": "no-store" } });
  } catch (error) {
    throw withPlace(error, 410, "ERR_TRIMMED", "start");
  }
}

/** Answers with a stream of every entry. */
export async function tail(log: Log<Json>, call: Call): Promise<Response> {
  const { request, query, context: { signal } } = call;
  const from = fromOfWord(request.headers.get("last-event-id") ?? query.get("from"));
  // Asked before the answer begins, so that a store that is away is 503 and not a stream that ends.
  const { start, head } = await log.state({ signal });
  const after = from === "start" ? start : from === "end" ? head : from;
  return eventStream(call, (signal) => told(log, after, signal));
}

async function* told(
  log: Log<Json>,
  from: LogPosition,
  signal: AbortSignal,
): AsyncGenerator<ServerEvent, void, void> {
  // First where it begins, so that a client that leaves before the first entry comes back to here.
  yield { id: positionWord(from) };
  try {
    for await (const { position, event } of log.tail({ from, signal })) {
      yield { id: positionWord(position), data: JSON.stringify(event) };
    }
    yield { event: "sealed", data: "{}" };
  } catch (error) {
    const code = HoldfastError.is(error) ? error.code : undefined;
    // What coming back does not heal; anything else ends the stream, and the client comes back.
    if (code !== "ERR_TRIMMED" && code !== "ERR_STORE_REGRESSED") throw error;
    yield { event: "failed", data: JSON.stringify({ code, ...placeOf(error, "start") }) };
  }
}

/** Answers with how the log stands. */
export async function state(log: Log<Json>, { context }: Call): Promise<Response> {
  const { head, start, snapshot, consumers, ...rest } = await log.state(context);
  return Response.json({
    head: positionWord(head),
    start: positionWord(start),
    snapshot: snapshot && positionWord(snapshot),
    consumers: Object.fromEntries(
      [...consumers].map(([name, position]) => [name, positionWord(position)]),
    ),
    ...rest,
  }, { headers: { "cache-control": "no-store" } });
}

/** Sets the fence, and answers with where the log ends. */
export async function fence(log: Log<Json>, call: Call): Promise<Response> {
  const { token } = await bodyOf(call);
  return headAnswer(await log.fence(textOf(token) ?? "", call.context));
}

/** Ends the log, and answers with where. */
export async function seal(log: Log<Json>, call: Call): Promise<Response> {
  const fence = textOf((await bodyOf(call)).fence);
  return headAnswer(await log.seal({ fence, signal: call.context.signal }));
}

/** A writer of the wire, who can be nobody else: the id is made of who sent it as well. */
async function writerOf({ subject }: Call, writer: unknown): Promise<LogWriter | undefined> {
  if (writer === undefined) return undefined;
  if (!isJsonObject(writer) || typeof writer.id !== "string" || writer.id.length > 255) {
    throw malformed("writer must have an id of at most 255 characters and a sequence");
  }
  const id = `http:${await mac(`subject:${subject?.id ?? ""}`, writer.id)}`;
  const { sequence } = writer;
  if (typeof sequence === "number" && Number.isSafeInteger(sequence) && sequence >= 1) {
    return { id, sequence };
  }
  throw malformed("writer.sequence must be a whole number of at least 1");
}

async function bodyOf({ json }: Call): Promise<JsonObject> {
  const body = await json();
  if (isJsonObject(body)) return body;
  throw malformed("The body must be an object");
}

function textOf(value: Json | undefined): string | undefined {
  if (value === undefined || typeof value === "string") return value;
  throw malformed("fence and token must be texts");
}

function wholeOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (/^\d{1,15}$/.test(text) && (name !== "limit" || (+text >= 1 && +text <= 1_000))) return +text;
  throw malformed(`${name} must be a whole number in its range`);
}

function headAnswer(head: LogPosition): Response {
  return Response.json({ head: positionWord(head) });
}

function malformed(detail: string): Refusal {
  return new Refusal(400, { code: "ERR_INVALID_ARGUMENT", detail });
}

/** A failure as its refusal with the position that it names; any other as it is. */
function withPlace(
  error: unknown,
  status: number,
  code: "ERR_CONFLICT" | "ERR_TRIMMED",
  name: "head" | "start",
): unknown {
  if (!HoldfastError.is(error, code)) return error;
  return new Refusal(status, { code, members: placeOf(error, name) });
}

function placeOf(error: unknown, name: "head" | "start"): JsonObject {
  // The errors of a log carry their position under this name.
  const place: LogPosition | undefined = Object(error)[name];
  return place === undefined ? {} : { [name]: positionWord(place) };
}
