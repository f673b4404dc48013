/**
 * What the gateway needs of the Redis behind it, be it one server, one with a replica, or a cluster.
 *
 * @module
 */

import type { Command } from "./command.ts";
import type { CommandTable } from "./command_table.ts";
import type { Reply } from "./reply.ts";

/** How a request wants its commands to be run. */
export interface SendOptions {
  /** Whether statuses and missing lists must be told apart from strings and missing strings. */
  readonly isExact: boolean;
  /** Whether all commands only read, so that a replica may answer. */
  readonly isReadOnly: boolean;
  /** Whether the answer is to carry a sync token. */
  readonly isTracked: boolean;
  /** The sync token that the request carried, or "" if it had none. */
  readonly syncToken: string;
}

/** What came back: one reply per command, and the state that they saw. */
export interface Sent {
  /** One reply per command, in order. */
  readonly replies: readonly Reply[];
  /** A token for a state that includes all that the commands did or saw; "" unless asked for. */
  readonly syncToken: string;
}

/** A way to Redis. */
export interface Link {
  /** Connects and reads the table of commands. Rejects if that takes longer than `deadlineMs`. */
  open(deadlineMs: number): Promise<CommandTable>;
  /**
   * Runs commands in order, but not as one: others' may come in between. Nothing is ever sent twice.
   *
   * @throws {Refusal} 503 if Redis cannot be reached, or was lost before every reply had come.
   */
  send(commands: readonly Command[], options: SendOptions): Promise<Sent>;
  /**
   * Runs commands as one transaction. The only reply is the list of replies, or an error if nothing was executed.
   *
   * @throws {Refusal} 503 as {@linkcode send}; 400 if the keys cannot be in one transaction.
   */
  transact(commands: readonly Command[], options: SendOptions): Promise<Sent>;
  /** Whether Redis answers right now. */
  isAlive(): Promise<boolean>;
  /** Ends all connections. */
  close(): void;
}
