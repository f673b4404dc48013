/**
 * A document as a client holds it, and what happens to changes of it that were made at the same time.
 *
 * Side `left` is whoever is not committed yet: the server leads a late operation past the committed ones in the same way.
 *
 * @module
 */

import { assertNever, HoldfastError } from "../../errors.ts";
import type { Json } from "../../json.ts";
import { findType, isUpdateType, json, type OtType, transformPair } from "../../ot/mod.ts";
import type { Change } from "../change.ts";
import { pushed } from "../pushed.ts";

/** A document that is there: its type and its data, in the form that the type works on. */
export interface LiveDocument {
  readonly type: OtType;
  readonly data: unknown;
}

/** A document, or that there is none. */
export type Live = LiveDocument | undefined;

/** Two changes that were made at once, each as it has to be after the other. */
export interface Meeting {
  /** What is not committed yet; `refused` if the other one leaves nothing that it could change. */
  readonly mine: Change | "refused";
  /** What is committed. */
  readonly theirs: Change;
  /** Why mine is refused. */
  readonly error?: unknown;
}

/** The change that changes nothing. */
export const NOTHING: Change = { kind: "none" };

/**
 * The document after a change.
 *
 * @throws {HoldfastError} `ERR_DOC_DOES_NOT_EXIST`, `ERR_DOC_ALREADY_CREATED`, `ERR_UNKNOWN_TYPE`, and what the type throws.
 */
export function applyChange(types: readonly OtType[], live: Live, change: Change): Live {
  switch (change.kind) {
    case "none":
      return live;
    case "del":
      // Deleted twice at once is deleted: who asks for it anew is told by preparedChange().
      return undefined;
    case "create": {
      if (live !== undefined) throw alreadyCreated();
      const type = findType(types, change.type);
      return { type, data: deserialized(type, type.create(change.data)) };
    }
    case "op": {
      const { type, data } = existing(live);
      return { type, data: type.apply(data, change.op) };
    }
    default:
      return assertNever(change, "a change");
  }
}

/**
 * The same change in its usual form, with a true record of what it deletes, as the server will commit it.
 *
 * @throws {HoldfastError} `ERR_DOC_DOES_NOT_EXIST` where there is nothing to edit or delete.
 */
export function preparedChange(live: Live, change: Change): Change {
  if (change.kind === "none" || change.kind === "create") return change;
  const { type, data } = existing(live);
  if (change.kind === "del") return change;
  const op = type.normalize?.(change.op) ?? change.op;
  // A type of JSON knows how to complete an operation; no other type has to.
  const { complete } = type as { complete?: (op: unknown, data: unknown) => unknown };
  return { kind: "op", op: (complete?.(op, data) ?? op) as Json };
}

/** Edits of JSON, made one after the other, as one. */
export function mergedEdits(edits: readonly { readonly change: Change }[]): Change {
  // Operations of JSON are lists of what happens one after the other, and what they are made of is JSON.
  const { normalize }: OtType = json;
  const components = edits.flatMap(({ change }) => change.kind === "op" ? change.op : []);
  return { kind: "op", op: normalize?.(components) as Json };
}

/** Both changes, each after the other. `before` is the document that both were made on. */
export function meet(
  types: readonly OtType[],
  before: Live,
  mine: Change,
  theirs: Change,
): Meeting {
  if (theirs.kind === "none" || mine.kind === "none") return { mine, theirs };
  // Deleted is deleted, whatever else happened: what comes after it is mine alone.
  if (mine.kind === "del") return { mine, theirs: NOTHING };
  if (theirs.kind === "del") return { mine: "refused", theirs, error: wasDeleted() };
  if (theirs.kind === "create") {
    const type = findType(types, theirs.type);
    // Two begin a document of updates at once: each adds to what the other began.
    if (isUpdateType(type)) return { mine: pushed(type, mine), theirs: pushed(type, theirs) };
  }
  if (theirs.kind === "create" || mine.kind === "create" || before === undefined) {
    return { mine: "refused", theirs, error: alreadyCreated() };
  }
  try {
    const [left, right] = transformPair(before.type, mine.op, theirs.op);
    return { mine: { kind: "op", op: left as Json }, theirs: { kind: "op", op: right as Json } };
  } catch (error) {
    // A type refuses to lead them past each other: what is committed stands.
    return { mine: "refused", theirs, error };
  }
}

/** The change that undoes another one made on this document; `undefined` if the type cannot tell. */
export function inverseOf(
  types: readonly OtType[],
  before: Live,
  change: Change,
): Change | undefined {
  if (change.kind === "none") return change;
  if (change.kind === "create") return { kind: "del" };
  if (before === undefined) return change.kind === "del" ? NOTHING : undefined;
  if (change.kind === "del") return creationOf(before);
  const { type, data } = before;
  const after = (): unknown => applyChange(types, before, change)?.data;
  try {
    const op = type.invertWithDoc?.(change.op, data) ?? type.invert?.(change.op) ??
      type.diff?.(after(), data);
    return op === undefined ? undefined : { kind: "op", op: op as Json };
  } catch {
    // An operation that does not record what it deletes cannot be inverted by every type.
    return undefined;
  }
}

/** The change that leads from one document to another; `undefined` if the type cannot tell. */
export function changeBetween(before: Live, after: Live): Change | undefined {
  if (before === undefined) return after === undefined ? NOTHING : creationOf(after);
  if (after === undefined) return { kind: "del" };
  if (before.type !== after.type) return undefined;
  if (before.data === after.data) return NOTHING;
  const op = before.type.diff?.(before.data, after.data);
  return op === undefined ? undefined : { kind: "op", op: op as Json };
}

/** The document in the form in which it travels. */
export function serialized({ type, data }: LiveDocument): Json {
  return (type.serialize ? type.serialize(data) : data) as Json;
}

/** The document that travelled in this form. */
export function deserialized(type: OtType, data: unknown): unknown {
  return type.deserialize ? type.deserialize(data) : data;
}

function creationOf(live: LiveDocument): Change {
  return { kind: "create", type: live.type.uri, data: serialized(live) };
}

function existing(live: Live): LiveDocument {
  if (live !== undefined) return live;
  throw new HoldfastError(
    "ERR_DOC_DOES_NOT_EXIST",
    "Cannot change the document as it must be created or loaded first",
  );
}

function alreadyCreated(): HoldfastError {
  return new HoldfastError(
    "ERR_DOC_ALREADY_CREATED",
    "Cannot create the document as it must not be there already",
  );
}

function wasDeleted(): HoldfastError {
  return new HoldfastError(
    "ERR_DOC_WAS_DELETED",
    "Cannot change the document as it must not have been deleted meanwhile",
  );
}
