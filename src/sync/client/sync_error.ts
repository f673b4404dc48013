/**
 * What a hub refuses, as an error.
 *
 * @module
 */

import { type ErrorCode, HoldfastError } from "../../errors.ts";
import { isJsonObject, type JsonObject } from "../../json.ts";
import { isRecord, type SyncRecord } from "./queue_entry.ts";

/** A refusal of the hub, or of the client in its place. */
export class SyncError extends HoldfastError {
  /** The class's name, also in minified bundles. */
  override readonly name: string = "SyncError";
  /** What the hub told besides: `current`, `fields`, `owner`, `issues`, `retryAfterMs`. */
  readonly details: JsonObject;

  /** Makes an error from its code and details. */
  constructor(code: ErrorCode, message: string, details: JsonObject = {}, options?: ErrorOptions) {
    super(code, message, options);
    this.details = details;
  }

  /** Of a conflict: the record as it is now; `undefined` if it is gone. */
  get current(): SyncRecord | undefined {
    return isRecord(this.details.current) ? this.details.current : undefined;
  }
}

/** The error of an answer that is none. */
export function errorOf({ code, error, details }: JsonObject): SyncError {
  return new SyncError(
    codeOf(code),
    typeof error === "string" ? error.slice(0, 1_000) : "Cannot be served",
    isJsonObject(details) ? details : {},
  );
}

/** The code of an answer. A hub of a later version may know more of them than we do. */
export function codeOf(code: unknown): ErrorCode {
  return typeof code === "string" && /^ERR_[A-Z_]{1,60}$/.test(code)
    ? code as ErrorCode
    : "ERR_MALFORMED";
}

/** The error of whatever is asked of a client that was closed. */
export function closed(): SyncError {
  return new SyncError("ERR_CLOSED", "Cannot be asked as the client is closed");
}

/** The error of a connection that is refused for who asks. */
export function unknown(): SyncError {
  return new SyncError("ERR_UNAUTHORIZED", "Cannot connect as the server does not take who asks");
}

/** The error of something that failed outside of the protocol. */
export function failed(what: string, cause: unknown): SyncError {
  return new SyncError("ERR_UNAVAILABLE", what, {}, { cause });
}

/** The error of a storage that does not keep the queue. */
export function storageFailed(cause: unknown): SyncError {
  return failed("Cannot keep the writes that wait as the storage failed", cause);
}
