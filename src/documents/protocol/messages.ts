/**
 * What a client and a server of documents say to each other: ShareDB's protocol 1.2 (npm `sharedb` 7), written out as
 * types, with the few fields by which our own clients know more. Both sides speak JSON objects over an ordered socket,
 * one object a message.
 *
 * A reply is matched with its request by `id` where there is one (queries, snapshots of the past), by `ch` for
 * presence, and else by (`a`, `c`, `d` or `b`) in order. A refusal is the reply with `error`, and no more of the request
 * than it takes to find it: never its operation, its data or its query.
 *
 * | ours       | where                                       | what it says                                            |
 * | ---------- | ------------------------------------------- | ------------------------------------------------------- |
 * | `holdfast` | `init`; `hs` both ways                      | this side knows what follows; both must say it          |
 * | `token`    | `hs` of a client                            | credentials, where a browser cannot send headers        |
 * | `n`        | every request; its reply                    | the request's number: nothing is matched by order       |
 * | `e`, `g`   | snapshots, operations, acknowledgements     | the document's epoch, and the tag of its last operation |
 * | `e`, `g`   | with `v` in `op`, `f`, `s` (maps in bulk)   | of what the client has: if they differ, `v` means nothing |
 * | `data`     | the reply to `f`, `s`, `bf`, `bs` with `v`  | what the client has cannot be continued (`k`): begin here |
 * | `sv`       | `f`, `s` of a document of updates; its data | the state vector of what the client has; only what it lacks |
 * | `hb`       | server to client, now and then              | the connection lives; the heads of documents that changed |
 *
 * A document of updates is one whose type's operations commute (`ot/updates.ts`): `op` is an update as base64, `create`
 * begins with one and, where the document is there already, adds it; `data` is all of them, merged. Nothing else about it
 * is different on the wire, and any client that has the type may take part.
 *
 * What others see as `src` is the part of a connection's id before the dot, so that nobody learns from an operation how
 * to pass for its author; one's own come back under the id that they were sent with.
 *
 * A side that does not know a field leaves it alone, so that any ShareDB client may talk to our server and our client to
 * any ShareDB server. What both sides say stands here, what clients say in `requests.ts`, what servers say in
 * `replies.ts`. Types come without promises: whatever is read from a socket goes through `readServerMessage` in a client
 * and through `parse.ts` in a server.
 *
 * @module
 */

import type { Json } from "../../json.ts";

/** The version of ShareDB's protocol that is spoken here. Another first number is refused; the second one only adds. */
export const PROTOCOL = { protocol: 1, protocolMinor: 2 } as const;
/** The version of our own additions to it. */
export const HOLDFAST = 1;

/** What went wrong, for programs and for people. */
export interface WireError {
  /** A stable code, `ERR_…`; a server of another make may leave it out. */
  readonly code?: string | undefined;
  /** What was asked, which rule it broke. */
  readonly message: string;
}

/** What every request may carry and every reply gives back. */
export interface Numbered {
  /** The number of the request on this connection, from 1. */
  readonly n?: number | undefined;
}

/** What names a document. */
export interface Named {
  /** The collection (or projection, as which it is seen). */
  readonly c: string;
  /** The document's id. */
  readonly d: string;
}

/** A document as it stands. */
export interface WireSnapshot extends WireMark {
  /** How many operations made it; 0 if it never was. */
  readonly v: number;
  /** Its data, in the form that its type serializes to. */
  readonly data?: Json | undefined;
  /** Its type's URI; left out for the default type, null if the document is not there. */
  readonly type?: string | null | undefined;
  /** Why what the client has cannot be continued: it is of another life, or what follows it is no longer kept. */
  readonly k?: "foreign" | "trimmed" | undefined;
  /** The data is only what the request's state vector lacks. */
  readonly sv?: true | undefined;
}

/** What tells one life of a document from another, beside its version. */
export interface WireMark {
  /** The epoch. */
  readonly e?: string | undefined;
  /** The tag of the last operation. */
  readonly g?: string | undefined;
}

/** What makes a document. */
export interface WireCreate {
  /** The type's name or URI. */
  readonly type: string;
  /** Its first data. */
  readonly data?: Json | undefined;
}

/** What happens to a document: exactly one of the three. None at all changes nothing, and takes a version. */
export interface WireChange {
  /** An operation of the document's type. */
  readonly op?: Json | undefined;
  /** It is made. */
  readonly create?: WireCreate | undefined;
  /** It is deleted. */
  readonly del?: true | undefined;
}

/** Who made an operation, and which of his it is. */
export interface WireOrigin {
  /** The id of the connection that first sent it. */
  readonly src: string;
  /** The number that this connection gave it, from 1. */
  readonly seq: number;
}

/** What a server added to an operation before it was committed. */
export interface WireFixup extends WireOrigin {
  /** The version that the operation was applied to. */
  readonly v: number;
  /** The addition, to be applied after the operation. */
  readonly op: Json;
}

/** Come into a room (`ps`) or leave it (`pu`); both are answered in kind. */
export interface PresenceSubscription extends Numbered {
  readonly a: "ps" | "pu";
  readonly ch: string;
  /** Which wish it is; one that is older than the last known is ignored. */
  readonly seq: number;
  readonly error?: WireError | undefined;
}

/** Somebody is somewhere: what he says, what everybody hears, and he himself as the reply. */
export interface PresenceMessage extends Numbered {
  readonly a: "p";
  readonly ch: string;
  /** Which presence of its connection it is. */
  readonly id: string;
  /** Where or what; null when it is gone. */
  readonly p?: Json | undefined;
  /** Counts up with each change; a lower one than the last is old news. */
  readonly pv?: number | undefined;
  readonly src?: string | undefined;
  /** The document that it is on, if it is on one, the version that it was at, and its type. */
  readonly c?: string | undefined;
  readonly d?: string | undefined;
  readonly v?: number | null | undefined;
  readonly t?: string | undefined;
  readonly error?: WireError | undefined;
}

/** Everybody in the room is asked to say where they are. A server's reply to the one who asked has no `ch`. */
export interface PresenceRequest extends Numbered {
  readonly a: "pr";
  readonly ch?: string | undefined;
  readonly error?: WireError | undefined;
}

/** Are you there? The reply is the same. */
export interface PingMessage extends Numbered {
  readonly a: "pp";
  readonly error?: WireError | undefined;
}

/** The part of a source that everybody may see: two operations have one author if it is the same. */
export function publicSource(source: string): string {
  return source.split(".", 1)[0] ?? source;
}

/** Whether two sources are one to everybody. Makes no text: it is asked of every operation that comes. */
export function isSameSource(source: string, other: string): boolean {
  const length = publicLength(source);
  return length === publicLength(other) &&
    source.startsWith(length === other.length ? other : other.slice(0, length));
}

function publicLength(source: string): number {
  const dot = source.indexOf(".");
  return dot === -1 ? source.length : dot;
}
