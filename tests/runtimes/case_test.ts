/** @module */

import { deepStrictEqual, match } from "node:assert/strict";
import { judge } from "./case.ts";

Deno.test("judge() gives what a case throws as its failure", async () => {
  deepStrictEqual(await judge({ name: "holds", run: () => {} }), { name: "holds" });
  const { failure } = await judge({ name: "throws", run: () => Promise.reject(new Error("no")) });
  match(failure ?? "", /^Error: no\n/);
});
