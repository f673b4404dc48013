/**
 * Documents as they are served: by structure, so that only their types are needed.
 *
 * @module
 */

import type { Json } from "../json.ts";
import type { SocketUpgrade } from "./part.ts";

/** A document at a version, as far as it is told. */
export interface ServedSnapshot {
  /** The log's life; `""` for a document that was never written. */
  readonly epoch: string;
  /** How many operations lie before it. */
  readonly version: number;
  /** The tag of the last of them. */
  readonly tag: string;
  /** The URI of its type; `undefined` if there is no document. */
  readonly type: string | undefined;
  /** The document. */
  readonly data: Json | undefined;
  /** What is known beside it. */
  readonly meta: { readonly createdAtMs: number; readonly changedAtMs: number };
}

/** An operation in its place. */
export interface ServedOp {
  /** The version of the document that it applies to. */
  readonly version: number;
  /** What it does. */
  readonly kind: string;
  /** Who made it: for the server alone. */
  readonly source?: string;
  /** Its own random characters: for the server alone. */
  readonly tag?: string;
  /** What who wrote it wants to remember beside it: for the server alone. */
  readonly meta?: Json | undefined;
}

/** What a follower of documents is told. */
export type ServedEvent =
  | {
    readonly kind: "ops";
    readonly epoch: string;
    readonly ops: readonly ServedOp[];
  }
  | { readonly kind: "gap" }
  | { readonly kind: "failed"; readonly error: unknown };

/** What is served: what `createDocuments` gives, reduced to what is used of it. */
export interface ServedDocuments {
  /** A document. */
  fetch(collection: string, id: string, options: CallSignal): Promise<ServedSnapshot>;
  /** What it was. */
  history(
    collection: string,
    id: string,
    moment: { readonly version: number } | { readonly at: number },
    options: CallSignal,
  ): Promise<ServedSnapshot>;
  /** Commits an operation. */
  submit(
    collection: string,
    id: string,
    submission: DocumentSubmission,
    options: CallSignal,
  ): Promise<{ readonly version: number; readonly epoch: string; readonly isDuplicate: boolean }>;
  /** Tells what is committed from the moment on when the promise resolves. */
  follow(
    collection: string,
    ids: readonly string[],
    listener: (event: ServedEvent) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** Makes a request a connection of an editor. */
  upgrade(request: Request, open: () => Required<SocketUpgrade>): Response;
}

/** An operation as it is sent: one of `op`, `create` and `del`. */
export interface DocumentSubmission {
  /** An edit, as the document's type has it. */
  readonly op?: unknown;
  /** A creation. */
  readonly create?: { readonly type?: string; readonly data?: unknown };
  /** A deletion. */
  readonly del?: true;
  /** The version that it is made for. */
  readonly version?: number;
  /** The epoch that came with that version. */
  readonly epoch?: string;
  /** Who submits. */
  readonly source?: string;
  /** The source's own count. */
  readonly sequence?: number;
}

/** Ends the waiting. */
export interface CallSignal {
  /** Ends it when aborted. */
  readonly signal: AbortSignal;
}
