/**
 * How a model lies in its store: the part of a definition that a store must know.
 *
 * @module
 */

/** How a model lies in its store. Two handles on one model must agree on it. */
export interface ModelShape {
  /** The model's key, and its hash tag. */
  readonly key: string;
  /** `"seed"`: as backbone-redis-store laid it out; only a Redis has such data. */
  readonly layout: "own" | "seed";
  /** Over how many keys the records are spread, by id. A power of two from 1 to 64, fixed for the model's life. */
  readonly shards: number;
  /** The names of the rules of uniqueness, by which the claims of a record of the seed are told. */
  readonly uniqueNames: readonly string[];
  /** Whether records may expire. Only then does a store look for what is due. */
  readonly expires: boolean;
  /** Whether records have sets, whose members go with them. */
  readonly hasSets: boolean;
  /** Whether entries of the journal carry what was written, and wakes are published. */
  readonly isWatched: boolean;
  /** What the journal keeps. */
  readonly journal: JournalBounds;
}

/** The bounds of a journal; whichever is reached first drops its oldest part. */
export interface JournalBounds {
  /** Entries. So many writes back, at least, a token is known. */
  readonly entriesMax: number;
  /** Bytes. */
  readonly bytesMax: number;
  /** Milliseconds, judged by the store's clock when a part of the journal is full, and by a sweep. */
  readonly ageMsMax: number;
}
