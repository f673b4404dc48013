/**
 * What a user sees of a model: its methods and their options, and no code.
 *
 * @module
 */

import type { EventSource } from "../events.ts";
import type { BatchWriter } from "./batch_face.ts";
import type { Change } from "./change.ts";
import type { ModelDefinition } from "./definition.ts";
import type { Scalar } from "../ordered_text.ts";
import type {
  AfterWrite,
  CreateOf,
  ModelTypes,
  QueryOf,
  RecordOf,
  UniqueValue,
} from "./record_types.ts";
import type {
  CallOptions,
  PatchOptions,
  PutOptions,
  ReplaceOptions,
  WriteOptions,
} from "./write_options.ts";

/** Options of reads of several records. */
export interface ReadOptions extends CallOptions {
  /**
   * Called for each record whose stored data cannot be read; it is then left out. Without it the call fails with the
   * first such error.
   */
  readonly onFailure?: ((failure: RecordFailure) => void) | undefined;
}

/** A record that cannot be read. */
export interface RecordFailure {
  /** The record's id. */
  readonly id: string | number;
  /** Why. */
  readonly error: Error;
}

/** Options of {@linkcode Model.find}. */
export interface FindOptions extends ReadOptions {
  /** The most records, from 1 to 1,000; 100 by default. */
  readonly limit?: number;
  /** Where an earlier page of the same query ended. */
  readonly cursor?: string | undefined;
  /** Whether to go from the last to the first. */
  readonly reverse?: boolean;
}

/** Records in order, and how to go on. */
export interface Page<Item> {
  /** The items; a page may have fewer than its limit, and even none, while there are more. */
  readonly records: readonly Item[];
  /** Where the next page begins; `undefined` after the last one. */
  readonly cursor: string | undefined;
}

/** Options of {@linkcode Model.changes}. */
export interface ChangesOptions {
  /** The cursor of the last change that was seen; from now on if left out. */
  readonly after?: string | undefined;
  /** Ends the iteration, which then throws the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What chores report. */
export interface Progress {
  /** How many records are done. */
  readonly done: number;
  /** How many there were at the start; `undefined` if nobody knows. */
  readonly total: number | undefined;
}

/** Options of chores over all records. */
export interface ChoreOptions extends ReadOptions {
  /** Called after every step. */
  readonly onProgress?: (progress: Progress) => void;
}

/** Options of `importLines`. */
export interface ImportOptions extends ChoreOptions {
  /** What happens to a record whose id is there already: the import ends (the default), or one of the two goes. */
  readonly existing?: "fail" | "keep" | "replace";
}

/** Options of {@linkcode ModelMembers.list}. */
export interface ListOptions extends CallOptions {
  /** The most members, from 1 to 1,000; 1,000 by default. */
  readonly limit?: number;
  /** Where an earlier page ended. */
  readonly cursor?: string | undefined;
}

/** One set of one record. */
export interface ModelMembers {
  /** Adds members. Returns how many are new. */
  add(values: Scalar | readonly Scalar[], options?: WriteOptions): Promise<number>;
  /** Removes members. Returns how many were there. */
  remove(values: Scalar | readonly Scalar[], options?: WriteOptions): Promise<number>;
  /** Makes these all the members. Returns how many came or went. */
  replace(values: readonly Scalar[], options?: WriteOptions): Promise<number>;
  /** Whether a value is a member. */
  has(value: Scalar, options?: CallOptions): Promise<boolean>;
  /** The members in order: booleans, numbers, texts by their bytes. */
  list(options?: ListOptions): Promise<Page<Scalar>>;
}

/** What the listeners of a model get. */
export interface ModelEvents<T extends ModelTypes> {
  /** A write of this handle was made. What others write, {@linkcode Model.changes} tells. */
  readonly write: AfterWrite<T>;
}

/**
 * A model of records.
 *
 * Every method rejects with `ERR_INVALID_ID`, `ERR_INVALID_KEY` or `ERR_INVALID_CURSOR` for an id, value or cursor that
 * is none, and with `ERR_UNAVAILABLE` or `ERR_TIMEOUT` if the store cannot be asked. A write whose answer is lost is
 * sent again under its token; if that fails too it rejects with `ERR_OUTCOME_UNKNOWN`. A record that a schema refuses
 * is `ERR_INVALID_VALUE` with every issue and its path; nothing is written, and no id is used up.
 */
export interface Model<T extends ModelTypes> extends EventSource<ModelEvents<T>> {
  /** The model's name on the wire. */
  readonly name: string;
  /** What it was created from. */
  readonly definition: ModelDefinition<T>;

  /**
   * Creates a record.
   *
   * @throws {UniqueError} `ERR_UNIQUE` with the field and the owner's id.
   * @throws {HoldfastError} `ERR_EXISTS` if the id that was given is there.
   */
  create(input: CreateOf<T>, options?: PutOptions): Promise<RecordOf<T>>;
  /** The record with an id; `undefined` if there is none. */
  get(id: T["id"], options?: CallOptions): Promise<RecordOf<T> | undefined>;
  /** The records with these ids, up to 1,000, in their order; `undefined` for those that are not there. */
  getMany(
    ids: readonly T["id"][],
    options?: ReadOptions,
  ): Promise<readonly (RecordOf<T> | undefined)[]>;
  /** The record with this value of a unique field, or these values of fields that are unique together. */
  getByUnique<const Unique extends T["unique"]>(
    unique: Unique,
    value: UniqueValue<T, Unique>,
    options?: CallOptions,
  ): Promise<RecordOf<T> | undefined>;
  /**
   * Changes fields of a record in hand, in one request. A field that is set to `undefined` is removed.
   *
   * @throws {ConflictError} `ERR_CONFLICT` with the record as it is now, if it is no longer the one in hand.
   * @throws {UniqueError} `ERR_UNIQUE`.
   */
  update(
    record: RecordOf<T>,
    changes: Partial<T["input"]>,
    options?: PutOptions,
  ): Promise<RecordOf<T>>;
  /**
   * Reads a record and changes it by what the function gives, again if somebody wrote in between.
   *
   * @throws {HoldfastError} `ERR_NOT_FOUND` if it is not there.
   * @throws {ConflictError} `ERR_CONFLICT` if others were faster at every attempt, or it has not the version that was
   * given.
   */
  patch(
    id: T["id"],
    change: Partial<T["input"]> | ((record: RecordOf<T>) => Partial<T["input"]>),
    options?: PatchOptions,
  ): Promise<RecordOf<T>>;
  /**
   * Gives a record other fields, all of them.
   *
   * @throws {HoldfastError} `ERR_NOT_FOUND` if it is not there.
   * @throws {ConflictError} `ERR_CONFLICT` if it has not the version that was given.
   */
  replace(id: T["id"], input: T["input"], options?: ReplaceOptions): Promise<RecordOf<T>>;
  /** Creates the record with this id, or replaces it, in one request. */
  upsert(
    input: CreateOf<T> & { readonly id: T["id"] },
    options?: PutOptions,
  ): Promise<RecordOf<T>>;
  /**
   * Removes a record. Returns whether there was one.
   *
   * @throws {ConflictError} `ERR_CONFLICT` if a record in hand is no longer the one that is there.
   */
  delete(record: RecordOf<T> | T["id"], options?: WriteOptions): Promise<boolean>;
  /** Creates a record, or gives the one that has its value of a unique field. One request. */
  getOrCreateByUnique(
    unique: T["unique"],
    input: CreateOf<T>,
    options?: PutOptions,
  ): Promise<{ readonly record: RecordOf<T>; readonly isCreated: boolean }>;
  /** The records that a query by declared indexes finds, in the index's order; all in the order of ids for `{}`. */
  find(query: QueryOf<T>, options?: FindOptions): Promise<Page<RecordOf<T>>>;
  /** How many records a query finds; all if left out. Counts what has expired until it is retired. */
  count(query?: QueryOf<T>, options?: CallOptions): Promise<number>;
  /** A set of a record. */
  members(id: T["id"], set: T["set"]): ModelMembers;
  /** The records whose set has a value, in the order of ids. */
  memberOf(set: T["set"], value: Scalar, options?: FindOptions): Promise<Page<RecordOf<T>>>;
  /** Makes several writes of distinct records, all or none, in one request. Gives what each gave; nothing for deletions. */
  batch(
    build: (batch: BatchWriter<T>) => void,
    options?: WriteOptions,
  ): Promise<readonly (RecordOf<T> | undefined)[]>;

  /** Where the journal ends now. Taken before a read of all records, it is where {@linkcode Model.changes} goes on. */
  cursor(options?: CallOptions): Promise<string>;
  /**
   * Every change after a cursor, once and in order, and then as they come; `{ kind: "reset" }` if the journal no longer
   * has what follows the cursor: then read all records anew and go on from the reset's own cursor.
   */
  changes(options?: ChangesOptions): AsyncIterableIterator<Change<T>>;

  /** Brings back a record that was softly deleted; its unique values must be free. */
  restore(id: T["id"], options?: WriteOptions): Promise<RecordOf<T>>;
  /** Removes a record for good, also one that was softly deleted. Returns whether there was one. */
  purge(id: T["id"], options?: WriteOptions): Promise<boolean>;
  /** The records that are softly deleted, in the order of ids. */
  deleted(options?: FindOptions): Promise<Page<RecordOf<T>>>;
  /** Retires records that have expired, for a schedule. Returns how many. */
  sweep(options?: CallOptions): Promise<number>;

  /** The same model with defaults for every call, for the time of a request. */
  with(options: CallOptions): Model<T>;
}
