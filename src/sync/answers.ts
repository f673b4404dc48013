/**
 * Answers and failures as messages. What went wrong inside never leaves as it is: a client learns a code, and a sentence
 * that contains neither data nor the inner workings.
 *
 * @module
 */

import { type ErrorCode, HoldfastError } from "../errors.ts";
import type { Json, JsonObject } from "../json.ts";
import { CONTROL, type HubMessage } from "./messages.ts";

/** A failure as a client may see it. */
export interface Failure {
  /** What happened, for programs. */
  readonly code: ErrorCode;
  /** What happened, for people. */
  readonly error: string;
  /** What a program can do with it. */
  readonly details?: JsonObject | undefined;
}

/** What becomes of one request. */
export interface Answer {
  /** What goes beside `id` and `event`. */
  readonly body: Omit<HubMessage, "id" | "event">;
  /** The version that was written. */
  readonly version?: string | undefined;
  /** The code of a failure. */
  readonly code?: ErrorCode | undefined;
}

/** Codes whose messages are of use to a client, and safe. */
const TELLABLE: readonly ErrorCode[] = [
  "ERR_INVALID_ARGUMENT",
  "ERR_INVALID_ID",
  "ERR_INVALID_CURSOR",
  "ERR_INVALID_KEY",
  "ERR_INVALID_VALUE",
  "ERR_NOT_SERIALIZABLE",
  "ERR_TOO_LARGE",
  "ERR_LIMIT",
  "ERR_NOT_FOUND",
  "ERR_EXISTS",
  "ERR_CONFLICT",
  "ERR_UNIQUE",
  "ERR_TOKEN_REUSED",
  "ERR_OUTCOME_UNKNOWN",
  "ERR_RATE_LIMITED",
  "ERR_FORBIDDEN",
];
/** Codes that say to try again; why is not the client's business. */
const PASSING: readonly ErrorCode[] = ["ERR_UNAVAILABLE", "ERR_TIMEOUT"];
/** What a refused request costs in strikes; the others are nobody's mistake. */
const MISTAKES: readonly ErrorCode[] = [
  "ERR_INVALID_ARGUMENT",
  "ERR_INVALID_ID",
  "ERR_INVALID_CURSOR",
  "ERR_INVALID_KEY",
  "ERR_INVALID_VALUE",
  "ERR_NOT_SERIALIZABLE",
  "ERR_TOO_LARGE",
  "ERR_TOKEN_REUSED",
  "ERR_FORBIDDEN",
];

/** Whether a failure is the client's own mistake. */
export function isMistake(code: ErrorCode | undefined): boolean {
  return code !== undefined && MISTAKES.includes(code);
}

/** The answer of a failure. */
export function failed({ code, error, details }: Failure): Answer {
  return { body: { data: null, error, code, ...details !== undefined && { details } }, code };
}

/** A failure with a sentence of its own. */
export function failure(code: ErrorCode, error: string, details?: JsonObject): Answer {
  return failed({ code, error, details });
}

/** What a thrown value means to a client. */
export function failureOf(error: unknown): Failure {
  if (HoldfastError.is(error)) {
    const { code, message } = error;
    // The store's own lost answer, as opposed to a place in a queue that is no longer remembered: the same write can be
    // sent again under its name.
    if (code === "ERR_OUTCOME_UNKNOWN" && error.cause !== undefined) return passing();
    if (TELLABLE.includes(code)) return { code, error: message, details: detailsOf(error) };
    if (PASSING.includes(code)) return passing();
  }
  return { code: "ERR_FAILED", error: "The request failed" };
}

/** An answer as text; `undefined` for a request that wants none. */
export function answerText(
  { id, event }: { readonly id?: string | number | undefined; readonly event: string },
  { body }: Answer,
): string | undefined {
  return id === undefined ? undefined : JSON.stringify({ id, event, ...body });
}

/** A message to a connection that did not ask for it. */
export function controlText(verb: string, data: Json): string {
  return JSON.stringify({ event: `${CONTROL}:${verb}`, data });
}

/** What a connection is told of a message that could not be read. */
export function unreadableText(
  id: string | number | undefined,
  code: ErrorCode,
  error: string,
): string {
  const event = `${CONTROL}:error`;
  return JSON.stringify({ ...id !== undefined && { id }, event, data: null, error, code });
}

function passing(): Failure {
  return { code: "ERR_UNAVAILABLE", error: "The request cannot be served now, try again" };
}

function detailsOf(error: object): JsonObject | undefined {
  const details: Record<string, Json> = {};
  for (const name of ["current", "fields", "owner", "issues", "retryAfterMs"]) {
    const value = Reflect.get(error, name);
    if (value !== undefined) details[name] = value;
  }
  return Object.keys(details).length === 0 ? undefined : details;
}
