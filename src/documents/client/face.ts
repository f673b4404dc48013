/**
 * What a user of the client sees: a connection and its documents.
 *
 * @module
 */

import type { CodedError } from "../../errors.ts";
import type { EventSource } from "../../events.ts";
import type { Json } from "../../json.ts";
import type { OtType } from "../../ot/mod.ts";
import type { WaitOptions } from "../../waiting.ts";
import type { WireSnapshot } from "../protocol/messages.ts";

/** What a change of a document may be given along. */
export interface ChangeOptions extends WaitOptions {
  /** Handed to listeners as it is, so that an editor knows its own edits again. Never sent. */
  readonly origin?: unknown;
  /** Whether it may be sent as one with what waits beside it; true by default. */
  readonly compose?: boolean;
}

/** How a document is created. */
export interface CreateOptions extends ChangeOptions {
  /** The name or URI of its type; the server's default type if left out. */
  readonly type?: string;
}

/** What changed, and whose doing it was. */
export interface DocEventBase {
  /** Whether this client did it. */
  readonly isLocal: boolean;
  /** Whose it is, if it is another client's and known. */
  readonly source: string | undefined;
  /** What was given along, if this client did it. */
  readonly origin: unknown;
}

/** An operation changed the document. */
export interface DocOpEvent extends DocEventBase {
  /** The operation, as it applies to what was seen before. */
  readonly op: Json;
  /** The data before. */
  readonly before: unknown;
  /** The data after it; `data` of the document may be further on already. */
  readonly after: unknown;
}

/** What a document tells, each after the document shows it. Listeners hear everything in one and the same order. */
export interface DocEvents {
  /** It was edited. */
  op: DocOpEvent;
  /** It was created. */
  create: DocEventBase;
  /** It was deleted. */
  del: DocEventBase & { readonly before: unknown };
  /** It is another one than before, by no operation: loaded at first, or begun anew. */
  load: { readonly before: unknown };
  /**
   * A change was refused, or a request for which nobody waits. Where somebody listens, a refused change whose promise
   * nobody handles is no unhandled rejection.
   */
  error: CodedError;
}

/** A document as text can carry it, for a page that the server rendered. */
export type DocSnapshot = WireSnapshot;

/**
 * A document that this client works on. It shows every change of its own at once; what is committed meanwhile is led
 * past it. The data is never changed in place, and must not be.
 */
export interface Doc extends EventSource<DocEvents>, AsyncDisposable {
  /** The collection. */
  readonly collection: string;
  /** Its id. */
  readonly id: string;
  /** Its data; `undefined` if it does not exist, or is not loaded. */
  readonly data: unknown;
  /** Its type, if it exists. */
  readonly type: OtType | undefined;
  /** How many operations of the server it has seen; `undefined` until the server has told anything. */
  readonly version: number | undefined;
  /** Whether changes of others come. */
  readonly isSubscribed: boolean;
  /** The operations of one's own that are not committed, in order, as they follow what the server has. */
  readonly pending: readonly Json[];
  /** Whether changes of one's own are not committed. */
  readonly hasWritePending: boolean;
  /** Whether anything at all waits for the server. */
  readonly hasPending: boolean;
  /** Brings it up to date once. @throws {HoldfastError} What the server has against it. */
  fetch(options?: WaitOptions): Promise<void>;
  /**
   * Brings it up to date, and keeps it so, over lost connections. Counted: it takes as many
   * {@linkcode Doc.unsubscribe} to end it.
   *
   * @throws {HoldfastError} What the server has against it; then it does not count.
   */
  subscribe(options?: WaitOptions): Promise<void>;
  /** Ends one subscription; without effect if there is none. The data stays. */
  unsubscribe(options?: WaitOptions): Promise<void>;
  /**
   * Creates it, here at once. Resolves when it is committed.
   *
   * @throws {HoldfastError} `ERR_DOC_ALREADY_CREATED`, and what the server has against it.
   */
  create(data?: Json, options?: CreateOptions): Promise<void>;
  /**
   * Edits it, here at once. Resolves when the edit is committed; edits of one moment go out as one.
   *
   * @throws {HoldfastError} `ERR_DOC_DOES_NOT_EXIST`, and what the type or the server has against it. What was refused is
   * taken out again, and nothing else. With `ERR_DOC_EPOCH` the document was begun anew, with
   * `ERR_SUBMIT_TRANSFORM_OPS_NOT_FOUND` it is too long since this client heard of it; `ERR_OUTCOME_UNKNOWN` says that it may
   * have been committed.
   */
  submit(op: unknown, options?: ChangeOptions): Promise<void>;
  /** Deletes it, here at once. Resolves when that is committed. */
  del(options?: ChangeOptions): Promise<void>;
  /** Holds back what is submitted from now on, until {@linkcode Doc.resume}. */
  pause(): void;
  /** Lets what was held back go. */
  resume(): void;
  /** Takes what a server rendered, unless what is here is newer. */
  ingest(snapshot: DocSnapshot): void;
  /** What {@linkcode Doc.ingest} takes, without what is not committed; `undefined` if nothing is known. */
  toSnapshot(): DocSnapshot | undefined;
  /** Resolves when nothing waits for the server any more. */
  whenNothingPending(options?: WaitOptions): Promise<void>;
  /**
   * Leaves it and forgets it, when nothing waits for the server any more. A later `get()` of it cancels that: then it
   * stays, and the promise resolves all the same.
   */
  destroy(options?: WaitOptions): Promise<void>;
}
