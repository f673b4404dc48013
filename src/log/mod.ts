/**
 * The shared log: one order of events for functions that cannot hold a vote or a timer, kept by the store itself.
 *
 * @module
 */

export type { Json } from "../json.ts";
export { connectLog, type ConnectLogOptions, type RemoteLog } from "./connect_log.ts";
export * from "./fold.ts";
export { createLog } from "./log.ts";
export { LogConflictError, TrimmedError } from "./log_errors.ts";
export type * from "./log_face.ts";
export * from "./port.ts";
export { parsePosition, positionText } from "./position.ts";
