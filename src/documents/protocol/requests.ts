/**
 * What a client of documents says: one type for each request of the protocol (`messages.ts`).
 *
 * @module
 */

import type { Json, JsonObject } from "../../json.ts";
import type {
  Named,
  Numbered,
  PingMessage,
  PresenceMessage,
  PresenceRequest,
  PresenceSubscription,
  WireChange,
  WireMark,
} from "./messages.ts";

/** A client comes, or comes back with the id it had. */
export interface HandshakeRequest {
  readonly a: "hs";
  readonly id?: string | null | undefined;
  readonly protocol?: number | string | null | undefined;
  readonly protocolMinor?: number | string | null | undefined;
  readonly holdfast?: number | undefined;
  readonly token?: string | undefined;
}

/**
 * Fetch (`f`) or subscribe (`s`). Without `v` the reply has the snapshot; with it come first the operations from that
 * version on, as messages of their own, and then a reply without data.
 */
export interface ReadRequest extends Numbered, Named, WireMark {
  readonly a: "f" | "s";
  readonly v?: number | null | undefined;
  /** Of a document of updates, instead of `v`: the state vector of what the client has, as base64. */
  readonly sv?: string | undefined;
}

/** Hear no more of a document. */
export interface UnsubscribeRequest extends Numbered, Named {
  readonly a: "u";
}

/** The same for many documents of a collection: ids to get snapshots, or versions by id to get operations. */
export interface BulkReadRequest extends Numbered {
  readonly a: "bf" | "bs";
  readonly c: string;
  readonly b: readonly string[] | Readonly<Record<string, number | null>>;
  readonly e?: Readonly<Record<string, string>> | undefined;
  readonly g?: Readonly<Record<string, string>> | undefined;
}

/** Hear no more of many documents. */
export interface BulkUnsubscribeRequest extends Numbered {
  readonly a: "bu";
  readonly c: string;
  readonly b: readonly string[];
}

/** An operation is submitted. Without a version it is meant for the document as it stands. */
export interface SubmitRequest extends Numbered, Named, WireMark, WireChange {
  readonly a: "op";
  readonly v?: number | null | undefined;
  /** Left out, it is this connection's id; an operation sent again after a reconnection has the one it first had. */
  readonly src?: string | undefined;
  readonly seq: number;
  /** What the client wants the server's rules to see, and nobody else. */
  readonly x?: JsonObject | undefined;
}

/** A document among the results that a client has; a client of ours says its epoch and tag too. */
export type ResultHad = readonly [id: string, v: number | null, e?: string, g?: string];

/** Fetch (`qf`) or subscribe (`qs`) a query. */
export interface QueryRequest extends Numbered {
  readonly a: "qf" | "qs";
  /** The query's number on this connection. */
  readonly id: number;
  readonly c: string;
  readonly q: Json;
  /** Options, such as the database that is asked. */
  readonly o?: JsonObject | undefined;
  /** The results that the client has, to be brought up to date, in order. */
  readonly r?: readonly ResultHad[] | undefined;
}

/** Hear no more of a query. */
export interface QueryUnsubscribeRequest extends Numbered {
  readonly a: "qu";
  readonly id: number;
}

/** A document as it was: at a version (`nf`), or at a time in milliseconds since 1970 (`nt`). */
export interface HistoryRequest extends Numbered, Named {
  readonly a: "nf" | "nt";
  readonly id: number;
  readonly v?: number | null | undefined;
  readonly ts?: number | null | undefined;
}

/** Everything that a client may say. */
export type ClientMessage =
  | HandshakeRequest
  | ReadRequest
  | UnsubscribeRequest
  | BulkReadRequest
  | BulkUnsubscribeRequest
  | SubmitRequest
  | QueryRequest
  | QueryUnsubscribeRequest
  | HistoryRequest
  | PresenceSubscription
  | PresenceMessage
  | PresenceRequest
  | PingMessage;
