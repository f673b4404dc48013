/**
 * The contract suites on a person's own Redis, a few tests at a time.
 *
 * @module
 */

import { redisCacheStore } from "../../adapters/redis/cache.ts";
import type { RedisConnection } from "../../adapters/redis/connection.ts";
import { redisDocumentStore } from "../../adapters/redis/documents.ts";
import { redisLogStore } from "../../adapters/redis/log.ts";
import { redisModelStore } from "../../adapters/redis/models.ts";
import { redisPresenceStore } from "../../adapters/redis/presence.ts";
import { redisRaftStore } from "../../adapters/redis/raft.ts";
import { redisWakes } from "../../adapters/redis/wakes.ts";
import { systemClock } from "../../src/clock.ts";
import { sleep } from "../../src/waiting.ts";
import { testCacheStore } from "../contracts/cache_store.ts";
import { documentStoreContract } from "../contracts/document_store.ts";
import type { Bench, TestFunction } from "../contracts/harness.ts";
import { logStoreContract } from "../contracts/log_store.ts";
import { modelStoreContract } from "../contracts/model_store.ts";
import { PLAIN_SHAPE } from "../contracts/model_writes.ts";
import { type PresenceBench, presenceStoreContract } from "../contracts/presence_store.ts";
import { testRaftStore } from "../contracts/raft_store.ts";
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
  (test, target) => documentStoreContract(test, () => bench(target, redisDocumentStore)),
  (test, target) => logStoreContract(test, () => bench(target, redisLogStore)),
  (test, target) =>
    modelStoreContract(
      test,
      async () => ({ ...await bench(target, redisModelStore), shape: PLAIN_SHAPE }),
    ),
  (test, target) => presenceStoreContract(test, () => presenceBench(target)),
  (test, target) => testRaftStore(test, () => bench(target, redisRaftStore)),
  (test, target) => wakeFeedContract(test, () => bench(target, redisWakes)),
];

/** How many tests run at a time: each has a namespace of its own, and a far server answers slowly. */
const AT_ONCE = 6;

/** Tests of bounds that take ten thousand requests: a local Redis bears them, a bill does not. */
const TOO_MANY = /\b10,?000\b/;

/** Runs every suite; tells the verdicts as they come. */
export async function* runSuites(target: LiveTarget): AsyncGenerator<LiveVerdict, void, void> {
  const tests: Test[] = [];
  for (const suite of SUITES) {
    suite((name, run) => TOO_MANY.test(name) || tests.push({ name, run }), target);
  }
  const running = new Map<Test, Promise<readonly [Test, LiveVerdict]>>();
  while (tests.length > 0 || running.size > 0) {
    while (running.size < AT_ONCE) {
      const test = tests.shift();
      if (test === undefined) break;
      running.set(test, verdictOf(test).then((verdict) => [test, verdict]));
    }
    const [test, verdict] = await Promise.race(running.values());
    running.delete(test);
    yield verdict;
  }
}

interface Test {
  readonly name: string;
  readonly run: () => Promise<void>;
}

async function verdictOf({ name, run }: Test): Promise<LiveVerdict> {
  try {
    await run();
    return { name };
  } catch (error) {
    // Whatever a test throws is its verdict.
    return { name, failure: error instanceof Error ? error.stack ?? error.message : String(error) };
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

/** A store of presence, and the wakes of the same connection. */
function presenceBench(target: LiveTarget): Promise<PresenceBench> {
  const live = openLive(target);
  const connection = live.connect();
  return Promise.resolve({
    store: redisPresenceStore(connection),
    wakes: redisWakes(connection),
    peer: () => Promise.resolve(redisPresenceStore(live.connect())),
    advance: (ms: number) => sleep(systemClock(), ms),
    [Symbol.asyncDispose]: () => live[Symbol.asyncDispose](),
  });
}
