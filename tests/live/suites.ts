/**
 * The contract suites on a person's own Redis, one test after the other.
 *
 * @module
 */

import { redisCacheStore } from "../../adapters/redis/cache.ts";
import type { RedisConnection } from "../../adapters/redis/connection.ts";
import { redisModelStore } from "../../adapters/redis/models.ts";
import { redisWakes } from "../../adapters/redis/wakes.ts";
import { systemClock } from "../../src/clock.ts";
import { sleep } from "../../src/waiting.ts";
import { testCacheStore } from "../contracts/cache_store.ts";
import type { Bench, TestFunction } from "../contracts/harness.ts";
import { modelStoreContract } from "../contracts/model_store.ts";
import { PLAIN_SHAPE } from "../contracts/model_writes.ts";
import { wakeFeedContract } from "../contracts/wake_feed.ts";
import { type LiveTarget, openLive } from "./target.ts";

/** What came of a test. */
export interface LiveVerdict {
  /** The test's name. */
  readonly name: string;
  /** Why it does not hold; nothing if it does. */
  readonly failure?: string;
}

/** The suites of all stores; a new one is a line here. */
const SUITES: readonly ((test: TestFunction, target: LiveTarget) => void)[] = [
  (test, target) => testCacheStore(test, () => bench(target, redisCacheStore)),
  (test, target) =>
    modelStoreContract(
      test,
      async () => ({ ...await bench(target, redisModelStore), shape: PLAIN_SHAPE }),
    ),
  (test, target) => wakeFeedContract(test, () => bench(target, redisWakes)),
];

/** Runs every suite. */
export async function* runSuites(target: LiveTarget): AsyncGenerator<LiveVerdict, void, void> {
  const tests: { readonly name: string; readonly run: () => Promise<void> }[] = [];
  for (const suite of SUITES) suite((name, run) => tests.push({ name, run }), target);
  for (const { name, run } of tests) {
    const failure = await run().then(() => undefined, (error: unknown) => error);
    yield failure === undefined
      ? { name }
      : { name, failure: failure instanceof Error ? failure.stack ?? failure.message : "" };
  }
}

function bench<Store>(
  target: LiveTarget,
  store: (connection: RedisConnection) => Store,
): Promise<Bench<Store>> {
  const live = openLive(target);
  return Promise.resolve({
    store: store(live.connect()),
    peer: () => Promise.resolve(store(live.connect())),
    advance: (ms: number) => sleep(systemClock(), ms),
    [Symbol.asyncDispose]: () => live[Symbol.asyncDispose](),
  });
}
