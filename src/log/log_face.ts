/**
 * The face of a log, as types.
 *
 * @module
 */

import type { Duration } from "../duration.ts";
import type { Json } from "../json.ts";
import type { Schema } from "../schema.ts";
import type { LogPosition, LogState, LogWriter } from "./port.ts";

/** Options of `createLog`. */
export interface LogOptions<Event = Json> {
  /** The log's name: 1 to 64 visible ASCII characters. The unit of atomicity. */
  readonly name: string;
  /** What an event must be, by any library that speaks Standard Schema; what it gives is what is stored. */
  readonly schema?: Schema<unknown, Event>;
  /** The most entries that the log holds, from 1 to 10,000,000. Default 1,000,000. */
  readonly entriesMax?: number;
  /** The most bytes that it holds, from 1,024 to 100,000,000. Default 64 MiB. At a bound, an append fails with `ERR_LIMIT`. */
  readonly bytesMax?: number;
  /** After how long a trim may drop an entry that no snapshot has. Default: never. */
  readonly ageMax?: Duration;
}

/** Options of a call. */
export interface LogCallOptions {
  /** Ends the waiting when aborted; a write may still happen. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@linkcode Log.append}. */
export interface LogAppendOptions extends LogCallOptions {
  /** Where the log must end. Without it, wherever it does: the order decides, and whoever reads judges. */
  readonly expect?: LogPosition | undefined;
  /** The fence, once one is set. */
  readonly fence?: string | undefined;
  /** Proof of identity, so that the call may be made again when its outcome is unknown. Default: one of its own. */
  readonly writer?: LogWriter | undefined;
}

/** What was appended. */
export interface LogAppended {
  /** The first entry's position. */
  readonly first: LogPosition;
  /** The last entry's position: where the log ended then. */
  readonly last: LogPosition;
  /** Whether an earlier call with this writer and sequence did it. */
  readonly isRepeat: boolean;
}

/** An event in its place. */
export interface LogEntry<Event = Json> {
  /** Its place. */
  readonly position: LogPosition;
  /** What was appended. */
  readonly event: Event;
}

/** Where reading begins: after a position, at the first entry that is kept, or at what comes. */
export type LogFrom = LogPosition | "start" | "end";

/** Options of {@linkcode Log.read}. */
export interface LogReadOptions extends LogCallOptions {
  /** Where to begin. Default `"start"`. */
  readonly from?: LogFrom | undefined;
  /** The most entries, from 1 to 1,000. Default 100. */
  readonly limit?: number | undefined;
  /** The index that the log must have reached, so that one reads what one wrote. */
  readonly minIndex?: number | undefined;
}

/** Some entries. */
export interface LogPage<Event = Json> {
  /** The entries, contiguous and in order. */
  readonly entries: readonly LogEntry<Event>[];
  /** Where to read on. */
  readonly position: LogPosition;
  /** Where the log ends. */
  readonly head: LogPosition;
  /** Whether nothing more will come. */
  readonly isSealed: boolean;
}

/** Options of {@linkcode Log.tail}. */
export interface LogTailOptions extends LogCallOptions {
  /** Where to begin. Default `"start"`. */
  readonly from?: LogFrom | undefined;
}

/** Options of {@linkcode Log.trim}. */
export interface LogTrimOptions extends LogCallOptions {
  /** Goes no further than this. Default: as far as nobody needs the entries. */
  readonly upTo?: LogPosition | undefined;
  /** Goes as far as `upTo`, whatever snapshot and consumers there are. */
  readonly isForced?: boolean | undefined;
}

/** A saved state. */
export interface LogSavedState<State = Json> {
  /** Up to where it follows from the log. */
  readonly position: LogPosition;
  /** The state. */
  readonly state: State;
}

/** A log that many append to and many read, in one order. */
export interface Log<Event = Json> {
  /** Its name. */
  readonly name: string;

  /**
   * Appends events, all or none, in one request.
   *
   * @throws {LogConflictError} `ERR_CONFLICT` if the log does not end at `expect`; it says where it does.
   * @throws {HoldfastError} `ERR_FENCED`, `ERR_SEALED`; `ERR_LIMIT` if the log is full; `ERR_STORE_REGRESSED` if
   * `expect` is not in the log any more; `ERR_OUTCOME_UNKNOWN` if the writer has gone on since or is not known;
   * `ERR_TOO_LARGE`, `ERR_INVALID_VALUE`, `ERR_NOT_SERIALIZABLE` before anything is sent.
   */
  append(events: readonly Event[], options?: LogAppendOptions): Promise<LogAppended>;

  /**
   * Reads entries, in one request.
   *
   * @throws {TrimmedError} `ERR_TRIMMED` if entries after `from` are gone; it says where the log begins.
   * @throws {HoldfastError} `ERR_STORE_REGRESSED` if `from` is not in the log any more; `ERR_TIMEOUT` if the log does
   * not reach `minIndex` within 5 seconds.
   */
  read(options?: LogReadOptions): Promise<LogPage<Event>>;

  /** Every entry, each once and in order, and then those that come; ends when a sealed log was read. Throws as `read`. */
  tail(options?: LogTailOptions): AsyncGenerator<LogEntry<Event>, void, void>;

  /** The same as {@linkcode Log.tail}, as many at once as there are; never none. */
  pages(options?: LogTailOptions): AsyncGenerator<readonly LogEntry<Event>[], void, void>;

  /** How the log stands. */
  state(options?: LogCallOptions): Promise<LogState>;

  /**
   * Sets the fence: from now on, only appends with this token are taken. A token is used once: a process that takes
   * over draws a new one.
   *
   * @returns Where the log ends: all that comes after it has the token.
   * @throws {HoldfastError} `ERR_FENCED` if this token was replaced before.
   */
  fence(token: string, options?: LogCallOptions): Promise<LogPosition>;

  /**
   * Ends the log for ever. Doing it again changes nothing.
   *
   * @throws {HoldfastError} `ERR_FENCED` if a fence is set and not given.
   */
  seal(options?: LogCallOptions & { readonly fence?: string | undefined }): Promise<LogPosition>;

  /**
   * Saves a state that follows from the log up to a position, in place of an older one, and drops the entries that no
   * consumer still needs. A later state that is there stays.
   *
   * @throws {HoldfastError} `ERR_TOO_LARGE`, `ERR_TRIMMED`, `ERR_STORE_REGRESSED`.
   */
  saveSnapshot(saved: LogSavedState, options?: LogCallOptions): Promise<void>;

  /** The state that was saved last. */
  loadSnapshot(options?: LogCallOptions): Promise<LogSavedState | undefined>;

  /**
   * Drops entries from the start: those that the snapshot has and every consumer has passed, and those that are older
   * than `ageMax`.
   *
   * @returns The position before the first entry that is kept.
   */
  trim(options?: LogTrimOptions): Promise<LogPosition>;

  /**
   * Remembers how far a consumer has come, and keeps what it has not passed from being trimmed for a week. A position
   * that is behind what is remembered changes nothing.
   *
   * @param consumer 1 to 64 visible ASCII characters without `;`.
   * @returns Where the consumer stands.
   * @throws {HoldfastError} `ERR_LIMIT` for more than {@linkcode CONSUMERS_MAX}; `ERR_TRIMMED`, `ERR_STORE_REGRESSED`.
   */
  commit(consumer: string, position: LogPosition, options?: LogCallOptions): Promise<LogPosition>;

  /** How far a consumer has come; `undefined` for one that never committed. */
  load(consumer: string, options?: LogCallOptions): Promise<LogPosition | undefined>;

  /** Forgets a consumer. */
  forget(consumer: string, options?: LogCallOptions): Promise<void>;

  /** The same log with a signal for every call that brings none. */
  with(options: LogCallOptions): Log<Event>;
}
