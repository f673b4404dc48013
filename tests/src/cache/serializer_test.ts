import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { decoded, encoded, richJson } from "../../../src/cache/serializer.ts";

const again = (value: unknown): unknown => richJson.loads(richJson.dumps(value));

const VALUES: [string, unknown][] = [
  ["undefined", undefined],
  ["null", null],
  ["NaN", NaN],
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
  ["-0", -0],
  ["a bigint", 12345678901234567890n],
  ["a date", new Date(1_700_000_000_000)],
  ["an invalid date", new Date(NaN)],
  ["a map", new Map<unknown, unknown>([["a", 1], [{ b: 2 }, new Date(0)]])],
  ["a set", new Set([1, "a", undefined])],
  ["bytes", new Uint8Array([0, 127, 128, 255])],
  ["many bytes", new Uint8Array(100_000).fill(200)],
  ["undefined inside", { a: undefined, b: [undefined] }],
  ["nested", { a: [{ b: new Map([["c", new Set([1n])]]) }] }],
  ["keys that begin with $", { $d: 1, $$d: 2, $: 3, a: { $m: [] } }],
  ["one key that is a tag's", { $d: 5 }],
  ["text that looks tagged", "~{}"],
  ["half a surrogate pair", "\ud800"],
  ["an own __proto__", JSON.parse('{"__proto__":{"a":1},"d":{"__proto__":[1]}}')],
  ["an own __proto__ with a date", Object.fromEntries([["__proto__", new Date(1)]])],
];

for (const [what, value] of VALUES) {
  Deno.test(`richJson gives back ${what}`, () => deepStrictEqual(again(value), value));
}

Deno.test("richJson gives back any value of its types", () => {
  const any = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withObjectString: true,
  });
  fc.assert(fc.property(any, (value) => deepStrictEqual(again(value), value)), { numRuns: 500 });
});

Deno.test("richJson writes plain data as plain JSON, and does not touch the value", () => {
  const plain = Object.freeze({ a: [1, "b", null, { c: true }] });
  strictEqual(richJson.dumps(plain), JSON.stringify(plain));
  const rich = Object.freeze({ a: Object.freeze([new Date(0)]), b: 1 });
  strictEqual(richJson.dumps(rich), '~{"a":[{"$d":0}],"b":1}');
});

Deno.test("richJson honours toJSON, and the same object twice", () => {
  const shared = { a: 1 };
  deepStrictEqual(again({ x: shared, y: shared, z: { toJSON: () => "json" } }), {
    x: shared,
    y: shared,
    z: "json",
  });
});

Deno.test("richJson refuses what it cannot give back", () => {
  const circle: { self?: unknown } = {};
  circle.self = circle;
  const bad = [() => {}, Symbol("s"), circle, { a: [() => {}] }, new Float32Array(2)];
  for (const value of bad) throws(() => richJson.dumps(value), { code: "ERR_NOT_SERIALIZABLE" });
});

Deno.test("richJson costs little more than JSON on plain data", () => {
  const rows = Array.from(
    { length: 500 },
    (_, i) => ({ id: i, name: `row ${i}`, on: true, tags: ["a"] }),
  );
  const best = (run: () => unknown): number => {
    let fastest = Infinity;
    for (let round = 0; round < 30; round++) {
      const from = performance.now();
      run();
      fastest = Math.min(fastest, performance.now() - from);
    }
    return fastest;
  };
  const rich = best(() => richJson.loads(richJson.dumps(rows)));
  const plain = best(() => JSON.parse(JSON.stringify(rows)));
  ok(rich < plain * 5, `${rich} against ${plain} ms`);
});

Deno.test("encoded() carries bytes and texts of any serializer", () => {
  const text = { dumps: (value: unknown) => String(value), loads: (data: string) => data };
  for (const value of ["", "=", ":", "=a", ":a", "a", "::"]) {
    strictEqual(decoded(text, encoded(text, value)), value);
  }
  const bytes = {
    dumps: (value: unknown) => new TextEncoder().encode(String(value)),
    loads: (data: Uint8Array) => new TextDecoder().decode(data),
  };
  strictEqual(decoded(bytes, encoded(bytes, "é=:")), "é=:");
});

Deno.test("encoded() gives one code for whatever a serializer throws or returns", () => {
  const cause = new Error("codec");
  const throwing = {
    dumps: () => {
      throw cause;
    },
    loads: () => 1,
  };
  throws(() => encoded(throwing, 1), { code: "ERR_NOT_SERIALIZABLE", cause });
  const odd = { dumps: () => 5 as never, loads: () => 1 };
  throws(() => encoded(odd, 1), { code: "ERR_NOT_SERIALIZABLE" });
});

Deno.test("encoded() takes a value that is nested too deeply for one that cannot be stored", () => {
  let deep: unknown = 1;
  for (let i = 0; i < 100_000; i++) deep = [deep];
  throws(() => encoded(richJson, deep), { code: "ERR_NOT_SERIALIZABLE" });
});
