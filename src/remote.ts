/**
 * Asking a server of Holdfast's over HTTP: deadlines, repeated attempts, redirections, and failures by their codes.
 *
 * An attempt is made again only if it has no second effect: a read, or a write that proves its identity. Between two
 * attempts it waits with full jitter, and not less than the server asks for. A server that says who leads (421 with a
 * member `leader`) is followed there, a bounded number of times.
 *
 * @module
 */

import { backoffMs } from "./backoff.ts";
import type { Clock } from "./clock.ts";
import { ArgumentError, type ErrorCode, HoldfastError } from "./errors.ts";
import { isJsonObject, type JsonObject } from "./json.ts";
import type { Random } from "./random.ts";
import { sleep, withDeadline } from "./waiting.ts";

/** Where a server is, and how it is asked. */
export interface Remote {
  /** What stands before every path, `http:` or `https:`; of several servers, the first is asked first, then any. */
  readonly urls: readonly [string, ...string[]];
  /** Headers of every request, such as `authorization`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The host's `fetch`, or one like it. */
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** The most attempts of one call. */
  readonly attemptsMax: number;
  /** How long one attempt may take until its answer begins, in milliseconds. */
  readonly attemptMs: number;
  /** Where it reads the time. */
  readonly clock: Clock;
  /** Where it rolls the dice for its waits. */
  readonly random: Random;
}

/** One call. */
export interface RemoteCall {
  /** The method. */
  readonly method: "GET" | "POST";
  /** What follows the URL: path and query. */
  readonly path: string;
  /** Headers of its own. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body, as JSON text. */
  readonly body?: string | undefined;
  /** Whether it has no second effect when it arrives twice. */
  readonly mayRepeat: boolean;
  /** Whether it changes nothing, though it is a POST. */
  readonly isRead?: boolean | undefined;
  /** Ends the waiting when aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** A failure that a server told, with what it said of it. */
export class RemoteError extends HoldfastError {
  /** The class's name, also in minified bundles. */
  override readonly name: string = "RemoteError";
  /** The status of the answer. */
  readonly status: number;
  /** The problem details. */
  readonly problem: JsonObject;

  /** Makes an error from an answer. */
  constructor(code: ErrorCode, status: number, problem: JsonObject) {
    super(code, `Cannot have the answer as the server refused by status ${status}`);
    this.status = status;
    this.problem = problem;
  }
}

/** How often a call goes on where a server says that another one leads. */
export const HOPS_MAX = 3;
const WAITS = { firstMs: 50, ceilingMs: 1_000 };
const RETRIED: readonly number[] = [421, 425, 429, 502, 503, 504];

/**
 * The answer of a server, of a status from 200 to 299.
 *
 * @throws {RemoteError} What the server told, by its code.
 * @throws {HoldfastError} `ERR_UNAVAILABLE`, `ERR_TIMEOUT`; `ERR_OUTCOME_UNKNOWN` for a write whose answer was lost.
 */
export async function ask(remote: Remote, call: RemoteCall): Promise<Response> {
  let [url] = remote.urls;
  let mayHaveHappened = false;
  for (let attempt = 0, hops = 0;; attempt++) {
    const { failure, waitMs = 0, leader, response } = await attempted(remote, url, call);
    if (response !== undefined) return response;
    mayHaveHappened ||= !isCertain(failure);
    if (leader !== undefined && hops < HOPS_MAX) {
      hops++;
      url = leader;
      continue;
    }
    const isPassing = !(failure instanceof RemoteError) ||
      (RETRIED.includes(failure.status) && failure.code !== "ERR_LIMIT");
    const isFree = call.mayRepeat || !mayHaveHappened;
    if (!isPassing || !isFree || attempt + 1 >= remote.attemptsMax) {
      throw isPassing && mayHaveHappened && call.method === "POST" && !call.isRead
        ? lost(failure)
        : failure;
    }
    // Another one than that which just failed, so that one that is gone costs one attempt in two at most.
    const others = remote.urls.filter((other) => other !== url);
    url = others[Math.floor(remote.random.float() * others.length)] ?? url;
    const pauseMs = Math.max(waitMs, backoffMs(attempt, WAITS, remote.random));
    await sleep(remote.clock, pauseMs, { signal: call.signal });
  }
}

/** The part of a server's options that is the same for every client. */
export function checkedUrl(action: string, url: unknown): string {
  try {
    const { protocol, search, hash } = new URL(String(url));
    if (/^https?:$/.test(protocol) && search === "" && hash === "") {
      return String(url).replace(/\/+$/, "");
    }
  } catch {
    // A TypeError whose message may quote the URL.
  }
  throw new ArgumentError(
    "ERR_INVALID_OPTION",
    `Cannot ${action} as url must be an http: or https: URL without query and fragment`,
  );
}

/** Whether a failure says that nothing was done: a refusal, or a code that means it. */
function isCertain(failure: HoldfastError): boolean {
  if (!(failure instanceof RemoteError)) return false;
  const { status, problem: { code } } = failure;
  return status < 500 || code === "ERR_UNAVAILABLE" || code === "ERR_DISPLACED";
}

type Attempted =
  & { readonly waitMs?: number; readonly leader?: string }
  & (
    | { readonly response: Response; readonly failure?: undefined }
    | { readonly failure: HoldfastError; readonly response?: undefined }
  );

async function attempted(remote: Remote, url: string, call: RemoteCall): Promise<Attempted> {
  const { clock, attemptMs } = remote;
  const { method, path, body = null, signal } = call;
  const headers = {
    ...remote.headers,
    ...call.headers,
    ...(body !== null && { "content-type": "application/json" }),
  };
  try {
    const late = () => new HoldfastError("ERR_TIMEOUT", "Cannot have an answer in time");
    const response = await withDeadline(
      clock,
      attemptMs,
      (signal) => remote.fetch(url + path, { method, headers, body, signal }),
      late,
      { signal },
    );
    if (response.ok) return { response };
    const failure = await failureOf(response);
    const { leader } = failure.problem;
    const seconds = Number(response.headers.get("retry-after") ?? 0);
    return {
      failure,
      waitMs: Math.min(seconds > 0 ? seconds * 1_000 : 0, 10_000),
      ...(failure.status === 421 && typeof leader === "string" && isHttp(leader) && { leader }),
    };
  } catch (error) {
    // What fetch throws quotes the URL; the caller's own abort passes as it is.
    signal?.throwIfAborted();
    if (HoldfastError.is(error, "ERR_TIMEOUT")) return { failure: unanswered("ERR_TIMEOUT") };
    return { failure: unanswered("ERR_UNAVAILABLE") };
  }
}

function unanswered(code: "ERR_TIMEOUT" | "ERR_UNAVAILABLE"): HoldfastError {
  return new HoldfastError(code, "Cannot reach the server");
}

async function failureOf(response: Response): Promise<RemoteError> {
  let problem: JsonObject = {};
  try {
    const value: unknown = await response.json();
    if (isJsonObject(value)) problem = value;
  } catch {
    // A page of something in between: the status says enough.
  }
  const { code } = problem;
  const isCoded = typeof code === "string" && /^ERR_[A-Z_]{1,64}$/.test(code);
  // The codes of the wire are those of `errors.ts`; a later version's new one passes as it is.
  return new RemoteError(
    isCoded ? code as ErrorCode : codeOf(response.status),
    response.status,
    problem,
  );
}

function codeOf(status: number): ErrorCode {
  if (status === 401 || status === 403) return "ERR_UNAUTHORIZED";
  if (status === 404) return "ERR_NOT_FOUND";
  if (status === 413) return "ERR_TOO_LARGE";
  if (status === 429) return "ERR_RATE_LIMITED";
  return status >= 500 ? "ERR_UNAVAILABLE" : "ERR_INVALID_ARGUMENT";
}

function lost(cause: HoldfastError): HoldfastError {
  return new HoldfastError(
    "ERR_OUTCOME_UNKNOWN",
    "Cannot tell whether the write happened as its answer was lost",
    { cause },
  );
}

function isHttp(url: string): boolean {
  return URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
}
