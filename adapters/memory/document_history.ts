/**
 * What a document in memory was: the snapshot nearest to a moment, and what follows it.
 *
 * @module
 */

import type { Op } from "../../src/documents/change.ts";
import {
  type DocumentHead,
  type HistoryMoment,
  type HistoryRead,
  NO_SNAPSHOT,
  type StoredSnapshot,
} from "../../src/documents/port.ts";

/** Looks among the snapshots that are kept, the oldest first; `since` gives the operations after a version. */
export function historyOf(
  head: DocumentHead,
  kept: readonly StoredSnapshot[],
  since: (version: number) => readonly Op[],
  moment: HistoryMoment,
): HistoryRead {
  const known = head.firstVersion === 0 ? [NO_SNAPSHOT, ...kept] : kept;
  const snapshot = known.findLast((one) =>
    "version" in moment ? one.version <= moment.version : one.changedAtMs <= moment.atMs
  );
  if (snapshot === undefined) return { kind: "trimmed", head };
  // A milestone older than the log is worth only itself.
  const ops = snapshot.version < head.firstVersion ? [] : since(snapshot.version);
  return { kind: "found", head, snapshot, ops };
}
