/**
 * Where a client's queue outlives the client: one text in any storage that looks like the Web's.
 *
 * Two tabs share one storage. Where the host has locks, each tab holds one of a few places in it by a lock of its own,
 * and who opens takes over what closed tabs have left. Without locks, a name belongs to one client at a time.
 *
 * @module
 */

import { entriesOf, entriesText, type QueueEntry } from "./queue_entry.ts";

/** The part of `localStorage` and `sessionStorage` that a client uses. May answer with promises. */
export interface SyncStorage {
  /** The text under a key; null or undefined if there is none. */
  getItem(key: string): string | null | undefined | Promise<string | null | undefined>;
  /** Keeps a text under a key. */
  setItem(key: string, value: string): void | Promise<void>;
  /** Removes a text. */
  removeItem(key: string): void | Promise<void>;
}

/** The part of `navigator.locks` that a client uses. */
export interface SyncLocks {
  /** Calls back with the lock, or with null if somebody has it, and keeps it until what is given settles. */
  request(
    name: string,
    options: { readonly ifAvailable: true },
    callback: (lock: unknown) => Promise<void> | void,
  ): Promise<unknown>;
}

/** The most tabs that keep their queues in one storage under one name. */
export const PLACES_MAX = 16;

/** A storage in memory: what it keeps outlives a client, but not the process. */
export function memoryStorage(): SyncStorage {
  const texts = new Map<string, string>();
  return {
    getItem: (key) => texts.get(key),
    setItem: (key, value) => void texts.set(key, value),
    removeItem: (key) => void texts.delete(key),
  };
}

/** A client's place in a storage. */
export class QueuePlace {
  readonly #storage: SyncStorage;
  readonly #key: string;
  readonly #free: () => void;
  #writing: Promise<void> | undefined;
  #next: readonly QueueEntry[] | undefined;

  private constructor(storage: SyncStorage, key: string, free: () => void) {
    this.#storage = storage;
    this.#key = key;
    this.#free = free;
  }

  /**
   * Takes a place, and what it and the places of closed tabs have. Those are emptied by `adopted`, once what they had
   * is kept here. `undefined` if every place is taken.
   */
  static async take(storage: SyncStorage, name: string, locks: SyncLocks | undefined): Promise<
    {
      readonly place: QueuePlace;
      readonly entries: readonly QueueEntry[];
      readonly adopted: () => Promise<void>;
    } | undefined
  > {
    const key = `holdfast.sync.${name}`;
    if (locks === undefined) {
      const entries = entriesOf(await storage.getItem(key));
      return { place: new QueuePlace(storage, key, () => {}), entries, adopted: async () => {} };
    }
    const held: { readonly key: string; readonly free: () => void }[] = [];
    const entries: QueueEntry[] = [];
    try {
      for (let at = 0; at < PLACES_MAX; at++) {
        const free = await lock(locks, `${key}.${at}`);
        if (free !== undefined) held.push({ key: `${key}.${at}`, free });
      }
      for (const { key } of held) entries.push(...entriesOf(await storage.getItem(key)));
    } catch (error) {
      // Whatever failed, what was taken is not kept from others.
      for (const { free } of held) free();
      throw error;
    }
    const [own, ...left] = held;
    if (own === undefined) return undefined;
    const adopted = async (): Promise<void> => {
      for (const { key, free } of left) {
        try {
          await storage.removeItem(key);
        } finally {
          free();
        }
      }
    };
    return { place: new QueuePlace(storage, own.key, own.free), entries, adopted };
  }

  /**
   * Keeps the entries: at once if the storage answers at once, else after those that it is writing.
   *
   * @returns A promise if there is something to wait for. It is rejected, or this throws, if the storage fails; what it
   * had is removed then, as it must not come back.
   */
  save(entries: readonly QueueEntry[]): Promise<void> | undefined {
    if (this.#writing === undefined) return this.#write(entries);
    this.#next = entries;
    return this.#writing = this.#writing.catch(() => {}).then(() => {
      const next = this.#next;
      this.#next = undefined;
      return next === undefined ? undefined : this.#write(next, true);
    });
  }

  /** Gives the place to whoever comes. */
  free(): void {
    this.#free();
  }

  #write(entries: readonly QueueEntry[], isInLine = false): Promise<void> | undefined {
    try {
      const written = entries.length === 0
        ? this.#storage.removeItem(this.#key)
        : this.#storage.setItem(this.#key, entriesText(entries));
      if (written === undefined) return undefined;
      const writing = written.catch((error: unknown) => this.#fail(error));
      return isInLine ? writing : this.#writing = writing;
    } catch (error) {
      // A quota, or a storage that is switched off.
      return this.#fail(error);
    }
  }

  #fail(error: unknown): never {
    try {
      void Promise.resolve(this.#storage.removeItem(this.#key)).catch(() => {});
    } catch {
      // It fails altogether, which is being told.
    }
    throw error;
  }
}

/** Takes a lock if it is free. Gives what frees it. */
function lock(locks: SyncLocks, name: string): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    locks.request(name, { ifAvailable: true }, (held) => {
      if (held === null) return resolve(undefined);
      return new Promise<void>((free) => resolve(free));
    }).catch(reject);
  });
}
