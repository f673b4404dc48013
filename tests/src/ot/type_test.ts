/** @module */

import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import {
  checkType,
  checkTypes,
  findType,
  guardedType,
  json,
  type OtType,
  text,
  transformPair,
} from "../../../src/ot/mod.ts";

const COUNTER: OtType<number, number> = {
  name: "counter",
  uri: "https://example.com/counter",
  create: () => 0,
  apply: (count, by) => count + by,
  transform: (by) => by,
};

Deno.test("checkType() takes objects of the shape, and functions that have it", () => {
  strictEqual(checkType(COUNTER), COUNTER);
  const { uri, create, apply, transform } = COUNTER;
  const callable = Object.assign(function counter() {}, { uri, create, apply, transform });
  strictEqual(checkType(callable), callable);
});

Deno.test("checkType() says what is missing or wrong", () => {
  const bad: readonly (readonly [unknown, RegExp])[] = [
    [undefined, /must be an object/],
    [null, /must be an object/],
    ["json", /must be an object/],
    [{}, /its name/],
    [{ ...COUNTER, name: "" }, /its name/],
    [{ ...COUNTER, uri: 5 }, /its uri/],
    [{ ...COUNTER, apply: undefined }, /its apply must be a function/],
    [{ ...COUNTER, transform: {} }, /its transform must be a function/],
    [{ ...COUNTER, compose: true }, /its compose must be a function/],
    [{ type: COUNTER }, /its name/],
  ];
  for (const [type, message] of bad) {
    throws(() => checkType(type), { code: "ERR_INVALID_ARGUMENT", message });
  }
});

Deno.test("checkTypes() and findType() know a type by name, URI and alias", () => {
  const types = checkTypes([json, text, COUNTER]);
  for (const name of ["json", "json0", json.uri]) strictEqual(findType(types, name), json);
  strictEqual(findType(types, COUNTER.uri), COUNTER);
  for (const name of ["", "toString", "rich-text"]) {
    throws(() => findType(types, name), { code: "ERR_UNKNOWN_TYPE" });
  }
});

Deno.test("transformPair() does without transformX", () => {
  deepStrictEqual(transformPair(COUNTER, 1, 2), [1, 2]);
  deepStrictEqual(transformPair(text, ["a"], ["b"]), [["a"], [1, "b"]]);
});

Deno.test("guardedType() keeps codes that are there, and gives one with the cause to what has none", () => {
  const failure = new Error("no");
  const type = guardedType({
    ...COUNTER,
    apply: () => {
      throw failure;
    },
    compose: () => text.apply("", ["a", 1]),
  });
  throws(() => type.apply(0, 1), { code: "ERR_OP_MISMATCH", cause: failure });
  throws(() => type.compose?.(0, 1), { code: "ERR_OP_MALFORMED" });
  strictEqual(type.transform(3, 4, "left"), 3);
  ok(!("invert" in type));
});

Deno.test("guardedType() calls a function on the type that it belongs to", () => {
  class Stepper {
    readonly name = "stepper";
    readonly uri = "https://example.com/stepper";
    readonly step = 2;
    create(): number {
      return 0;
    }
    apply(count: number): number {
      return count + this.step;
    }
    transform(op: unknown): unknown {
      return op;
    }
  }
  const type = guardedType(checkType(new Stepper()));
  strictEqual(type.apply(1, undefined), 3);
});
