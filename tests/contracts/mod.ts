/**
 * Contract suites for people who write an adapter, and the tools they are written with.
 *
 * @module
 */

export * from "./assert.ts";
export { testCacheStore } from "./cache_store.ts";
export { documentFrontContract } from "./document_front.ts";
export { documentJournalContract, type JournalBench } from "./document_journal.ts";
export { documentStoreContract } from "./document_store.ts";
export type { DocumentBench, OnDocuments, OpenDocumentBench } from "./document_writes.ts";
export * from "./harness.ts";
export { logStoreContract } from "./log_store.ts";
export * from "./manual_clock.ts";
export * from "./model_store.ts";
export {
  type ModelBench,
  type OnModels,
  type OpenModelBench,
  PLAIN_SHAPE,
} from "./model_writes.ts";
export { testRaftStore } from "./raft_store.ts";
export * from "./presence_store.ts";
export * from "./wake_feed.ts";
export { seededRandom } from "../../src/random.ts";
