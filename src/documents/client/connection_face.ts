/**
 * What a user of the client sees of a connection, and of what documents were.
 *
 * @module
 */

import type { EventSource } from "../../events.ts";
import type { Json } from "../../json.ts";
import type { WaitOptions } from "../../waiting.ts";
import type { Doc } from "./face.ts";
import type { Query, QueryOptions } from "./query_face.ts";
import type { UpdatesDoc, UpdatesOptions } from "./updates_face.ts";

/** A document as it was. */
export interface PastDocument {
  /** The version. */
  readonly version: number;
  /** Its type's URI; `undefined` if it did not exist. */
  readonly type: string | undefined;
  /** Its data, in the form in which it travels. */
  readonly data: Json | undefined;
}

/** Which past is meant: a version, or the last operation at or before a time in milliseconds since 1970. */
export interface HistoryOptions extends WaitOptions {
  /** After so many operations. */
  readonly version?: number;
  /** At this time. */
  readonly time?: number;
}

/** Where a connection stands. */
export type ConnectionPhase =
  /** Nothing was wanted of it yet, or what an earlier process left is being read. */
  | "starting"
  /** A way is being opened. */
  | "opening"
  /** The server was greeted, and has not answered. */
  | "greeting"
  /** Messages go both ways. */
  | "connected"
  /** The way is lost; a new one is opened in a while. */
  | "waiting"
  /** For good. */
  | "closed";

/** What a connection tells. */
export interface ConnectionEvents {
  /** It is at another point of its life. */
  state: ConnectionPhase;
  /** The storage failed, the server cannot be understood, or does not want this client. */
  error: Error;
}

/** A connection to a server of documents. It begins when something is wanted of it, and comes back when it is lost. */
export interface Connection extends EventSource<ConnectionEvents>, AsyncDisposable {
  /** Where it stands. */
  readonly state: ConnectionPhase;
  /** What rooms and queries of this library are built on; of no use to anybody else. */
  readonly wire: object;
  /** Who it is to the server, once it was connected. */
  readonly id: string | undefined;
  /** Whether anything waits for the server. */
  readonly hasPending: boolean;
  /**
   * The document of this name: the same one each time, until it is destroyed. Asks nothing of the server.
   *
   * @throws {ArgumentError} `ERR_INVALID_ID` for a name that no document can have.
   */
  get(collection: string, id: string): Doc;
  /**
   * The document of updates of this name.
   *
   * @throws {HoldfastError} `ERR_INVALID_ID`; `ERR_UNKNOWN_TYPE` if the connection has no type of updates.
   */
  get(collection: string, id: string, options: UpdatesOptions): UpdatesDoc;
  /**
   * Asks a query once.
   *
   * @throws {HoldfastError} `ERR_QUERY_MALFORMED`, `ERR_QUERY_OPERATOR`, `ERR_QUERY_PATTERN`, `ERR_NOT_INDEXED`,
   * `ERR_TOO_LARGE`, and what else the server has against it.
   */
  fetchQuery(collection: string, query: unknown, options?: QueryOptions): Promise<Query>;
  /**
   * Asks a query, and keeps its result up to date, over lost connections.
   *
   * @throws {HoldfastError} As {@linkcode Connection.fetchQuery}.
   */
  subscribeQuery(collection: string, query: unknown, options?: QueryOptions): Promise<Query>;
  /**
   * A document as it was.
   *
   * @throws {HoldfastError} `ERR_OPS_TRIMMED` if nothing that old is kept.
   */
  history(collection: string, id: string, options: HistoryOptions): Promise<PastDocument>;
  /** Begins now, and resolves when what the storage has is loaded: then what waits in it is on its way. */
  ready(options?: WaitOptions): Promise<void>;
  /** Resolves when nothing waits for the server any more. */
  whenNothingPending(options?: WaitOptions): Promise<void>;
  /** Ends it for good. What waits is refused with `ERR_CLOSED`, and stays in the storage if there is one. */
  close(): void;
}
