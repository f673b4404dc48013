/**
 * The smoke suite on every runtime that this machine has; where CI is set, on all of them.
 *
 * @module
 */

import { deepStrictEqual, match } from "node:assert/strict";
import { judge } from "./case.ts";
import { findRuntimes, needing, required } from "./find.ts";
import { bundleSuite, runSuite } from "./runtimes.ts";
import { cases } from "./suite.ts";

Deno.test("judge() gives what a case throws as its failure", async () => {
  deepStrictEqual(await judge({ name: "holds", run: () => {} }), { name: "holds" });
  const { failure } = await judge({ name: "throws", run: () => Promise.reject(new Error("no")) });
  match(failure ?? "", /^Error: no\n/);
});

Deno.test({
  name: "runtimes: the suite passes on each",
  // Playwright keeps its connection to the browser's process open until this one ends.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async (t) => {
    await using bundles = await bundleSuite();
    for (const [name, finding] of await findRuntimes()) {
      await t.step({
        ...needing(name, finding),
        fn: async () => {
          const verdicts = await runSuite(name, required(finding), bundles);
          deepStrictEqual(verdicts, cases.map((each) => ({ name: each.name })));
        },
      });
    }
  },
});
