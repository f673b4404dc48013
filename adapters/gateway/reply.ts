/**
 * Replies of Redis, and the three forms in which HTTP carries them: JSON, JSON with every string in base64, RESP2.
 *
 * @module
 */

import { Buffer } from "node:buffer";

/**
 * A reply of Redis.
 *
 * Bytes are a string of Redis. Integers are their digits, because Redis counts to 2^63 and JavaScript does not.
 * A status ("OK") and the missing list are told apart from a string and the missing string only in exact replies,
 * which base64 and RESP2 need; JSON shows them alike.
 */
export type Reply =
  | Uint8Array
  | string
  | null
  | Status
  | ErrorReply
  | typeof MISSING_LIST
  | readonly Reply[];

/** A status, like "OK". */
export interface Status {
  readonly kind: "status";
  readonly text: string;
}

/** An error that Redis answered. */
export interface ErrorReply {
  readonly kind: "error";
  readonly text: string;
}

/** The list that is not there (`*-1`), where `null` is the string that is not there (`$-1`). */
export const MISSING_LIST: unique symbol = /* @__PURE__ */ Symbol("missing list");

/** Whether a reply is an error. */
export function isError(reply: Reply): reply is ErrorReply {
  return typeof reply === "object" && reply !== null && "kind" in reply && reply.kind === "error";
}

/** A reply as `{"result":…}` or `{"error":…}`. */
export function toJson(reply: Reply, isBase64: boolean): string {
  if (isError(reply)) return `{"error":${JSON.stringify(reply.text)}}`;
  return `{"result":${isBase64 ? base64Value(reply, true) : jsonValue(reply)}}`;
}

function jsonValue(reply: Reply): string {
  if (typeof reply === "string") return reply;
  if (reply instanceof Uint8Array) return JSON.stringify(utf8(reply));
  if (reply === null || reply === MISSING_LIST) return "null";
  if ("kind" in reply) return JSON.stringify(reply.text);
  return `[${reply.map(jsonValue).join(",")}]`;
}

/** Upstash leaves one string as it is: the status OK at the top. Clients count on both. */
function base64Value(reply: Reply, isTop: boolean): string {
  if (typeof reply === "string") return reply;
  if (reply instanceof Uint8Array) return `"${asBuffer(reply).toString("base64")}"`;
  if (reply === null || reply === MISSING_LIST) return "null";
  if ("kind" in reply) {
    return isTop && reply.text === "OK"
      ? '"OK"'
      : `"${Buffer.from(reply.text, "utf8").toString("base64")}"`;
  }
  return `[${reply.map((item) => base64Value(item, false)).join(",")}]`;
}

/** A reply as the bytes that Redis sent. */
export function toResp2(replies: readonly Reply[]): Uint8Array<ArrayBuffer> {
  const parts: Buffer[] = [];
  for (const reply of replies) writeResp2(reply, parts);
  return new Uint8Array(Buffer.concat(parts));
}

function writeResp2(reply: Reply, parts: Buffer[]): void {
  if (typeof reply === "string") parts.push(Buffer.from(`:${reply}\r\n`));
  else if (reply instanceof Uint8Array) {
    parts.push(Buffer.from(`$${reply.length}\r\n`), asBuffer(reply), Buffer.from("\r\n"));
  } else if (reply === null) parts.push(Buffer.from("$-1\r\n"));
  else if (reply === MISSING_LIST) parts.push(Buffer.from("*-1\r\n"));
  else if ("kind" in reply) {
    parts.push(Buffer.from(`${reply.kind === "error" ? "-" : "+"}${reply.text}\r\n`));
  } else {
    parts.push(Buffer.from(`*${reply.length}\r\n`));
    for (const item of reply) writeResp2(item, parts);
  }
}

/** Bytes as text; what is no UTF-8 becomes U+FFFD. */
export function utf8(bytes: Uint8Array): string {
  return asBuffer(bytes).toString("utf8");
}

function asBuffer(bytes: Uint8Array): Buffer {
  return bytes instanceof Buffer
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
