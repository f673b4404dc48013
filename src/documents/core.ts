/**
 * The seam inside the room: what the protocol's server, the client within a process and the face ask of the core.
 *
 * The core knows documents, operations and versions. It knows no connections, no sessions and no rights: whoever stands
 * above decides who may ask, and says with {@linkcode SubmitHooks} what else must hold before something is committed.
 *
 * Everything that crosses is plain immutable data, shared among all who ask: nobody changes it in place.
 *
 * @module
 */

import type { CodedError } from "../errors.ts";
import type { Json } from "../json.ts";
import type { OtType } from "../ot/mod.ts";
import type { Awaitable } from "../waiting.ts";
import type { Change, DocumentPosition, Op, OpIdentity, PartialPosition } from "./change.ts";
import type { HistoryMoment } from "./port.ts";

export type { Awaitable } from "../waiting.ts";

/** What a document is at a version. */
export interface Snapshot extends DocumentPosition {
  /** The collection. */
  readonly collection: string;
  /** The document. */
  readonly id: string;
  /** The URI of its type; `undefined` if there is no document at this version. */
  readonly type: string | undefined;
  /** The document, serialised by its type if that is no JSON. */
  readonly data: Json | undefined;
  /** What is known beside it. */
  readonly meta: SnapshotMeta;
}

/** What is known of a document beside its data. */
export interface SnapshotMeta {
  /** When it was created, in milliseconds since 1970 by the store's clock; 0 if there is no document. */
  readonly createdAtMs: number;
  /** When its last operation was committed; 0 if there is none. */
  readonly changedAtMs: number;
}

/** A document as somebody asks for it. */
export interface ReadWant {
  /** The document. */
  readonly id: string;
  /** What he has already; then only what follows is answered, if that is still to be had. */
  readonly after?: PartialPosition | undefined;
  /**
   * Of a document of updates, which of them he has, as base64: then a whole document is answered without those. Not
   * looked at together with `after`, or for another type.
   */
  readonly stateVector?: string | undefined;
}

/** What came of asking for one document. */
export type ReadResult =
  /** The whole of it. With `reason`, what was named in `after` cannot be continued: the reader begins anew from this. */
  | {
    readonly kind: "snapshot";
    readonly snapshot: Snapshot;
    /** `foreign`: another epoch or tag, or past the head. `trimmed`: the operations in between are dropped. */
    readonly reason: "foreign" | "trimmed" | undefined;
    /** Whether the data is only what the reader's state vector lacks. */
    readonly isPart?: true | undefined;
  }
  /** All operations after what was named, contiguous, and where they lead. */
  | { readonly kind: "ops"; readonly ops: readonly Op[]; readonly head: DocumentPosition }
  /** The document cannot be served: `ERR_DOC_CORRUPT`. */
  | { readonly kind: "refused"; readonly error: CodedError };

/** An operation that somebody wants to have committed. */
export interface Submission extends OpIdentity {
  /** What it does. */
  readonly change: Change;
  /** What it applies to; `undefined` for whatever is there. */
  readonly base?: PartialPosition | undefined;
  /** Whether one that has become nothing on its way is left out, as `{ kind: "refused" }` with `ERR_NO_OP`. */
  readonly skipsEmpty?: boolean | undefined;
  /** What is said and asked on its way. */
  readonly hooks?: SubmitHooks | undefined;
  /** What to remember beside the operation; as a function, asked after the hooks of the lap that commits it. */
  readonly meta?: Json | (() => Json | undefined) | undefined;
}

/** Called on the way of one submission. What a hook throws refuses this submission, and no other. */
export interface SubmitHooks {
  /**
   * On every lap: after the operation was led past all others, before it is applied to `before`. May give a further
   * operation of the document's type, to be done right after it and committed as one with it.
   */
  apply?(lap: ApplyLap): Awaitable<Json | undefined | void>;
  /** On every lap: after it was applied, before it goes to the store. */
  commit?(lap: CommitLap): Awaitable<void>;
}

/** What {@linkcode SubmitHooks.apply} is told. */
export interface ApplyLap {
  /** The operation as it will be committed: version, source, sequence, change. */
  readonly op: OpIdentity & Change & { readonly version: number };
  /** The document before it. */
  readonly before: Snapshot;
}

/** What {@linkcode SubmitHooks.commit} is told; its op has the fixup in it. */
export interface CommitLap extends ApplyLap {
  /** The document after it. Its tag, epoch and times are not known yet. */
  readonly after: Snapshot;
}

/** What came of a submission. */
export type SubmitResult =
  /** It is committed now. */
  | {
    readonly kind: "committed";
    /** As it is in the log; its version is what it was applied at. */
    readonly op: Op;
    /** The log's life. */
    readonly epoch: string;
    /** What came between its base and its version. */
    readonly missed: readonly Op[];
    /** What {@linkcode SubmitHooks.apply} added, as an operation to be done after the submitter's own. */
    readonly fixup: Json | undefined;
  }
  /** It had been committed before, at this version. */
  | {
    readonly kind: "duplicate";
    readonly version: number;
    readonly epoch: string;
    /** What came between its base and its version; `undefined` if that is not kept, or no base was given. */
    readonly missed: readonly Op[] | undefined;
    /** As above; `undefined` if the operation itself is not kept any more. */
    readonly fixup: Json | undefined;
  }
  /** It is not committed, and will not be. The document and all other submissions are untouched. */
  | {
    readonly kind: "refused";
    readonly error: CodedError;
    /** What came between its base and the head as far as known; for a submitter who goes on. */
    readonly missed: readonly Op[];
  };

/** Who submitted: told one of the two, once, and never before the call in which it submits has returned. */
export interface Submitter {
  /** What came of it. */
  resolve(result: SubmitResult): void;
  /** Why nobody knows what came of it. */
  reject(error: unknown): void;
}

/** What a follower is told, of one document, in order. */
export type FollowEvent =
  /** Operations, contiguous. Each `Op` is one object for all followers of the process. */
  | {
    readonly kind: "ops";
    readonly id: string;
    readonly epoch: string;
    readonly ops: readonly Op[];
  }
  /** Something may be missing: read the document after what you have. `id` is `undefined` for all of them. */
  | { readonly kind: "gap"; readonly id: string | undefined }
  /** No more comes: the store refuses for good. */
  | { readonly kind: "failed"; readonly error: CodedError };

/** Called with each event, one at a time. Must not throw. */
export type FollowListener = (event: FollowEvent) => void;

/** Ends the waiting; a write may still happen. */
export interface CoreOptions {
  /** Ends it when aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** The documents of one backend. Holds queues and copies of recent documents, but no timer or stream of its own. */
export interface DocumentCore {
  /** The types that documents may have. */
  readonly types: readonly OtType[];

  /**
   * Documents of one collection, in the order asked for, in one request (per shard). One that was never written is at
   * version 0 with no type.
   *
   * @throws {ArgumentError} `ERR_INVALID_ID` or `ERR_INVALID_ARGUMENT` for names that are none.
   */
  read(
    collection: string,
    wants: readonly ReadWant[],
    options?: CoreOptions,
  ): Promise<readonly ReadResult[]>;

  /**
   * Commits an operation: at the head, led past whatever came since its base. Queues behind others of this process for
   * the same document, and goes to the store together with those that wait.
   *
   * What is wrong with the operation is `refused`: `ERR_DOC_ALREADY_CREATED`, `ERR_DOC_WAS_DELETED`,
   * `ERR_DOC_DOES_NOT_EXIST`, `ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT`, `ERR_SUBMIT_TRANSFORM_OPS_NOT_FOUND` (its base
   * is dropped, and it is not committed), `ERR_OUTCOME_UNKNOWN` (dropped too, and it may have been committed long ago),
   * `ERR_DOC_EPOCH` (its base is of another life of the document), `ERR_DOC_CORRUPT`, `ERR_MAX_SUBMIT_RETRIES_EXCEEDED`,
   * `ERR_NO_OP`, `ERR_UNKNOWN_TYPE`, `ERR_TOO_LARGE`, `ERR_LIMIT` (the document's queue is full), and what the type says of
   * a bad operation (`ERR_OP_MALFORMED`, `ERR_OP_PATH_FORBIDDEN`, `ERR_OP_MISMATCH`).
   *
   * @throws {HoldfastError} What the store throws; then it may or may not be committed, and the same submission may be
   * made again. What a hook throws that is no coded error.
   */
  submit(
    collection: string,
    id: string,
    submission: Submission,
    options?: CoreOptions,
  ): Promise<SubmitResult>;

  /**
   * The same for a submitter who is called back: a promise would cost an operation in memory as much as its commit does
   * (`bench/documents_bench.ts`). Nobody is called back whose call throws.
   *
   * @throws {ArgumentError | LimitError} What is wrong with the names, the identity or the base.
   */
  enter(collection: string, id: string, submission: Submission, submitter: Submitter): void;

  /**
   * What a document was at a version or a time.
   *
   * @throws {HoldfastError} `ERR_OPS_TRIMMED` if nothing that old is kept, `ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT` for a
   * version to come, `ERR_DOC_CORRUPT`.
   */
  history(
    collection: string,
    id: string,
    moment: HistoryMoment,
    options?: CoreOptions,
  ): Promise<Snapshot>;

  /**
   * Tells every operation that is committed from the moment on when the promise resolves, until the signal is aborted.
   * So: follow, wait, then read. `ids` are the documents, or `undefined` for all of the collection.
   *
   * All followers of a process share one tail per shard where the backend's isolation lets them.
   */
  follow(
    collection: string,
    ids: readonly string[] | undefined,
    listener: FollowListener,
    signal: AbortSignal,
  ): Promise<void>;
}
