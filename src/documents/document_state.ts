/**
 * A document as the core works on it: alive, at a position, and moved on by operations.
 *
 * @module
 */

import { HoldfastError } from "../errors.ts";
import type { Json } from "../json.ts";
import { findType, guardedType, isUpdateType, json, type OtType, text } from "../ot/mod.ts";
import type { Change, DocumentPosition, Op } from "./change.ts";
import type { Snapshot } from "./core.ts";
import type { DocumentHead, StoredSnapshot } from "./port.ts";

/** What a document is at a position. */
export interface DocumentState extends DocumentPosition {
  /** Its type; `undefined` if there is no document. */
  readonly type: OtType | undefined;
  /** The document as its type has it. */
  readonly content: unknown;
  /** When it was created, by the store's clock; 0 if it was not. */
  readonly createdAtMs: number;
  /** When the last operation was committed; 0 if there is none. */
  readonly changedAtMs: number;
}

/** What was never written. */
export const NO_DOCUMENT: DocumentState = {
  epoch: "",
  version: 0,
  tag: "",
  type: undefined,
  content: undefined,
  createdAtMs: 0,
  changedAtMs: 0,
};

/** The types of a server, with errors that have codes; those that are made here as they are. */
export function guardedTypes(types: readonly OtType[]): readonly OtType[] {
  return types.map((type) => isOwnType(type) ? type : guardedType(type));
}

/**
 * What a store keeps, moved on by what follows it.
 *
 * @throws {HoldfastError} `ERR_DOC_CORRUPT` if that cannot be; `ERR_UNKNOWN_TYPE`.
 */
export function stateOf(
  types: readonly OtType[],
  { epoch }: DocumentHead,
  stored: StoredSnapshot,
  ops: readonly Op[],
): DocumentState {
  const { version, tag, createdAtMs, changedAtMs, data } = stored;
  const type = stored.type === undefined ? undefined : findType(types, stored.type);
  const content = type === undefined ? undefined : alive(type, data);
  const state = { epoch, version, tag, type, content, createdAtMs, changedAtMs };
  return movedOn(types, state, ops);
}

/**
 * A document moved on by operations of its log.
 *
 * @throws {HoldfastError} `ERR_DOC_CORRUPT` if one does not fit; `ERR_UNKNOWN_TYPE`.
 */
export function movedOn(
  types: readonly OtType[],
  state: DocumentState,
  ops: readonly Op[],
): DocumentState {
  return ops.reduce<DocumentState>((before, op) => {
    if (op.version !== before.version) throw corrupt();
    const { type, content } = redone(types, before, op);
    const isCreation = op.kind === "create";
    return {
      epoch: before.epoch,
      version: op.version + 1,
      tag: op.tag,
      type,
      content,
      createdAtMs: isCreation ? op.atMs : type === undefined ? 0 : before.createdAtMs,
      changedAtMs: op.atMs,
    };
  }, state);
}

/**
 * What a change makes of a document.
 *
 * @throws {HoldfastError} `ERR_DOC_ALREADY_CREATED`, `ERR_DOC_DOES_NOT_EXIST`, `ERR_UNKNOWN_TYPE`, and what the type
 * says of an operation that does not fit.
 */
export function changed(
  types: readonly OtType[],
  { type, content }: Pick<DocumentState, "type" | "content">,
  change: Change,
): Pick<DocumentState, "type" | "content"> {
  switch (change.kind) {
    case "none":
      return { type, content };
    case "del":
      return { type: undefined, content: undefined };
    case "create": {
      if (type !== undefined) throw alreadyCreated();
      const created = findType(types, change.type);
      return { type: created, content: kept(created, created.create(change.data)) };
    }
    case "op":
      if (type === undefined) throw doesNotExist();
      return { type, content: type.apply(ownedBy(type, content), change.op) };
  }
}

/** A document as others see it. */
export function snapshotOf(collection: string, id: string, state: DocumentState): Snapshot {
  const { epoch, version, tag, type, createdAtMs, changedAtMs } = state;
  return {
    collection,
    id,
    epoch,
    version,
    tag,
    type: type?.uri,
    data: dataOf(state),
    meta: { createdAtMs: type === undefined ? 0 : createdAtMs, changedAtMs },
  };
}

/** The document as JSON; `undefined` if there is none. */
export function dataOf(
  { type, content }: Pick<DocumentState, "type" | "content">,
): Json | undefined {
  if (type === undefined) return undefined;
  // A type says with `serialize` how its documents become JSON; without it they are JSON.
  return (type.serialize === undefined ? content : type.serialize(content)) as Json;
}

/** The failure of a document whose log does not add up. */
export function corrupt(options?: ErrorOptions): HoldfastError {
  return new HoldfastError(
    "ERR_DOC_CORRUPT",
    "Cannot serve the document as its log has a hole or holds what does not fit",
    options,
  );
}

/** The failure of a creation of what is there. */
export function alreadyCreated(): HoldfastError {
  return new HoldfastError(
    "ERR_DOC_ALREADY_CREATED",
    "Cannot create the document as it must not be there yet",
  );
}

/** The failure of an edit of what is not there. */
export function doesNotExist(): HoldfastError {
  return new HoldfastError(
    "ERR_DOC_DOES_NOT_EXIST",
    "Cannot change the document as it must have been created",
  );
}

function redone(types: readonly OtType[], before: DocumentState, op: Op) {
  try {
    return changed(types, before, op);
  } catch (error) {
    // Whatever it says of an operation that once fitted: unless its type is missing here, the log is not what it was.
    if (HoldfastError.is(error, "ERR_UNKNOWN_TYPE")) throw error;
    throw corrupt({ cause: error });
  }
}

/** A type works on what it deserialises only if it can serialise that again; else on JSON, as ShareDB has it. */
function alive(type: OtType, data: unknown): unknown {
  return type.deserialize === undefined || type.serialize === undefined
    ? data
    : type.deserialize(data);
}

/** A new document as it is kept: one that its type cannot serialise is what JSON makes of it. */
function kept(type: OtType, content: unknown): unknown {
  const isObject = typeof content === "object" && content !== null;
  if (isOwnType(type) || type.serialize !== undefined || !isObject) return content;
  return JSON.parse(JSON.stringify(content));
}

/**
 * Types that are made here change no document in place. Of one from elsewhere nobody knows, so it gets a document of its
 * own to work on.
 */
function ownedBy(type: OtType, content: unknown): unknown {
  if (isOwnType(type) || typeof content !== "object" || content === null) return content;
  const copy: unknown = JSON.parse(
    JSON.stringify(type.serialize === undefined ? content : type.serialize(content)),
  );
  return alive(type, copy);
}

/** Whether a type is one of those that are made here; others may have functions of the same names. */
export function isOwnType(type: OtType): boolean {
  return type === json || type === text || isUpdateType(type);
}
