import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import "mingo/init/system.js";
import { Query as MingoQuery } from "mingo";
import type { Json } from "../../../src/json.ts";
import { parseQuery, type Subject } from "../../../src/queries/mod.ts";
import { CONDITIONS_MAX, QUERY_SIZE_MAX, RESULTS_MAX } from "../../../src/queries/language.ts";
import { diceOf, drawSubject, drawWhere, SEED } from "./draw.ts";

const document = (data: Json): Subject => ({ id: "7", version: 3, type: "json", data });
const matches = (query: unknown, data: Json): boolean => parseQuery(query).matches(document(data));

Deno.test(`parseQuery() matches as MongoDB's language does, by mingo (SEED=${SEED})`, () => {
  const dice = diceOf(SEED);
  let matched = 0;
  for (let run = 0; run < 6_000; run++) {
    const subject = drawSubject(dice, "1");
    const query = drawWhere(dice);
    if (isDisputed(query) || hasListsInLists(subject.data)) continue;
    const ours = parseQuery(query).matches(subject);
    const theirs = new MingoQuery(query as never).test(structuredClone(subject.data) as never);
    strictEqual(ours, theirs, JSON.stringify({ query, data: subject.data }));
    if (ours) matched++;
  }
  strictEqual(matched > 200, true, `only ${matched} matched`);
});

/** What mingo does not know, or answers differently from MongoDB: sizes and rests of what is no list or number, paths through lists. */
function isDisputed(query: unknown): boolean {
  return /"[abc]\.[abc]"|\$size|\$mod/.test(JSON.stringify(query));
}

/** MongoDB looks into a list for a member, and mingo into its members too. */
function hasListsInLists(data: unknown): boolean {
  return /[[,]\[/.test(JSON.stringify(data));
}

const CASES: readonly (readonly [string, unknown, Json, boolean])[] = [
  ["a value equals a field", { a: 1 }, { a: 1 }, true],
  ["null equals a field that is missing", { a: null }, {}, true],
  ["undefined is null", { a: undefined }, {}, true],
  ["a value equals a member of a list", { a: 1 }, { a: [2, 1] }, true],
  ["a list equals a list as a whole", { a: [2, 1] }, { a: [2, 1] }, true],
  ["an object equals one with its properties in another order", { a: { x: 1, y: 2 } }, {
    a: { y: 2, x: 1 },
  }, true],
  ["a path goes through lists of objects", { "a.b": 2 }, { a: [{ b: 1 }, { b: 2 }] }, true],
  ["a path takes an index", { "a.1.b": 2 }, { a: [{ b: 1 }, { b: 2 }] }, true],
  ["numbers are not texts", { a: { $gt: 1 } }, { a: "2" }, false],
  ["texts come in the order of their bytes", { a: { $gt: "\uffff" } }, { a: "\u{10000}" }, true],
  ["$ne of a list means none of its members", { a: { $ne: 1 } }, { a: [1, 2] }, false],
  ["$all wants every one", { a: { $all: [1, 2] } }, { a: [2, 3, 1] }, true],
  ["$all of none matches nothing", { a: { $all: [] } }, { a: [] }, false],
  ["$elemMatch is about one member", { a: { $elemMatch: { x: 1, y: 2 } } }, {
    a: [{ x: 1, y: 3 }, { x: 2, y: 2 }],
  }, false],
  ["$regex finds a part", { a: { $regex: "^h.l+o", $options: "i" } }, { a: "HELLO there" }, true],
  ["$and, $or and $nor nest", { $and: [{ $or: [{ a: 1 }, { a: 2 }] }, { $nor: [{ b: 1 }] }] }, {
    a: 2,
    b: 2,
  }, true],
  ["_id is the document's", { _id: "7" }, {}, true],
  ["_v is the document's", { _v: { $gte: 4 } }, {}, false],
  ["what objects inherit is not there", { constructor: { $exists: true } }, {}, false],
  ["__proto__ is a name like any other", JSON.parse('{"__proto__": 1}'), {}, false],
  ["content that is no object has no fields", { a: 1 }, "text", false],
];

for (const [name, query, data, expected] of CASES) {
  Deno.test(`parseQuery(): ${name}`, () => strictEqual(matches(query, data), expected));
}

const REFUSED: readonly (readonly [string, unknown, string])[] = [
  ["code", { $where: "sleep(1000)" }, "ERR_QUERY_OPERATOR"],
  ["code in a condition", { a: { $function: "x" } }, "ERR_QUERY_OPERATOR"],
  ["an operator of the prototype", { a: { $constructor: 1 } }, "ERR_QUERY_OPERATOR"],
  ["an operator that is misspelt", { $orderby: { a: 1 } }, "ERR_QUERY_OPERATOR"],
  ["operators beside fields", { a: { $gt: 1, b: 2 } }, "ERR_QUERY_MALFORMED"],
  ["no object", [], "ERR_QUERY_MALFORMED"],
  ["nothing", null, "ERR_QUERY_MALFORMED"],
  ["a value that is no JSON", { a: 1n }, "ERR_QUERY_MALFORMED"],
  ["not a number", { a: NaN }, "ERR_QUERY_MALFORMED"],
  ["a path with an empty step", { "a..b": 1 }, "ERR_QUERY_MALFORMED"],
  ["a negative limit", { $limit: -1 }, "ERR_QUERY_MALFORMED"],
  ["a limit that is text", { $limit: "1" }, "ERR_QUERY_MALFORMED"],
  ["a direction that is none", { $sort: { a: 2 } }, "ERR_QUERY_MALFORMED"],
  ["a pattern that is none", { a: { $regex: "(" } }, "ERR_QUERY_PATTERN"],
  ["a pattern that grows without end", { a: { $regex: "((a{99}){99}){99}" } }, "ERR_QUERY_PATTERN"],
  ["a reach that is too far", { $skip: RESULTS_MAX, $limit: 1 }, "ERR_TOO_LARGE"],
  ["too much text", { a: "x".repeat(QUERY_SIZE_MAX) }, "ERR_TOO_LARGE"],
  ["too many conditions", {
    $or: Array.from({ length: CONDITIONS_MAX + 1 }, () => ({ a: 1 })),
  }, "ERR_TOO_LARGE"],
  ["conditions that nest too deep", nested(20), "ERR_TOO_LARGE"],
  ["a circle", circle(), "ERR_TOO_LARGE"],
];

for (const [name, query, code] of REFUSED) {
  Deno.test(`parseQuery() refuses ${name} by ${code}`, () => {
    throws(() => parseQuery(query), { code });
  });
}

Deno.test("parseQuery() gives queries of one meaning one key, and says what they depend on", () => {
  const one = parseQuery({ a: 1, "b.c": { $lt: 2 }, $sort: { d: 1, e: -1 }, $limit: 3 });
  const same = parseQuery({ $limit: 3, $sort: { d: 1, e: -1 }, "b.c": { $lt: 2 }, a: 1 });
  const other = parseQuery({ $limit: 3, $sort: { e: -1, d: 1 }, "b.c": { $lt: 2 }, a: 1 });
  strictEqual(one.key, same.key);
  strictEqual(one.key === other.key, false);
  deepStrictEqual(one.fields, ["a", "b.c", "d", "e"]);
  deepStrictEqual(one.bounds, [
    { field: "a", bound: { kind: "in", values: [1] } },
    { field: "b.c", bound: { kind: "lt", value: 2 } },
  ]);
});

function nested(depth: number): unknown {
  return depth === 0 ? { a: 1 } : { $and: [nested(depth - 1)] };
}

function circle(): unknown {
  const query: Record<string, unknown> = {};
  query.$and = [query];
  return query;
}
