/**
 * Models: records with ids, unique fields, indexes and sets that hold under races, in memory or on Redis.
 *
 * @module
 */

export type { Json, JsonObject } from "../json.ts";
export * from "../schema.ts";
export type { BatchWriter } from "./batch_face.ts";
export type { Change, ChangeBase } from "./change.ts";
export { exportLines, importLines, reindex } from "./chores.ts";
export type { ModelsBackend } from "./context.ts";
export { positionOf } from "./cursor.ts";
export * from "./definition.ts";
export type { Scalar } from "../ordered_text.ts";
export { RECORD_BYTES_MAX, RECORD_DEPTH_MAX } from "./json_body.ts";
export { createModel } from "./model.ts";
export { ConflictError, UniqueError } from "./model_errors.ts";
export type * from "./model_face.ts";
export type { Fold, IdSource, IndexRule, ModelPlan, UniqueRule } from "./plan.ts";
export * from "./port.ts";
export { PAGE_MAX } from "./read.ts";
export { ID_BYTES_MAX, VALUE_BYTES_MAX } from "./record_keys.ts";
export type * from "./record_types.ts";
export { PATCH_ATTEMPTS_MAX } from "./write.ts";
export type * from "./write_options.ts";
