/**
 * What a request says before its body: who asks, for what, and in which form the answer is wanted.
 *
 * @module
 */

import type { Role } from "./access.ts";
import { encodingRefused, methodRefused, tokenRefused } from "./refusal.ts";

/** The form of an answer. */
export type ReplyForm = "json" | "base64" | "resp2";

/** What a request says before its body. */
export interface RequestHead {
  /** Whose token it carries. */
  readonly role: Role;
  /** The form of the answer. */
  readonly form: ReplyForm;
  /** The sync token of an earlier answer, "" if there was none; undefined if the client does not use them. */
  readonly syncToken: string | undefined;
}

/** The tokens of a gateway. */
export interface Tokens {
  /** Opens everything. */
  readonly full: string;
  /** Opens what only reads; undefined if there is none. */
  readonly readOnly: string | undefined;
}

/** The path and the query of a request's URL, as they were sent. */
export function targetOf(request: Request): { readonly path: string; readonly query: string } {
  const start = request.url.indexOf("/", request.url.indexOf("://") + 3);
  const target = start < 0 ? "/" : request.url.slice(start);
  const end = target.indexOf("?");
  return end < 0
    ? { path: target, query: "" }
    : { path: target.slice(0, end), query: target.slice(end + 1) };
}

/**
 * Checks method, token and headers, in this order, before anything of the body is read.
 *
 * @throws {Refusal} 405, 401 or 400.
 */
export function readHead(request: Request, query: string, tokens: Tokens): RequestHead {
  const { method, headers } = request;
  if (method !== "POST" && method !== "GET" && method !== "PUT" && method !== "HEAD") {
    throw methodRefused();
  }
  const role = roleOf(presentedToken(headers, query), tokens);
  if (role === undefined) throw tokenRefused();
  return { role, form: formOf(headers), syncToken: headers.get("upstash-sync-token") ?? undefined };
}

function presentedToken(headers: Headers, query: string): string {
  const authorization = headers.get("authorization");
  if (authorization !== null) return authorization.replace(/^Bearer +/i, "");
  return query === "" ? "" : new URLSearchParams(query).get("_token") ?? "";
}

function roleOf(token: string, tokens: Tokens): Role | undefined {
  if (isSame(token, tokens.full)) return "full";
  return tokens.readOnly !== undefined && isSame(token, tokens.readOnly) ? "read-only" : undefined;
}

/** Compares in the same time wherever the first difference is. */
function isSame(one: string, other: string): boolean {
  if (one.length !== other.length) return false;
  let difference = 0;
  for (let i = 0; i < one.length; i++) difference |= one.charCodeAt(i) ^ other.charCodeAt(i);
  return difference === 0;
}

function formOf(headers: Headers): ReplyForm {
  const encoding = headers.get("upstash-encoding");
  const format = headers.get("upstash-response-format");
  if (encoding !== null && encoding.toLowerCase() !== "base64") {
    throw encodingRefused("unsupported Upstash-Encoding");
  }
  if (format === null || format.toLowerCase() === "json") {
    return encoding === null ? "json" : "base64";
  }
  if (format.toLowerCase() !== "resp2") {
    throw encodingRefused("unsupported Upstash-Response-Format");
  }
  if (encoding !== null) {
    throw encodingRefused("base64 encoding is not permitted with resp2 format");
  }
  return "resp2";
}
