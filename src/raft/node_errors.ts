/**
 * What a node throws: refusals of the core and outcomes of commands as coded errors.
 *
 * @module
 */

import { ArgumentError, HoldfastError, InvariantError } from "../errors.ts";
import type { Refusal } from "./core/ready.ts";
import type { SessionOutcome } from "./sessions.ts";

/** Another node leads, or none. */
export class NotLeaderError extends HoldfastError {
  /** The class's name, also in minified bundles. */
  override readonly name: string = "NotLeaderError";
  /** Who leads, as far as is known. */
  readonly leader: string | undefined;

  /** Makes an error that names the leader. */
  constructor(action: string, leader: string | undefined) {
    super("ERR_NOT_LEADER", `Cannot ${action} as another node leads, or none`);
    this.leader = leader;
  }
}

/** Why a node has stopped. */
export type StopReason = "fenced" | "regressed" | "invariant" | "closed";

/** The error of a node that has stopped: what happened, and how it comes back. */
export function stoppedError(reason: StopReason, cause?: unknown): HoldfastError {
  const options = { cause };
  switch (reason) {
    case "closed":
      return new HoldfastError("ERR_CLOSED", "Cannot use the node as it is closed");
    case "fenced":
      return new HoldfastError(
        "ERR_FENCED",
        "Cannot go on as a newer process of this node has opened its store: end one of the two, and make a new node",
        options,
      );
    case "regressed":
      return new HoldfastError(
        "ERR_STORE_REGRESSED",
        "Cannot go on as the store lost what it had acknowledged: forget the node's store, start it with standby: " +
          "true, and have the leader join it again",
        options,
      );
    case "invariant":
      return new InvariantError("Cannot go on as a promise of the code is broken", options);
  }
}

/** The error behind a refusal. */
export function refusalError(
  action: string,
  reason: Refusal | "tooLate",
  leader?: string | undefined,
): Error {
  switch (reason) {
    case "notLeader":
      return new NotLeaderError(action, leader);
    case "full":
      return new HoldfastError("ERR_LIMIT", `Cannot ${action} as too much waits: try again later`);
    case "badCommand":
      return new HoldfastError("ERR_TOO_LARGE", `Cannot ${action} as the command is too large`);
    case "changing":
      return new HoldfastError(
        "ERR_CHANGING",
        `Cannot ${action} as an earlier change of members is not finished`,
      );
    case "badMembership":
      return new ArgumentError(
        "ERR_INVALID_ARGUMENT",
        `Cannot ${action} as these cannot be the members`,
      );
    case "badTarget":
      return new ArgumentError(
        "ERR_INVALID_ARGUMENT",
        `Cannot ${action} as the node must be another voter that is no witness`,
      );
    case "learnerBehind":
      return new HoldfastError(
        "ERR_TIMEOUT",
        `Cannot ${action} as the node has not caught up in time`,
      );
    case "transferring":
    case "unconfirmed":
    case "tooLate":
      return new HoldfastError(
        "ERR_UNAVAILABLE",
        `Cannot ${action} as no majority confirms the leader now`,
      );
    case "stopped":
      return stoppedError("closed");
  }
}

/** The error of a node whose store did not answer in time; `cause` is what it failed with, if it did. */
export function unopened(timeoutMs: number, cause: unknown): HoldfastError {
  const message = `Cannot be ready as its store did not answer within ${timeoutMs} ms`;
  return new HoldfastError("ERR_UNAVAILABLE", message, { cause });
}

/** The reply of a command, or why there is none. @throws {HoldfastError} */
export function repliedBy<Reply>(
  outcome: SessionOutcome<Reply>,
): { readonly reply: Reply; readonly isRepeat: boolean } {
  switch (outcome.kind) {
    case "executed":
      return outcome;
    case "expired":
      throw new HoldfastError(
        "ERR_SESSION_EXPIRED",
        "Cannot tell whether the command was carried out earlier as its session has ended",
      );
    case "acknowledged":
      throw new HoldfastError(
        "ERR_REPLY_GONE",
        "Cannot answer as the client said that it has the reply",
      );
    case "full":
      throw new HoldfastError(
        "ERR_LIMIT",
        "Cannot carry out the command as its session keeps too many replies: acknowledge some",
      );
    case "opened":
      throw new InvariantError("Cannot answer a command by a session");
  }
}
