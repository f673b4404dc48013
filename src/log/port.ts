/**
 * The port of the shared log: a store that puts entries in one order, and keeps what readers and writers must agree on.
 *
 * The store is the log: whatever it accepts has its place at once, and everybody who reads computes the same from it.
 * An entry is a text that no store parses. A position is (epoch, index, tag): the epoch is the log's life, the index
 * counts entries from 1, and the tag is what the append that wrote the entry drew. So a store that lost its tail and was
 * refilled is told from one that went on, whichever indexes it reuses.
 *
 * Three things bound an append's freedom. A *writer* has an id and counts its appends: a second arrival answers like
 * the first. A *fence* is a text that every append must bring once it is set, so that a writer who was replaced writes
 * nothing more. A *seal* ends the log for ever.
 *
 * Sources: Balakrishnan and others, "CORFU" (NSDI 2012) and "Virtual Consensus in Delos" (OSDI 2020), for seals and for
 * a log as the one place of agreement; Ongaro, "Consensus: Bridging Theory and Practice" (2014), §6.3, for writers.
 *
 * Every method rejects with `ERR_WRONG_TYPE` if a key of the log holds something else in the store, and with
 * `ERR_UNAVAILABLE`, `ERR_TIMEOUT` or `ERR_OUTCOME_UNKNOWN` as a server's client does.
 *
 * @module
 */

import type { BackendBase } from "../backend.ts";
import type { JournalEntry, JournalPosition, WakeFeed } from "../wakes/port.ts";

/** The slice of a backend that a log needs. */
export interface LogBackend extends Pick<BackendBase, "clock" | "random"> {
  /** Keeps the entries. */
  readonly log: LogStore;
  /** Tells that a log grew. */
  readonly wakes: WakeFeed;
}

/** A place in a log: after the entry with this index and tag. */
export type LogPosition = JournalPosition;

/** A log, and what it may hold. Two handles on one log should agree on it. */
export interface LogShape {
  /** Its name: the unit of atomicity. */
  readonly name: string;
  /** The most entries. */
  readonly entriesMax: number;
  /** The most bytes: those of the entries, {@linkcode ENTRY_COST_BYTES} for each, {@linkcode WRITER_COST_BYTES} for each writer. */
  readonly bytesMax: number;
  /** After how many milliseconds an entry may go though no snapshot has it; `Infinity` for never. */
  readonly ageMsMax: number;
}

/** The most bytes of one entry. */
export const ENTRY_BYTES_MAX = 262_144;
/** The most entries of one append. */
export const APPEND_ENTRIES_MAX = 1_000;
/** The most bytes of one append. */
export const APPEND_BYTES_MAX = 1_048_576;
/** An answer with as many bytes of entries takes no more. */
export const READ_BYTES_MAX = 1_048_576;
/** The most bytes of a snapshot. What is larger belongs elsewhere, and its address into the snapshot. */
export const LOG_SNAPSHOT_BYTES_MAX = 4_194_304;
/** The most consumers of one log whose positions are kept. */
export const CONSUMERS_MAX = 64;
/** For how long a consumer that commits nothing keeps entries from being trimmed, in milliseconds. */
export const CONSUMER_LEASE_MS = 604_800_000;
/** For how long a writer is known after its last entry was trimmed, in milliseconds. */
export const WRITER_MEMORY_MS = 600_000;
/** The most writers that are known though their last entries were trimmed; the first to be trimmed makes room. */
export const WRITERS_MAX = 10_000;
/** The most fences that are known to be past, so that a delayed one does not come back. */
export const FENCES_MAX = 64;
/** The most appends that met a full log and are known for it. */
export const LOG_REFUSALS_MAX = 64;
/** The most entries that one trim drops. */
export const TRIM_ENTRIES_MAX = 10_000;
/** The most marks of the time by which entries age. */
export const MARKS_MAX = 32;
/** What an entry counts besides its own bytes. */
export const ENTRY_COST_BYTES = 32;
/** What a writer counts. */
export const WRITER_COST_BYTES = 128;

/** Who appends, so that nothing happens twice. */
export interface LogWriter {
  /** 1 to 120 visible ASCII characters. One that counts belongs to one process at a time. */
  readonly id: string;
  /** Which of its appends this is: from 1, growing; may leave numbers out. */
  readonly sequence: number;
}

/** What an append comes with. */
export interface LogAppendOrder {
  /** Proof of its identity. */
  readonly writer: LogWriter;
  /** Random characters of its entries: 1 to 64 of `A-Z a-z 0-9 - _`. */
  readonly tag: string;
  /** Where the log must end for the append to happen; `undefined` for wherever it does. */
  readonly expect: LogPosition | undefined;
  /** The fence; `undefined` for none. */
  readonly fence: string | undefined;
}

/** What an append comes to. All but `done` have written nothing, nor will a second arrival. */
export type LogAppendResult =
  /** The entries have their places; now, or (`isRepeat`) by an earlier arrival. */
  | {
    readonly kind: "done";
    readonly first: LogPosition;
    readonly last: LogPosition;
    readonly isRepeat: boolean;
  }
  /** The log ends elsewhere. */
  | { readonly kind: "conflict"; readonly head: LogPosition }
  /** The fence is another one, or none is set. */
  | { readonly kind: "fenced" }
  /** The log was ended. */
  | { readonly kind: "sealed" }
  /** The log has as much as it may. The same append goes on meeting this: another try is another append. */
  | { readonly kind: "full" }
  /** What the append expects lies past the log's end, or something else lies there: the store lost entries. */
  | { readonly kind: "regressed" }
  /** The writer has gone on since, or is not known (any more) and not at its first append: it may have been done. */
  | { readonly kind: "unknown" };

/** What reading after a position gives. */
export type LogRead =
  | {
    readonly kind: "entries";
    /** The entries after the position, contiguous and in order; fewer than there are at a bound. */
    readonly entries: readonly JournalEntry<string>[];
    /** Where the log ends now. */
    readonly head: LogPosition;
    /** Whether it was sealed. */
    readonly isSealed: boolean;
  }
  /** The position lies before the first entry that is kept; one can go on at `start`. */
  | { readonly kind: "trimmed"; readonly start: LogPosition }
  /** The position is not of this log as it is now: the store lost entries. */
  | { readonly kind: "regressed" };

/** How a log stands. */
export interface LogState {
  /** The position of its last entry; of none, index 0. */
  readonly head: LogPosition;
  /** The position before the first entry that is kept. */
  readonly start: LogPosition;
  /** What it holds, as it counts against the bound. */
  readonly bytes: number;
  /** Whether an append must bring a fence. */
  readonly isFenced: boolean;
  /** Whether it was ended. */
  readonly isSealed: boolean;
  /** Where its snapshot stands. */
  readonly snapshot: LogPosition | undefined;
  /** Consumers by name: how far each has come. */
  readonly consumers: ReadonlyMap<string, LogPosition>;
}

/** A state that follows from all entries up to a position. */
export interface LogSnapshot {
  /** Up to where. */
  readonly position: LogPosition;
  /** The state, as its maker wrote it. */
  readonly text: string;
}

/** What {@linkcode LogStore.trim} does. */
export interface LogTrimOrder {
  /** Saves this snapshot first, in place of an older one. */
  readonly snapshot?: LogSnapshot | undefined;
  /** Goes no further than this. */
  readonly upTo?: LogPosition | undefined;
  /** Goes as far as `upTo` says, whatever snapshot and consumers there are. */
  readonly isForced?: boolean | undefined;
}

/** What a trim comes to. */
export type LogTrimResult =
  | {
    readonly kind: "done";
    /** The position before the first entry that is kept. */
    readonly start: LogPosition;
    /** Whether there is nothing more that might go now. */
    readonly isDone: boolean;
  }
  /** There is a later snapshot. Nothing was done. */
  | { readonly kind: "behind"; readonly snapshot: LogPosition }
  /** The snapshot's position lies before the first entry that is kept. Nothing was done. */
  | { readonly kind: "trimmed"; readonly start: LogPosition }
  /** A position is not of this log as it is now. Nothing was done. */
  | { readonly kind: "regressed" };

/** What a consumer's commit comes to. */
export type LogCommitResult =
  /** Where the consumer stands: where it said, or further if it had come further. `undefined` if it was forgotten. */
  | { readonly kind: "done"; readonly position: LogPosition | undefined }
  /** There are as many consumers as there may be. */
  | { readonly kind: "full" }
  /** The position lies before the first entry that is kept. */
  | { readonly kind: "trimmed"; readonly start: LogPosition }
  /** The position is not of this log as it is now. */
  | { readonly kind: "regressed" };

/** Ends the waiting; a write may still happen. */
export interface LogStoreOptions {
  /** Aborts the request. */
  readonly signal?: AbortSignal | undefined;
}

/** A store of logs. Each method is one atom, and on a server one request. */
export interface LogStore {
  /**
   * Adds entries at the end, all or none, and wakes readers.
   *
   * Looks first at the writer, then at seal, fence and expectation, then at the bounds. What it expects must be the head
   * itself; a position that once was in the log and is not any more is `regressed`.
   */
  append(
    log: LogShape,
    entries: readonly string[],
    order: LogAppendOrder & LogStoreOptions,
  ): Promise<LogAppendResult>;

  /** The entries after a position, at most `limit`; after `undefined`, from the first that is kept. */
  read(
    log: LogShape,
    after: LogPosition | undefined,
    options: { readonly limit: number } & LogStoreOptions,
  ): Promise<LogRead>;

  /** How the log stands. */
  state(log: LogShape, options?: LogStoreOptions): Promise<LogState>;

  /**
   * Makes `token` the fence, in place of whatever was. From then on an append brings it or is refused.
   *
   * @returns The head at this moment, after which only who has the token writes; `undefined` if the token was replaced
   * before, and nothing happened.
   */
  fence(log: LogShape, token: string, options?: LogStoreOptions): Promise<LogPosition | undefined>;

  /** Ends the log. Gives its last position; `undefined` if the fence is another one, and nothing happened. */
  seal(
    log: LogShape,
    fence: string | undefined,
    options?: LogStoreOptions,
  ): Promise<LogPosition | undefined>;

  /**
   * Drops entries from the start: what the snapshot has and every consumer has passed; and what is older than
   * `ageMsMax`, by marks that trims and commits set in the store's own time, so never too early. At most
   * {@linkcode TRIM_ENTRIES_MAX} at once.
   */
  trim(log: LogShape, order: LogTrimOrder & LogStoreOptions): Promise<LogTrimResult>;

  /** The snapshot, if there is one. */
  snapshot(log: LogShape, options?: LogStoreOptions): Promise<LogSnapshot | undefined>;

  /** Says how far a consumer has come, and renews its lease. Never goes back. Without a position, forgets it. */
  commit(
    log: LogShape,
    consumer: string,
    position: LogPosition | undefined,
    options?: LogStoreOptions,
  ): Promise<LogCommitResult>;
}

/** The position of a log that nothing was written to. */
export const NO_ENTRIES: LogPosition = { epoch: "0", index: 0, tag: "" };

/** The channel of a log's wake-ups. */
export function logChannel(name: string): string {
  return `log:${name}`;
}
