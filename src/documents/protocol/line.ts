/**
 * One document on one connection: which requests about it are at work, and how far its operations were sent.
 *
 * Invariants of a subscription:
 * 1. Operations leave in order, each once: the next to be sent has version `next`, and is sent before anything later.
 * 2. While something is on its way that has to leave first (the answer to a reading; the acknowledgement of an operation
 *    of this connection, once the stream has told of it), what the stream tells is held back.
 * 3. What had to be left out (too much held, a reader too slow, a gap in the stream) is read again; nothing is skipped.
 *
 * @module
 */

import type { Op } from "../change.ts";
import type { Lane, Laned } from "./lanes.ts";
import { HELD_OPS_MAX } from "./limits.ts";

/** One document on one connection. */
export interface Line {
  readonly collection: string;
  readonly id: string;
  /** Fetches, subscriptions and their ends: answered in order. */
  readonly reads: Lane<Laned>;
  /** Operations of this connection: answered in order. */
  readonly submits: Lane<Laned>;
  /** Whether and how far its operations are sent. */
  stream: Stream | undefined;
  /** Whether the client was told to forget what it has, and has not asked anew yet. */
  isStartingOver: boolean;
}

/** How far the operations of a document were sent. */
export interface Stream {
  /** The document's epoch; `""` if it was never written. */
  epoch: string;
  /** The version of the operation to be sent next. */
  next: number;
  /** The tag of the one before it. */
  tag: string;
  /** How many things are on their way that have to leave first. */
  holds: number;
  /** What waits for them; `undefined` for nothing. */
  held: HeldOp[] | undefined;
  /** Whether something was left out. */
  isBehind: boolean;
  /** Whether the client is subscribed to the document itself. */
  isSubscribed: boolean;
  /** In how many results of the client's queries it is. */
  results: number;
}

/** An operation of the stream, with the epoch that it came in. */
export interface HeldOp {
  readonly epoch: string;
  readonly op: Op;
}

/** What is to be done with an operation of the stream. */
export type Verdict =
  /** Send it. */
  | "send"
  /** The client has it. */
  | "skip"
  /** It is kept until what is on its way has left. */
  | "held"
  /** Operations before it are missing, or it is of another life of the document: read. */
  | "read";

/** A document about which nothing is known yet. */
export function newLine(collection: string, id: string): Line {
  return {
    collection,
    id,
    reads: { tasks: undefined },
    submits: { tasks: undefined },
    stream: undefined,
    isStartingOver: false,
  };
}

/** Whether nothing keeps a line: no request, no stream. */
export function isIdle({ reads, submits, stream, isStartingOver }: Line): boolean {
  return reads.tasks === undefined && submits.tasks === undefined && stream === undefined &&
    !isStartingOver;
}

/** A stream that nothing was sent of, held until it is known where it begins. */
export function newStream(): Stream {
  return {
    epoch: "",
    next: 0,
    tag: "",
    holds: 1,
    held: undefined,
    isBehind: false,
    isSubscribed: false,
    results: 0,
  };
}

/** What is to be done with an operation that the stream tells of. */
export function judge(stream: Stream, epoch: string, op: Op): Verdict {
  if (stream.holds > 0) {
    hold(stream, epoch, op);
    return "held";
  }
  // A document that was never written has no epoch: its first operation gives it one.
  if (stream.epoch !== epoch && stream.next > 0) return "read";
  if (op.version < stream.next) return "skip";
  return op.version === stream.next ? "send" : "read";
}

/** Keeps an operation until what is on its way has left. */
export function hold(stream: Stream, epoch: string, op: Op): void {
  const held = stream.held ?? [];
  if (held.length < HELD_OPS_MAX) {
    held.push({ epoch, op });
    stream.held = held;
    return;
  }
  stream.held = undefined;
  stream.isBehind = true;
}

/** Takes note that everything before `next` was sent. */
export function sentTo(stream: Stream, epoch: string, next: number, tag: string): void {
  stream.epoch = epoch;
  stream.next = next;
  stream.tag = tag;
}
