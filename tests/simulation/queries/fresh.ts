/**
 * A query evaluated from nothing, against what a client shows of it.
 *
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import type { Query } from "../../../src/documents/client/query_face.ts";
import type { Snapshot } from "../../../src/documents/core.ts";
import { subjectOf } from "../../../src/documents/queries/matches.ts";
import { compareRanked, parseQuery } from "../../../src/queries/mod.ts";
import type { Readers } from "./readers.ts";

/** What of a query is not as the documents are. */
export function wrongIn(
  query: Query,
  snapshots: readonly Snapshot[],
  readers: Readers,
): string | undefined {
  const { sort, matches, rank, skip, limit, isCount } = parseQuery(query.query);
  const ranked = snapshots.flatMap((one) => subjectOf(one) ?? []).filter(matches)
    .map(rank).sort((a, b) => compareRanked(sort, a, b));
  const all = ranked.slice(skip, skip + limit).map(({ id }) => id);
  const [wanted, extra] = isCount ? [[], all.length] : [all.filter(readers.mayRead), undefined];
  if (query.ids.join() !== wanted.join()) return `shows ${query.ids} and must show ${wanted}`;
  if (query.extra !== extra) return `counts ${query.extra} and must count ${extra}`;
  const data = new Map(snapshots.map((one) => [one.id, one.data]));
  const stale = query.results.find((doc) =>
    !isDeepStrictEqual(doc.data, readers.seen(query.collection, data.get(doc.id)))
  );
  return stale && `has an old document ${stale.id}`;
}
