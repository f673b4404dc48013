/**
 * The port of models: what a store of records must do, as one write and seven reads or chores.
 *
 * The face decides what a record means; a store sees texts only. A record's `body` is JSON text it never parses. A
 * *claim* is a text that at most one record of the model holds (a unique value). An *entry* is a text that stands in an
 * ordered list (an index value, a date of expiry, a member of a set). Claims and entries are made by `record_keys.ts`,
 * contain no character below U+0020 but U+0000 to U+0002, and are ordered by their UTF-8 bytes. So folding, numbers and
 * JSON are settled in one place, and every store gives the same answers.
 *
 * One sequence per model counts its writes from 1. A record's version is the sequence number of its last write and a
 * few random characters: equal versions mean the same state, also after a store lost its tail and was refilled.
 *
 * Every method rejects with `ERR_WRONG_TYPE` if a key of the model holds something else in the store, and with
 * `ERR_UNAVAILABLE`, `ERR_TIMEOUT` or `ERR_OUTCOME_UNKNOWN` as a server's client does: the last with what happened to the
 * answer as its cause, which tells it from a place of a source that is not remembered.
 *
 * @module
 */

import type { JournalPosition, JournalRead } from "../wakes/port.ts";
import type { ModelShape } from "./shape.ts";

export type { JournalBounds, ModelShape } from "./shape.ts";

/** A record as its store keeps it. */
export interface StoredRecord {
  /** The record's id. */
  readonly id: string;
  /** Its version; opaque. */
  readonly version: string;
  /** JSON text, without the id. `undefined` if the store holds something under this id that is no record. */
  readonly body: string | undefined;
  /** The number of the definition's shape that the body has. */
  readonly shape: number;
  /** When it expires by the store's clock, in milliseconds since 1970; `undefined` for never. */
  readonly expiresAtMs: number | undefined;
  /** Whether it was softly deleted. */
  readonly isHidden: boolean;
}

/** What a write of a record expects: a version, `"absent"`, `"present"`, or `undefined` for whatever is there. */
export type Expectation =
  | { readonly kind: "version"; readonly version: string }
  | { readonly kind: "absent" }
  | { readonly kind: "present" };

/** Writes a whole record. */
export interface PutWrite {
  /** Which write this is. */
  readonly kind: "put";
  /** The id; `undefined` for the model's next number. */
  readonly id: string | undefined;
  /** What must be there. */
  readonly expect: Expectation | undefined;
  /** JSON text, without the id. */
  readonly body: string;
  /** The number of the definition's shape that the body has. */
  readonly shape: number;
  /** Everything unique that it holds from now on. What it held besides is free. */
  readonly claims: readonly string[];
  /** Where it stands in order from now on; the store adds the id. */
  readonly entries: readonly string[];
  /** JSON text of its scopes. */
  readonly scopes: string;
  /** Milliseconds to live by the store's clock, `"keep"` for what is left, `undefined` for ever. */
  readonly ttlMs: number | "keep" | undefined;
  /** Whether it is softly deleted from now on. The journal calls that a deletion. */
  readonly isHidden: boolean;
}

/** Removes a record with its claims, entries and members. */
export interface DeleteWrite {
  /** Which write this is. */
  readonly kind: "delete";
  /** The record. One that is not there is no write, and no error. */
  readonly id: string;
  /** What must be there. */
  readonly expect: Expectation | undefined;
}

/** Changes a set of a record that must be there. Its version stays. */
export interface MembersWrite {
  /** Which write this is. */
  readonly kind: "members";
  /** The record. */
  readonly id: string;
  /** The set's name. */
  readonly set: string;
  /** Members as `index_keys.ts` writes them. */
  readonly add: readonly string[];
  /** Members as `index_keys.ts` writes them. */
  readonly remove: readonly string[];
  /** Whether all that is not in `add` goes. */
  readonly replaces: boolean;
}

/** One write of a commit. */
export type ModelWrite = PutWrite | DeleteWrite | MembersWrite;

/** Who writes, so that nothing happens twice. */
export interface CommitOptions {
  /**
   * The write's own name: a second commit with it has the first one's result. 1 to 128 visible ASCII characters.
   * `undefined` if nobody will name the write again; a store that may itself send it twice draws one.
   */
  readonly token: string | undefined;
  /** What tells writes under one token apart: another digest under a known token is refused. May be empty. */
  readonly digest: string;
  /** Random characters for the journal, 1 to 64 of `A-Z a-z 0-9 - _`. */
  readonly tag: string;
  /** The place of this commit in the queue or log that it comes from. */
  readonly position?: SourcePosition | undefined;
}

/** A place in somebody's own queue or log. */
export interface SourcePosition {
  /** The queue's name: 1 to 128 visible ASCII characters. */
  readonly source: string;
  /** Its place, from 1. Grows, and may leave places out. */
  readonly index: number;
}

/**
 * The most sources of one of the 64 groups (`source_group.ts`) whose position a store remembers: about 4,000 in all. In its
 * group, the one that wrote longest ago makes room.
 */
export const SOURCES_MAX = 64;
/** The most commits that failed whose tokens a store remembers. */
export const REFUSALS_MAX = 256;
/** The most writes of a commit. */
export const WRITES_MAX = 1_000;
/** The most members of one set of one record. */
export const MEMBERS_MAX = 100_000;
/** How many records that are due a write retires, at most. */
export const RETIRED_PER_WRITE_MAX = 4;

/** What one write did. */
export interface Written {
  /** The record. */
  readonly id: string;
  /** The version that the record has now, or had last. */
  readonly version: string;
  /** Records: 1, or 0 for a deletion of nothing. Members: how many came or went. */
  readonly changed: number;
  /** Whether the record was there before. */
  readonly existed: boolean;
  /** When it expires by the store's clock. */
  readonly expiresAtMs: number | undefined;
  /** Of a repeat: the body that was written then, if the store still has it. */
  readonly body?: string | undefined;
}

/**
 * What a commit comes to. All but `done` have written nothing, and a token that met a `conflict`, `taken` or `full`
 * goes on doing so: a late second arrival must not do what its sender was told is not done.
 */
export type CommitResult =
  /** Everything is written; now, or (`isRepeat`) by an earlier commit with this token, whose result this is. */
  | { readonly kind: "done"; readonly writes: readonly Written[]; readonly isRepeat: boolean }
  /** An earlier commit of this source went as far, and its result is no longer known. */
  | { readonly kind: "passed" }
  /** The expectation of write `at` does not hold; `current` is what is there. */
  | { readonly kind: "conflict"; readonly at: number; readonly current: StoredRecord | undefined }
  /** Claim number `claim` of write `at` is held by `owner`, or by an earlier write of this commit (`undefined`). */
  | {
    readonly kind: "taken";
    readonly at: number;
    readonly claim: number;
    readonly owner: StoredRecord | undefined;
  }
  /** The set of write `at` would have more than {@linkcode MEMBERS_MAX} members. */
  | { readonly kind: "full"; readonly at: number }
  /** The token is known, with another digest. */
  | { readonly kind: "reused" }
  /** The source is not known (any more), and its index is past 1: this commit may have been made. */
  | { readonly kind: "unknown" };

/** A part of the ordered entries: from `from` up to, and without, `to`. */
export interface EntryRange {
  /** The first text. */
  readonly from: string;
  /** The end. */
  readonly to: string;
}

/** Options of {@linkcode ModelStore.page}. */
export interface PageOptions {
  /** The most records, from 1 to 1,000. */
  readonly limit: number;
  /** Whether to go from the end to the start. */
  readonly isReverse: boolean;
}

/** Records in the order of their entries. */
export interface RecordPage {
  /** The records; without those that have expired. */
  readonly records: readonly StoredRecord[];
  /** The whole entry (with its id) up to which this page went; `undefined` if the range has no more. */
  readonly next: string | undefined;
}

/** What a sweep did. */
export interface Swept {
  /** How many records it retired. */
  readonly retired: number;
  /** Whether nothing more was due. */
  readonly isDone: boolean;
}

/** Ends the waiting; a write may still happen. */
export interface StoreOptions {
  /** Aborts the request. */
  readonly signal?: AbortSignal | undefined;
}

/** A store of records. Each method is one atom, and on a server one request. */
export interface ModelStore {
  /**
   * Checks all writes, then makes all of them or none: claims, records, entries, versions, journal and wake-up.
   *
   * The writes of a commit name distinct ids. A claim may pass from one record of the commit to another. Numbers as
   * ids, given or drawn, raise the model's counter, so a drawn id is never one that is or was in use; a commit that
   * fails draws none. A record that has expired counts as absent and its claims as free. Where records expire, up to
   * {@linkcode RETIRED_PER_WRITE_MAX} that are due are retired first, each with its own deletion in the journal.
   */
  commit(
    shape: ModelShape,
    writes: readonly ModelWrite[],
    options: CommitOptions & StoreOptions,
  ): Promise<CommitResult>;

  /** The records with these ids, in their order; `undefined` for one that is missing or has expired. */
  get(
    shape: ModelShape,
    ids: readonly string[],
    options?: StoreOptions,
  ): Promise<readonly (StoredRecord | undefined)[]>;

  /** The record that holds a claim. */
  getByClaim(
    shape: ModelShape,
    claim: string,
    options?: StoreOptions,
  ): Promise<StoredRecord | undefined>;

  /** Records by a range of entries, which end with the record's id. */
  page(
    shape: ModelShape,
    range: EntryRange,
    options: PageOptions & StoreOptions,
  ): Promise<RecordPage>;

  /** Members of a set of a record, in order: from `from` on, at most `limit`. None for a record that is missing. */
  members(
    shape: ModelShape,
    id: string,
    set: string,
    options: MembersOptions & StoreOptions,
  ): Promise<readonly string[]>;

  /**
   * How many records a range of entries has; without a range, how many the model has and has not hidden. Counts what
   * has expired and is not retired yet.
   */
  count(shape: ModelShape, range?: EntryRange, options?: StoreOptions): Promise<number>;

  /**
   * What was written after a position, at most `limit` entries: each is the JSON text of a `ModelEntry`
   * (`journal_entry.ts`). Without a position, nothing but the head. A model that is not watched answers `reset`.
   */
  changes(
    shape: ModelShape,
    after: JournalPosition | undefined,
    options: { readonly limit: number } & StoreOptions,
  ): Promise<JournalRead<string>>;

  /** Retires up to `limit` records that are due, each with its deletion in the journal, and trims the journal by age. */
  sweep(
    shape: ModelShape,
    options: { readonly limit: number; readonly tag: string } & StoreOptions,
  ): Promise<Swept>;
}

/** Options of {@linkcode ModelStore.members}. */
export interface MembersOptions {
  /** The first text; `""` for all. */
  readonly from: string;
  /** The most members, from 1 to 1,000. */
  readonly limit: number;
}

/** The channel of a model's wake-ups. */
export function wakeChannel(key: string): string {
  return `models:${key}`;
}
