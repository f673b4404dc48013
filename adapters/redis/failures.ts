/**
 * What can go wrong with one request to Redis, told apart by the two things that the retry policy must know: whether
 * another try may help, and whether the commands may have been carried out all the same.
 *
 * A server's own text often quotes keys and values, and a host's network errors quote the URL. So no text from outside
 * becomes part of a message, nor a cause; only what kind of failure it was.
 *
 * @module
 */

import { type ErrorCode, HoldfastError } from "../../src/errors.ts";

/** What else is known of a failed request. */
export interface RequestErrorOptions {
  /** Whether the commands may have been carried out. */
  readonly mayHaveHappened?: boolean | undefined;
  /** Whether the same request may succeed later. */
  readonly isTransient?: boolean | undefined;
  /** How long the server asks to wait before the next one. */
  readonly retryAfterMs?: number | undefined;
  /** What the client itself acts upon: a script that must be sent whole, or without its flag. */
  readonly remedy?: "send-script" | "drop-flag" | undefined;
}

/** The failure of one request. */
export class RequestError extends HoldfastError {
  /** Whether the commands may have been carried out. */
  readonly mayHaveHappened: boolean;
  /** Whether the same request may succeed later. */
  readonly isTransient: boolean;
  /** How long the server asks to wait before the next one; 0 if it does not say. */
  readonly retryAfterMs: number;
  /** What the client itself acts upon. */
  readonly remedy: RequestErrorOptions["remedy"];

  /** Makes an error from its code, the rule that was broken, and what else is known. */
  constructor(code: ErrorCode, rule: string, options: RequestErrorOptions = {}) {
    super(code, `Cannot ask Redis as ${rule}`);
    this.mayHaveHappened = options.mayHaveHappened ?? false;
    this.isTransient = options.isTransient ?? false;
    this.retryAfterMs = options.retryAfterMs ?? 0;
    this.remedy = options.remedy;
  }
}

/** What a server's error text begins with or contains, and what that means. The first that fits counts. */
const REFUSALS: readonly (readonly [RegExp, ErrorCode, string, RequestErrorOptions?])[] = [
  [/^WRONGTYPE\b/, "ERR_WRONG_TYPE", "a key holds another kind of value"],
  [/^(WRONGPASS|NOAUTH|NOPERM)\b/, "ERR_UNAUTHORIZED", "the token is refused or may not do this"],
  [
    /^(LOADING|BUSY|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|READONLY|NOREPLICAS|MISCONF)\b/,
    "ERR_UNAVAILABLE",
    "it cannot serve now",
    { isTransient: true },
  ],
  [/^OOM\b/, "ERR_UNAVAILABLE", "its memory is full"],
  [/^ERR max .*requests? limit/i, "ERR_RATE_LIMITED", "its quota of requests is used up"],
  [/size\b.*exceed|exceed.*size\b/i, "ERR_TOO_LARGE", "request or record is larger than it takes"],
  [/^NOSCRIPT\b/, "ERR_SCRIPT_FAILED", "the script is not loaded", { remedy: "send-script" }],
  // An older Redis than 7 takes the whole header for a syntax error. The flag's name alone proves nothing: a server
  // that takes it names it, too, when it refuses a key that the script did not declare.
  [
    /Unexpected flag|near '#'/,
    "ERR_SCRIPT_FAILED",
    "it does not know the script's flag",
    { remedy: "drop-flag" },
  ],
];

/** The failure behind an error text of the server: the commands were refused, so nothing has happened. */
export function refusal(text: string): RequestError {
  // A server of ill will may send a very long one.
  const said = text.slice(0, 500);
  for (const [pattern, code, rule, options] of REFUSALS) {
    if (pattern.test(said)) return new RequestError(code, rule, options);
  }
  const [, line] = /user_script:(\d{1,6})/.exec(said) ?? [];
  const where = line === undefined ? "" : ` in line ${line} of the script`;
  return new RequestError("ERR_SCRIPT_FAILED", `it refused the command${where}`);
}

/** The failure behind a status that is not 2xx, with no error text that says more. */
export function statusFailure(status: number, retryAfterMs = 0): RequestError {
  const rule = `it answered with status ${status}`;
  if (status === 401 || status === 403) return new RequestError("ERR_UNAUTHORIZED", rule);
  if (status === 413) return new RequestError("ERR_TOO_LARGE", rule);
  if (status === 429) {
    return new RequestError("ERR_RATE_LIMITED", rule, { isTransient: true, retryAfterMs });
  }
  const isTransient = status >= 500 || status === 408 || status === 425;
  return new RequestError("ERR_UNAVAILABLE", rule, {
    isTransient,
    mayHaveHappened: isTransient,
    retryAfterMs,
  });
}

/** The failure of an answer that is not what the protocol says: something between us and Redis, or half an answer. */
export function malformed(what: string): RequestError {
  return new RequestError("ERR_UNAVAILABLE", what, { isTransient: true, mayHaveHappened: true });
}

/** The failure of a request that was not answered in time. */
export function unanswered(ms: number): RequestError {
  return new RequestError("ERR_TIMEOUT", `it did not answer within ${Math.round(ms)} ms`, {
    isTransient: true,
    mayHaveHappened: true,
  });
}

const NEVER_SENT =
  /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ConnectionRefused|\(Connect\)/;

/** The failure behind whatever a Requester or a host's `fetch` threw. */
export function failureOf(error: unknown): RequestError {
  if (error instanceof RequestError) return error;
  const { name, message } = error instanceof Error ? error : new Error();
  // The class that Upstash's own client throws; its message begins with the server's text.
  if (name === "UpstashError") return refusal(message);
  if (name === "NotCapable" || name === "PermissionDenied") {
    return new RequestError("ERR_UNAVAILABLE", "the permission to use the network is missing");
  }
  const neverSent = NEVER_SENT.test(
    `${saidBy(error)} ${saidBy(Reflect.get(Object(error), "cause"))}`,
  );
  return new RequestError(
    "ERR_UNAVAILABLE",
    neverSent ? "it cannot be reached" : "the connection broke",
    { isTransient: true, mayHaveHappened: !neverSent },
  );
}

/** The message of an error and the code that Node and Bun put on it. */
function saidBy(error: unknown): string {
  const { message, code }: { message?: unknown; code?: unknown } = Object(error);
  return `${message} ${code}`;
}
