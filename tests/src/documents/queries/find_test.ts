/** @module */

import { deepStrictEqual, ok, rejects, throws } from "node:assert/strict";
import { memory } from "../../../../adapters/memory/mod.ts";
import { documentCore } from "../../../../src/documents/document_core.ts";
import { Finder } from "../../../../src/documents/queries/find.ts";
import { subjectOf } from "../../../../src/documents/queries/matches.ts";
import type { Snapshot } from "../../../../src/documents/core.ts";
import { coreSettings } from "../../../../src/documents/settings.ts";
import type { Json, JsonObject } from "../../../../src/json.ts";
import { compareRanked, parseQuery, planQuery, type Query } from "../../../../src/queries/mod.ts";
import { type Dice, diceOf, drawData, drawWhere, oneOf, SEED } from "../../queries/draw.ts";

const FIELDS = ["a", "b", "c", "a.b"];
const SHAPES: readonly JsonObject[] = [
  {},
  { $sort: { a: 1 } },
  { $sort: { a: -1, b: 1 }, $limit: 3 },
  { $sort: { b: 1 }, $limit: 2, $skip: 2 },
  { $sort: { "a.b": -1 }, $limit: 5 },
  { $limit: 4 },
];

/** Documents in memory as a server has them: found by their indexes alone. */
async function indexed(shards: number, contents: readonly Json[]) {
  const backend = memory();
  const settings = coreSettings({ collections: { things: { index: FIELDS, shards } } });
  const core = documentCore(backend, settings);
  for (const [id, data] of contents.entries()) {
    const change = { kind: "create", type: "json", data } as const;
    await core.submit("things", `${id}`, { source: "author", sequence: id, change });
  }
  const { page } = backend.documents;
  const finder = new Finder({ store: { page }, core, settings });
  const read = await core.read("things", contents.map((_, id) => ({ id: `${id}` })));
  const all = read.flatMap((found) => found.kind === "snapshot" ? [found.snapshot] : []);
  return { finder, all };
}

/** The ids of the first matches, by looking at everything. */
function fresh(query: Query, all: readonly Snapshot[], wanted: number): readonly string[] {
  return all.flatMap((one) => subjectOf(one) ?? []).filter(query.matches).map(query.rank)
    .sort((a, b) => compareRanked(query.sort, a, b)).slice(0, wanted).map(({ id }) => id);
}

function planned(dice: Dice): Query {
  for (;;) {
    const where = dice(0, 3) === 0 ? {} : drawWhere(dice);
    const query = parseQuery({ ...where, ...oneOf(dice, SHAPES) });
    try {
      planQuery(query, FIELDS);
      return query;
    } catch {
      // ERR_NOT_INDEXED: not the subject here.
    }
  }
}

Deno.test(`Finder.find() finds by indexes what looking at everything finds (SEED=${SEED})`, async () => {
  for (let run = 0; run < 12; run++) {
    const dice = diceOf(SEED + run);
    const contents = Array.from({ length: 60 }, () => drawData(dice));
    const { finder, all } = await indexed(1 + dice(0, 3), contents);
    for (let i = 0; i < 40; i++) {
      const query = planned(dice);
      const wanted = query.limit === Infinity ? 1_000 : query.skip + query.limit;
      const found = await finder.find("things", query, wanted);
      deepStrictEqual(
        found.matches.map(({ snapshot: { id } }) => id),
        fresh(query, all, wanted),
        query.key,
      );
      ok(found.hasMore === fresh(query, all, wanted + 1).length > wanted, query.key);
    }
  }
});

Deno.test("Finder.find() finds documents with longer lists and texts than an index keeps", async () => {
  const list = Array.from({ length: 300 }, (_, at) => at);
  const text = "x".repeat(300);
  const { finder, all } = await indexed(1, [{ a: list }, { a: `${text}b` }, { a: `${text}a` }]);
  for (
    const raw of [{ a: 299 }, { a: { $gt: 298 } }, { $sort: { a: -1 }, $limit: 2 }, { a: list }]
  ) {
    const query = parseQuery(raw);
    const { matches } = await finder.find("things", query, 2);
    deepStrictEqual(matches.map(({ snapshot }) => snapshot.id), fresh(query, all, 2));
  }
});

Deno.test("Finder refuses what no index answers, and names the fields", async () => {
  const { finder } = await indexed(1, []);
  for (const raw of [{ d: 1 }, { d: { $gt: 1 }, $sort: { d: 1 } }, { $or: [{ d: 1 }, { a: 1 }] }]) {
    const query = parseQuery(raw);
    throws(() => finder.check("things", query), { code: "ERR_NOT_INDEXED", message: /: d/ });
    await rejects(finder.find("things", query, 1), { code: "ERR_NOT_INDEXED" });
  }
});
