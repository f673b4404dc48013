/**
 * A ShareDB database adapter as far as a journal asks of it, with promises for its callbacks.
 *
 * @module
 */

import { systemClock } from "../../src/clock.ts";
import type { Clock } from "../../src/clock.ts";
import type { StoreOptions } from "../../src/documents/port.ts";
import { HoldfastError, LimitError, shown } from "../../src/errors.ts";
import { withDeadline } from "../../src/waiting.ts";

/** What ShareDB's adapters call back with. */
export type ShareDbCallback = (error: unknown, result?: never) => void;

/** A ShareDB database adapter: `MemoryDB`, `sharedb-mongo`, `sharedb-postgres`, … Only these three methods are called. */
export interface ShareDbDatabase {
  /** Appends an operation and sets the snapshot, if it is the next version. Calls back with whether it was. */
  commit(
    collection: string,
    id: string,
    op: unknown,
    snapshot: unknown,
    options: unknown,
    callback: ShareDbCallback,
  ): void;
  /** The snapshot, with version 0 if there is none. */
  getSnapshot(
    collection: string,
    id: string,
    fields: unknown,
    options: unknown,
    callback: ShareDbCallback,
  ): void;
  /** The operations of versions `[from, to)`. */
  getOps(
    collection: string,
    id: string,
    from: number,
    to: number | null,
    options: unknown,
    callback: ShareDbCallback,
  ): void;
}

/** A database's methods as functions that wait. */
export interface Database {
  /** Appends; whether the version was the next one. */
  commit(
    place: Place,
    op: object,
    snapshot: object,
    options?: StoreOptions,
  ): Promise<boolean>;
  /** The snapshot with its metadata, as the database gave it. */
  snapshot(place: Place, options?: StoreOptions): Promise<unknown>;
  /** The operations with their metadata; `undefined` if some are not there any more. */
  ops(
    place: Place,
    from: number,
    to: number,
    options?: StoreOptions,
  ): Promise<readonly unknown[] | undefined>;
}

/** A document of a database. */
export interface Place {
  /** Its collection. */
  readonly collection: string;
  /** Its id. */
  readonly id: string;
}

/** How a database is asked. */
export interface DatabaseOptions {
  /** Where time is read; the host's clock by default. */
  readonly clock?: Clock;
  /** How long one answer may take, in milliseconds; 10,000 by default. A write may still happen. */
  readonly timeoutMs?: number;
}

/** A database whose failures have codes. */
export function databaseOf(db: ShareDbDatabase, options: DatabaseOptions = {}): Database {
  const { clock = systemClock(), timeoutMs = 10_000 } = options;
  const limitMs = checkedTimeout(timeoutMs);
  const metadata = { metadata: true };
  const asked = <T>(ask: (callback: ShareDbCallback) => void, { signal }: StoreOptions = {}) => {
    signal?.throwIfAborted();
    const answer = new Promise<T>((resolve, reject) => {
      ask((error, result) => error ? reject(away(error)) : resolve(result as T));
    });
    return withDeadline(clock, limitMs, answer, () => late(limitMs), { signal });
  };
  return {
    commit: async ({ collection, id }, op, snapshot, call = {}) => {
      try {
        return await asked(
          (callback) => db.commit(collection, id, op, snapshot, {}, callback),
          call,
        );
      } catch (error) {
        // An error of the database's own: with it the operation may be there, or not.
        call.signal?.throwIfAborted();
        throw unknown(error);
      }
    },
    snapshot: ({ collection, id }, call) =>
      asked((callback) => db.getSnapshot(collection, id, null, metadata, callback), call),
    ops: async ({ collection, id }, from, to, call) => {
      if (from >= to) return [];
      try {
        const ops = await asked<readonly unknown[]>(
          (callback) => db.getOps(collection, id, from, to, metadata, callback),
          call,
        );
        return ops.length === to - from ? ops : undefined;
      } catch (error) {
        // Adapters say of dropped operations that they are missing, without a code.
        const { cause } = error instanceof Error ? error : {};
        if (cause instanceof Error && /missing.*op/i.test(cause.message)) return undefined;
        throw error;
      }
    },
  };
}

function checkedTimeout(timeoutMs: unknown): number {
  if (typeof timeoutMs === "number" && timeoutMs > 0) return timeoutMs;
  throw new LimitError(
    "ERR_INVALID_OPTION",
    `Cannot use a ShareDB database as timeoutMs must be more than 0: current value is ${
      shown(timeoutMs)
    }`,
  );
}

function away(cause: unknown): HoldfastError {
  return new HoldfastError(
    "ERR_UNAVAILABLE",
    "Cannot use the journal as its database must answer without an error",
    { cause },
  );
}

function unknown(cause: unknown): HoldfastError {
  return new HoldfastError(
    "ERR_OUTCOME_UNKNOWN",
    "Cannot tell whether the journal has the operation as its database must answer",
    { cause },
  );
}

function late(timeoutMs: number): HoldfastError {
  return new HoldfastError(
    "ERR_TIMEOUT",
    `Cannot use the journal as its database must answer within timeoutMs: current value is ${timeoutMs}`,
  );
}
