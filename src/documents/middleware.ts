/**
 * What a server's owner puts between its clients and its documents: who may do what, and functions on the way of every
 * connection, reading and operation.
 *
 * A function refuses by throwing. Its error's words are told to the client, with its `code` if it has one; so say nothing
 * there that is not for strangers' eyes. Of what has no code, which may be a mistake of the function's, `onError` hears.
 *
 * @module
 */

import { HoldfastError } from "../errors.ts";
import type { Json, JsonObject } from "../json.ts";
import type { Awaitable, Snapshot } from "./core.ts";
import type { Change, OpIdentity } from "./change.ts";

/** Who a connection is, for rules. */
export interface DocumentSession {
  /** Who was authenticated; `""` for anybody. */
  readonly subject: string;
  /** The connection's source, as others see it. */
  readonly source: string;
  /** The request that began the connection, where there was one. */
  readonly request: Request | undefined;
  /** What rules want to remember of the connection, as long as it lasts. */
  readonly custom: Record<string, unknown>;
}

/** What somebody wants to do, for {@linkcode Authorize}. */
export interface AccessRequest {
  /** What is to be done: `read` is fetching, subscribing and history. */
  readonly action: "read" | "submit" | "query" | "presence";
  /** Who wants it. */
  readonly session: DocumentSession;
  /** The collection; of presence that is on no document, the channel. */
  readonly collection: string;
  /** The document; `undefined` for a query, and for presence that is on none. */
  readonly id: string | undefined;
  /** What is submitted. */
  readonly change: Change | undefined;
}

/** Says whether somebody may do something. */
export type Authorize = (request: AccessRequest) => Awaitable<boolean>;

/** One function or several, called in turn. */
export type Hooks<Context> =
  | ((context: Context) => Awaitable<void>)
  | readonly ((context: Context) => Awaitable<void>)[];

/** Functions on the way of connections, readings and operations. */
export interface DocumentHooks {
  /** A connection has said who it is. */
  readonly connect?: Hooks<DocumentSession>;
  /** Documents were read, and are about to be told. */
  readonly read?: Hooks<ReadContext>;
  /** A query is about to be asked. */
  readonly query?: Hooks<QueryContext>;
  /** An operation came in. */
  readonly submit?: Hooks<SubmitContext>;
  /** An operation was led past all others, and is about to be applied: on every lap of a race. */
  readonly apply?: Hooks<ApplyContext>;
  /** An operation was applied, and is about to be committed: on every lap of a race. */
  readonly commit?: Hooks<CommitContext>;
  /** An operation is committed. What this throws changes nothing; `onError` hears of it. */
  readonly afterCommit?: Hooks<AfterCommitContext>;
}

/** A document that is about to be told. */
export interface ReadDocument {
  /** The document. */
  readonly id: string;
  /** Its version. */
  readonly version: number;
  /** The URI of its type; `undefined` if it is not there, or if only operations are told. */
  readonly type: string | undefined;
  /**
   * Its data. May be replaced by other data, and is never to be changed in place. Operations that follow are told as they
   * are: this shapes what is fetched, and hides nothing from who subscribes.
   */
  data: Json | undefined;
}

/** What {@linkcode DocumentHooks.read} is told. */
export interface ReadContext {
  /** Who reads. */
  readonly session: DocumentSession;
  /** The collection. */
  readonly collection: string;
  /** What is told: documents as they are, only the operations since what the reader has, or a document as it was. */
  readonly kind: "snapshots" | "ops" | "history";
  /** The documents. */
  readonly documents: readonly ReadDocument[];
  /** Refuses to tell one of them. */
  reject(id: string, error: unknown): void;
  /** The same, so that an unmodified ShareDB client takes it without a word. */
  rejectSilently(id: string, message?: string): void;
}

/** What {@linkcode DocumentHooks.query} is told. */
export interface QueryContext {
  /** Who asks. */
  readonly session: DocumentSession;
  /** The collection. */
  readonly collection: string;
  /** The query. May be replaced by another. */
  query: Json;
  /** What the client asked beside the query, for these functions to see. */
  readonly extra: JsonObject;
  /**
   * The channels of which a live query hears: operations that were committed on one of them, and no others. Left out, all
   * of the collection.
   */
  channels?: readonly string[] | undefined;
  /** How long changes of a live query's result are gathered before they are told, in milliseconds; 0 by default. */
  pollDebounce?: number | undefined;
  /** How often a live query is evaluated anew, whatever it heard, in milliseconds; never by default. */
  pollInterval?: number | undefined;
}

/** What {@linkcode DocumentHooks.submit} is told. */
export interface SubmitContext {
  /** Who submits. */
  readonly session: DocumentSession;
  /** The collection. */
  readonly collection: string;
  /** The document. */
  readonly id: string;
  /** What identifies the operation. */
  readonly identity: OpIdentity;
  /** What it does. May be replaced by something else: by `{ kind: "none" }` if nothing is to happen. */
  change: Change;
  /** What its sender told for these functions to see. */
  readonly extra: JsonObject;
  /** Channels on which it is committed beside its collection's, for queries that hear of those only. May be added to. */
  readonly channels: string[];
}

/** What {@linkcode DocumentHooks.apply} is told. */
export interface ApplyContext extends Omit<SubmitContext, "change"> {
  /** What it does by now. */
  readonly change: Change;
  /** The version that it applies to. */
  readonly version: number;
  /** The document before it. */
  readonly before: Snapshot;
  /** Adds an operation that is done right after it, and committed as one with it; its sender gets it with the reply. */
  fixup(op: Json): void;
}

/** What {@linkcode DocumentHooks.commit} is told. */
export interface CommitContext extends Omit<ApplyContext, "fixup"> {
  /** The document after it. */
  readonly after: Snapshot;
}

/** What {@linkcode DocumentHooks.afterCommit} is told. */
export interface AfterCommitContext extends Omit<ApplyContext, "fixup" | "before"> {
  /** The document's epoch. */
  readonly epoch: string;
}

/**
 * An error that refuses an operation without a word: an unmodified ShareDB client takes it back, and calls that a
 * success.
 */
export function rejectedSilently(message = "The operation is refused"): HoldfastError {
  return new HoldfastError("ERR_OP_SUBMIT_REJECTED", message);
}
