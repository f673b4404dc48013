/**
 * What travels between a browser and the hub: the messages of backsync, and what they lacked. Pure: types, names and
 * bounds, for both sides.
 *
 * Every message is one JSON object in one text frame. What a side does not know in it, it ignores; so the seed's clients
 * work as they are.
 *
 * ## Records
 *
 * | message | fields | answer |
 * |---|---|---|
 * | `Model:read` | `data`: none for all, `{id}`, `{ids: […]}`; with `limit` and `after` (an answer's `next`) for pages | `data`: records in the order of ids, or one; `seq`, `cursor`, `next?` |
 * | `Model:upsert` | `data`: the record, with or without `id`; `v?`: the version that must be there, `null` for none; `patch?: true` to change only the fields given | `data`: the record as it is stored; `seq`, `v` |
 * | `Model:delete` | `data: {id}`, the rest is ignored; `v?` | `data: {}`, also for one that was not there |
 *
 * Requests have an `id` if they want an answer: without it there is none, not even for a failure. An answer has the
 * `id` and `event` of its request, and `data`. A failure has `data: null`, `error` (text, as the seed had it), `code`
 * (`ERR_…`) and for some codes `details`: `current` for `ERR_CONFLICT` (the record as it is now; none if it is gone),
 * `fields` and `owner` for `ERR_UNIQUE`, `issues` for `ERR_INVALID_VALUE`, `retryAfterMs` for `ERR_RATE_LIMITED`.
 *
 * Records are `{id, …fields, $version}`. A version is opaque, equal for equal states, and begins with the number of its
 * write: `"12-…"` ({@linkcode seqOfVersion}). In what a client sends, `$version` is ignored: `v` says what it expects.
 *
 * An event is a message without `id`: `{event: "Model:upsert" | "Model:delete", data, seq, cursor, v, tx?}`. Its `data`
 * is the whole record, or `{id}`. One that left the reader's sight comes as a delete. `tx` is there only for the
 * connection that made the write, and always after the answer to it.
 *
 * - `seq` is the entry's place in the model's journal. A filtered reader sees holes in it, and so does one whose events
 *   were coalesced; it always grows, and nothing is missing.
 * - `cursor` says where to go on: that of the last event, or of the last ping, which moves it past what is not for
 *   this reader's eyes. A read's `cursor` and `seq` were taken before its records: events after them may be known
 *   already (compare versions), and none is missing.
 *
 * ## Writes happen once
 *
 * `tx` is the write's own name: `name` or `name/index`, the name of 1 to {@linkcode NAME_LENGTH_MAX} characters of
 * `A-Z a-z 0-9 . _ -`. A second message with it answers like the first; with other data it is `ERR_TOKEN_REUSED`. Names
 * of one user never meet those of another.
 *
 * With an index it is also the write's place in its sender's own queue, which counts the writes **of one model** from 1.
 * A place at or below the last one that was made is not made again. Where the store no longer remembers the queue and
 * the index is past 1, the answer is `ERR_OUTCOME_UNKNOWN`, and the write was not executed *by this message*: if it
 * never was sent before, the client may send it under a new name from 1; if it was, nobody knows.
 *
 * `ERR_UNAVAILABLE`, `ERR_TIMEOUT`, `ERR_RATE_LIMITED` and `ERR_CLOSED` pass: the same write with the same `tx` may be
 * sent again. All other codes are final.
 *
 * The hub makes the writes of one connection and model one after the other, in their order, and holds back the events of
 * that model while one is being made; so the answer always comes before the echo. Over the event stream, where answers
 * come by another road, the client itself holds back events while it waits for an answer.
 *
 * ## Control
 *
 * | message | from | `data` | answer's `data` |
 * |---|---|---|---|
 * | `$sync:hello` | client | `{version?: 1, client?, token?, echo?}` | `{version, session, heartbeatMs}` |
 * | `$sync:subscribe` | client | `{model, after?}`: from now on, or from a cursor | `{model, cursor, seq, reset}`; then what was missed |
 * | `$sync:resume` | client | the same, with `after` | the same |
 * | `$sync:unsubscribe` | client | `{model}` | `{}` |
 * | `$sync:presence` | client | `{room, meta}`: to be there, or change it; `meta: null` to go | `{room, pv, members: [{key, meta}]}` |
 * | `$sync:presence` | hub | `{room, pv, joins: [{key, meta}], leaves: [{key}]}`; with `all: true` the joins are everybody | |
 * | `$sync:ping` | both | client: anything; hub: `{cursors: {Todo: …}}` | `{}`, if it has an `id` |
 * | `$sync:reset` | hub | `{model, cursor, seq}`: read all anew; events go on after the cursor | |
 * | `$sync:bye` | both | client: none; hub: `{afterMs, code}`: come back after so long, with jitter | closed |
 * | `$sync:error` | hub | what could not be read: `data: null`, `error`, `code` | |
 *
 * A subscription that is refused has `data: {model}` beside its error. `reset` says that `after` was missing or of no use: the state must be read, and `cursor` is where events go on.
 * `token` is handed to the hub's `authenticate` again, to prolong a subject that expires; it must give the same subject.
 *
 * A connection that never says hello is a client of the seed's kind: it hears every model that it may read, and is
 * never asked for a sign of life. One that did hears what it subscribes to, and is closed if it says nothing for two
 * heartbeats: it answers the hub's ping with a ping without id.
 *
 * A member of a room is a user, not a connection: two tabs are one member, who leaves after the second.
 *
 * ## Roads
 *
 * | road | address | carries |
 * |---|---|---|
 * | WebSocket | `GET <base>` with `Upgrade`; subprotocols `holdfast` and `holdfast.token.<base64url>` or `holdfast.ticket.<t>`, or `?ticket=` | all messages |
 * | event stream | `GET <base>?models=[["Todo",cursor or null],…]`, accepting `text/event-stream`; `Last-Event-ID` has the form of `models` and wins | hub to client; first a `$sync:subscribe` for each model |
 * | long poll | `GET <base>?models=…&wait=25000`: the same messages as a JSON array, as soon as there is one | hub to client |
 * | POST | `POST <base>`: one message, or an array of at most {@linkcode BATCH_MAX} | client to hub; the answers in order, as an array |
 * | ticket | `POST <base>/ticket`, authenticated by header or cookie: `{ticket, expiresInMs}` | opens one connection |
 * | SockJS | `<base>/sockjs/…` | all messages, for the seed's clients |
 *
 * On fetch roads `Authorization: Bearer <token>` or a cookie says who asks.
 *
 * @module
 */

import type { Json, JsonObject } from "../json.ts";

/** The version of this protocol. */
export const PROTOCOL_VERSION = 1;
/** The subprotocol of WebSockets that browsers name beside a ticket. */
export const SUBPROTOCOL = "holdfast";
/** What a subprotocol begins with that carries a token, as base64url of its UTF-8. */
export const TOKEN_PROTOCOL = "holdfast.token.";
/** What a subprotocol begins with that carries a ticket. */
export const TICKET_PROTOCOL = "holdfast.ticket.";

/** The most bytes of one message. */
export const MESSAGE_BYTES_MAX: number = 256 * 1024;
/** The most messages of one POST. */
export const BATCH_MAX = 100;
/** The most characters of a `tx` without its index, and of a client's name. */
export const NAME_LENGTH_MAX = 48;
/** The most records that one read answers with. */
export const READ_MAX = 1_000;
/** The most models to which one connection is subscribed. */
export const SUBSCRIPTIONS_MAX = 100;
/** The most requests of one connection that wait for their answers. */
export const IN_FLIGHT_MAX = 100;
/** The most presence rooms that one connection is in. */
export const ROOMS_MAX = 20;
/** How often the hub says something, in milliseconds. */
export const HEARTBEAT_MS = 25_000;

/**
 * What the hub closes a connection with, and what its client should do. Beside 1000 only codes from 4000 on, because no
 * others can be given to the standard `close()`.
 */
export const CLOSE_CODES = {
  /** The client said bye. Stay away. */
  done: 1000,
  /** The hub is going. Come back after the bye's `afterMs`. */
  going: 4001,
  /** A message over its bound. Do not send it again. */
  tooLarge: 4009,
  /** Too many mistakes. Do not come back with the same. */
  strikes: 4400,
  /** The subject's time is over. Come back with a new token. */
  expired: 4401,
  /** No sign of life. Come back. */
  silent: 4408,
  /** The client does not read what it is sent. Come back later. */
  slow: 4429,
} as const;

/** The three verbs of the seed. */
export type Verb = "read" | "upsert" | "delete";

/** The three verbs, for checks. */
export const VERBS: readonly Verb[] = ["read", "upsert", "delete"];

/** What begins the name of every control message; no model may be called so. */
export const CONTROL = "$sync";

/** The control messages that a client may send. */
export const CONTROL_VERBS = [
  "hello",
  "subscribe",
  "resume",
  "unsubscribe",
  "presence",
  "ping",
  "bye",
] as const;

/** A request of a client, as it stands on the wire. */
export interface ClientMessage {
  /** Wants an answer; text or a number. */
  readonly id?: string | number | undefined;
  /** `Model:verb` or `$sync:verb`. */
  readonly event: string;
  /** What the verb needs. */
  readonly data?: Json | undefined;
  /** The write's own name, with or without its place in the sender's queue. */
  readonly tx?: string | undefined;
  /** The version that must be there; null: there must be none. */
  readonly v?: string | null | undefined;
  /** Whether an upsert changes only the fields it has. */
  readonly patch?: boolean | undefined;
}

/** A message of the hub: an answer (with an `id`), an event or a control message (without). */
export interface HubMessage {
  /** Whose answer this is. */
  readonly id?: string | number;
  /** `Model:verb` or `$sync:verb`. */
  readonly event: string;
  /** What was asked for, or what happened; null beside an error. */
  readonly data: Json;
  /** What went wrong, for people. */
  readonly error?: string;
  /** What went wrong, for programs. */
  readonly code?: string;
  /** What a program can do with it. */
  readonly details?: JsonObject;
  /** The place in the model's journal. */
  readonly seq?: number;
  /** Where to go on. */
  readonly cursor?: string;
  /** The version that was written. */
  readonly v?: string;
  /** Where the next page begins. */
  readonly next?: string;
  /** The name of the write, for the connection that made it. */
  readonly tx?: string;
}

/** A member of a presence room on the wire. */
export interface PresentMember {
  /** Who it is in this room: the user, or the connection where nobody knows the user. */
  readonly key: string;
  /** What the member tells of itself. */
  readonly meta: Json;
}

/** The model and verb of an event's name: what is before and after the first colon; `undefined` if there is none. */
export function splitEvent(event: string): readonly [model: string, verb: string] | undefined {
  const at = event.indexOf(":");
  return at < 1 ? undefined : [event.slice(0, at), event.slice(at + 1)];
}

/** The place in the journal that a record's version begins with; 0 if it is none. */
export function seqOfVersion(version: string): number {
  return Number(/^(\d{1,16})-/.exec(version)?.[1] ?? 0);
}
