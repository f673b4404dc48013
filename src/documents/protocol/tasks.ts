/**
 * What a session asks to be done, and what may come of it.
 *
 * @module
 */

import type { PartialPosition } from "../change.ts";
import type { ReadResult, ReadWant, SubmitResult } from "../core.ts";
import type { Laned } from "./lanes.ts";
import type { Line, Stream } from "./line.ts";
import type {
  PresenceMessage,
  PresenceRequest,
  PresenceSubscription,
  WireError,
} from "./messages.ts";
import type { ServerMessage } from "./replies.ts";
import type {
  BulkReadRequest,
  BulkUnsubscribeRequest,
  HandshakeRequest,
  HistoryRequest,
  QueryRequest,
  QueryUnsubscribeRequest,
  ReadRequest,
  SubmitRequest,
  UnsubscribeRequest,
} from "./requests.ts";

/** Find out who it is, and give it its id. Without a request: a client that does not shake hands. */
export interface GreetTask {
  readonly kind: "greet";
  readonly request: HandshakeRequest | undefined;
}

/** Read documents; first join the streams of those in `joins`. Without a request: to close a gap. */
export interface ReadTask extends Laned {
  readonly kind: "read";
  readonly request: ReadRequest | BulkReadRequest | undefined;
  readonly collection: string;
  readonly wants: readonly ReadWant[];
  readonly lines: readonly Line[];
  /** The stream of each line at its turn: held until the reading is told. */
  readonly streams: (Stream | undefined)[];
  /** Ids whose streams begin with this reading. */
  readonly joins: string[];
  /** Called when what was read is told. */
  readonly told?: (() => void) | undefined;
}

/** Hear no more of documents. */
export interface LeaveTask extends Laned {
  readonly kind: "leave";
  readonly request: UnsubscribeRequest | BulkUnsubscribeRequest;
  readonly lines: readonly Line[];
}

/** Commit an operation. */
export interface SubmitTask extends Laned {
  readonly kind: "submit";
  readonly request: SubmitRequest;
  readonly line: Line;
  readonly base: PartialPosition | undefined;
  /** The source as the client knows it. */
  readonly source: string;
  /** The stream that has told of it, and waits for its acknowledgement. */
  toldBy: Stream | undefined;
}

/** Answer something that touches no document's order. */
export interface AskTask {
  readonly kind: "ask";
  readonly request: AskRequest;
}

/** Requests that are answered by one message, whenever it is there. */
export type AskRequest =
  | HistoryRequest
  | QueryRequest
  | QueryUnsubscribeRequest
  | PresenceSubscription
  | PresenceMessage
  | PresenceRequest;

/** Everything that a session asks to be done. */
export type Task = GreetTask | ReadTask | SubmitTask | AskTask;

/** What came of a task; `error` if it came to nothing. */
export type Outcome =
  | { readonly kind: "greeted"; readonly identity: Identity }
  | { readonly kind: "read"; readonly results: readonly ReadResult[] }
  | { readonly kind: "submitted"; readonly result: SubmitResult }
  /** Without a reply: it was told already, before something that had to follow. */
  | { readonly kind: "answered"; readonly reply: ServerMessage | undefined }
  | { readonly kind: "failed"; readonly error: WireError; readonly close?: Close };

/** Who a connection is. */
export interface Identity {
  /** Its id, which only it and the server know. */
  readonly id: string;
  /** What others see of it. */
  readonly source: string;
  /** When the id was given, in milliseconds since 1970; 0 if that is not known, and it is an old one. */
  readonly givenAtMs: number;
  /** What this process knows that the id was sent. */
  readonly sent: SentEpochs;
}

/** Of which lives of its collections' data a connection was sent something. */
export interface SentEpochs {
  /** Whether this is everything that was sent under the id. */
  isAll: boolean;
  /** Epochs of journals, by collection; made with the first. */
  epochs: Map<string, readonly string[]> | undefined;
}

/** How a connection ends. */
export interface Close {
  /** A close code of WebSocket. */
  readonly code: number;
  /** Why, for people. */
  readonly reason: string;
}
