/**
 * The smoke suite on every runtime that this machine has; where CI is set, on all of them.
 *
 * @module
 */

import { deepStrictEqual } from "node:assert/strict";
import { findRuntimes, needing, required } from "./find.ts";
import { bundleSuite, runSuite } from "./runtimes.ts";
import { cases } from "./suite.ts";

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
