/**
 * What a loop is made of, and what it tells.
 *
 * @module
 */

import type { BackoffOptions } from "../backoff.ts";
import type { Clock } from "../clock.ts";
import type { InvariantError } from "../errors.ts";
import type { Random } from "../random.ts";
import type { RaftConfig } from "./core/config.ts";
import type { LoadedState } from "./core/loaded.ts";
import type { Entry, Message, SnapshotMeta } from "./core/message.ts";
import type { RaftNode } from "./core/node.ts";
import type { Input, Ready } from "./core/ready.ts";
import type { RaftStore, StoreNode } from "./port.ts";
import type { LoopMachine } from "./replicated.ts";

/** What a loop tells of what it does. */
export interface LoopObserver<Reply> {
  /** The node was made from what its store had. */
  started(loaded: LoadedState, node: RaftNode): void;
  /** The node took an input. */
  stepped(input: Input, ready: Ready): void;
  /** The writes of the core up to this sequence are durable. */
  stored(sequence: number): void;
  /** The state machine has taken an entry. */
  applied(entry: Entry, reply: Reply | undefined): void;
  /** The state machine has been replaced by a snapshot. */
  restored(meta: SnapshotMeta, sizeBytes: number): void;
  /** A snapshot of the own machine is published. */
  published(meta: SnapshotMeta): void;
  /** The store did not answer; it is asked again. */
  failed(error: unknown, attempt: number): void;
  /** A defect: the node has stopped. */
  broken(error: InvariantError): void;
}

/** What a loop is made of. */
export interface LoopParts<Reply> {
  readonly store: RaftStore;
  readonly node: StoreNode;
  /** The process's name: no other process of any node ever has the same. */
  owner(): string;
  /** The life that begins if the store is empty. */
  incarnation(): number;
  /** What the node is, once the life of its store is known. */
  configOf(incarnation: number): RaftConfig;
  readonly machine: LoopMachine<Reply>;
  readonly clock: Clock;
  readonly random: Random;
  readonly tickMs: number;
  /** Between two attempts to reach the store. */
  readonly retry: BackoffOptions;
  /** How long the state machine pauses before each slice, in milliseconds; 0 for all but simulations. */
  readonly applyPauseMs: number;
  /** Bytes of one piece of an own snapshot. */
  readonly pieceBytes: number;
  send(message: Message): void;
  readonly observer: LoopObserver<Reply>;
}
