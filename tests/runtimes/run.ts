/**
 * Runs the smoke suite on every runtime that is there and prints a table of what passed where.
 *
 * @module
 */

import { findRuntimes } from "./find.ts";
import { bundleSuite } from "./runtimes.ts";
import { type Row, rowOf, tableOf } from "./table.ts";

if (import.meta.main) {
  await using bundles = await bundleSuite();
  const rows: Row[] = [];
  for (const [name, finding] of await findRuntimes()) {
    rows.push(await rowOf(name, finding, bundles));
  }
  const { text, passed, failed } = tableOf(rows);
  // deno-lint-ignore no-console -- this is a program, and its table is its purpose
  console.log(text);
  Deno.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}
