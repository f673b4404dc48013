/**
 * The path model: one path for every value of every document, with what is held counted, as Racer has it.
 *
 * @module
 */

export type { Clock } from "../clock.ts";
export type {
  ChangeOptions,
  CodedError,
  Connection,
  ConnectionEvents,
  ConnectionPhase,
  CreateOptions,
  Doc,
  DocEventBase,
  DocEvents,
  DocOpEvent,
  DocSnapshot,
  EventSource,
  HistoryOptions,
  OtType,
  PastDocument,
  Query,
  QueryEvents,
  QueryOptions,
  QueryPlace,
  Side,
  WaitOptions,
} from "../documents/client/mod.ts";
export type { Duration } from "../duration.ts";
export type { ErrorCode } from "../errors.ts";
export type { OnOptions } from "../events.ts";
export type { Json, JsonObject } from "../json.ts";
export type { Random } from "../random.ts";
export type { Done, PathAnd } from "./arguments.ts";
export type { Hold } from "./counts.ts";
export type { Value } from "./edit.ts";
export type {
  Held,
  ListenOptions,
  PathModel,
  PathQuery,
  Promised,
  Subscribable,
  Subscribables,
} from "./face.ts";
export { CYCLES_MAX, type EventName, type ModelEvent } from "./listeners.ts";
export type { PathListener } from "./listening.ts";
export type { Mutation } from "./mutation.ts";
export { createPathModel, ROOT_CONTEXT } from "./open.ts";
export type { PathModelOptions } from "./options.ts";
export type { Path, Segments } from "./path.ts";
export type { Mutator } from "./promised.ts";
