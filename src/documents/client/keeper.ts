/**
 * Keeps what waits in a storage that the user gave: one write at a time for each document, the newest state last.
 *
 * @module
 */

import { type Awaitable, isPromiseLike } from "../../waiting.ts";

/**
 * A storage for changes that are not committed: names and texts, as in a `Map` (which is one) or a table of IndexedDB.
 * It belongs to one connection at a time: two tabs of a browser need one each, or a lock.
 */
export interface PendingStorage {
  /** All names and texts, in any order; what is not ours may be among them. */
  entries(): Eventual<Iterable<readonly [name: string, text: string]>>;
  /** Keeps a text under a name, in place of what was there; done means that a crash does not take it back. */
  set(name: string, text: string): unknown;
  /** Forgets a name. */
  delete(name: string): unknown;
}

/** A value, or a promise of it. */
export type Eventual<T> = Awaitable<T>;

/** What is kept, and who is told. */
export interface Kept {
  /** The text to be kept now; `undefined` if there is nothing. */
  text(): string | undefined;
  /** Begins a write: what it calls when the write is done. */
  begun(): () => void;
}

/** The names that are ours. */
const PREFIX = "holdfast:";

/** Writes what is to be kept. */
export class Keeper {
  readonly #storage: PendingStorage;
  readonly #failed: (error: unknown) => void;
  readonly #writing = new Set<string>();
  readonly #dirty = new Set<string>();
  readonly #stored = new Set<string>();
  /** What came before it was known what is stored: it must not be taken for what an earlier process left. */
  #early: Map<string, Kept> | undefined = new Map();

  /** `failed` is told what the storage throws. */
  constructor(storage: PendingStorage, failed: (error: unknown) => void) {
    this.#storage = storage;
    this.#failed = failed;
  }

  /** Whether writes are under way. */
  get isBusy(): boolean {
    return this.#writing.size > 0;
  }

  /** Hands everything that is kept to the function, and then says that it was all. */
  load(found: (name: string, text: string) => void, done: () => void): void {
    const take = (entries: Iterable<readonly [string, string]>): void => {
      for (const [name, text] of [...entries]) {
        if (!name.startsWith(PREFIX)) continue;
        this.#stored.add(name);
        found(name.slice(PREFIX.length), text);
      }
    };
    settle(() => this.#storage.entries(), take, this.#failed, () => {
      const early = this.#early ?? [];
      this.#early = undefined;
      done();
      for (const [name, kept] of early) this.keep(name, kept);
    });
  }

  /** Keeps the newest state under a name. */
  keep(name: string, kept: Kept): void {
    if (this.#early !== undefined) {
      this.#early.set(name, kept);
      return;
    }
    const key = PREFIX + name;
    if (this.#writing.has(key)) {
      this.#dirty.add(key);
      return;
    }
    const text = kept.text();
    const done = kept.begun();
    if (text === undefined && !this.#stored.has(key)) return done();
    this.#writing.add(key);
    if (text === undefined) this.#stored.delete(key);
    else this.#stored.add(key);
    const write = (): unknown =>
      text === undefined ? this.#storage.delete(key) : this.#storage.set(key, text);
    // What cannot be stored still goes out: a change is not held back because a disk is full.
    settle(write, () => {}, this.#failed, () => {
      this.#writing.delete(key);
      done();
      if (this.#dirty.delete(key)) this.keep(name, kept);
    });
  }
}

/** Calls `took` with what the work gives, at once or later; or `failed`; and `done` in any case. */
function settle<T>(
  work: () => Eventual<T>,
  took: (value: T) => void,
  failed: (error: unknown) => void,
  done: () => void,
): void {
  const take = (value: T): void => {
    took(value);
    done();
  };
  const fail = (error: unknown): void => {
    failed(error);
    done();
  };
  const value = attempt(work, failed);
  if (value === undefined) done();
  else if (isPromiseLike(value.given)) value.given.then(take, fail);
  else take(value.given);
}

/** What the work gives; `undefined` if it throws. */
function attempt<T>(work: () => T, failed: (error: unknown) => void): { given: T } | undefined {
  try {
    return { given: work() };
  } catch (error) {
    // The storage is the user's: it throws what it likes.
    failed(error);
    return undefined;
  }
}
