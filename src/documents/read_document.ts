/**
 * Results of reading, as the rules of reading see and leave them.
 *
 * @module
 */

import type { CodedError } from "../errors.ts";
import type { ReadResult } from "./core.ts";
import type { ReadDocument } from "./middleware.ts";

/** What they see of one. */
export function readDocument(id: string, result: ReadResult | undefined): ReadDocument {
  if (result?.kind === "snapshot") {
    const { version, type, data } = result.snapshot;
    return { id, version, type, data };
  }
  const version = result?.kind === "ops" ? result.head.version : 0;
  return { id, version, type: undefined, data: undefined };
}

/** The result as they leave it. */
export function retold(
  result: ReadResult,
  document: ReadDocument,
  error: CodedError | undefined,
): ReadResult {
  if (error !== undefined) return { kind: "refused", error };
  if (result.kind !== "snapshot" || document.data === result.snapshot.data) return result;
  return { ...result, snapshot: { ...result.snapshot, data: document.data } };
}
