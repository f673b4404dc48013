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
 * | `data`     | the reply to `f`, `s`, `bf`, `bs` with `v`  | what the client has cannot be continued: begin from this |
 * | `hb`       | server to client, now and then              | the connection lives; the heads of documents that changed |
 *
 * What others see as `src` is the part of a connection's id before the dot, so that nobody learns from an operation how
 * to pass for its author; one's own come back under the id that they were sent with.
 *
 * A side that does not know a field leaves it alone, so that any ShareDB client may talk to our server and our client to
 * any ShareDB server. Types come without promises: whatever is read from a socket goes through `readServerMessage` here
 * or through `parse.ts` on the server.
 *
 * @module
 */

import { isJsonObject, type Json, type JsonObject } from "../../json.ts";

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

/** The first word of a server. */
export interface InitMessage {
  readonly a: "init";
  readonly protocol: number;
  readonly protocolMinor: number;
  /** An id for clients too old to shake hands. */
  readonly id: string;
  /** The URI of the type that is meant where none is said. */
  readonly type: string;
  readonly holdfast?: number | undefined;
}

/** A client comes, or comes back with the id it had. */
export interface HandshakeRequest {
  readonly a: "hs";
  readonly id?: string | null | undefined;
  readonly protocol?: number | string | null | undefined;
  readonly protocolMinor?: number | string | null | undefined;
  readonly holdfast?: number | undefined;
  readonly token?: string | undefined;
}

/** The client's id from here on: the source of what it sends. */
export interface HandshakeReply {
  readonly a: "hs";
  readonly id: string;
  readonly protocol: number;
  readonly protocolMinor: number;
  readonly type: string;
  readonly holdfast?: number | undefined;
  readonly error?: WireError | undefined;
}

/**
 * Fetch (`f`) or subscribe (`s`). Without `v` the reply has the snapshot; with it come first the operations from that
 * version on, as messages of their own, and then a reply without data.
 */
export interface ReadRequest extends Numbered, Named, WireMark {
  readonly a: "f" | "s";
  readonly v?: number | null | undefined;
}

/** Hear no more of a document. */
export interface UnsubscribeRequest extends Numbered, Named {
  readonly a: "u";
}

/** The reply to any of the three. */
export interface ReadReply extends Numbered, Named {
  readonly a: "f" | "s" | "u";
  readonly data?: WireSnapshot | undefined;
  readonly error?: WireError | undefined;
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

/** A document's part of a reply for many. */
export type BulkResult = WireSnapshot | { readonly error: WireError };

/** The reply for many documents: `data` by id where snapshots were asked for, else what was asked. */
export interface BulkReply extends Numbered {
  readonly a: "bf" | "bs" | "bu";
  readonly c: string;
  readonly b?: readonly string[] | Readonly<Record<string, number | null>> | undefined;
  readonly data?: Readonly<Record<string, BulkResult>> | undefined;
  readonly error?: WireError | undefined;
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

/**
 * An operation was committed: one's own (then it is the reply, and has no change), or somebody's. Before the reply
 * come all operations that the client missed. `g` is the operation's own tag.
 */
export interface OpMessage extends Numbered, Named, WireMark, WireChange, WireOrigin {
  readonly a: "op";
  /** The version that it was applied to. */
  readonly v: number;
  readonly fixup?: readonly WireFixup[] | undefined;
}

/** An operation was refused. */
export interface OpRefusal extends Numbered, Named {
  readonly a: "op";
  readonly v?: number | null | undefined;
  readonly src?: string | undefined;
  readonly seq?: number | undefined;
  readonly error: WireError;
}

/** Fetch (`qf`) or subscribe (`qs`) a query. */
export interface QueryRequest extends Numbered {
  readonly a: "qf" | "qs";
  /** The query's number on this connection. */
  readonly id: number;
  readonly c: string;
  readonly q: Json;
  /** Options, such as the database that is asked. */
  readonly o?: JsonObject | undefined;
  /** The results that the client has, to be brought up to date: ids and versions, in order. */
  readonly r?: readonly (readonly [id: string, v: number | null])[] | undefined;
}

/** Hear no more of a query. */
export interface QueryUnsubscribeRequest extends Numbered {
  readonly a: "qu";
  readonly id: number;
}

/** A document among the results of a query. */
export interface QueryResult extends WireSnapshot {
  readonly d: string;
}

/** The reply to a query: results in order, or, to one that said what it has, the snapshots by id that it lacks. */
export interface QueryReply extends Numbered {
  readonly a: "qf" | "qs" | "qu";
  readonly id: number;
  readonly data?: readonly QueryResult[] | Readonly<Record<string, BulkResult>> | undefined;
  readonly extra?: Json | undefined;
  readonly error?: WireError | undefined;
}

/** One step by which the results of a query change; steps are applied in order. */
export type QueryStep =
  | { readonly type: "insert"; readonly index: number; readonly values: readonly QueryResult[] }
  | { readonly type: "remove"; readonly index: number; readonly howMany: number }
  | {
    readonly type: "move";
    readonly from: number;
    readonly to: number;
    readonly howMany: number;
  };

/** The results of a query changed. */
export interface QueryUpdate {
  readonly a: "q";
  readonly id: number;
  readonly diff?: readonly QueryStep[] | undefined;
  readonly extra?: Json | undefined;
  readonly error?: WireError | undefined;
}

/** A document as it was: at a version (`nf`), or at a time in milliseconds since 1970 (`nt`). */
export interface HistoryRequest extends Numbered, Named {
  readonly a: "nf" | "nt";
  readonly id: number;
  readonly v?: number | null | undefined;
  readonly ts?: number | null | undefined;
}

/** The document as it was. */
export interface HistoryReply extends Numbered {
  readonly a: "nf" | "nt";
  readonly id: number;
  readonly v?: number | undefined;
  readonly type?: string | null | undefined;
  readonly data?: Json | undefined;
  readonly m?: null | undefined;
  readonly error?: WireError | undefined;
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

/** The connection lives; and the heads of documents that changed since the last one: a client that is behind reads. */
export interface HeartbeatMessage {
  readonly a: "hb";
  /** Version and epoch, by collection and id. */
  readonly b?: Readonly<Record<string, Readonly<Record<string, readonly [v: number, e: string]>>>>;
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

/** Everything that a server may say. */
export type ServerMessage =
  | InitMessage
  | HandshakeReply
  | ReadReply
  | BulkReply
  | OpMessage
  | OpRefusal
  | QueryReply
  | QueryUpdate
  | HistoryReply
  | PresenceSubscription
  | PresenceMessage
  | PresenceRequest
  | PingMessage
  | HeartbeatMessage;

/** The part of a source that everybody may see: two operations have one author if it is the same. */
export function publicSource(source: string): string {
  return source.split(".", 1)[0] ?? source;
}

/** What a server's message must have, by what it is: `s` text, `n` number, `?` only if it is no refusal. */
const SERVER_FORMS: ReadonlyMap<unknown, readonly [field: string, form: string][]> = new Map(
  [
    ["init", "id:s protocol:n"],
    ["hs", "id:s? protocol:n?"],
    ["f s u", "c:s d:s"],
    ["bf bs bu", "c:s"],
    ["op", "c:s d:s v:n? src:s? seq:n?"],
    ["q qf qs qu", "id:n"],
    ["nf nt", "id:n v:n?"],
    ["ps pu", "ch:s"],
    ["p", "ch:s id:s pv:n?"],
    ["pr pp hb", ""],
  ].flatMap(([actions = "", fields = ""]) =>
    actions.split(" ").map((action) => [action, forms(fields)] as const)
  ),
);

/**
 * A value from a socket as a message of a server; `undefined` if it is none that is known here. Only the names and
 * numbers that lead to a document are looked at: what the document's type disliked, it says itself.
 */
export function readServerMessage(value: unknown): ServerMessage | undefined {
  if (!isJsonObject(value)) return undefined;
  const isRefusal = isJsonObject(value.error);
  const fits = SERVER_FORMS.get(value.a)?.every(([field, form]) =>
    (isRefusal && form.length > 1) ||
    typeof value[field] === (form.startsWith("n") ? "number" : "string")
  );
  // What the forms do not name is optional, and looked at by who uses it.
  return fits ? value as unknown as ServerMessage : undefined;
}

function forms(fields: string): readonly [field: string, form: string][] {
  return fields.split(" ").filter((field) => field !== "").map((field) => {
    const [name = "", form = ""] = field.split(":");
    return [name, form];
  });
}
