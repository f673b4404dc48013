/**
 * The port of documents: what a store must do, as one commit and four reads.
 *
 * A document is a log of operations, and now and then a snapshot of what they make. A store appends, compares numbers
 * and texts for equality, and forgets what is past its bounds; what an operation means, how two of them are led past
 * each other, and when a snapshot is worth writing, is decided above.
 *
 * Four things tell whether an operation may be appended, and all four lie in what every commit reads: the head's
 * version; its *tag*, so that a log which lost its end and was refilled is noticed; the *epoch*, which a log gets when
 * it begins, so that one which was wiped and begun anew is never taken for the one before; and the *identities* of what
 * was appended, first of the operations that are kept, then of so many more.
 *
 * The unit is a shard of a collection: its documents, the ordered entries of their declared indexes, and its journal.
 * The epoch of a unit's journal is `<ms>-<characters>`: the store's time when it began. A document's epoch is its unit's
 * at its first operation, a dot, and characters of its own: so one can tell when the data around it was begun.
 *
 * Values that cross are plain immutable data: a store in memory keeps and gives the very objects (documents share their
 * structure from version to version), so neither side ever changes one in place.
 *
 * Every method rejects with `ERR_WRONG_TYPE` if a key of the unit holds something else in the store, and with
 * `ERR_UNAVAILABLE`, `ERR_TIMEOUT` or `ERR_OUTCOME_UNKNOWN` as a server's client does.
 *
 * @module
 */

import type { BackendBase } from "../backend.ts";
import type { Json } from "../json.ts";
import type { PresenceStore } from "../presence/port.ts";
import type { Awaitable } from "../waiting.ts";
import type { JournalPosition, JournalRead, WakeFeed } from "../wakes/port.ts";
import type { JournalBounds, LogBounds } from "./bounds.ts";
import type { DocumentPosition, NewOp, Op, PartialPosition } from "./change.ts";

export type { JournalBounds, LogBounds } from "./bounds.ts";
export type { NewOp } from "./change.ts";

/** The slice of a backend that documents need. */
export interface DocumentsBackend
  extends Pick<BackendBase, "clock" | "random" | "isolation" | "durability"> {
  /** Keeps the documents. */
  readonly documents: DocumentStore;
  /** Tells that a journal grew. */
  readonly wakes: WakeFeed;
  /** Keeps who is where; without it, presence is not to be had. */
  readonly presence?: PresenceStore | undefined;
}

/** A shard of a collection as its store must know it. Two handles on one collection must agree on all of it. */
export interface DocumentUnit {
  /** The collection's name. */
  readonly collection: string;
  /** Which of its shards, from 0. */
  readonly shard: number;
  /** Whether documents stand in indexes. */
  readonly isIndexed: boolean;
  /** What is kept of each document's log. */
  readonly log: LogBounds;
  /** What the collection's journal keeps. */
  readonly journal: JournalBounds;
}

/** Bounds drop so many at once, so that a write seldom pays for it. */
export const TRIM_BLOCK = 64;
/** The most operations of one commit. */
export const COMMIT_OPS_MAX = 256;
/** The most operations that one answer carries. */
export const ANSWER_OPS_MAX = 1_000;
/** About the most bytes that one answer carries. */
export const ANSWER_BYTES_MAX = 4_000_000;
/** The most bytes of operations that the journal repeats; of larger ones it says only where they are. */
export const JOURNAL_OPS_BYTES_MAX = 6_000;

/** Where a document's log stands, and what of it is kept. */
export interface DocumentHead extends DocumentPosition {
  /** The first version whose operation is kept. */
  readonly firstVersion: number;
  /** The version of the snapshot; 0 if there is none. */
  readonly snapshotVersion: number;
}

/** What a document was at a version. */
export interface StoredSnapshot {
  /** How many operations made it. */
  readonly version: number;
  /** The tag of the last of them. */
  readonly tag: string;
  /** When the document was created, by the store's clock; 0 if it was not. */
  readonly createdAtMs: number;
  /** When the last of them was committed; 0 if there are none. */
  readonly changedAtMs: number;
  /** The URI of its type; `undefined` if there is no document at this version. */
  readonly type: string | undefined;
  /** The document, serialised by its type if that is no JSON. */
  readonly data: Json | undefined;
  /** What who wrote it wants to remember beside it. */
  readonly meta?: Json | undefined;
}

/** What a document is before its first operation. */
export const NO_SNAPSHOT: StoredSnapshot = {
  version: 0,
  tag: "",
  type: undefined,
  data: undefined,
  createdAtMs: 0,
  changedAtMs: 0,
};

/** Operations to be appended to one document, all or none. */
export interface DocumentCommit {
  /** The document. */
  readonly id: string;
  /** What the first of them applies to. */
  readonly base: PartialPosition;
  /** The operations, from 1 to {@linkcode COMMIT_OPS_MAX}, each applying to what the one before it made. */
  readonly ops: readonly NewOp[];
  /** What all of them make, if it is to be kept as the snapshot. Its place and times follow from the operations. */
  readonly snapshot: Pick<StoredSnapshot, "type" | "data" | "meta"> | undefined;
  /** Whether that snapshot is to be kept as a milestone as well. */
  readonly isMilestone: boolean;
  /**
   * Where the document stands in the order of indexes from now on, without its id, which the store adds; `undefined`
   * for where it stands already.
   */
  readonly entries: readonly string[] | undefined;
  /**
   * Whether the operations are as good at the head as at their base. Then those that others appended meanwhile stand in
   * nobody's way, unless the document may have been created or deleted by one; the snapshot is left out.
   */
  readonly commutes?: true | undefined;
  /** Whether an earlier attempt lost a race, and none was there: this counts as a loser's, if it is not made. */
  readonly isNew?: true | undefined;
}

/** What a commit comes to. All but `done` have written nothing. */
export type CommitResult =
  /** All are appended, the first at the base's version (or after what is `missed`), at this time by the store's clock. `head` is after the last. */
  | {
    readonly kind: "done";
    readonly head: DocumentHead;
    readonly atMs: number;
    /** The operations in their places, where the store has them at hand; else they follow from the rest. */
    readonly ops?: readonly Op[] | undefined;
    /** What others appended after the base, where the operations commute. */
    readonly missed?: readonly Op[] | undefined;
    /** How many commits were `behind` since the one before this, if any: who is at once again here beats them again. */
    readonly losers?: number | undefined;
  }
  /** Some were appended before, at these versions. `ops` is what `behind` would say, as far as it is kept. */
  | {
    readonly kind: "duplicate";
    readonly known: readonly { readonly at: number; readonly version: number }[];
    readonly head: DocumentHead;
    readonly ops: readonly Op[];
  }
  /** Others were appended meanwhile: `ops` from the base's version on, contiguous; fewer than all if there are many. */
  | { readonly kind: "behind"; readonly head: DocumentHead; readonly ops: readonly Op[] }
  /** The base's version is past the head. */
  | { readonly kind: "ahead"; readonly head: DocumentHead }
  /** The base's epoch or tag is not the log's: it was begun anew, or lost its end and was refilled. */
  | { readonly kind: "foreign"; readonly head: DocumentHead }
  /**
   * What the base applies to is dropped. With `isUnknown`, identities that old are dropped too, so that these
   * operations may have been appended before.
   */
  | { readonly kind: "trimmed"; readonly head: DocumentHead; readonly isUnknown: boolean }
  /** The log has a hole, or something in it is none of ours. */
  | { readonly kind: "corrupt" };

/** A document as a reader asks for it. */
export interface DocumentWant {
  /** The document. */
  readonly id: string;
  /** What the reader has already: only what follows is read, if that is still to be had. */
  readonly after?: PartialPosition | undefined;
}

/** What a store has of a document. */
export type DocumentRead =
  /** It was never written. */
  | { readonly kind: "absent" }
  /**
   * A snapshot and the operations that follow it, contiguous; fewer than all if there are many. What `after` named, if
   * anything, is not (or no longer) in the log.
   */
  | {
    readonly kind: "snapshot";
    readonly head: DocumentHead;
    readonly snapshot: StoredSnapshot;
    readonly ops: readonly Op[];
  }
  /** The operations that follow what `after` named, contiguous; fewer than all if there are many. */
  | { readonly kind: "ops"; readonly head: DocumentHead; readonly ops: readonly Op[] }
  /** The log has a hole, or something in it is none of ours. */
  | { readonly kind: "corrupt" };

/** What a document was: the nearest snapshot at or before a moment, and what follows it. */
export type HistoryRead =
  | { readonly kind: "absent" }
  /** `ops` follow the snapshot, contiguous; fewer than all if there are many. */
  | {
    readonly kind: "found";
    readonly head: DocumentHead;
    readonly snapshot: StoredSnapshot;
    readonly ops: readonly Op[];
  }
  /** Nothing that old is kept. */
  | { readonly kind: "trimmed"; readonly head: DocumentHead }
  | { readonly kind: "corrupt" };

/** A moment in a document's life: a version, or a time in milliseconds since 1970. */
export type HistoryMoment = { readonly version: number } | { readonly atMs: number };

/** Ends the waiting; a write may still happen. */
export interface StoreOptions {
  /** Aborts the request. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@linkcode DocumentStore.page}. */
export interface PageOptions extends StoreOptions {
  /** The most entries, from 1 to 1,000. */
  readonly limit: number;
  /** Whether to go from the end to the start. */
  readonly isReverse: boolean;
}

/** A store of documents. Each method is one atom, and on a server one request. */
export interface DocumentStore {
  /**
   * Appends operations to a document's log if they follow its head: identities, operations, snapshot, entries, journal
   * and wake-up, all or nothing. A document that was never written is at version 0, with an epoch to come.
   *
   * Duplicates are found first, whatever the base is; then the epoch, then the version, then the tag.
   *
   * A store within the process may answer, and throw, at once: then nothing is waited for.
   */
  commit(
    unit: DocumentUnit,
    commit: DocumentCommit,
    options?: StoreOptions,
  ): Awaitable<CommitResult>;

  /** Documents of a unit, in the order asked for. */
  read(
    unit: DocumentUnit,
    wants: readonly DocumentWant[],
    options?: StoreOptions,
  ): Promise<readonly DocumentRead[]>;

  /** The snapshot nearest to a moment (the milestones', the document's, or that of version 0), and what follows it. */
  history(
    unit: DocumentUnit,
    id: string,
    moment: HistoryMoment,
    options?: StoreOptions,
  ): Promise<HistoryRead>;

  /**
   * What was committed in a unit after a position, at most `limit` entries: each is the text of a `JournalChange`
   * (`journal_change.ts`). Without a position, nothing but the head.
   */
  changes(
    unit: DocumentUnit,
    after: JournalPosition | undefined,
    options: { readonly limit: number } & StoreOptions,
  ): Promise<JournalRead<string>>;

  /**
   * Entries of a unit's indexes in their order by UTF-8 bytes, from `from` up to, and without, `to`. An entry ends with
   * U+0000 and its document's id.
   */
  page(
    unit: DocumentUnit,
    range: { readonly from: string; readonly to: string },
    options: PageOptions,
  ): Promise<readonly string[]>;

  /** All documents of a unit that exist. Only where that costs no more than looking at it: then any query is answered. */
  list?(unit: DocumentUnit, options?: StoreOptions): Promise<readonly ListedDocument[]>;
}

/** A document that exists, and where its log stands. */
export interface ListedDocument extends DocumentPosition {
  /** The document. */
  readonly id: string;
}

/** The entry of a document that only says that it exists. */
export const EXISTS_ENTRY = "*";

/** An entry as a store keeps it. */
export function withDocumentId(entry: string, id: string): string {
  return `${entry}\u0000${id}`;
}

/** The channel of a unit's wake-ups: no two units share one. */
export function wakeChannel({ collection, shard }: DocumentUnit): string {
  return `documents:${shard}:${collection}`;
}
