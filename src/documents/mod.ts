/**
 * Documents that many people edit at once: JSON, text and any type of the ottype shape, over sockets that ShareDB's own
 * clients speak, or by single calls.
 *
 * @module
 */

export type { Json } from "../json.ts";
export type { Change, DocumentPosition, Op, OpIdentity, PartialPosition } from "./change.ts";
export { epochBornAtMs } from "./change.ts";
export type { Connection, ConnectOptions, Presence, PresenceEvents } from "./client/mod.ts";
export type { Awaitable, FollowEvent, FollowListener, Snapshot, SnapshotMeta } from "./core.ts";
export { createDocuments } from "./documents.ts";
export type {
  Documents,
  DocumentsMoment,
  DocumentsOptions,
  DocumentsSubmission,
} from "./documents_face.ts";
export { journalOf } from "./journaled.ts";
export type {
  AdvanceResult,
  Advances,
  DocumentAdvance,
  DocumentJournal,
  FrontDocumentStore,
  JournaledBackend,
  JournaledRead,
} from "./journal_port.ts";
export * from "./middleware.ts";
export type { OutboxCommit, OutboxConsumer, OutboxEvent } from "./outbox.ts";
export type {
  CommitResult,
  DocumentCommit,
  DocumentHead,
  DocumentRead,
  DocumentsBackend,
  DocumentStore,
  DocumentUnit,
  DocumentWant,
  HistoryMoment,
  HistoryRead,
  JournalBounds,
  ListedDocument,
  LogBounds,
  NewOp,
  PageOptions,
  StoredSnapshot,
  StoreOptions,
} from "./port.ts";
export type { ProjectionOptions } from "./projection.ts";
export type { AcceptOptions } from "./protocol/connection.ts";
export { CONNECTION_LIMITS, type ConnectionLimits } from "./protocol/limits.ts";
export type { DocumentSocket, UpgradedSocket } from "./protocol/server.ts";
export type { Authenticate, Credentials } from "./protocol/caller.ts";
export {
  type UpdateFunctions,
  type UpdateType,
  updateType,
  type UpdateTypeOptions,
} from "../ot/mod.ts";
export type { DocumentsCallOptions, DocumentsSubmitted } from "./submitted.ts";
export type { PushOptions, ServedUpdates } from "./updates.ts";
export type { CollectionOptions, CoreSettingsOptions, KeepOptions } from "./settings.ts";
export type {
  PresenceCallOptions,
  PresenceChangeOptions,
  PresenceMember,
  PresencePut,
  PresenceRoom,
  PresenceStore,
  PresenceTtlOptions,
} from "../presence/port.ts";
