/**
 * Documents that match a query, in its order.
 *
 * @module
 */

import { compareRanked, type Query, type Ranked, type Subject } from "../../queries/mod.ts";
import type { Snapshot } from "../core.ts";

/** A document that matches. */
export interface Match {
  /** The document. */
  readonly snapshot: Snapshot;
  /** Its place in the order. */
  readonly ranked: Ranked;
}

/** The first matches of a query. */
export interface Found {
  /** The matches, in order. */
  readonly matches: readonly Match[];
  /** Whether there may be more. */
  readonly hasMore: boolean;
}

/** A document as a query sees it; `undefined` if there is none. */
export function subjectOf(snapshot: Snapshot | undefined): Subject | undefined {
  return snapshot !== undefined && isThere(snapshot) ? snapshot : undefined;
}

function isThere(snapshot: Snapshot): snapshot is Snapshot & Subject {
  return snapshot.type !== undefined;
}

/** A document's place in the result of a query; `undefined` if it does not match. */
export function rankIn(query: Query, snapshot: Snapshot | undefined): Ranked | undefined {
  const subject = subjectOf(snapshot);
  return subject !== undefined && query.matches(subject) ? query.rank(subject) : undefined;
}

/** Those of some documents that match. */
export function matchesAmong(query: Query, snapshots: readonly Snapshot[]): readonly Match[] {
  const matches: Match[] = [];
  // The hot path of opening a query: nothing is made for a document that does not match.
  for (const snapshot of snapshots) {
    const ranked = rankIn(query, snapshot);
    if (ranked !== undefined) matches.push({ snapshot, ranked });
  }
  return matches;
}

/** The first of some matches. */
export function firstOf(query: Query, matches: readonly Match[], wanted: number): Found {
  const sorted = [...matches].sort((a, b) => compareRanked(query.sort, a.ranked, b.ranked));
  return { matches: sorted.slice(0, wanted), hasMore: sorted.length > wanted };
}
