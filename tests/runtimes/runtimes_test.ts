/**
 * The smoke suite on every runtime that this machine has; where CI is set, on all of them.
 *
 * @module
 */

import { deepStrictEqual } from "node:assert/strict";
import { findRuntimes, needing, required } from "./find.ts";
import { bundleSuite } from "./runtimes.ts";
import { cases } from "./suite.ts";
import { type Row, rowOf, tableOf } from "./table.ts";

Deno.test({
  name: "runtimes: the suite passes on each",
  // Playwright keeps its connection to the browser's process open until this one ends.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async (t) => {
    await using bundles = await bundleSuite();
    const rows: Row[] = [];
    for (const [name, finding] of await findRuntimes()) {
      const step = needing(name, finding);
      if (step.ignore) rows.push(await rowOf(name, finding, bundles));
      await t.step({
        ...step,
        fn: async () => {
          const row = await rowOf(name, required(finding), bundles);
          rows.push(row);
          deepStrictEqual(row.failures, []);
          deepStrictEqual(row.verdicts, cases.map((each) => ({ name: each.name })));
        },
      });
    }
    // deno-lint-ignore no-console -- the table is what CI shows of it
    console.log(tableOf(rows).text);
  },
});
