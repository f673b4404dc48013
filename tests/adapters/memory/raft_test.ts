/**
 * The store of nodes in memory, and its crash switch.
 *
 * @module
 */

import { deepStrictEqual, rejects } from "node:assert/strict";
import { memoryRaftStore } from "../../../adapters/memory/raft.ts";
import { testRaftStore } from "../../contracts/mod.ts";
import { append, LONG, NODE, writerOf } from "../../contracts/raft_store_tools.ts";

testRaftStore(Deno.test, () => {
  const store = memoryRaftStore();
  return Promise.resolve({
    store,
    peer: () => Promise.resolve(store),
    advance: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
});

Deno.test("memoryRaftStore().crash() loses what was not synced, and nothing else", async () => {
  const store = memoryRaftStore();
  const writer = await writerOf(store, "a");
  await writer.save(append(0, 0, [1]));
  store.hold();
  const synced = writer.save(append(1, 1, [1]));
  store.sync();
  deepStrictEqual((await synced).kind, "done");
  store.hold();
  const lost = [writer.save(append(2, 1, [1])), writer.vote(5, "n2")];
  store.crash();
  for (const write of lost) await rejects(write, { code: "ERR_UNAVAILABLE" });
  const found = await store.open(NODE, { owner: "b", incarnation: 1, bytesMax: LONG });
  deepStrictEqual([found.lastIndex, found.hardState.term], [2, 0]);
});
