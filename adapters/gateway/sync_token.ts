/**
 * The sync token: a place in Redis's replication stream, as `replication id:offset:answer`.
 *
 * A client that sends the token of an earlier answer back gets to read at least the state which that answer saw. Here
 * this is decided by Redis's own count of bytes that it has sent to its replicas, or that a replica has received.
 *
 * @module
 */

import { type Reply, utf8 } from "./reply.ts";

/** A place in the replication stream of one master. */
export interface Position {
  /** Names the stream; a new master starts a new one. */
  readonly id: string;
  /** Bytes since the stream's start. */
  readonly offset: number;
}

/** The command that asks for a position. */
export const POSITION_COMMAND: readonly string[] = ["INFO", "replication"];

/** Reads the answer to {@linkcode POSITION_COMMAND}; undefined if it is none. */
export function parsePosition(reply: Reply | undefined): Position | undefined {
  if (!(reply instanceof Uint8Array)) return undefined;
  const info = utf8(reply);
  const id = /^master_replid:(\w+)/m.exec(info)?.[1];
  // A replica counts what it has received, a master what it has sent.
  const offset = /^slave_repl_offset:(\d+)/m.exec(info) ?? /^master_repl_offset:(\d+)/m.exec(info);
  return id === undefined || offset === null ? undefined : { id, offset: Number(offset[1]) };
}

/**
 * A position as a token; "" if there is none. The number of the answer makes each token another one, as Upstash's are,
 * also on a server that counts nothing because it never had a replica.
 */
export function toToken(position: Position | undefined, answer: number): string {
  return position === undefined ? "" : `${position.id}:${position.offset}:${answer}`;
}

/** The position in a token that came from outside; undefined if it is none. */
export function parseToken(token: string): Position | undefined {
  const match = /^([0-9a-f]{40}):(\d{1,15})(?::\d+)?$/.exec(token);
  return match === null ? undefined : { id: match[1] ?? "", offset: Number(match[2]) };
}

/** Whether a state includes another one: the same stream, at least as far. */
export function includes(state: Position | undefined, wanted: Position): boolean {
  return state !== undefined && state.id === wanted.id && state.offset >= wanted.offset;
}
