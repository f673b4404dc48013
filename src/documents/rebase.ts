/**
 * Changes led past others: what becomes of an operation that was made for an older version.
 *
 * @module
 */

import { ArgumentError, HoldfastError } from "../errors.ts";
import type { Json } from "../json.ts";
import { findType, isUpdateType, type OtType } from "../ot/mod.ts";
import type { Change } from "./change.ts";

import { alreadyCreated, doesNotExist, isOwnType } from "./document_state.ts";
import { pushed } from "./pushed.ts";

/**
 * A change as it has to be after another one that was committed meanwhile. What was committed wins a tie by standing
 * first: the change that comes later goes to its left, as ShareDB has it.
 *
 * @throws {HoldfastError} `ERR_DOC_WAS_DELETED`, `ERR_DOC_ALREADY_CREATED`, `ERR_DOC_DOES_NOT_EXIST`, and what the type
 * says of operations that do not meet.
 */
export function rebased(type: OtType | undefined, given: Change, committed: Change): Change {
  const change = pushed(type, given);
  if (committed.kind === "none" || change.kind === "none") return change;
  switch (committed.kind) {
    case "del":
      if (change.kind !== "del") throw wasDeleted();
      return change;
    case "create":
      if (isUpdateType(type)) return change;
      throw alreadyCreated();
    case "op":
      if (change.kind === "create") throw alreadyCreated();
      if (change.kind === "del") return change;
      if (type === undefined) throw doesNotExist();
      // What a type makes of JSON is JSON.
      return { kind: "op", op: type.transform(change.op, committed.op, "left") as Json };
  }
}

/**
 * A change that somebody submitted, held against the type it is for, with a true record of what it takes away.
 *
 * @throws {CodedError} What the type says of a bad operation; `ERR_UNKNOWN_TYPE`, `ERR_OP_MALFORMED`.
 */
export function checkedChange(
  types: readonly OtType[],
  type: OtType | undefined,
  given: Change,
): Change {
  const change = pushed(type, given);
  switch (change.kind) {
    case "create":
      return { ...change, type: findType(types, change.type).uri };
    case "op":
      if (change.op === undefined) throw malformedChange();
      if (type === undefined) return change;
      return { kind: "op", op: checkOpOf(type)(change.op) };
    case "del":
    case "none":
      return change;
    default:
      throw malformedChange();
  }
}

/**
 * The change with a record of what it takes away that is true for this document, where its type keeps one.
 *
 * @throws {CodedError} What the type says of an operation that does not fit.
 */
export function completed(type: OtType | undefined, content: unknown, change: Change): Change {
  if (change.kind !== "op" || type === undefined || !("complete" in type)) return change;
  const { complete } = type;
  if (typeof complete !== "function") return change;
  return { kind: "op", op: complete(change.op, content) };
}

/**
 * A change with what a hook adds to it.
 *
 * @throws {HoldfastError} `ERR_OP_MISMATCH` if nothing can be added to it.
 */
export function withFixup(
  types: readonly OtType[],
  type: OtType | undefined,
  change: Change,
  fixup: Json,
): Change {
  if (change.kind === "create") {
    const created = findType(types, change.type);
    const content = created.apply(created.create(change.data), fixup);
    // Created from JSON by a type whose documents are JSON, or written out by it.
    return { ...change, data: (created.serialize?.(content) ?? content) as Json };
  }
  if (change.kind !== "op" || type?.compose === undefined) {
    throw new HoldfastError(
      "ERR_OP_MISMATCH",
      "Cannot add to the operation as it must create or edit, and its type must compose",
    );
  }
  return { kind: "op", op: type.compose(change.op, fixup) as Json };
}

/** Whether a change has become an edit that edits nothing. */
export function isEmpty(change: Change): boolean {
  return change.kind === "op" && Array.isArray(change.op) && change.op.length === 0;
}

function checkOpOf(type: OtType): (op: Json) => Json {
  if (!isOwnType(type)) return (op) => op;
  if (!("checkOp" in type) || typeof type.checkOp !== "function") return (op) => op;
  const { checkOp } = type;
  return (op) => checkOp(op);
}

function wasDeleted(): HoldfastError {
  return new HoldfastError(
    "ERR_DOC_WAS_DELETED",
    "Cannot change the document as it must not have been deleted meanwhile",
  );
}

function malformedChange(): ArgumentError {
  return new ArgumentError(
    "ERR_OP_MALFORMED",
    "Cannot use the operation as it must edit, create or delete, or say that it does nothing",
  );
}
