/**
 * What a server of documents says: one type for each reply and each message of its own (`messages.ts`), and how a client
 * knows one.
 *
 * @module
 */

import { isJsonObject, type Json } from "../../json.ts";
import type {
  Named,
  Numbered,
  PingMessage,
  PresenceMessage,
  PresenceRequest,
  PresenceSubscription,
  WireChange,
  WireError,
  WireFixup,
  WireMark,
  WireOrigin,
  WireSnapshot,
} from "./messages.ts";

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

/** The reply to any of the three. */
export interface ReadReply extends Numbered, Named {
  readonly a: "f" | "s" | "u";
  readonly data?: WireSnapshot | undefined;
  readonly error?: WireError | undefined;
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

/** The connection lives; and the heads of documents that changed since the last one: a client that is behind reads. */
export interface HeartbeatMessage {
  readonly a: "hb";
  /** Version and epoch, by collection and id. */
  readonly b?: Readonly<Record<string, Readonly<Record<string, readonly [v: number, e: string]>>>>;
}

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

/** A field that a message must have. */
interface Field {
  readonly name: string;
  readonly type: "string" | "number";
  /** Whether a refusal may lack it. */
  readonly isOfSuccess: boolean;
}

/** What a server's message must have, by what it is: `s` text, `n` number, `?` only if it is no refusal. */
const SERVER_FORMS: ReadonlyMap<unknown, readonly Field[]> = new Map(
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
    actions.split(" ").map((action) => [action, fieldsOf(fields)] as const)
  ),
);

/**
 * A value from a socket as a message of a server; `undefined` if it is none that is known here. Only the names and
 * numbers that lead to a document are looked at: what the document's type disliked, it says itself.
 */
export function readServerMessage(value: unknown): ServerMessage | undefined {
  if (!isJsonObject(value)) return undefined;
  const form = SERVER_FORMS.get(value.a);
  if (form === undefined) return undefined;
  const isRefusal = isJsonObject(value.error);
  for (const { name, type, isOfSuccess } of form) {
    if (typeof value[name] !== type && !(isRefusal && isOfSuccess)) return undefined;
  }
  // What the forms do not name is optional, and looked at by who uses it.
  return value as unknown as ServerMessage;
}

function fieldsOf(fields: string): readonly Field[] {
  return fields.split(" ").filter((field) => field !== "").map((field) => {
    const [name = "", form = ""] = field.split(":");
    const type = form.startsWith("n") ? "number" : "string";
    return { name, type, isOfSuccess: form.endsWith("?") };
  });
}
