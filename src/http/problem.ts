/**
 * Failures as HTTP answers: problem details (RFC 9457) with the library's own codes.
 *
 * What an answer says is safe for strangers: the code, a fixed title, what is wrong with what the client itself sent. A
 * message or a stack never leaves the process, because either may name what is stored.
 *
 * @module
 */

import { type CodedError, type ErrorCode, HoldfastError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { ValueIssue } from "../schema.ts";
import { Refusal, type RefusalOptions } from "./refusal.ts";

/**
 * The status that stands for each code; what is not listed is a defect or a secret of ours and becomes 500. Among these
 * is `ERR_UNAUTHORIZED`: it is the store that refused the owner's token, and no business of the client's.
 */
const STATUS_OF: Readonly<Partial<Record<ErrorCode, number>>> = {
  ERR_INVALID_ARGUMENT: 400,
  ERR_MALFORMED: 400,
  ERR_INVALID_KEY: 400,
  ERR_INVALID_ID: 400,
  ERR_INVALID_CURSOR: 400,
  ERR_NOT_FOUND: 404,
  ERR_EXISTS: 409,
  ERR_CONFLICT: 409,
  ERR_UNIQUE: 409,
  ERR_FENCED: 409,
  ERR_SEALED: 409,
  ERR_STORE_REGRESSED: 409,
  ERR_TRIMMED: 410,
  ERR_SESSION_EXPIRED: 409,
  ERR_REPLY_GONE: 409,
  ERR_ALREADY_MEMBER: 409,
  ERR_OTHER_CLUSTER: 409,
  ERR_NOT_MEMBER: 409,
  ERR_LAST_MEMBER: 409,
  ERR_CHANGING: 409,
  ERR_UNSUPPORTED_PROTOCOL: 400,
  ERR_NOT_LEADER: 421,
  ERR_DISPLACED: 503,
  ERR_TOO_LARGE: 413,
  ERR_INVALID_VALUE: 422,
  ERR_NOT_SERIALIZABLE: 422,
  ERR_TOKEN_REUSED: 422,
  ERR_OP_MALFORMED: 422,
  ERR_OP_PATH_FORBIDDEN: 422,
  ERR_OP_MISMATCH: 422,
  ERR_UNKNOWN_TYPE: 422,
  ERR_RATE_LIMITED: 429,
  ERR_LIMIT: 429,
  ERR_CLOSED: 503,
  ERR_UNAVAILABLE: 503,
  ERR_OUTCOME_UNKNOWN: 503,
  ERR_TIMEOUT: 504,
};

const TITLES: Readonly<Record<number, string>> = {
  400: "The request is malformed",
  401: "Credentials are missing or refused",
  403: "Not allowed",
  404: "Nothing is here",
  405: "This method is not served here",
  409: "The request conflicts with what is there",
  410: "What was asked for is gone",
  412: "What is there is not what the request builds on",
  413: "The request is too large",
  415: "This type of body is not understood here",
  421: "Another node answers this",
  422: "The content of the request is refused",
  426: "This is served over WebSocket alone",
  428: "The request must say what it builds on",
  429: "Too many requests",
  500: "The request failed",
  503: "The store cannot be reached",
  504: "The request took too long",
};

/** How long a client is told to wait before it asks again, in seconds, where waiting may help. */
const RETRY_AFTER_SECONDS = 1;

/** An answer with problem details. */
export function problem(
  status: number,
  { code, detail, headers, members }: RefusalOptions = {},
): Response {
  const title = TITLES[status] ?? "The request failed";
  const body = { type: "about:blank", title, status, code, detail, ...members };
  const all = new Headers(headers);
  all.set("content-type", "application/problem+json");
  all.set("cache-control", "no-store");
  if ((status === 429 || status === 503) && !all.has("retry-after")) {
    all.set("retry-after", String(RETRY_AFTER_SECONDS));
  }
  return new Response(JSON.stringify(body), { status, headers: all });
}

/** What a thrown value means to a client. */
export function problemOf(error: unknown): Response {
  if (error instanceof Refusal) return problem(error.status, error.options);
  if (!HoldfastError.is(error)) return problem(500);
  const status = statusOf(error);
  if (status === 500) return problem(500);
  return problem(status, { code: error.code, members: issuesOf(error) });
}

/** The status of a coded error; a bound that the request itself breaks is the client's mistake, any other passes. */
function statusOf(error: CodedError): number {
  if (error.code === "ERR_LIMIT" && error instanceof RangeError) return 422;
  return STATUS_OF[error.code] ?? 500;
}

/** Every issue of a value that its schema refuses, by its place in the body (RFC 6901). */
function issuesOf(error: CodedError & { readonly issues?: readonly ValueIssue[] }): JsonObject {
  if (error.code !== "ERR_INVALID_VALUE" || error.issues === undefined) return {};
  const errors = error.issues.map(({ path, message }) => ({
    pointer: path.map((name) => "/" + name.replaceAll("~", "~0").replaceAll("/", "~1")).join(""),
    detail: message,
  }));
  return { errors };
}
