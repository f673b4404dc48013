/**
 * The queue of writes of one client as data: its state, what happens to it, and what is to be done then.
 *
 * @module
 */

import type { JsonObject } from "../../json.ts";
import type { QueueEntry, RecordId, SyncRecord } from "./queue_entry.ts";

/** The state of a queue. */
export interface QueueState {
  /** The name of this life of the client, never used by another. */
  readonly client: string;
  /** How many names were given in this life. */
  readonly named: number;
  /** What waits, in the order of writing. */
  readonly entries: readonly QueueEntry[];
  /** The positions of each model. */
  readonly lanes: ReadonlyMap<string, Lane>;
  /** What temporary ids became. */
  readonly ids: ReadonlyMap<string, RecordId>;
  /** Whether there is somebody to send to. */
  readonly isOnline: boolean;
}

/** The positions of one model. */
export interface Lane {
  /** The name of its present run of positions. */
  readonly source: string;
  /** The last place that was given. */
  readonly index: number;
  /** Whether the server has acknowledged a place of this source. */
  readonly isKnown: boolean;
  /** Whether an entry is on the way, or about to be sent again. */
  readonly isBusy: boolean;
  /** How often in a row the first entry could not be served. */
  readonly failures: number;
}

/** A write that somebody makes. */
export type NewWrite =
  & Pick<QueueEntry, "model" | "verb" | "data" | "isPatch" | "base" | "isChecked">
  & { readonly id: RecordId | undefined };

/** What a server answered to an entry. */
export type Answer =
  /** It is made, as write number `seq` of the model. Of an upsert, `record` is what was stored. */
  | {
    readonly kind: "done";
    readonly record: SyncRecord | undefined;
    readonly seq: number | undefined;
  }
  /** Not now: the same may be sent again. */
  | { readonly kind: "failed"; readonly afterMs: number | undefined }
  /** Somebody else wrote. With a resolution it is made anew on what is there now. */
  | {
    readonly kind: "conflict";
    readonly current: SyncRecord | undefined;
    readonly resolution: JsonObject | undefined;
  }
  /** The server does not remember the source. */
  | { readonly kind: "unknown" }
  /** It is not made, and never will be. */
  | { readonly kind: "refused" };

/** What happens to a queue. */
export type QueueEvent =
  /** A life begins, under a name that no other life has. */
  | { readonly kind: "named"; readonly client: string }
  /** An earlier life left entries: they go first. */
  | { readonly kind: "restored"; readonly entries: readonly QueueEntry[] }
  | { readonly kind: "write"; readonly write: NewWrite }
  | { readonly kind: "online" }
  | { readonly kind: "offline" }
  /** It is time to send the model's first entry again. */
  | { readonly kind: "retry"; readonly model: string }
  | { readonly kind: "answer"; readonly tx: string; readonly answer: Answer };

/** What becomes of an entry. */
export type Outcome =
  /** It is made. */
  | {
    readonly kind: "done";
    readonly record: SyncRecord | undefined;
    readonly seq: number | undefined;
  }
  /** It never was sent and need not be: a creation, and what followed it up to its deletion. */
  | { readonly kind: "dropped" }
  /** It is not made: the answer says why. */
  | { readonly kind: "refused" }
  /** It is not made, as the record that it names was not created. */
  | { readonly kind: "orphaned" }
  /** It was sent, and nobody knows whether it was made. */
  | { readonly kind: "unknown" };

/** What is to be done, in this order. */
export type QueueEffect =
  /** A write waits under this key: its own, or that of the entry that it joined. */
  | { readonly kind: "queued"; readonly key: string }
  /** Keep the entries, before anything that follows. */
  | { readonly kind: "save" }
  /** Send an entry. */
  | { readonly kind: "send"; readonly entry: QueueEntry }
  /** Come back with `retry`, after so many failures in a row, and not before `afterMs`. */
  | {
    readonly kind: "wait";
    readonly model: string;
    readonly failures: number;
    readonly afterMs: number | undefined;
  }
  /** An entry has left the queue. */
  | { readonly kind: "settle"; readonly entry: QueueEntry; readonly outcome: Outcome };

/** A state, and what is to be done. */
export interface QueueStep {
  /** The state from now on. */
  readonly state: QueueState;
  /** What is to be done. */
  readonly effects: readonly QueueEffect[];
}

/** A queue before a client's life begins. */
export function newQueue(): QueueState {
  return { client: "", named: 0, entries: [], lanes: new Map(), ids: new Map(), isOnline: false };
}

const NO_LANE: Lane = { source: "", index: 0, isKnown: false, isBusy: false, failures: 0 };

/** A lane on which nothing is on the way. */
export const FREE = { isBusy: false, failures: 0 } as const;

/** The state with an entry changed. */
export function withEntry(state: QueueState, entry: QueueEntry): QueueState {
  return { ...state, entries: state.entries.map((one) => one.key === entry.key ? entry : one) };
}

/** The state with a model's lane changed. */
export function withLane(state: QueueState, model: string, change: Partial<Lane>): QueueState {
  const lane = { ...NO_LANE, ...state.lanes.get(model), ...change };
  return { ...state, lanes: new Map(state.lanes).set(model, lane) };
}
