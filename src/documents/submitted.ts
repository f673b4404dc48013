/**
 * What single calls take beside their subject, and what those that submit give.
 *
 * @module
 */

import type { Op } from "./change.ts";

/** Options of every call. */
export interface DocumentsCallOptions {
  /** Ends the waiting when aborted; a write may still happen. */
  readonly signal?: AbortSignal | undefined;
}

/** What became of an operation. */
export interface DocumentsSubmitted {
  /** The version that it was applied at; the document's is one more. */
  readonly version: number;
  /** The document's epoch. */
  readonly epoch: string;
  /** Whether it had been committed before. */
  readonly isDuplicate: boolean;
  /** What others committed between `version` as given and as applied; `undefined` if that is not kept, or none was given. */
  readonly missed: readonly Op[] | undefined;
}
