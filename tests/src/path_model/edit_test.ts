import { deepStrictEqual, throws } from "node:assert/strict";
import type { Json } from "../../../src/json.ts";
import { json } from "../../../src/ot/mod.ts";
import { differences, differencesOfList } from "../../../src/path_model/difference.ts";
import * as edits from "../../../src/path_model/edit.ts";
import type { Edit, Value } from "../../../src/path_model/edit.ts";
import { type Mutation, mutationsOf } from "../../../src/path_model/mutation.ts";
import type { Segments } from "../../../src/path_model/path.ts";
import { type Dice, diceOf, drawData, oneOf, SEED } from "../queries/draw.ts";

type Make = (data: Value, path: Segments) => Edit<unknown>;

const DATA = {
  n: 1,
  text: "hello",
  list: ["a", "b", "c", "d"],
  none: null,
  deep: { x: [{ y: 1 }] },
};

/** What is edited at which path, what it gives, and what is at the path then. */
const TABLE: readonly [name: string, path: string, make: Make, result: unknown, then: unknown][] = [
  ["set replaces", "n", (d, p) => edits.set(d, p, 2), 1, 2],
  ["set makes objects on the way", "a.b.c", (d, p) => edits.set(d, p, 1), undefined, 1],
  [
    "set makes lists where an index follows",
    "a",
    (d) => edits.set(d, ["a", "0", "b"], 1),
    undefined,
    [
      { b: 1 },
    ],
  ],
  ["set makes parents in place of null", "none", (d) => edits.set(d, ["none", "x"], 1), undefined, {
    x: 1,
  }],
  ["set replaces an item", "list.1", (d, p) => edits.set(d, p, "B"), "b", "B"],
  ["set adds the next item", "list.4", (d, p) => edits.set(d, p, "e"), undefined, "e"],
  ["setEach sets several", "deep", (d, p) => edits.setEach(d, p, { y: 1, z: 2 }), undefined, {
    x: [{ y: 1 }],
    y: 1,
    z: 2,
  }],
  ["setEach makes what is missing", "a", (d, p) => edits.setEach(d, p, { y: 1, z: 2 }), undefined, {
    y: 1,
    z: 2,
  }],
  ["del gives what was there", "text", edits.del, "hello", undefined],
  ["del takes an item out", "list.1", edits.del, "b", "c"],
  ["del leaves alone what is not there", "a.b", edits.del, undefined, undefined],
  ["increment adds", "n", (d, p) => edits.increment(d, p, -3), -2, -2],
  ["increment counts null as 0", "none", (d, p) => edits.increment(d, p, 2), 2, 2],
  ["push makes a list", "a.b", (d, p) => edits.push(d, p, [1]), 1, [1]],
  ["insert puts several", "list", (d, p) => edits.insert(d, p, 1, ["x", "y"]), 6, [..."axybcd"]],
  ["insert counts from the end", "list", (d, p) => edits.insert(d, p, -1, ["x"]), 5, [..."abcxd"]],
  ["remove takes several", "list", (d, p) => edits.remove(d, p, 1, 2), ["b", "c"], ["a", "d"]],
  ["remove takes what is left", "list", (d, p) => edits.remove(d, p, 3, 9), ["d"], [..."abc"]],
  ["remove of nothing gives nothing", "a", (d, p) => edits.remove(d, p, 0), [], undefined],
  ["pop gives the last", "list", edits.pop, "d", [..."abc"]],
  ["pop of nothing gives nothing", "a", edits.pop, undefined, undefined],
  ["shift gives the first", "list", edits.shift, "a", [..."bcd"]],
  ["move forwards", "list", (d, p) => edits.move(d, p, 0, 2, 2), ["a", "b"], [..."cdab"]],
  ["move backwards", "list", (d, p) => edits.move(d, p, 2, 0, 2), ["c", "d"], [..."cdab"]],
  ["move counts from the end", "list", (d, p) => edits.move(d, p, 0, -1), ["a"], [..."bcda"]],
  ["move to where it is", "list", (d, p) => edits.move(d, p, 1, 1), ["b"], [..."abcd"]],
  ["stringInsert", "text", edits.stringInsertion(5, "!"), "hello", "hello!"],
  ["stringInsert makes a string", "a", edits.stringInsertion(0, "!"), undefined, "!"],
  ["stringRemove", "text", (d, p) => edits.stringRemove(d, p, 1, 3), "hello", "ho"],
  ["stringRemove of nothing", "a", (d, p) => edits.stringRemove(d, p, 0, 3), undefined, undefined],
  ["differences keep what is the same", "deep", (d, p) => differences(d, p, { x: [{ y: 2 }] }), {
    x: [{ y: 1 }],
  }, { x: [{ y: 2 }] }],
  [
    "differences of lists",
    "list",
    (d, p) => differencesOfList(d, p, ["a", "x", "d"]),
    [..."abcd"],
    [
      ..."axd",
    ],
  ],
];

for (const [name, path, make, result, then] of TABLE) {
  Deno.test(`edit: ${name}`, () => {
    const segments = path.split(".");
    const edit = make(DATA, segments);
    deepStrictEqual(edit.result, result);
    deepStrictEqual(edits.valueAt(json.apply(DATA, edit.op), segments), then);
  });
}

const REFUSED: readonly [name: string, path: string, make: Make, code: string][] = [
  ["into a number", "n.x", (d, p) => edits.set(d, p, 1), "ERR_OP_MISMATCH"],
  ["into a text", "text.0", (d, p) => edits.set(d, p, 1), "ERR_OP_MISMATCH"],
  ["past a list's end", "list.9", (d, p) => edits.set(d, p, 1), "ERR_OP_MISMATCH"],
  ["a list's property", "list.x", (d, p) => edits.set(d, p, 1), "ERR_INVALID_PATH"],
  ["a missing list's second item", "a.1", (d, p) => edits.set(d, p, 1), "ERR_OP_MISMATCH"],
  ["to add to a text", "text", (d, p) => edits.increment(d, p, 1), "ERR_OP_MISMATCH"],
  ["to push to an object", "deep", (d, p) => edits.push(d, p, [1]), "ERR_OP_MISMATCH"],
  ["to insert past the end", "list", (d, p) => edits.insert(d, p, 5, [1]), "ERR_OP_MISMATCH"],
  ["to move more than there is", "list", (d, p) => edits.move(d, p, 3, 0, 2), "ERR_OP_MISMATCH"],
  ["to move past the end", "list", (d, p) => edits.move(d, p, 0, 3, 2), "ERR_OP_MISMATCH"],
  ["to remove half an item", "list", (d, p) => edits.remove(d, p, 0, 0.5), "ERR_OP_MISMATCH"],
  ["to insert text into a number", "n", edits.stringInsertion(0, "x"), "ERR_OP_MISMATCH"],
  ["text past the end", "text", edits.stringInsertion(9, "x"), "ERR_OP_MISMATCH"],
];

for (const [name, path, make, code] of REFUSED) {
  Deno.test(`edit: it is refused ${name}`, () => {
    throws(() => make(DATA, path.split(".")), { code });
  });
}

Deno.test(`edit: random edits do what is done to a plain value, and are told so (SEED=${SEED})`, () => {
  const dice = diceOf(SEED);
  for (let round = 0; round < 300; round++) {
    let data: Json = { list: [1, 2, 3], text: "abc", n: 0, inner: { list: [] } };
    let told: Json = structuredClone(data) as Json;
    for (let step = 0; step < 15; step++) {
      const plain = structuredClone(data) as { [name: string]: unknown };
      const { op, expected, result } = drawEdit(dice, data, plain);
      deepStrictEqual(result, expected);
      for (const { path, mutation } of mutationsOf(json, data, op)) {
        told = replayed(told, path, mutation);
      }
      data = json.apply(data, op);
      deepStrictEqual(data, plain);
      deepStrictEqual(told, plain);
    }
  }
});

interface Drawn {
  readonly op: Edit<unknown>["op"];
  readonly result: unknown;
  readonly expected: unknown;
}

/** Draws an edit, and does the same to a plain copy by JavaScript's own means. */
function drawEdit(dice: Dice, data: Json, plain: { [name: string]: unknown }): Drawn {
  const draws = [drawListEdit, drawListEdit, drawTextEdit, drawObjectEdit];
  return oneOf(dice, draws)(dice, data, plain);
}

type DrawFrom = (dice: Dice, data: Json, plain: { [name: string]: unknown }) => Drawn;

const drawListEdit: DrawFrom = (dice, data, plain) => {
  const isInner = dice(0, 3) === 0;
  const path = isInner ? ["inner", "list"] : ["list"];
  const holder = isInner ? plain.inner as { [name: string]: unknown } : plain;
  const list = holder.list as Json[];
  const at = dice(0, list.length + 1);
  const items = [drawValue(dice), drawValue(dice)];
  switch (dice(0, 7)) {
    case 0:
      list.splice(at, 0, ...items);
      return drawn(edits.insert(data, path, at, items), list.length);
    case 1:
      return drawn(edits.remove(data, path, at, 2), list.splice(at, 2));
    case 2:
      return drawn(edits.pop(data, path), list.pop());
    case 3:
      return drawn(edits.shift(data, path), list.shift());
    case 4: {
      const moved = list.splice(at, 2);
      const to = dice(0, list.length + 1);
      list.splice(to, 0, ...moved);
      return drawn(edits.move(data, path, at, to, moved.length), moved);
    }
    default: {
      const wanted = [drawValue(dice), ...list.slice(1), drawValue(dice)];
      const before = list.splice(0, list.length, ...wanted);
      const make = dice(0, 2) === 0 ? differences : differencesOfList;
      return drawn(make(data, path, wanted), before);
    }
  }
};

const drawTextEdit: DrawFrom = (dice, data, plain) => {
  const before = String(plain.text);
  const at = dice(0, before.length + 1);
  if (dice(0, 2) === 0) {
    plain.text = before.slice(0, at) + "xy" + before.slice(at);
    return drawn(edits.stringInsertion(at, "xy")(data, ["text"]), before);
  }
  plain.text = before.slice(0, at) + before.slice(at + 3);
  return drawn(edits.stringRemove(data, ["text"], at, 3), before);
};

const drawObjectEdit: DrawFrom = (dice, data, plain) => {
  const name = oneOf(dice, ["x", "y", "0"]);
  const before = plain[name];
  const value = drawValue(dice);
  switch (dice(0, 4)) {
    case 0:
      plain[name] = value;
      return drawn(edits.set(data, [name], value), before);
    case 1:
      delete plain[name];
      return drawn(edits.del(data, [name]), before);
    case 2:
      plain.n = Number(plain.n) + 2;
      return drawn(edits.increment(data, ["n"], 2), plain.n);
    default:
      Object.assign(plain, { x: value, z: 1 });
      return drawn(edits.setEach(data, [], { x: value, z: 1 }), undefined);
  }
};

function drawValue(dice: Dice): Json {
  return drawData(dice, 1).a ?? null;
}

function drawn({ op, result }: Edit<unknown>, expected: unknown): Drawn {
  return { op, result, expected };
}

/** A value with what a listener was told done to it. */
function replayed(root: Json, path: Segments, mutation: Mutation): Json {
  const holder = { root: structuredClone(root) } as { [name: string]: unknown };
  let parent: { [name: string]: unknown } = holder;
  let name = "root";
  for (const segment of path) {
    parent = parent[name] as { [name: string]: unknown };
    name = segment;
  }
  const list = parent[name] as Json[];
  switch (mutation.kind) {
    case "change":
      deepStrictEqual(parent[name], mutation.previous, "what was there before");
      if (mutation.value === undefined) delete parent[name];
      else parent[name] = mutation.value;
      break;
    case "insert":
      list.splice(mutation.index, 0, ...mutation.values);
      break;
    case "remove":
      deepStrictEqual(list.splice(mutation.index, mutation.values.length), mutation.values);
      break;
    case "move":
      list.splice(mutation.to, 0, ...list.splice(mutation.from, mutation.howMany));
      break;
    default:
      throw new Error("an operation loads and unloads nothing");
  }
  return holder.root as Json;
}
