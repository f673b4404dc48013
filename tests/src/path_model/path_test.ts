import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { isPath, type Path, SEGMENTS_MAX, segmentsOf } from "../../../src/path_model/path.ts";
import { captures, pathPattern } from "../../../src/path_model/pattern.ts";

const PATHS: readonly [path: Path | undefined, segments: readonly string[]][] = [
  ["posts.1.title", ["posts", "1", "title"]],
  [["posts", "a.b", 0], ["posts", "a.b", "0"]],
  [3, ["3"]],
  ["", []],
  [undefined, []],
  [[], []],
];

for (const [path, segments] of PATHS) {
  Deno.test(`segmentsOf() takes ${JSON.stringify(path)} apart`, () => {
    deepStrictEqual(segmentsOf(path), segments);
    strictEqual(isPath(path), path !== undefined);
  });
}

const NO_PATHS: readonly [path: unknown, code: string][] = [
  ["posts..title", "ERR_INVALID_PATH"],
  [".", "ERR_INVALID_PATH"],
  [["posts", ""], "ERR_INVALID_PATH"],
  [["posts", -1], "ERR_INVALID_PATH"],
  [1.5, "ERR_INVALID_PATH"],
  [null, "ERR_INVALID_PATH"],
  [{ path: "posts" }, "ERR_INVALID_PATH"],
  [Array(SEGMENTS_MAX + 1).fill("x"), "ERR_INVALID_PATH"],
  ["__proto__.x", "ERR_OP_PATH_FORBIDDEN"],
  ["posts.1.constructor", "ERR_OP_PATH_FORBIDDEN"],
  [["posts", "prototype"], "ERR_OP_PATH_FORBIDDEN"],
];

for (const [path, code] of NO_PATHS) {
  Deno.test(`segmentsOf() refuses ${JSON.stringify(path)?.slice(0, 40)}`, () => {
    throws(() => segmentsOf(path as Path), { code });
    strictEqual(isPath(path), false);
  });
}

Deno.test("segmentsOf() takes as many segments as there may be", () => {
  strictEqual(segmentsOf(Array(SEGMENTS_MAX).fill("x")).length, SEGMENTS_MAX);
});

const PATTERNS: readonly [
  pattern: string,
  path: string,
  captured: readonly string[] | undefined,
][] = [
  ["posts.1.title", "posts.1.title", []],
  ["posts.1.title", "posts.1", undefined],
  ["posts.*.title", "posts.7.title", ["7"]],
  ["posts.*.title", "posts.7.text", undefined],
  ["posts.*.title", "posts.7.title.x", undefined],
  ["*.*", "posts.7", ["posts", "7"]],
  ["posts.**", "posts.7.title", ["7.title"]],
  ["posts.**", "posts", [""]],
  ["posts.*.**", "posts.7", ["7", ""]],
  ["posts.*.**", "posts", undefined],
  ["**", "posts.7", ["posts.7"]],
];

for (const [pattern, path, captured] of PATTERNS) {
  Deno.test(`captures() of ${pattern} in ${path}`, () => {
    deepStrictEqual(captures(pathPattern(pattern), path.split(".")), captured);
  });
}

Deno.test("pathPattern() refuses ** anywhere but at the end", () => {
  throws(() => pathPattern("posts.**.title"), { code: "ERR_INVALID_PATH" });
});
