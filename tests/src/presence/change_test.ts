import { deepStrictEqual } from "node:assert/strict";
import { decodeChange, encodeChange } from "../../../src/presence/change.ts";

Deno.test("decodeChange() gives what encodeChange() wrote", () => {
  const metas = ["", " ", "-a +b c", '{"x": [1]}', "- -", "+"];
  for (const left of [[], ["a"], ["a", "-b", "+c", "__proto__"]]) {
    for (const meta of metas) {
      deepStrictEqual(decodeChange(encodeChange(left, "+m", meta), 7), {
        joined: [{ member: "+m", meta, version: 7 }],
        left,
      });
    }
    if (left.length > 0) {
      deepStrictEqual(decodeChange(encodeChange(left), 7), { joined: [], left });
    }
  }
});
