/**
 * Documents of updates by single calls, for whoever holds no connection.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import { base64, bytesOf, isUpdateType, type OtType, type UpdateType } from "../ot/mod.ts";
import type { DocumentCore } from "./core.ts";
import type { DocumentsCallOptions, DocumentsSubmitted } from "./submitted.ts";

/** Submits the creation of a document. */
export type SubmitCreation = (
  collection: string,
  id: string,
  submission: {
    readonly create: { readonly type: string; readonly data: string };
    readonly source?: string;
    readonly sequence?: number;
  },
  options: DocumentsCallOptions,
) => Promise<DocumentsSubmitted>;

/** What an update may be given along. */
export interface PushOptions extends DocumentsCallOptions {
  /** Who pushes: with `sequence`, what makes a second arrival the same update. Random if left out. */
  readonly source?: string;
  /** The source's own count. */
  readonly sequence?: number;
}

/** A document whose updates commute, as a handler asks for it. */
export interface ServedUpdates {
  /**
   * Adds an update; the document is there from the first one on. No version is compared.
   *
   * @throws {HoldfastError} `ERR_OP_MALFORMED`, `ERR_TOO_LARGE`, `ERR_DOC_WAS_DELETED`, `ERR_LIMIT`; what the store throws.
   */
  push(update: Uint8Array, options?: PushOptions): Promise<DocumentsSubmitted>;
  /**
   * All updates, merged, or only what is not known where a state vector is from; `undefined` if the document is not
   * there.
   *
   * @throws {HoldfastError} `ERR_OP_MALFORMED` for a state vector that is none.
   */
  read(stateVector?: Uint8Array, options?: DocumentsCallOptions): Promise<Uint8Array | undefined>;
}

/**
 * The updates of one document.
 *
 * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` if there is no type of updates, or not of this name.
 */
export function servedUpdates(
  core: DocumentCore,
  submit: SubmitCreation,
  [collection, id]: readonly [string, string],
  { uri }: UpdateType,
): ServedUpdates {
  return {
    push: (update, { signal, source, sequence } = {}) => {
      const create = { type: uri, data: base64(update) };
      const identity = {
        ...source !== undefined && { source },
        ...sequence !== undefined && { sequence },
      };
      return submit(collection, id, { create, ...identity }, { signal });
    },
    read: async (vector, call) => {
      const stateVector = vector && base64(vector);
      const [result] = await core.read(collection, [{ id, stateVector }], call);
      if (result?.kind === "refused") throw result.error;
      const data = result?.kind === "snapshot" ? result.snapshot.data : undefined;
      return typeof data === "string" ? bytesOf(data) : undefined;
    },
  };
}

/** The type of updates of this name, or of a collection's own type, or the only one. */
export function updateTypeAmong(types: readonly OtType[], ...names: readonly string[]): UpdateType {
  const found = types.filter(isUpdateType);
  const [only] = found;
  const named = found.find(({ name, uri }) => names.includes(name) || names.includes(uri));
  const type = named ?? (found.length === 1 ? only : undefined);
  if (type !== undefined) return type;
  throw new ArgumentError(
    "ERR_INVALID_ARGUMENT",
    "Cannot use a document of updates as types must have one that updateType() made, or the collection say which",
  );
}
