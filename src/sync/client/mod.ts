/**
 * The client of a sync hub: live collections, writes that outlive bad connections, presence.
 *
 * @module
 */

export { connectSync } from "./client.ts";
export { SyncError } from "./sync_error.ts";
export type {
  ClientEvents,
  CollectionEvents,
  CollectionOptions,
  ConnectOptions,
  PresenceEvents,
  ReadAnswer,
  RecordOf,
  Refusal,
  RequestOptions,
  ResolveConflict,
  SyncClient,
  SyncCollection,
  SyncConflict,
  SyncPresence,
  SyncState,
  WriteOptions,
} from "./face.ts";
export type { SocketClass, SocketLike } from "./roads.ts";
export { memoryStorage, PLACES_MAX, type SyncLocks, type SyncStorage } from "./storage.ts";
export { QUEUE_MAX } from "./writes.ts";
export type { RecordId, SyncRecord } from "./queue_entry.ts";
