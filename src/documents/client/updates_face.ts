/**
 * What a user of the client sees of documents of updates.
 *
 * @module
 */

import type { CodedError } from "../../errors.ts";
import type { EventSource } from "../../events.ts";
import type { WaitOptions } from "../../waiting.ts";
import type { Doc } from "./face.ts";

/** What a document of updates is got by. */
export interface UpdatesOptions {
  /** That its updates commute. */
  readonly kind: "updates";
  /** The name or URI of its type; the only one of updates that the connection has, by default. */
  readonly type?: string;
  /** Updates that are known from elsewhere, merged: then only the others are asked for. */
  readonly known?: Uint8Array;
}

/** What a document of updates tells. */
export interface UpdatesEvents {
  /**
   * Updates of others came, or the whole document, as one update: apply it, whether or not parts of it are known. Whose it
   * is, if it is one client's.
   */
  update: { readonly update: Uint8Array; readonly source: string | undefined };
  /** As in `DocEvents`. */
  error: CodedError;
}

/**
 * A document whose updates commute: a CRDT's. It is there from its first update on; nothing is refused for being late, and
 * nothing has to be led past anything.
 */
export interface UpdatesDoc extends EventSource<UpdatesEvents>, AsyncDisposable {
  /** The collection. */
  readonly collection: string;
  /** Its id. */
  readonly id: string;
  /** The document by which it is a document, for presence on it. */
  readonly doc: Doc;
  /** All updates that are known, merged, one's own included; `undefined` if there are none. */
  readonly state: Uint8Array | undefined;
  /** The same as they are kept: the merged ones first. */
  readonly updates: readonly Uint8Array[];
  /** Whether updates of others come. */
  readonly isSubscribed: boolean;
  /** Whether anything waits for the server. */
  readonly hasPending: boolean;
  /**
   * Adds an update, here at once. Resolves when it is committed; updates of one moment go out as one.
   *
   * @throws {HoldfastError} `ERR_OP_MALFORMED`, `ERR_TOO_LARGE`, and what the server has against it.
   */
  push(update: Uint8Array, options?: WaitOptions): Promise<void>;
  /** Brings it up to date once. */
  fetch(options?: WaitOptions): Promise<void>;
  /** Brings it up to date, and keeps it so. Counted. */
  subscribe(options?: WaitOptions): Promise<void>;
  /** Ends one subscription. */
  unsubscribe(options?: WaitOptions): Promise<void>;
  /** Resolves when nothing waits for the server any more. */
  whenNothingPending(options?: WaitOptions): Promise<void>;
  /** Leaves it and forgets it, when nothing waits any more. */
  destroy(options?: WaitOptions): Promise<void>;
}
