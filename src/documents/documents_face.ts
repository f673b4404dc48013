/**
 * What {@linkcode createDocuments} takes and gives.
 *
 * @module
 */

import type { ConnectOptions } from "./client/connect.ts";
import type { Connection } from "./client/connection_face.ts";
import type { Presence } from "./client/presence.ts";
import type { FollowListener, Snapshot } from "./core.ts";
import type { Authorize, DocumentHooks } from "./middleware.ts";
import type { ProjectionOptions } from "./projection.ts";
import type { OutboxConsumer } from "./outbox.ts";
import type { AcceptOptions } from "./protocol/connection.ts";
import type { ConnectionLimits } from "./protocol/limits.ts";
import type { DocumentSocket, UpgradedSocket } from "./protocol/server.ts";
import type { Authenticate } from "./protocol/caller.ts";
import type { DocumentsCallOptions, DocumentsSubmitted } from "./submitted.ts";
import type { ServedUpdates } from "./updates.ts";
import type { CollectionOptions, CoreSettingsOptions } from "./settings.ts";

/** How documents behave. */
export interface DocumentsOptions extends Omit<CoreSettingsOptions, "collections"> {
  /** Collections that are not as every other one. */
  readonly collections?: Readonly<
    Record<string, CollectionOptions & { readonly authorize?: Authorize }>
  >;
  /** Who somebody is; without it, everybody is `""`. */
  readonly authenticate?: Authenticate;
  /** Who may do what; without it, everybody may do everything. */
  readonly authorize?: Authorize;
  /** Collections under other names, with some of their fields. */
  readonly projections?: Readonly<Record<string, ProjectionOptions>>;
  /** Proves the ids of connections to every process that has it: 16 characters at least. Required on a shared backend. */
  readonly secret?: string;
  /** What one connection may ask, where that is not what `CONNECTION_LIMITS` says. */
  readonly limits?: Partial<ConnectionLimits>;
  /** Functions on the way of connections, readings and operations. */
  readonly use?: DocumentHooks;
  /**
   * Hears of what failed and was not a client's mistake: what a rule or a function of `use` threw without a code (one with
   * a `code` refuses, and is not told here), all that `afterCommit` threw, and a store that does not serve a connection.
   */
  readonly onError?: (error: unknown) => void;
  /** Whether operations of clients that have become nothing on their way are left out; `false` by default. */
  readonly skipsEmpty?: boolean;
}

/** An operation as a handler submits it: one of `op`, `create` and `del`. */
export interface DocumentsSubmission {
  /** An edit, as the document's type has it. */
  readonly op?: unknown;
  /** A creation: the type's name or URI, the collection's by default, and what the document begins with. */
  readonly create?: { readonly type?: string; readonly data?: unknown };
  /** A deletion. */
  readonly del?: true;
  /** The version that it is made for; whatever is there, if left out. */
  readonly version?: number;
  /** The epoch that came with that version, so that a document begun anew since is never taken for the same. */
  readonly epoch?: string;
  /** Who submits: with `sequence`, what makes a second arrival the same operation. Random if left out. */
  readonly source?: string;
  /** The source's own count. */
  readonly sequence?: number;
}

/** A version, or a time: a `Date`, or milliseconds since 1970, by the store's clock. */
export type DocumentsMoment = { readonly version: number } | { readonly at: Date | number };

/**
 * Documents that many edit at once. What is asked here is asked by the server itself: the rules are for connections.
 */
export interface Documents extends AsyncDisposable {
  /**
   * A document. One that is not there has no type and no data, and still a version.
   *
   * @throws {HoldfastError} `ERR_DOC_CORRUPT`, `ERR_UNKNOWN_TYPE`; what the store throws.
   */
  fetch(collection: string, id: string, options?: DocumentsCallOptions): Promise<Snapshot>;
  /**
   * Several documents in one request, in the order of their ids.
   *
   * @throws {HoldfastError} As {@linkcode Documents.fetch}, if any cannot be served.
   */
  fetchMany(
    collection: string,
    ids: readonly string[],
    options?: DocumentsCallOptions,
  ): Promise<readonly Snapshot[]>;
  /**
   * Commits an operation, led past whatever came since its version.
   *
   * @throws {HoldfastError} `ERR_DOC_ALREADY_CREATED`, `ERR_DOC_DOES_NOT_EXIST`, `ERR_DOC_WAS_DELETED`, `ERR_DOC_EPOCH`,
   * `ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT`, `ERR_SUBMIT_TRANSFORM_OPS_NOT_FOUND`, `ERR_MAX_SUBMIT_RETRIES_EXCEEDED`,
   * `ERR_LIMIT`, `ERR_OUTCOME_UNKNOWN` (submit the same source and sequence again), `ERR_OP_MALFORMED` and its kin.
   */
  submit(
    collection: string,
    id: string,
    submission: DocumentsSubmission,
    options?: DocumentsCallOptions,
  ): Promise<DocumentsSubmitted>;
  /**
   * What a document was.
   *
   * @throws {HoldfastError} `ERR_OPS_TRIMMED` if nothing that old is kept, `ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT`.
   */
  history(
    collection: string,
    id: string,
    moment: DocumentsMoment,
    options?: DocumentsCallOptions,
  ): Promise<Snapshot>;
  /** Tells what is committed from the moment on when the promise resolves: to some documents, or to all. */
  follow(
    collection: string,
    ids: readonly string[] | undefined,
    listener: FollowListener,
    signal: AbortSignal,
  ): Promise<void>;
  /**
   * A document whose updates commute, as a CRDT's do.
   *
   * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` if there is no type of updates, or several and the collection names none.
   */
  updates(collection: string, id: string): ServedUpdates;
  /**
   * Gives a consumer everything that is committed to a collection, at least once and in order per document, until the
   * signal is aborted; whoever has the same name goes on where the last one was. Rejects with the signal's reason, and
   * with what the consumer throws: then he is given the same again the next time.
   */
  consume(
    collection: string,
    name: string,
    consumer: OutboxConsumer,
    signal: AbortSignal,
  ): Promise<void>;
  /** A client within this process, trusted to be `subject`. It ends with these documents, as {@linkcode Connection.close} does. */
  connect(options?: ConnectOptions & { readonly subject?: string }): Connection;
  /**
   * A room that this process takes part in itself: the same one each time, until {@linkcode Documents.close}. Clients open
   * theirs with `openPresence(connection, room)`.
   *
   * @throws {HoldfastError} `ERR_NOT_SUPPORTED` on a backend whose isolation is `"request"`.
   * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` if the name is empty.
   */
  presence(room: string): Presence;
  /** Makes a request a socket, by the host's own `open`, and the socket a connection. */
  upgrade(request: Request, open: () => UpgradedSocket): Response;
  /** Makes a socket a connection. */
  accept(socket: DocumentSocket, options?: AcceptOptions): void;
  /** Ends every connection. Clients elsewhere come back to another server; those of this process are closed for good. */
  close(): void;
}
