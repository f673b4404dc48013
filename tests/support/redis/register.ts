/**
 * How tests that need a real redis-server are registered: run where there is one, counted as skipped where there is
 * none, and failing instead where `REQUIRE_REDIS=1`.
 *
 * @module
 */

import { findRedis, isRedisRequired, REDIS_ADVICE } from "./binary.ts";

/** Registers a test that needs a redis-server on this machine. A `TestFunction`, so contract suites take it too. */
export function redisTest(name: string, run: () => Promise<void>): void {
  if (findRedis() !== undefined) Deno.test(name, run);
  else if (isRedisRequired()) Deno.test(name, () => Promise.reject(new Error(REDIS_ADVICE)));
  else Deno.test({ name, ignore: true, fn: run });
}
