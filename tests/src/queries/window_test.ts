import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import {
  compareRanked,
  FieldIndex,
  type ListStep,
  listSteps,
  parseQuery,
  type Query,
  type Ranked,
  RESULTS_MAX,
  ResultWindow,
  type Subject,
} from "../../../src/queries/mod.ts";
import { type Dice, diceOf, drawData, drawSubject, drawWhere, oneOf, SEED } from "./draw.ts";

const SHAPES = [
  {},
  { $sort: { a: 1 } },
  { $sort: { a: -1, b: 1 }, $limit: 3 },
  { $sort: { b: 1 }, $limit: 2, $skip: 2 },
  { $limit: 4 },
  { $skip: 1 },
  { $limit: 0 },
];

Deno.test(`ResultWindow always shows what a fresh evaluation shows (SEED=${SEED})`, () => {
  for (let run = 0; run < 150; run++) {
    const dice = diceOf(SEED + run);
    const query = parseQuery({ ...drawWhere(dice), ...oneOf(dice, SHAPES) });
    const documents = new Map<string, Subject>();
    for (let i = 0; i < 20; i++) change(dice, documents);
    const window = new ResultWindow(query);
    const shown: string[] = [];
    refill(window, query, documents, shown);
    for (let step = 0; step < 80; step++) {
      const id = change(dice, documents);
      const now = documents.get(id);
      make(shown, window.apply(id, now && query.matches(now) ? query.rank(now) : undefined));
      if (window.mustRefill) refill(window, query, documents, shown);
      deepStrictEqual(shown, fresh(query, documents), JSON.stringify(query.key));
    }
  }
});

Deno.test("ResultWindow asks for more only when what it holds is used up", () => {
  const query = parseQuery({ $sort: { n: 1 }, $limit: 2 });
  const window = new ResultWindow(query);
  const all = Array.from(
    { length: 100 },
    (_, n) => ({ id: String(n).padStart(3, "0"), keys: [n] }),
  );
  window.refill(all.slice(0, window.wanted), true);
  let refills = 0;
  for (const { id } of all.slice(0, 15)) {
    window.apply(id, undefined);
    if (window.mustRefill) refills++;
  }
  strictEqual(refills, 0);
  deepStrictEqual(window.ids, ["015", "016"]);
});

Deno.test("ResultWindow moves a document out of a limited result without ever showing one twice", () => {
  const query = parseQuery({ $sort: { n: 1 }, $limit: 2 });
  const window = new ResultWindow(query);
  const ranked = (id: string, n: number): Ranked => ({ id, keys: [n] });
  window.refill([ranked("one", 1), ranked("two", 2), ranked("three", 3)], false);
  const shown = ["one", "two"];
  make(shown, window.apply("one", ranked("one", 9)));
  deepStrictEqual(shown, ["two", "three"]);
});

Deno.test("ResultWindow refuses to hold more than its bound", () => {
  const window = new ResultWindow(parseQuery({}));
  const many = Array.from({ length: RESULTS_MAX }, (_, n) => ({ id: String(n), keys: [] }));
  window.refill(many, false);
  throws(() => window.apply("one more", { id: "one more", keys: [] }), { code: "ERR_TOO_LARGE" });
});

Deno.test(`listSteps() lead from any list to any other (SEED=${SEED})`, () => {
  const dice = diceOf(SEED);
  for (let run = 0; run < 2_000; run++) {
    const [before, after] = [shuffled(dice), shuffled(dice)];
    const shown = [...before];
    make(shown, listSteps(before, after));
    deepStrictEqual(shown, after);
  }
  deepStrictEqual(listSteps(["a", "b", "c"], ["b", "c", "a"]), [
    { kind: "move", from: 0, to: 2, howMany: 1 },
  ]);
});

Deno.test(`FieldIndex.concerned() misses no query whose result changes (SEED=${SEED})`, () => {
  const dice = diceOf(SEED);
  const index = new FieldIndex<Query>();
  const queries = Array.from(
    { length: 200 },
    () => parseQuery({ ...drawWhere(dice), ...oneOf(dice, SHAPES) }),
  );
  for (const query of queries) index.add(query, query);
  let [found, all] = [0, 0];
  for (let run = 0; run < 500; run++) {
    const before = dice(0, 5) > 0 ? drawSubject(dice, "1") : undefined;
    const after = dice(0, 5) > 0 ? edited(dice, before) : undefined;
    const concerned = new Set(index.concerned(before, after));
    found += concerned.size;
    all += queries.length;
    for (const query of queries) {
      const [then, now] = [before, after].map((each) =>
        each !== undefined && query.matches(each) ? JSON.stringify(query.rank(each)) : undefined
      );
      if (then !== now) ok(concerned.has(query), query.key);
    }
  }
  ok(found < all * 0.8, `${found} of ${all} were concerned`);
  for (const query of queries) index.delete(query);
  strictEqual(index.size, 0);
  deepStrictEqual(index.concerned(undefined, drawSubject(dice, "1")), []);
});

Deno.test("FieldIndex.concerned() finds one query of a thousand by its value", () => {
  const index = new FieldIndex<number>();
  for (let team = 0; team < 1_000; team++) index.add(parseQuery({ team }), team);
  const at = (team: number, n: number): Subject => ({
    id: "1",
    version: 1,
    type: "json",
    data: { team, n },
  });
  deepStrictEqual(index.concerned(at(3, 0), at(5, 0)), [3, 5]);
  deepStrictEqual(index.concerned(at(3, 0), at(3, 1)), [], "another field");
});

function edited(dice: Dice, before: Subject | undefined): Subject {
  if (before === undefined || dice(0, 4) === 0) return drawSubject(dice, "1");
  const one = drawData(dice);
  const name = oneOf(dice, ["a", "b", "c"]);
  return { ...before, data: { ...Object(before.data), [name]: one[name] ?? null } };
}

function change(dice: Dice, documents: Map<string, Subject>): string {
  const id = String(dice(0, 30));
  if (dice(0, 4) === 0) documents.delete(id);
  else documents.set(id, drawSubject(dice, id));
  return id;
}

function ranked(query: Query, documents: ReadonlyMap<string, Subject>): Ranked[] {
  return [...documents.values()].filter(query.matches).map(query.rank)
    .sort((a, b) => compareRanked(query.sort, a, b));
}

function fresh(query: Query, documents: ReadonlyMap<string, Subject>): readonly string[] {
  return ranked(query, documents).slice(query.skip, query.skip + query.limit).map(({ id }) => id);
}

function refill(
  window: ResultWindow,
  query: Query,
  documents: ReadonlyMap<string, Subject>,
  shown: string[],
): void {
  const all = ranked(query, documents);
  make(shown, window.refill(all.slice(0, window.wanted), all.length > window.wanted));
}

/** Makes the steps on a list, and fails where one shows an id twice. */
function make(shown: string[], steps: readonly ListStep[]): void {
  for (const step of steps) {
    if (step.kind === "insert") shown.splice(step.index, 0, ...step.ids);
    else if (step.kind === "remove") shown.splice(step.index, step.howMany);
    else shown.splice(step.to, 0, ...shown.splice(step.from, step.howMany));
    strictEqual(new Set(shown).size, shown.length, "an id is shown twice");
  }
}

function shuffled(dice: Dice): string[] {
  const ids = [..."abcdefgh"].filter(() => dice(0, 3) > 0);
  return ids.map((id) => [dice(0, 1_000_000), id] as const).sort(([a], [b]) => a - b)
    .map(([, id]) => id);
}
