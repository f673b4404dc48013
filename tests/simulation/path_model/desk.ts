/**
 * A path model with what its user holds, against the documents as they are.
 *
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import type { Connection } from "../../../src/documents/client/connection_face.ts";
import type { Snapshot } from "../../../src/documents/core.ts";
import { subjectOf } from "../../../src/documents/queries/matches.ts";
import type { Json, JsonObject } from "../../../src/json.ts";
import type { PathModel } from "../../../src/path_model/mod.ts";
import { compareRanked, parseQuery } from "../../../src/queries/mod.ts";

/** The collection. */
export const COLLECTION = "things";
/** How many documents there are, by ids from `"0"` on. */
export const DOCUMENTS = 8;
/** What is asked. */
export const QUERIES: readonly JsonObject[] = [
  { a: { $gte: 0 } },
  { a: 1, $sort: { b: 1 } },
  { $sort: { a: -1, b: 1 }, $limit: 3 },
  { a: { $gte: 0 }, $count: true },
];

/** A model, and what its user did with it. */
export interface Desk {
  readonly connection: Connection;
  readonly model: PathModel;
  /** How often what is held: `context hold target`, where the target is a path or a query. */
  readonly held: Map<string, number>;
  /** The documents as those know them who only listen. */
  readonly mirror: Map<string, Json | undefined>;
}

type Hold = "fetch" | "subscribe";

/** What does not hold. */
export function wrongAt(
  desk: Desk,
  snapshots: readonly Snapshot[],
  isWiped: boolean,
): string | undefined {
  const { connection } = desk;
  // Who asked for nothing yet has not begun.
  if (!["connected", "starting"].includes(connection.state)) return "it does not come back";
  if (connection.hasPending) return "an edit is not answered";
  const kept = keptBy(desk);
  const shown = new Set<string>();
  for (const query of QUERIES) {
    const wrong = wrongInQuery(desk, query, snapshots, kept, shown);
    if (wrong !== undefined) return wrong;
  }
  for (let id = 0; id < DOCUMENTS; id++) {
    const stored = snapshots.find((one) => one.id === `${id}`);
    // What the store has lost and nobody has begun anew is shown as it was.
    const isLost = isWiped && (stored?.version ?? 0) === 0;
    const hold = kept.get(`${COLLECTION}.${id}`) ?? (shown.has(`${id}`) ? "fetch" : undefined);
    const wrong = isLost ? undefined : wrongInDocument(desk, `${id}`, hold, stored?.data);
    if (wrong !== undefined) return `${COLLECTION}.${id} ${wrong}`;
  }
  return undefined;
}

/** How each thing is held in the end. */
function keptBy({ held }: Desk): Map<string, Hold> {
  const kept = new Map<string, Hold>();
  for (const [key, count] of held) {
    const [, hold, target = ""] = /^\w+ (\w+) (.*)$/.exec(key) ?? [];
    if (count === 0 || kept.get(target) === "subscribe") continue;
    kept.set(target, hold === "subscribe" ? hold : "fetch");
  }
  return kept;
}

/** Looks at a query, and notes which documents it keeps, and which it shows. */
function wrongInQuery(
  { model }: Desk,
  raw: JsonObject,
  snapshots: readonly Snapshot[],
  kept: Map<string, Hold>,
  shown: Set<string>,
): string | undefined {
  const target = JSON.stringify(raw);
  const query = model.query(COLLECTION, raw);
  const ids = query.getIds();
  if (kept.has(target)) { for (const id of ids) shown.add(id); }
  if (kept.get(target) !== "subscribe") return undefined;
  const { sort, matches, rank, limit, isCount } = parseQuery(raw);
  const all = snapshots.flatMap((one) => subjectOf(one) ?? []).filter(matches).map(rank)
    .sort((a, b) => compareRanked(sort, a, b)).slice(0, limit).map(({ id }) => id);
  const wanted = isCount ? [] : all;
  if (ids.join() !== wanted.join()) return `${target} lists ${ids} and must list ${wanted}`;
  if (isCount && query.getExtra() !== all.length) return `${target} counts ${query.getExtra()}`;
  for (const id of wanted) kept.set(`${COLLECTION}.${id}`, "subscribe");
  return undefined;
}

function wrongInDocument(
  { model, mirror }: Desk,
  id: string,
  hold: Hold | undefined,
  data: Json | undefined,
): string | undefined {
  const own = model.getDeepCopy([COLLECTION, id]);
  if (hold === undefined) return own === undefined ? undefined : "stays";
  if (hold === "fetch") return undefined;
  const wanted = data === undefined ? undefined : { ...Object(data), id };
  if (!isDeepStrictEqual(own, wanted)) return "is old";
  if (own === undefined || isDeepStrictEqual(mirror.get(id), own)) return undefined;
  return "was not told";
}
