/**
 * The contract suites of the ports against the memory driver: what Deno's tests prove, proven on every runtime.
 *
 * @module
 */

import { memoryCacheStore } from "../../../adapters/memory/cache.ts";
import { memoryDocumentStore } from "../../../adapters/memory/documents.ts";
import { memoryLogStore } from "../../../adapters/memory/log.ts";
import { memoryModelStore } from "../../../adapters/memory/models.ts";
import { memoryPresenceStore } from "../../../adapters/memory/presence.ts";
import { memoryRaftStore } from "../../../adapters/memory/raft.ts";
import { memoryWakes } from "../../../adapters/memory/wakes.ts";
import { testCacheStore } from "../../contracts/cache_store.ts";
import { documentStoreContract } from "../../contracts/document_store.ts";
import type { Bench, TestFunction } from "../../contracts/harness.ts";
import { type ManualClock, manualClock } from "../../contracts/manual_clock.ts";
import { logStoreContract } from "../../contracts/log_store.ts";
import { modelStoreContract } from "../../contracts/model_store.ts";
import { PLAIN_SHAPE } from "../../contracts/model_writes.ts";
import { presenceStoreContract } from "../../contracts/presence_store.ts";
import { testRaftStore } from "../../contracts/raft_store.ts";
import { wakeFeedContract } from "../../contracts/wake_feed.ts";
import type { Case } from "../case.ts";

/** Cases of every contract suite. */
export const contractCases: readonly Case[] = [
  ...collected((test) =>
    testCacheStore(test, () => inMemory((clock) => memoryCacheStore({ clock })))
  ),
  ...collected((test) =>
    logStoreContract(
      test,
      () => inMemory((clock) => memoryLogStore({ clock, wakes: memoryWakes() })),
    )
  ),
  ...collected((test) =>
    modelStoreContract(test, async () => ({
      ...await inMemory((clock) => memoryModelStore({ clock, wakes: memoryWakes() })),
      shape: PLAIN_SHAPE,
    }))
  ),
  ...collected((test) =>
    documentStoreContract(
      test,
      () => inMemory((clock) => memoryDocumentStore({ clock, wakes: memoryWakes() })),
    )
  ),
  ...collected((test) =>
    presenceStoreContract(test, async () => {
      const wakes = memoryWakes();
      return { ...await inMemory((clock) => memoryPresenceStore({ clock, wakes })), wakes };
    })
  ),
  ...collected((test) => testRaftStore(test, () => inMemory(() => memoryRaftStore()))),
  ...collected((test) => wakeFeedContract(test, () => inMemory(() => memoryWakes()))),
];

/** What a suite registers, as cases. */
function collected(suite: (test: TestFunction) => void): readonly Case[] {
  const cases: Case[] = [];
  suite((name, run) => cases.push({ name, run }));
  return cases;
}

/** A bench on a store in memory: a peer is the store itself, and time is a fake clock's. */
function inMemory<Store>(open: (clock: ManualClock) => Store): Promise<Bench<Store>> {
  const clock = manualClock();
  const store = open(clock);
  return Promise.resolve({
    store,
    peer: () => Promise.resolve(store),
    advance: (ms: number) => clock.advance(ms),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}
