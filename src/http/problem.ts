/**
 * Failures as HTTP answers: problem details (RFC 9457) with the library's own codes.
 *
 * What an answer says is safe for strangers: the code and a fixed title. A message or a stack never leaves the process,
 * because either may name what is stored.
 *
 * @module
 */

import { type ErrorCode, HoldfastError } from "../errors.ts";

/** The status that stands for each code; what is not listed is a defect or a secret of ours and becomes 500. */
const STATUS_OF: Readonly<Partial<Record<ErrorCode, number>>> = {
  ERR_INVALID_ARGUMENT: 400,
  ERR_MALFORMED: 400,
  ERR_INVALID_KEY: 400,
  ERR_UNAUTHORIZED: 401,
  ERR_TOO_LARGE: 413,
  ERR_INVALID_VALUE: 422,
  ERR_RATE_LIMITED: 429,
  ERR_LIMIT: 429,
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
  413: "The request is too large",
  422: "The value does not satisfy its schema",
  429: "Too many requests",
  500: "The request failed",
  503: "The store cannot be reached",
  504: "The request took too long",
};

/** How long a client is told to wait before it asks again, in seconds, where waiting may help. */
const RETRY_AFTER_SECONDS = 1;

/** An answer with problem details. */
export function problem(status: number, code?: ErrorCode, headers: HeadersInit = {}): Response {
  const body = { type: "about:blank", title: TITLES[status] ?? "The request failed", status, code };
  const all = new Headers(headers);
  all.set("content-type", "application/problem+json");
  if (status === 429 || status === 503) all.set("retry-after", String(RETRY_AFTER_SECONDS));
  return new Response(JSON.stringify(body), { status, headers: all });
}

/** What a thrown value means to a client. */
export function problemOf(error: unknown): Response {
  if (!HoldfastError.is(error)) return problem(500);
  const status = STATUS_OF[error.code];
  return status === undefined ? problem(500) : problem(status, error.code);
}
