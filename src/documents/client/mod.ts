/**
 * The client of documents: for browsers, and for whatever else wants to work on documents that a server keeps.
 *
 * @module
 */

export type { Clock } from "../../clock.ts";
export type { Duration } from "../../duration.ts";
export type { CodedError } from "../../errors.ts";
export type { EventSource, OnOptions } from "../../events.ts";
export type { Json, JsonObject } from "../../json.ts";
export {
  type UpdateFunctions,
  type UpdateType,
  updateType,
  type UpdateTypeOptions,
} from "../../ot/mod.ts";
export type { OtType, Side } from "../../ot/mod.ts";
export type { Random } from "../../random.ts";
export type { WaitOptions } from "../../waiting.ts";
export {
  connectDocuments,
  type ConnectDocumentsOptions,
  connectLink,
  type ConnectOptions,
} from "./connect.ts";
export type {
  ChangeOptions,
  CreateOptions,
  Doc,
  DocEventBase,
  DocEvents,
  DocOpEvent,
  DocSnapshot,
} from "./face.ts";
export type {
  Connection,
  ConnectionEvents,
  ConnectionPhase,
  HistoryOptions,
  PastDocument,
} from "./connection_face.ts";
export type { Query, QueryEvents, QueryOptions, QueryPlace } from "./query_face.ts";
export type { UpdatesDoc, UpdatesEvents, UpdatesOptions } from "./updates_face.ts";
export type { Eventual, PendingStorage } from "./keeper.ts";
export type { Link, LinkEnd, LinkListener, OpenLink } from "./link.ts";
export { openPresence, type Presence, type PresenceEvents } from "./presence.ts";
export { createUndo, type Undo, type UndoOptions } from "./undo.ts";
export type { WebSocketLike, WebSocketMaker } from "./web_socket_link.ts";
