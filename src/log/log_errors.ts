/**
 * The failures of a log that a caller can act on.
 *
 * @module
 */

import { type ErrorCode, HoldfastError } from "../errors.ts";
import type { LogPosition } from "./port.ts";

/** The log ends elsewhere than an append expects: read from where you were, decide anew, append again. */
export class LogConflictError extends HoldfastError {
  /** The class's name, also in minified bundles. */
  override readonly name: string = "LogConflictError";
  /** Where the log ends. */
  readonly head: LogPosition;

  /** Makes an error that says where the log ends. */
  constructor(head: LogPosition) {
    super("ERR_CONFLICT", "Cannot append as the log must end at the expected position");
    this.head = head;
  }
}

/** A position lies before what the log still has: take a snapshot or the state from elsewhere. */
export class TrimmedError extends HoldfastError {
  /** The class's name, also in minified bundles. */
  override readonly name: string = "TrimmedError";
  /** The position before the first entry that is kept. */
  readonly start: LogPosition;

  /** Makes an error that says where the log begins. */
  constructor(action: string, start: LogPosition) {
    super("ERR_TRIMMED", `Cannot ${action} as the log must not be trimmed past the position`);
    this.start = start;
  }
}

type Refusal = "fenced" | "sealed" | "full" | "regressed" | "unknown";

const RULES: Readonly<Record<Refusal, readonly [ErrorCode, string]>> = {
  fenced: ["ERR_FENCED", "the fence must be the one that is set"],
  sealed: ["ERR_SEALED", "the log must not be sealed"],
  full: ["ERR_LIMIT", "the log must have room: save a snapshot, or trim"],
  regressed: [
    "ERR_STORE_REGRESSED",
    "the store must have all that it acknowledged: it lost entries",
  ],
  unknown: [
    "ERR_OUTCOME_UNKNOWN",
    "the writer must be known and not past this sequence: it may have been appended",
  ],
};

/** The error of a result that is a refusal. */
export function refusal(action: string, kind: Refusal): HoldfastError {
  const [code, rule] = RULES[kind];
  return new HoldfastError(code, `Cannot ${action} as ${rule}`);
}
