/**
 * One submission on its way: what is known of it, and the pure steps that it goes through.
 *
 * @module
 */

import { type CodedError, HoldfastError } from "../errors.ts";
import { report } from "../events.ts";
import type { OtType } from "../ot/mod.ts";
import type { Change, Op, OpIdentity } from "./change.ts";
import type { Submission, SubmitResult, Submitter } from "./core.ts";
import type { DocumentState } from "./document_state.ts";
import { checkedChange, rebased } from "./rebase.ts";

/** A submission that waits to be committed: one, and the same from its coming until it is told. */
export class Pending {
  /** What was submitted. */
  readonly submission: Submission;
  /** Its place in the order of all that ever waited in its queue. */
  readonly arrival: number;
  /** The change as it has to be at `version`. */
  change: Change;
  /** The version that the change is made for; `undefined` before the first look at the document. */
  version: number | undefined;
  /** The epoch of the document that it was led through. */
  epoch: string | undefined;
  /** Whether its type has seen it. */
  isChecked = false;
  /** What it was led past since its base. */
  missed: readonly Op[] = NONE;
  /** How often it went to the store and lost. */
  laps = 0;
  /** Whether the store has said that it has it not. */
  isNew = false;
  /** Whether its sender was told something. */
  isTold = false;
  readonly #submitter: Submitter;

  /** A submission that begins its way. */
  constructor(submission: Submission, arrival: number, submitter: Submitter) {
    this.submission = submission;
    this.arrival = arrival;
    this.change = submission.change;
    this.#submitter = submitter;
  }

  /** Tells what came of it. */
  settle(result: SubmitResult): void {
    this.isTold = true;
    try {
      this.#submitter.resolve(result);
    } catch (error) {
      // The submitter's own failure: the others of its lap are told nevertheless.
      report(error);
    }
  }

  /** Tells that it cannot be told. */
  fail(error: unknown): void {
    this.isTold = true;
    try {
      this.#submitter.reject(error);
    } catch (own) {
      // As above.
      report(own);
    }
  }
}

const NONE: readonly Op[] = [];
const READY: Standing = { kind: "ready" };

/** What a submission needs before it can stand on a document. */
export type Standing =
  /** It is made for this version, or was led to it. */
  | { readonly kind: "ready" }
  /** It needs the operations from its version on. */
  | { readonly kind: "behind"; readonly version: number }
  /** It cannot be. */
  | { readonly kind: "refused"; readonly error: CodedError };

/** How a submission stands to a document; where it has not been led anywhere yet, it begins at its base. */
export function standing(pending: Pending, state: DocumentState): Standing {
  const { base } = pending.submission;
  const began = pending.epoch ?? base?.epoch;
  const isBound = base !== undefined && base.version > 0;
  if (isBound && began !== undefined && began !== state.epoch) return refused(foreign());
  const isAnew = base === undefined || pending.epoch !== state.epoch;
  if (isAnew || pending.version === undefined) {
    pending.change = pending.submission.change;
    pending.isChecked = false;
    pending.version = base?.version ?? state.version;
    pending.epoch = state.epoch;
    pending.missed = NONE;
  }
  if (pending.version > state.version) return refused(fromTheFuture());
  if (pending.version < state.version) return { kind: "behind", version: pending.version };
  return READY;
}

/** Whether the tag that a submission's base names is not the log's, as far as a document or its operations tell. */
export function hasForeignTag(
  { submission, version }: Pending,
  state: DocumentState,
  before: Op | undefined,
): boolean {
  const { base } = submission;
  if (base?.tag === undefined || base.version === 0 || base.version !== version) return false;
  const tag = version === state.version ? state.tag : before?.tag;
  return tag !== undefined && tag !== base.tag;
}

/** Whether an operation among some is this submission. */
export function isAmong({ source, sequence }: OpIdentity, ops: readonly OpIdentity[]): boolean {
  return ops.some((op) => op.sequence === sequence && op.source === source);
}

/**
 * Leads a submission past operations that were committed since its version.
 *
 * @throws {CodedError} What {@linkcode rebased} and {@linkcode checkedChange} throw.
 */
export function lead(
  pending: Pending,
  ops: readonly Op[],
  types: readonly OtType[],
  type: OtType | undefined,
): void {
  if (!pending.isChecked) {
    pending.change = checkedChange(types, type, pending.change);
    pending.isChecked = true;
  }
  if (ops.length === 0) return;
  pending.change = ops.reduce((change, op) => rebased(type, change, op), pending.change);
  pending.version = (pending.version ?? 0) + ops.length;
  if (pending.submission.base !== undefined) pending.missed = pending.missed.concat(ops);
}

/** What is told of a submission that was committed before. */
export function duplicateOf(
  pending: Pending,
  version: number,
  epoch: string,
  ops: readonly Op[],
): SubmitResult {
  const { submission: { base }, missed } = pending;
  const first = missed[0]?.version;
  const isKnown = base !== undefined && (base.version >= version || first === base.version);
  const { source, sequence } = pending.submission;
  const own = [...ops, ...missed].find((op) => op.source === source && op.sequence === sequence);
  return {
    kind: "duplicate",
    version,
    epoch,
    missed: isKnown ? missed.filter((op) => op.version < version) : undefined,
    fixup: own?.fixup,
  };
}

/** Data of another life. */
export function foreign(): HoldfastError {
  return new HoldfastError(
    "ERR_DOC_EPOCH",
    "Cannot change the document as it must be the one that was read: its data was begun anew since",
  );
}

/** A version that is to come. */
export function fromTheFuture(): HoldfastError {
  return new HoldfastError(
    "ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT",
    "Cannot change the document as the operation's version must not be newer than the document's",
  );
}

/** A version that is too old. */
export function trimmed(isUnknown: boolean): HoldfastError {
  return isUnknown
    ? new HoldfastError(
      "ERR_OUTCOME_UNKNOWN",
      "Cannot tell whether the operation was committed as what came since is no longer kept",
    )
    : new HoldfastError(
      "ERR_SUBMIT_TRANSFORM_OPS_NOT_FOUND",
      "Cannot change the document as what came since the operation's version must still be kept",
    );
}

/** Too many lost races. */
export function outrun(retriesMax: number): HoldfastError {
  return new HoldfastError(
    "ERR_MAX_SUBMIT_RETRIES_EXCEEDED",
    `Cannot change the document as the operation lost the race ${retriesMax + 1} times`,
  );
}

/** An edit that edits nothing. */
export function nothingLeft(): HoldfastError {
  return new HoldfastError(
    "ERR_NO_OP",
    "Cannot commit the operation as there must be something left of it",
  );
}

function refused(error: CodedError): Standing {
  return { kind: "refused", error };
}
