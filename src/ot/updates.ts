/**
 * Types of documents whose updates commute, so that nothing has to be led past anything: the shape of a CRDT's updates,
 * with the three functions that a CRDT has for them. No CRDT is in here; yjs and whatever else has these functions plugs
 * in.
 *
 * An operation is one update, as base64, and a document is all of its updates, merged when that is worth it: where the
 * document is written out or told, and not with every update.
 *
 * Source of the idea that updates, not operations, are kept: "Near Real-Time Peer-to-Peer Shared Editing on Extensible
 * Data Types" (Nicolaescu, Jahns, Derntl, Klamma, 2016).
 *
 * @module
 */

import { ArgumentError, LimitError } from "../errors.ts";
import type { OtType } from "./type.ts";

/** The most bytes of one update. */
export const UPDATE_BYTES_MAX = 1_048_576;

/** So many characters of updates may wait to be merged. */
export const LOOSE_LENGTH_MAX = 65_536;

/** What a CRDT does with its updates. None of them changes what it is given. */
export interface UpdateFunctions {
  /** One update that does what all of them do, in any order and however often. */
  merge(updates: readonly Uint8Array[]): Uint8Array;
  /** What of an update is not yet known where this state vector is from. */
  diff(update: Uint8Array, stateVector: Uint8Array): Uint8Array;
  /** Which part of everything an update covers. Throws if it is no update. */
  stateVector(update: Uint8Array): Uint8Array;
}

/** Options of {@linkcode updateType}. */
export interface UpdateTypeOptions extends UpdateFunctions {
  /** The type's name, such as `yjs`. */
  readonly name: string;
  /** Its name for the whole world; `holdfast:updates/` and its name by default. */
  readonly uri?: string;
}

/** A type of documents whose updates commute. */
export interface UpdateType extends OtType<UpdateState, string> {
  /** What its CRDT does with its updates. */
  readonly updates: UpdateFunctions;
  /** An update that somebody sent, if it is one. */
  checkOp(op: unknown): string;
  /** An update in the form in which it travels. */
  textOf(update: Uint8Array): string;
  /** The update that travelled. */
  bytesOf(text: string): Uint8Array;
  /** What a document holds, if it is one of updates. */
  stateOf(data: unknown): UpdateState | undefined;
  /** Whether a document has so many updates that are not merged that it is worth doing. */
  isLoose(state: unknown): boolean;
  /** A document and one more update, in the form in which that travels. */
  joined(state: Uint8Array, update: unknown): UpdateState;
  /** The part of a document that is not known where a state vector is from, in the form in which it travels. */
  since(state: unknown, stateVector: string): string;
}

/** All updates of a document. Never changes; merges itself when it is asked what it is. */
export class UpdateState {
  readonly #merge: UpdateFunctions["merge"];
  readonly #base: UpdateState | Uint8Array | undefined;
  readonly #update: string | undefined;
  #merged: Uint8Array | undefined;
  #text: string | undefined;
  /** The characters of the updates that came since the last one that was merged. */
  readonly looseLength: number;

  /** What `base` and then `update` make. */
  constructor(
    merge: UpdateFunctions["merge"],
    base: UpdateState | Uint8Array | undefined,
    update?: string,
  ) {
    this.#merge = merge;
    // What is merged already need not be merged again, nor its parts be kept.
    this.#base = base instanceof UpdateState ? base.#merged ?? base : base;
    this.#update = update;
    const loose = this.#base instanceof UpdateState ? this.#base.looseLength : 0;
    this.looseLength = loose + (update?.length ?? 0);
  }

  /** One update that makes the document; `undefined` if it is empty. */
  get merged(): Uint8Array | undefined {
    if (this.#merged !== undefined) return this.#merged;
    const updates = this.list();
    const [only] = updates;
    if (only !== undefined) this.#merged = updates.length === 1 ? only : this.#merge(updates);
    return this.#merged;
  }

  /** The same as base64; `""` if it is empty. */
  get text(): string {
    return this.#text ??= this.merged === undefined ? "" : base64(this.merged);
  }

  /** The updates as they are, the merged one first. */
  list(): readonly Uint8Array[] {
    const updates: Uint8Array[] = [];
    let at: UpdateState | Uint8Array | undefined = this.#merged ?? this;
    while (at instanceof UpdateState) {
      if (at.#update !== undefined) updates.push(bytesOf(at.#update));
      at = at.#base;
    }
    if (at !== undefined) updates.push(at);
    return updates.reverse();
  }

  /** With one more update. */
  with(update: string): UpdateState {
    // Where nobody asks for it, it is merged now and then all the same, so that it stays small.
    if (this.looseLength > LOOSE_LENGTH_MAX) void this.merged;
    return new UpdateState(this.#merge, this, update);
  }
}

/**
 * A CRDT's updates as a type of documents.
 *
 * @example
 * ```ts
 * import { updateType } from "@holdfast/holdfast/ot";
 * import { deepStrictEqual } from "node:assert/strict";
 *
 * // A set of bytes that only grows: the smallest CRDT. For yjs: mergeUpdates, diffUpdate, encodeStateVectorFromUpdate.
 * const union = (sets: readonly Uint8Array[]) =>
 *   Uint8Array.from(new Set(sets.flatMap((set) => [...set]))).sort();
 * const set = updateType({
 *   name: "set",
 *   merge: union,
 *   diff: (all, known) => all.filter((one) => !known.includes(one)),
 *   stateVector: (all) => all,
 * });
 * const state = set.apply(set.create("AQI="), "AgM=");
 * deepStrictEqual(state.merged, Uint8Array.of(1, 2, 3));
 * ```
 *
 * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` if a function is missing.
 */
export function updateType(options: UpdateTypeOptions): UpdateType {
  const { name, uri = `holdfast:updates/${name}`, merge, diff, stateVector } = options;
  for (const one of [merge, diff, stateVector]) checkUpdateFunction(one);
  const empty = new UpdateState(merge, undefined);
  const checkOp = (op: unknown): string => {
    const bytes = checkedBytes(op);
    try {
      stateVector(bytes);
    } catch (cause) {
      // Whatever a CRDT says of what is no update.
      throw malformed("it must be an update of the document's type", { cause });
    }
    return String(op);
  };
  const between = (known: Uint8Array | undefined, all: Uint8Array | undefined): string =>
    all === undefined ? "" : base64(known === undefined ? all : diff(all, stateVector(known)));
  return {
    name,
    uri,
    updates: { merge, diff, stateVector },
    checkOp,
    textOf: base64,
    bytesOf,
    stateOf,
    create: (data) => data === undefined || data === "" ? empty : empty.with(checkOp(data)),
    apply: (state, op) => state.with(String(op)),
    transform: (op) => op,
    compose: (op, next) => base64(merge([bytesOf(op), bytesOf(next)])),
    normalize: (op) => checkOp(op),
    // A CRDT's places are relative to what is there, and stay what they are.
    transformPresence: (presence) => presence,
    diff: (before, after) => between(before.merged, after.merged),
    serialize: ({ text }) => text,
    deserialize: (data) =>
      data instanceof UpdateState
        ? data
        : data === ""
        ? empty
        : new UpdateState(merge, bytesOf(String(data))),
    isLoose: (state) => (stateOf(state)?.looseLength ?? 0) > LOOSE_LENGTH_MAX,
    joined: (state, update) => {
      const begun = new UpdateState(merge, state);
      return typeof update === "string" && update !== "" ? begun.with(update) : begun;
    },
    since: (state, vector) => {
      const all = stateOf(state)?.merged;
      const known = checkedBytes(vector);
      try {
        return all === undefined ? "" : base64(diff(all, known));
      } catch (cause) {
        // Whatever a CRDT says of what is no state vector.
        throw malformed("its state vector must be one of the document's type", { cause });
      }
    },
  };
}

function stateOf(data: unknown): UpdateState | undefined {
  return data instanceof UpdateState ? data : undefined;
}

/** Whether a type's updates commute. */
export function isUpdateType(type: OtType | undefined): type is UpdateType & OtType {
  return type !== undefined && "updates" in type && typeof type.updates === "object";
}

/** Bytes as base64, as messages and stores carry them. */
export function base64(bytes: Uint8Array): string {
  let characters = "";
  for (let at = 0; at < bytes.length; at += 0x2000) {
    characters += String.fromCharCode(...bytes.subarray(at, at + 0x2000));
  }
  return btoa(characters);
}

/** The bytes of base64. */
export function bytesOf(text: string): Uint8Array {
  const characters = atob(text);
  return Uint8Array.from({ length: characters.length }, (_, at) => characters.charCodeAt(at));
}

function checkedBytes(op: unknown): Uint8Array {
  const isText = typeof op === "string" && op !== "" && op.length % 4 === 0 &&
    /^[A-Za-z0-9+/]+={0,2}$/.test(op);
  if (!isText) throw malformed("it must be bytes, as base64");
  if (op.length * 3 / 4 <= UPDATE_BYTES_MAX) return bytesOf(op);
  throw new LimitError(
    "ERR_TOO_LARGE",
    `Cannot take the update as it must have at most ${UPDATE_BYTES_MAX} bytes`,
  );
}

function checkUpdateFunction(value: unknown): void {
  if (typeof value === "function") return;
  throw new ArgumentError(
    "ERR_INVALID_ARGUMENT",
    "Cannot make a type of updates as merge, diff and stateVector must be functions",
  );
}

function malformed(rule: string, options?: ErrorOptions): ArgumentError {
  return new ArgumentError("ERR_OP_MALFORMED", `Cannot take the update as ${rule}`, options);
}
