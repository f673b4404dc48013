/**
 * What a user sees of a client: its faces and their options, and no code.
 *
 * @module
 */

import type { Clock } from "../../clock.ts";
import type { EventSource } from "../../events.ts";
import type { Json, JsonObject } from "../../json.ts";
import type { Random } from "../../random.ts";
import type { SyncError } from "./sync_error.ts";
import type { SocketClass } from "./roads.ts";
import type { SyncLocks, SyncStorage } from "./storage.ts";
import type { RecordId, SyncRecord } from "./queue_entry.ts";

/** A record of these fields, with its id and, once the server has it, its version. */
export type RecordOf<Fields> = Fields & { readonly id: RecordId; readonly $version?: string };

/** A write that met another, and may be made anew on what is there now. */
export interface SyncConflict {
  /** The model. */
  readonly model: string;
  /** The record as it was when the write was made. */
  readonly base: SyncRecord | undefined;
  /** The record as the write makes it. */
  readonly mine: SyncRecord;
  /** The record as it is now; `undefined` if it is gone. */
  readonly theirs: SyncRecord | undefined;
}

/** Gives the fields that a record is to have; `undefined` to give the write up. */
export type ResolveConflict = (conflict: SyncConflict) => object | undefined;

/** Options of {@linkcode connectSync}. */
export interface ConnectOptions {
  /** What the hub's `authenticate` is shown, or what gives it: asked anew for every connection. */
  readonly token?: string | (() => string | undefined | Promise<string | undefined>);
  /** Where writes outlive the client: `localStorage`, or anything like it. In memory only if left out. */
  readonly storage?: SyncStorage;
  /** The name of the queue in the storage, one for each user of it: `"default"` if left out. */
  readonly name?: string;
  /** Locks by which tabs share one storage: `navigator.locks` where the host has it; null for none. */
  readonly locks?: SyncLocks | null;
  /**
   * What becomes of a write on a record that somebody else has written since: it is refused (`"reject"`, the default),
   * made all the same (`"lastWrite"`), or made anew as this function says. Deletions and patches are made all the same.
   */
  readonly onConflict?: "reject" | "lastWrite" | ResolveConflict;
  /** A constructor of WebSockets: the host's if left out. */
  readonly WebSocket?: SocketClass;
  /** The host's `fetch` if left out. */
  readonly fetch?: typeof fetch;
  /** The host's clock if left out. */
  readonly clock?: Clock;
  /** The host's dice if left out. */
  readonly random?: Random;
}

/** Whether a client can speak to its hub: it tries to; it does; it was closed. */
export type SyncState = "offline" | "online" | "closed";

/** A write that the server has not made. */
export interface Refusal {
  /** The model. */
  readonly model: string;
  /** What was to be done. */
  readonly verb: "upsert" | "delete";
  /** The record. */
  readonly id: RecordId;
  /** The fields that were to be written. */
  readonly data: JsonObject;
  /** Why not. */
  readonly error: SyncError;
}

/** What the listeners of a client get. */
export interface ClientEvents {
  /** The state has changed. */
  readonly state: SyncState;
  /** A write is not made, and no longer seen. Tells of those, too, that an earlier life of the client has left. */
  readonly refused: Refusal;
  /** Something failed that is nobody's call: the storage, the token, a subscription. The client goes on. */
  readonly error: Error;
}

/** Options of calls that ask the server. */
export interface RequestOptions {
  /** Ends the waiting when aborted. */
  readonly signal?: AbortSignal;
}

/** What a read gives. What is in it is not checked. */
export interface ReadAnswer {
  /** The record, or the records. */
  readonly data: Json;
  /** Where the next page begins; `undefined` after the last one. */
  readonly next: string | undefined;
}

/** Options of {@linkcode SyncCollection.upsert} and {@linkcode SyncCollection.delete}. */
export interface WriteOptions {
  /** Whether fields that are not given stay as they are. */
  readonly patch?: boolean;
  /** Called at once with the id that the record has for now. */
  readonly queued?: (id: RecordId) => void;
  /** Called with the server's answer, before the listeners of the collection are told. */
  readonly answered?: (record: SyncRecord | undefined) => void;
}

/** What the listeners of a collection get. */
export interface CollectionEvents<Fields> {
  /** A record is new, or has changed. */
  readonly upsert: {
    /** The record. */
    readonly record: RecordOf<Fields>;
    /** Whether a write of one's own is in it that the server has not acknowledged. */
    readonly isPending: boolean;
    /** The temporary id that the record had so far. */
    readonly replaces: RecordId | undefined;
  };
  /** A record is gone. */
  readonly delete: {
    /** Its id. */
    readonly id: RecordId;
    /** The record as it was. */
    readonly record: RecordOf<Fields>;
  };
  /** All records were read anew. */
  readonly reset: {
    /** All of them, in order. */
    readonly records: readonly RecordOf<Fields>[];
  };
}

/** The records of a model as they are now, with one's own writes in them. What the server gives is not checked. */
export interface SyncCollection<Fields> extends EventSource<CollectionEvents<Fields>> {
  /** The model's name. */
  readonly model: string;
  /** All records in order. The same array until something changes. */
  readonly records: readonly RecordOf<Fields>[];
  /** Settled once all records are there; rejected if the server refuses to give them. */
  readonly ready: Promise<void>;
  /** A record, also by the temporary id that it had. */
  get(id: RecordId): RecordOf<Fields> | undefined;
  /**
   * Writes a record: seen at once, sent as soon as it can be. Without an id the server gives one; until then the record
   * has a temporary one, which may be used like any other, also as a value of other records.
   *
   * Resolves with the record once the server has acknowledged it. Nobody has to wait for that: what is refused is told
   * to listeners of `refused` as well.
   *
   * @throws {ArgumentError} `ERR_INVALID_ARGUMENT`, `ERR_INVALID_ID`: it is no record.
   * @throws {LimitError} `ERR_TOO_LARGE`: larger than a message may be; `ERR_LIMIT`: too many writes wait.
   * @throws {SyncError} What the server refused it with; `ERR_CONFLICT` with `current`; `ERR_OUTCOME_UNKNOWN` if nobody
   * knows whether it was made; `ERR_CLOSED` if the client was closed before the answer (the write stays in the storage).
   */
  upsert(
    record: Partial<Fields> & { readonly id?: RecordId },
    options?: WriteOptions,
  ): Promise<RecordOf<Fields>>;
  /** Deletes a record: unseen at once, sent as soon as it can be. One that is not there is no error. */
  delete(id: RecordId, options?: WriteOptions): Promise<void>;
}

/** Options of {@linkcode SyncClient.collection}. */
export interface CollectionOptions<Fields> {
  /** The order of the records: by their ids if left out (numbers, then texts by UTF-16 code units, then new ones). */
  readonly order?: (a: RecordOf<Fields>, b: RecordOf<Fields>) => number;
}

/** What the listeners of a presence room get. */
export interface PresenceEvents {
  /** Somebody came, went, or changed what is told of him. */
  readonly change: ReadonlyMap<string, Json>;
}

/** Who is in a room now. */
export interface SyncPresence extends EventSource<PresenceEvents> {
  /** The members' metadata by their keys. */
  readonly members: ReadonlyMap<string, Json>;
  /** Changes what is told of oneself. */
  set(meta: Json): void;
  /** Goes. */
  leave(): void;
}

/** A client of a hub. */
export interface SyncClient extends EventSource<ClientEvents>, AsyncDisposable {
  /** Whether it can speak to its hub. */
  readonly state: SyncState;
  /** How many writes wait to be acknowledged. */
  readonly pending: number;
  /** Connects at once, if it is not connected: at the start, or when the host says that its network is back. */
  connect(): void;
  /** The live records of a model; the same object for every call. Connects. */
  collection<Fields extends object = JsonObject>(
    model: string,
    options?: CollectionOptions<Fields>,
  ): SyncCollection<Fields>;
  /** Asks the server for records: `{ id }` for one, `{ ids }`, `{ limit, after }` for a page. Waits to be online. */
  read(model: string, query?: JsonObject, options?: RequestOptions): Promise<ReadAnswer>;
  /**
   * Is in a presence room, until it leaves or the client is closed.
   *
   * @throws {HoldfastError} `ERR_NOT_SUPPORTED` over `http:` and `https:`: who is here, a socket says by being open.
   */
  presence(room: string, meta: Json): SyncPresence;
  /** Ends it: what waits is rejected with `ERR_CLOSED`, and stays in the storage. */
  close(): Promise<void>;
}
