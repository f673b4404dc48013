/**
 * What an operation does to a document: edits it, begins it, ends it, or nothing at all.
 *
 * @module
 */

import type { Json } from "../json.ts";

/** What one operation does, and nothing about who made it or when. Plain data that nobody changes in place. */
export type Change =
  /** Edits the document with an operation of its type. */
  | { readonly kind: "op"; readonly op: Json }
  /** Begins the document: its type by name or URI, and what its first state is made from. */
  | { readonly kind: "create"; readonly type: string; readonly data: Json | undefined }
  /** Ends the document. Its versions go on counting, and it may be begun anew. */
  | { readonly kind: "del" }
  /** Nothing, and still a version of its own. */
  | { readonly kind: "none" };

/** Who made an operation: a second arrival of the same two is the same operation. */
export interface OpIdentity {
  /** The connection or process: 1 to 128 visible ASCII characters. */
  readonly source: string;
  /** The source's own count, a whole number from 0; grows, and may leave numbers out. */
  readonly sequence: number;
}

/** An operation in its place in a document's log. */
export type Op = OpIdentity & Change & {
  /** The version of the document that it applies to; the first is 0. */
  readonly version: number;
  /** Its own random characters, 1 to 64 of `A-Z a-z 0-9 - _`. */
  readonly tag: string;
  /** When it was committed, in milliseconds since 1970 by the store's clock; never less than the one before. */
  readonly atMs: number;
  /** What the server added to what was submitted, as an operation of its own that goes after it. It is in `op` too. */
  readonly fixup?: Json | undefined;
  /** What who wrote it wants to remember beside it; no part of the document. */
  readonly meta?: Json | undefined;
};

/** An operation to be appended. */
export type NewOp = OpIdentity & Change & {
  /** Random characters, 1 to 64 of `A-Z a-z 0-9 - _`. */
  readonly tag: string;
  /** What the server added to it. */
  readonly fixup?: Json | undefined;
  /** What to remember beside it. */
  readonly meta?: Json | undefined;
};

/** An operation in its place. An edit is written out, as nearly all are edits (bench/documents_bench.ts). */
export function placedOp(given: NewOp, version: number, atMs: number): Op {
  const { source, sequence, tag, fixup, meta } = given;
  return given.kind === "op" && fixup === undefined && meta === undefined
    ? { kind: "op", op: given.op, source, sequence, tag, version, atMs }
    : { ...given, version, atMs };
}

/**
 * A place in a document's log: after `version` operations. The epoch tells a log from another one that was begun anew
 * with the same numbers, the tag one that lost its end and was refilled.
 */
export interface DocumentPosition {
  /** The log's life; `""` for a document that was never written. */
  readonly epoch: string;
  /** How many operations lie before this place. */
  readonly version: number;
  /** The tag of the last of them; `""` at version 0. */
  readonly tag: string;
}

/** A place of which a reader may know no more than the number, as unmodified ShareDB clients do. */
export interface PartialPosition {
  /** The log's life, if known: then another one is never mistaken for it. */
  readonly epoch?: string | undefined;
  /** How many operations lie before this place. */
  readonly version: number;
  /** The tag of the last of them, if known. */
  readonly tag?: string | undefined;
}

/** Whether a change leaves a document that is there there, and one that is not not. */
export function isEdit({ kind }: Change): boolean {
  return kind === "op" || kind === "none";
}

/** When the data around a document was begun, in milliseconds since 1970 by the store's clock; 0 if it was not. */
export function epochBornAtMs(epoch: string): number {
  return Number(/^\d+/.exec(epoch)?.[0] ?? 0);
}
