/**
 * Requests for documents, and the forms of their replies: one document, many by their ids, many by their versions.
 *
 * @module
 */

import type { ReadWant } from "../core.ts";
import type { Named, Numbered, WireError } from "./messages.ts";
import type { BulkReply, BulkResult, OpMessage, ReadReply } from "./replies.ts";
import type {
  BulkReadRequest,
  BulkUnsubscribeRequest,
  ReadRequest,
  UnsubscribeRequest,
} from "./requests.ts";
import { baseOf } from "./wire.ts";

/** Requests that are answered in the order of their documents. */
export type DocumentsRequest =
  | ReadRequest
  | BulkReadRequest
  | UnsubscribeRequest
  | BulkUnsubscribeRequest;

/** What a request wants to read: each document once, with what the client has of it. */
export function wantsOf(request: ReadRequest | BulkReadRequest): ReadWant[] {
  if ("d" in request) {
    const want = wantOf(request.d, request.v, request.e, request.g);
    return [request.sv === undefined ? want : { ...want, stateVector: request.sv }];
  }
  const { b, e = {}, g = {} } = request;
  if (isIds(b)) return [...new Set(b)].map((id) => ({ id }));
  return Object.entries(b).map(([id, v]) => wantOf(id, v, e[id], g[id]));
}

function wantOf(id: string, v: number | null | undefined, e?: string, g?: string): ReadWant {
  const after = baseOf(v, e, g);
  return after === undefined ? { id } : { id, after };
}

/** The ids of a request. */
export function idsOf(request: UnsubscribeRequest | BulkUnsubscribeRequest): string[] {
  return "d" in request ? [request.d] : [...new Set(request.b)];
}

/**
 * The reply to a request, from what there is to tell of its documents. A client of another make looks either at `data` or
 * at `b`; so where some of many are refused, the others are there as documents that nobody takes for newer.
 */
export function readReply(
  request: ReadRequest | BulkReadRequest,
  told: ReadonlyMap<string, BulkResult>,
  isOurs: boolean,
): ReadReply | BulkReply {
  if ("d" in request) {
    const data = told.get(request.d);
    if (data === undefined) return envelopeOf(request);
    return "error" in data
      ? { ...envelopeOf(request), error: data.error }
      : { ...envelopeOf(request), data };
  }
  const { b } = request;
  if (told.size === 0 && !isIds(b)) return envelopeOf(request);
  const nothing = isOurs || isIds(b) ? [] : Object.keys(b).map((id) => [id, NOTHING] as const);
  const data = Object.fromEntries([...nothing, ...told]);
  return isIds(b)
    ? { a: request.a, c: request.c, ...numbered(request), data }
    : { ...envelopeOf(request), data };
}

const NOTHING: BulkResult = { v: 0, type: null };

/** What a reply, or a refusal, repeats of its request. */
export function envelopeOf(request: ReadRequest | UnsubscribeRequest): ReadReply;
/** For many documents. */
export function envelopeOf(request: BulkReadRequest | BulkUnsubscribeRequest): BulkReply;
/** For any. */
export function envelopeOf(request: DocumentsRequest): ReadReply | BulkReply;
export function envelopeOf(request: DocumentsRequest): ReadReply | BulkReply {
  if ("b" in request) {
    return { a: request.a, c: request.c, b: request.b, ...numbered(request) };
  }
  return { a: request.a, c: request.c, d: request.d, ...numbered(request) };
}

/** The same with the reason why it is refused. */
export function refusalOf(request: DocumentsRequest, error: WireError): ReadReply | BulkReply {
  return { ...envelopeOf(request), error };
}

/** The request's number, if it has one. */
export function numbered({ n }: Numbered): Numbered {
  return n === undefined ? {} : { n };
}

/** What tells an unmodified client that what it has is gone: it was deleted, by nobody that it knows. */
export function forgottenAt({ c, d }: Named, version: number): OpMessage {
  return { a: "op", c, d, v: version, src: "", seq: 0, del: true };
}

/** What makes it ask anew: an operation on what is deleted, which it cannot apply. */
export function impossibleAt({ c, d }: Named, version: number): OpMessage {
  return { a: "op", c, d, v: version, src: "", seq: 0, op: null };
}

function isIds(
  value: readonly string[] | Readonly<Record<string, number | null>>,
): value is readonly string[] {
  return Array.isArray(value);
}
