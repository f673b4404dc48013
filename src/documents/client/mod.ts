/**
 * The client of documents: for browsers, and for whatever else wants to work on documents that a server keeps.
 *
 * @module
 */

export type { Json, JsonObject } from "../../json.ts";
export type { JsonComponent, JsonOp } from "../../ot/mod.ts";
export type { OtType } from "../../ot/mod.ts";
export {
  connectDocuments,
  type ConnectDocumentsOptions,
  connectLink,
  type ConnectOptions,
} from "./connect.ts";
export type {
  ChangeOptions,
  Connection,
  ConnectionEvents,
  CreateOptions,
  Doc,
  DocEventBase,
  DocEvents,
  DocOpEvent,
  DocSnapshot,
  HistoryOptions,
  PastDocument,
} from "./face.ts";
export type { Eventual, PendingStorage } from "./keeper.ts";
export type { Link, LinkEnd, LinkListener, OpenLink } from "./link.ts";
export type { WebSocketLike, WebSocketMaker } from "./web_socket_link.ts";
