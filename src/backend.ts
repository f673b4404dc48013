/**
 * What every backend says of itself, whatever stores it has.
 *
 * A part asks for no more of a backend than its own slice (`CacheBackend` names a cache store, this, and nothing else),
 * so that a function that only caches ships only a cache.
 *
 * @module
 */

import { ArgumentError, shown } from "./errors.ts";
import type { Clock } from "./clock.ts";
import type { Random } from "./random.ts";

/**
 * What may be shared between the requests of one process.
 *
 * - `"process"`: anything. Deno, Node, Bun, browsers.
 * - `"request"`: values only. On workerd a promise, stream or timer of a request that has ended never settles for
 *   another one, so who joins another's work waits against a timer of its own and falls through to the store.
 */
export type Isolation = "process" | "request";

/**
 * What an acknowledged write survives: nothing beyond the process's memory; the end of our process but not of the
 * server; the loss of power; or, with replicas that follow asynchronously, everything but a failover.
 */
export type Durability = "memory" | "process" | "fsync" | "replicated-async";

/** The part of a backend that is no store. */
export interface BackendBase {
  /** Where the parts read the time. */
  readonly clock: Clock;
  /** Where the parts roll their dice. */
  readonly random: Random;
  /** What may be shared between the requests of one process. */
  readonly isolation: Isolation;
  /** What an acknowledged write survives. */
  readonly durability: Durability;
}

/**
 * An isolation that a user gave, or the default.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION` if it is none.
 */
export function checkedIsolation(isolation: Isolation = "process"): Isolation {
  if (isolation === "process" || isolation === "request") return isolation;
  throw new ArgumentError(
    "ERR_INVALID_OPTION",
    `Cannot use isolation as it must be "process" or "request": current value is ${
      shown(isolation)
    }`,
  );
}

/**
 * Refuses what is no backend, or lacks what a part needs of one.
 *
 * @throws {ArgumentError} `ERR_INVALID_ARGUMENT`, naming what is missing.
 */
export function checkBackend(action: string, backend: unknown, needs: readonly string[]): void {
  const missing = needs.filter((name) => Object(backend)[name] === undefined);
  if (missing.length === 0) return;
  throw new ArgumentError(
    "ERR_INVALID_ARGUMENT",
    `Cannot ${action} as the backend must have ${needs.join(", ")}: it lacks ${missing.join(", ")}`,
  );
}
