/**
 * How the npm `redis` client is made to hand over replies without loss.
 *
 * By default it turns integers into numbers (rounded past 2^53) and does not tell a status from a string. A type
 * mapping says what to make of each kind of leaf. {@linkcode TEXT_TYPES} is enough for JSON; where the kinds matter
 * as well, {@linkcode exactTypes} notes them: the client looks its mapping up once per leaf, in the order of the wire.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { RESP_TYPES, type TypeMapping } from "npm:redis@^6.3.1";
import { MISSING_LIST, type Reply } from "./reply.ts";

/** Integers as digits; statuses and strings both as bytes. */
export const TEXT_TYPES: TypeMapping = {
  [RESP_TYPES.NUMBER]: String,
  [RESP_TYPES.SIMPLE_STRING]: Buffer,
  [RESP_TYPES.BLOB_STRING]: Buffer,
};

/** Like {@linkcode TEXT_TYPES}, but notes the kind of every leaf that it sees. For one command each. */
export interface ExactTypes extends TypeMapping {
  /** `:` integer, `+` status, `$` string (also the missing one), in the order of the wire. */
  kinds: string;
}

const EXACT_TYPES = {
  kinds: "",
  get [RESP_TYPES.NUMBER](): typeof String {
    this.kinds += ":";
    return String;
  },
  get [RESP_TYPES.SIMPLE_STRING](): typeof Buffer {
    this.kinds += "+";
    return Buffer;
  },
  get [RESP_TYPES.BLOB_STRING](): typeof Buffer {
    this.kinds += "$";
    return Buffer;
  },
};

/** A fresh mapping for one command whose reply must be exact. */
export function exactTypes(): ExactTypes {
  return Object.create(EXACT_TYPES);
}

/**
 * What the client handed over, as a reply.
 *
 * A missing list is the only leaf for which the client asks nothing. Redis never mixes missing lists and missing
 * strings in one reply (outside EXEC, which travels as JSON only), so counting tells which of the two a null is.
 */
export function toReply(value: unknown, types?: TypeMapping): Reply {
  if (types === undefined || !("kinds" in types)) return plainReply(value);
  const { kinds } = types as ExactTypes; // The only mapping that has this field.
  return exactReply(value, { kinds, at: 0, isListMissing: countLeaves(value) > kinds.length });
}

function plainReply(value: unknown): Reply {
  if (value instanceof Uint8Array || typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(plainReply);
  return otherReply(value);
}

interface Cursor {
  readonly kinds: string;
  at: number;
  readonly isListMissing: boolean;
}

function exactReply(value: unknown, cursor: Cursor): Reply {
  if (value instanceof Uint8Array) {
    return cursor.kinds[cursor.at++] === "+"
      ? { kind: "status", text: new TextDecoder().decode(value) }
      : value;
  }
  if (typeof value === "string") {
    cursor.at++;
    return value;
  }
  if (Array.isArray(value)) return value.map((item) => exactReply(item, cursor));
  if (value === null && cursor.isListMissing) return MISSING_LIST;
  if (value === null) cursor.at++;
  return otherReply(value);
}

/** Numbers come from a cluster's sums. */
function otherReply(value: unknown): Reply {
  if (value === null || value === undefined) return null;
  if (value instanceof Error) return { kind: "error", text: value.message };
  return String(value);
}

/** Leaves that may have been asked for: all but errors. */
function countLeaves(value: unknown): number {
  if (Array.isArray(value)) return value.reduce((sum, item) => sum + countLeaves(item), 0);
  return value instanceof Error ? 0 : 1;
}
