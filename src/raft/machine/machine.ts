/**
 * The state machine that a node replicates: what a user brings.
 *
 * Every node applies the same commands in the same order, so `apply` must be deterministic: no clock, no dice, no
 * iteration over what has no order. What it needs of time comes with the command, from the leader.
 *
 * @module
 */

import type { Json } from "../../json.ts";

/** Where a command stands, the same on every node. */
export interface CommandPlace {
  /** The command's index in the log. */
  readonly index: number;
  /** The log's time in milliseconds since 1970-01-01 UTC, which never goes back. */
  readonly timeMs: number;
}

/**
 * A deterministic state machine.
 *
 * @typeParam Command What is proposed.
 * @typeParam Reply What a command answers: plain JSON, as sessions keep it in snapshots.
 * @typeParam Query What is read.
 * @typeParam Answer What a read answers.
 */
export interface StateMachine<Command, Reply extends Json, Query, Answer> {
  /**
   * A command as bytes, at most 1 MiB of them. Called where it is proposed: refuse what is malformed here, by a throw.
   */
  encode(command: Command): Uint8Array;
  /** Carries out a command. Must not throw, must not wait, and must do the same on every node. */
  apply(data: Uint8Array, place: CommandPlace): Reply;
  /** Answers a query from the state as it is. Changes nothing. */
  read(query: Query): Answer;
  /** The whole state as bytes. What is applied later must not show in them. */
  save(): Uint8Array;
  /** Replaces the state by what {@linkcode StateMachine.save} gave on this or another node. */
  restore(data: Uint8Array): void;
}
