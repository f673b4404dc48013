/**
 * What a document is before its first operation.
 *
 * @module
 */

import type { StoredSnapshot } from "./port.ts";

/** The snapshot of version 0, which no store has to keep. */
export const NOTHING: StoredSnapshot = {
  version: 0,
  tag: "",
  type: undefined,
  data: undefined,
  createdAtMs: 0,
  changedAtMs: 0,
};
