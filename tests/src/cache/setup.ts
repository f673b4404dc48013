/**
 * What the tests of the cache start from: a store in memory under a clock that only they move.
 *
 * @module
 */

import { memoryCacheStore } from "../../../adapters/memory/cache.ts";
import {
  type Cache,
  type CacheBackend,
  type CacheOptions,
  createCache,
} from "../../../src/cache/mod.ts";
import type { Isolation } from "../../../src/backend.ts";
import { type ManualClock, manualClock, seededRandom } from "../../contracts/mod.ts";

/** A backend whose clock a test holds. */
export interface TestBackend extends CacheBackend {
  readonly clock: ManualClock;
}

/** A fresh backend. */
export function backendOfTest(isolation: Isolation = "process"): TestBackend {
  const clock = manualClock();
  return { clock, cache: memoryCacheStore({ clock }), random: seededRandom(1), isolation };
}

/** A cache on a backend, with a time to live of ten seconds. */
export function cacheOfTest(
  backend: CacheBackend,
  options: Partial<CacheOptions> = {},
): Cache {
  return createCache(backend, { name: "test", ttl: "10s", ...options });
}

/** A promise that a test settles when it likes. */
export function gate<Value = void>(): {
  readonly promise: Promise<Value>;
  open(value: Value): void;
  fail(error: unknown): void;
} {
  let open: (value: Value) => void = () => {};
  let fail: (error: unknown) => void = () => {};
  const promise = new Promise<Value>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { promise, open, fail };
}

/** A creator that counts its runs: the value is the count. */
export function counting(): { (): number; runs: number } {
  const count = Object.assign(() => ++count.runs, { runs: 0 });
  return count;
}
