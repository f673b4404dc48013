import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { argumentsText } from "../../../src/cache/arguments.ts";
import {
  type CacheKey,
  flatKey,
  functionKey,
  innerPath,
  namespaceEpoch,
  storeKey,
  tagEpoch,
  utf8Bytes,
} from "../../../src/cache/key.ts";
import { hashLongKeys } from "../../../src/cache/mangle.ts";
import { sha256 } from "../../../src/cache/sha256.ts";

/** Texts made of the characters that encodings stumble over, and a few others. */
const nasty = fc.string({
  unit: fc.constantFrom("~", ":", "=", "%", "#", "a", "7", "\0", "s", "h", "1", ",", "é", "😀"),
  minLength: 1,
  maxLength: 6,
});
const key: fc.Arbitrary<CacheKey> = fc.oneof(nasty, fc.tuple(nasty, nasty));
const path = fc.array(nasty, { maxLength: 3 });
const pathOf = (names: readonly string[]): string => names.reduce(innerPath, "");

Deno.test("storeKey() and flatKey() never let two different keys or namespaces meet", () => {
  fc.assert(
    fc.property(path, key, path, key, (pathA, keyA, pathB, keyB) => {
      const a = [pathA, keyA, flatKey(storeKey(pathOf(pathA), keyA))];
      const b = [pathB, keyB, flatKey(storeKey(pathOf(pathB), keyB))];
      const isSame = JSON.stringify(a.slice(0, 2)) === JSON.stringify(b.slice(0, 2));
      strictEqual(a[2] === b[2], isSame);
    }),
    { numRuns: 5_000 },
  );
});

Deno.test("storeKey() leaves plain keys of the root alone", () => {
  for (const plain of ["user:1", "a/b?c=d", "%", ":", "#", " "]) {
    strictEqual(storeKey("", plain), plain);
  }
  strictEqual(storeKey("", "~a:b"), "~:~a:b");
  strictEqual(storeKey(pathOf(["t~1", "x"]), "k"), "~t%7e1~x:k");
  deepStrictEqual(storeKey(pathOf(["t"]), ["h", "f"]), ["~t:h", "f"]);
});

Deno.test("functionKey() meets no other function and no other key", () => {
  fc.assert(
    fc.property(nasty, nasty, nasty, nasty, (nameA, argA, nameB, argB) => {
      const a = functionKey(nameA, argA);
      const b = functionKey(nameB, argB);
      strictEqual(a === b, nameA === nameB && argA === argB);
      strictEqual(storeKey("", a), a);
      strictEqual(a === storeKey("", argB) && argB !== a, false);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("Epochs of namespaces and tags never meet", () => {
  fc.assert(
    fc.property(path, nasty, path, nasty, (pathA, tagA, pathB, tagB) => {
      const a = tagEpoch(pathOf(pathA), tagA);
      strictEqual(
        a === tagEpoch(pathOf(pathB), tagB),
        JSON.stringify([pathA, tagA]) === JSON.stringify([pathB, tagB]),
      );
      strictEqual(a === namespaceEpoch(pathOf(pathB)), false);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("innerPath() refuses names that are empty, malformed or no text", () => {
  for (const name of ["", "\ud800", "x".repeat(5_000), 1, undefined]) {
    throws(() => innerPath("", name as string), { code: "ERR_INVALID_ARGUMENT" });
  }
});

Deno.test("utf8Bytes() counts as an encoder does", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      strictEqual(utf8Bytes(text), new TextEncoder().encode(text).length);
    }),
  );
});

Deno.test("argumentsText() tells different lists apart and equal ones not", () => {
  const lists: unknown[][] = [
    [],
    [undefined],
    [undefined, undefined],
    [null],
    ["null"],
    [1],
    ["1"],
    [1n],
    ["a b", "c"],
    ["a", "b c"],
    [["a", "b"]],
    [-0],
    [0],
    [NaN],
    [true],
    [{}],
    [[]],
    [{ a: 1 }],
    [{ a: undefined }],
    [{ a: 1, b: 2 }],
    [new Map([["a", 1]])],
    [new Set(["a"])],
    [new Date(0)],
    [0, 0],
    [new Uint8Array([1])],
    [{ $d: 0 }],
    ["\ud800"],
  ];
  strictEqual(new Set(lists.map(argumentsText)).size, lists.length);
  strictEqual(
    argumentsText([{ a: 1, b: { d: 1, c: 2 } }]),
    argumentsText([{ b: { c: 2, d: 1 }, a: 1 }]),
  );
});

Deno.test("argumentsText() refuses what makes no key", () => {
  class Point {
    x = 1;
  }
  const circle: unknown[] = [];
  circle.push(circle);
  for (const bad of [() => {}, Symbol("s"), new Point(), circle, new Float64Array(1)]) {
    throws(() => argumentsText([bad]), { code: "ERR_INVALID_KEY" });
  }
});

Deno.test("sha256() is what the host computes", async () => {
  for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, 1_000]) {
    const text = "é".repeat(length);
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    const expected = Array.from(
      new Uint8Array(digest),
      (byte) => byte.toString(16).padStart(2, "0"),
    );
    strictEqual(sha256(text), expected.join(""));
  }
});

Deno.test("hashLongKeys() leaves short keys alone and never makes one that could be chosen", () => {
  const mangle = hashLongKeys(10);
  strictEqual(mangle("1234567890"), "1234567890");
  const long = mangle("12345678901");
  strictEqual(long, `~#${sha256("12345678901")}`);
  strictEqual(mangle(long) === long, false);
});
