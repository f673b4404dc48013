/**
 * Operational transformation: edits that were made at the same time, led past each other so that everyone ends with the
 * same document. A type for JSON, one for text, and the shape by which types from elsewhere plug in.
 *
 * @module
 */

export type { Json, JsonObject } from "../json.ts";
export { guardedType } from "./guard.ts";
export { createJsonType, json, type JsonType, type JsonTypeOptions } from "./json.ts";
export type { JsonComponent, JsonOp } from "./json_component.ts";
export type { JsonPath } from "./json_path.ts";
export type { JsonPresence } from "./json_presence.ts";
export { OP_LIMITS, type OpLimits } from "./limits.ts";
export { createTextType, text, type TextType } from "./text.ts";
export type { Text0Component, Text0Op } from "./text0.ts";
export type { TextComponent, TextOp } from "./text_component.ts";
export type { TextSelection } from "./text_selection.ts";
export {
  base64,
  bytesOf,
  isUpdateType,
  LOOSE_LENGTH_MAX,
  UPDATE_BYTES_MAX,
  type UpdateFunctions,
  UpdateState,
  type UpdateType,
  updateType,
  type UpdateTypeOptions,
} from "./updates.ts";
export { checkType, checkTypes, findType, type OtType, type Side, transformPair } from "./type.ts";
