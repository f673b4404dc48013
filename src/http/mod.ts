/**
 * One fetch handler for every part, on every host.
 *
 * @module
 */

export type { Clock } from "../clock.ts";
export type { Json, JsonObject } from "../json.ts";
export { eventStream, type ServerEvent } from "./event_stream.ts";
export * from "./handler.ts";
export type { HandlerOptions, LimitOptions } from "./options.ts";
export type * from "./document_face.ts";
export type { CorsOptions } from "./origin.ts";
export type * from "./part.ts";
export type { RateOptions } from "./rate.ts";
export { Refusal, type RefusalOptions } from "./refusal.ts";
export * from "./serve_cache.ts";
export * from "./serve_log.ts";
export * from "./serve_models.ts";
export * from "./serve_documents.ts";
export * from "./serve_sync.ts";
export * from "./serve_node.ts";
