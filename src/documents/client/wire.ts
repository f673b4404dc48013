/**
 * What a document, a room or a query of a client asks of its connection, and how values look on the way.
 *
 * @module
 */

import { type CodedError, type ErrorCode, HoldfastError } from "../../errors.ts";
import { findType, type OtType } from "../../ot/mod.ts";
import type { Change, OpIdentity, PartialPosition } from "../change.ts";
import type { Named, WireChange, WireError, WireMark, WireSnapshot } from "../protocol/messages.ts";
import type { QueryUpdate, ServerMessage } from "../protocol/replies.ts";
import type { DocContext, SnapshotNews } from "./doc_state.ts";
import type { Doc } from "./face.ts";
import { deserialized } from "./live.ts";
import type { Asked } from "./subscription.ts";

/** Where a client is in a document's log, as far as it knows. */
export interface Place {
  readonly version?: number | undefined;
  readonly epoch?: string | undefined;
  readonly tag?: string | undefined;
}

/** A message to the server. */
export type Sent = { readonly a: string; readonly [field: string]: unknown };

/** What lives on a connection: it hears when that comes and goes, and is asked to do what waits. */
export interface Tenant {
  /** Whether it is to be flushed in the next moment; kept by the connection. */
  isTouched: boolean;
  /** The connection came, or was lost. */
  connected(isOnline: boolean): void;
  /** The moment to send what waits. */
  flush(): void;
  /** The connection is closed for good. */
  closed(error: Error): void;
  /** Whether anything waits for the server. */
  readonly hasPending: boolean;
}

/** A tenant that is one document. */
export interface DocumentTenant extends Tenant {
  readonly collection: string;
  readonly id: string;
  /** Where it is, for a reading that goes on from there. */
  readonly position: Place;
  /** Of a document of updates: what is known from elsewhere, before anything is known from the server. */
  readonly known?: { readonly stateVector: string } | undefined;
  /** The reply to what it asked; `data` if it has a part of its own. */
  answered(asked: Asked, data: WireSnapshot | undefined, error: CodedError | undefined): void;
}

/** A document that may be held, so that it is not forgotten. */
export interface HeldDoc {
  readonly doc: Doc;
  readonly works: {
    readonly position: Place;
    load(snapshot: WireSnapshot): void;
  };
  hold(): void;
  letGo(): void;
}

/** A connection, for those who live on it. */
export interface Wire {
  readonly context: DocContext;
  readonly isOnline: boolean;
  /** Why it is closed for good, if it is. */
  readonly closedBy: Error | undefined;
  /** Who this connection is to the server, once it was greeted. */
  readonly id: string | undefined;
  /** The type that goes without saying. */
  readonly defaultType: string;
  /** The next identity of an operation; it is used up with {@linkcode Wire.use}. */
  nextIdentity(): OpIdentity | undefined;
  use(identity: OpIdentity): void;
  /** Asks to be flushed in the next moment, and the connection to begin. */
  touch(tenant: Tenant): void;
  /** Sends a message that nobody answers, or whose answer comes as a message. */
  send(message: Sent): void;
  /** Asks something that changes nothing, again on each new connection until it is answered. Returns what ends it. */
  inquire(message: Sent, reply: (message: ServerMessage) => void): () => void;
  /** Messages of this kind go to the function, if no request waits for them. Returns what ends it. */
  hear(kind: string, listener: (message: ServerMessage) => void): () => void;
  /** Queries that are open, by number. */
  readonly queries: Map<number, { updated(update: QueryUpdate): void }>;
  /** A number that nothing on this connection has. */
  nextNumber(): number;
  /** A document, to be held. */
  held(collection: string, id: string): HeldDoc;
  /** Rooms that are open, by name. */
  readonly rooms: Map<string, Tenant>;
  /** Lives on the connection from now on; returns what ends that. */
  join(tenant: Tenant): () => void;
  /** Something that was pending no longer is. */
  check(): void;
  /** Asks for a document, together with others that ask in this moment. */
  ask(doc: DocumentTenant, asked: Asked, isWhole: boolean): void;
  /** Calls back after a random while that grows with the attempt. Returns what cancels it. */
  later(attempt: number, callback: () => void): () => void;
}

/** The fields by which a message says what a client has. */
export function positionOnWire(
  { version, epoch, tag }: Place,
): WireMark & { readonly v?: number } {
  if (version === undefined) return {};
  return { v: version, ...(epoch && { e: epoch }), ...(tag && { g: tag }) };
}

/** A place in a document's log as a message says it. */
export function positionOf({ v, e, g }: WireMark & { readonly v: number }): PartialPosition {
  return { version: v, epoch: e, tag: g };
}

/** A change as a message has it. */
export function changeOnWire(change: Change): WireChange {
  switch (change.kind) {
    case "op":
      return { op: change.op };
    case "create":
      return { create: { type: change.type, data: change.data } };
    default:
      return change.kind === "del" ? { del: true } : {};
  }
}

/** The change that a message has. */
export function changeFrom({ op, create, del }: WireChange): Change {
  if (create !== undefined) return { kind: "create", type: create.type, data: create.data };
  if (del === true) return { kind: "del" };
  return op === undefined ? { kind: "none" } : { kind: "op", op };
}

/**
 * A snapshot that came.
 *
 * @throws {HoldfastError} `ERR_UNKNOWN_TYPE` for a type that is not to be had here, and what the type throws.
 */
export function snapshotFrom(
  types: readonly OtType[],
  snapshot: WireSnapshot,
  defaultType: string,
): SnapshotNews {
  const { data, type: name = defaultType } = snapshot;
  if (name === null) return { ...positionOf(snapshot), live: undefined };
  const type = findType(types, name);
  return { ...positionOf(snapshot), live: { type, data: deserialized(type, data) } };
}

/** An error that a message told, as one that can be thrown. */
export function errorFrom({ code = "ERR_FORBIDDEN", message }: WireError): HoldfastError {
  // A server may have codes of its own, such as a rule gave it: they are handed on as they are.
  return new HoldfastError(code as ErrorCode, String(message));
}

/** The name of a document in a storage. */
export function nameOf({ c, d }: Named): string {
  return JSON.stringify([c, d]);
}
