/**
 * Refusals as HTTP answers: problem details (RFC 9457) with a code, and nothing of what is inside.
 *
 * @module
 */

import type { ErrorCode } from "../../errors.ts";

const TITLES: Readonly<Record<number, string>> = {
  400: "The request is malformed",
  401: "Credentials are missing or refused",
  403: "Not allowed",
  404: "Nothing is here",
  405: "This method is not served here",
  413: "The request is too large",
  426: "This needs a WebSocket",
  429: "Too many requests",
  500: "The request failed",
  503: "Not now",
};

/** An answer that refuses. */
export function refusal(
  status: number,
  code: ErrorCode,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const body = { type: "about:blank", title: TITLES[status], status, code };
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      ...headers,
    },
  });
}
