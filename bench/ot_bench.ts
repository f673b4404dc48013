/**
 * The types of `src/ot` beside npm's ot-json0 and ot-text: the same operations on the same documents, tiny and large.
 *
 * ot-json0 changes the document it is given and ours does not. On a document that is applied to again and again both
 * get operations that take each other back.
 *
 * @module
 */

import type { Json } from "../src/json.ts";
import { json, type JsonOp, type OtType, text, type TextOp } from "../src/ot/mod.ts";
import { json0, otText } from "../tests/conformance/ot_oracles.ts";
import { compare, type Operation, peer, type Table } from "./harness.ts";

/** Operations that take each other back, and one that was made at the same time. */
interface Case<Op> {
  readonly there: Op;
  readonly back: Op;
  readonly other: Op;
}

const TINY: Json = { n: 1, title: "Hello", list: ["a", "b", "c"], author: { name: "Ada" } };

/** About 62 KiB: 400 records in a list. */
const LARGE: Json = {
  n: 1,
  title: "Hello",
  list: Array.from({ length: 400 }, (_, id) => ({
    id,
    name: `Record number ${id}`,
    text: "Lorem ipsum dolor sit amet, consectetur adipiscing elit sed do.",
    tags: ["one", "two", { deep: true }],
  })),
  author: { name: "Ada" },
};

const JSON_CASES: Readonly<Record<string, Case<JsonOp>>> = {
  "a number": {
    there: [{ p: ["n"], na: 1 }],
    back: [{ p: ["n"], na: -1 }],
    other: [{ p: ["n"], na: 2 }],
  },
  "an item": {
    there: [{ p: ["list", 1], li: "x" }],
    back: [{ p: ["list", 1], ld: "x" }],
    other: [{ p: ["list", 0], li: "y" }],
  },
  "a property": {
    there: [{ p: ["author", "name"], od: "Ada", oi: "Bob" }],
    back: [{ p: ["author", "name"], od: "Bob", oi: "Ada" }],
    other: [{ p: ["author", "born"], oi: 1815 }],
  },
  "a string": {
    there: [{ p: ["title", 5], si: " you" }],
    back: [{ p: ["title", 5], sd: " you" }],
    other: [{ p: ["title", 0], si: "! " }],
  },
  "eight components": {
    there: Array.from({ length: 8 }, (_, at) => ({ p: ["list", at], li: `x${at}` })),
    back: Array.from({ length: 8 }, (_, at) => ({ p: ["list", 0], ld: `x${at}` })),
    other: Array.from({ length: 8 }, (_, at) => ({ p: ["list", 2], li: `y${at}` })),
  },
};

const LINE = "The quick brown fox jumps over the lazy dog. ";
const TEXTS: Readonly<Record<string, string>> = {
  "tiny": LINE,
  "62 KiB": LINE.repeat(Math.ceil(62 * 1_024 / LINE.length)),
};

/** All tables. */
export async function bench(): Promise<readonly Table[]> {
  const tables: Table[] = [];
  for (const [what, jsonCase] of Object.entries(JSON_CASES)) {
    for (const [size, document] of Object.entries({ "tiny": TINY, "62 KiB": LARGE })) {
      tables.push(await applied(`JSON: apply ${what}, ${size}`, [json, json0], document, jsonCase));
    }
    tables.push(...await paired(`JSON: ${what}`, [json, json0], jsonCase));
  }
  for (const [size, document] of Object.entries(TEXTS)) {
    const textCase = textCaseOf(document);
    tables.push(await applied(`Text: apply, ${size}`, [text, otText], document, textCase));
    tables.push(...await paired(`Text: ${size}`, [text, otText], textCase));
  }
  return tables;
}

function textCaseOf(document: string): Case<TextOp> {
  const middle = document.length >> 1;
  return {
    there: [middle, "brave "],
    back: [middle, { d: 6 }],
    other: [middle - 5, { d: 3 }, "new "],
  };
}

/**
 * Both types with a document of their own, to which the operations are applied in turns. Who still wants the document
 * before has to clone it for ot-json0, as ShareDB's stores do with every commit: that is the last row.
 */
function applied<Snapshot, Op>(
  title: string,
  [ours, theirs]: readonly [OtType<Snapshot, Op>, OtType],
  document: Snapshot,
  { there, back }: Case<Op>,
): Promise<Table> {
  let mine = document;
  let their: unknown = structuredClone(document);
  const contenders: Record<string, Operation> = {
    "Holdfast": (index) => mine = ours.apply(mine, index % 2 === 0 ? there : back),
    [nameOf(theirs)]: (index) => their = theirs.apply(their, index % 2 === 0 ? there : back),
  };
  if (typeof document === "object") {
    contenders[`${nameOf(theirs)}, on a clone`] = () =>
      theirs.apply(structuredClone(document), there);
  }
  return compare(title, contenders, { rounds: 5, roundMs: 100 });
}

/** What needs no document. */
async function paired<Snapshot, Op>(
  title: string,
  [ours, theirs]: readonly [OtType<Snapshot, Op>, OtType],
  { there, back, other }: Case<Op>,
): Promise<Table[]> {
  const options = { rounds: 5, roundMs: 100 };
  return [
    await compare(`${title}, transform`, {
      "Holdfast": () => ours.transform(there, other, "left"),
      [nameOf(theirs)]: () => theirs.transform(there, other, "left"),
    }, options),
    await compare(`${title}, compose`, {
      "Holdfast": () => ours.compose?.(there, back),
      [nameOf(theirs)]: () => theirs.compose?.(there, back),
    }, options),
  ];
}

function nameOf(type: OtType): string {
  return peer(type === otText ? "ot-text" : "ot-json0");
}
