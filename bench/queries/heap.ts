/**
 * What a live query costs in memory, on both sides: a process of its own, whose heap nobody else uses.
 *
 * @module
 */
// deno-lint-ignore-file no-console

import { otherQueries } from "./other.ts";
import { ownQueries } from "./own.ts";

const COUNT = 2_000;

const crowd = await (Deno.args[0] === "own" ? ownQueries(1) : otherQueries(1));
await crowd.open(() => ({ where: { n: -1 } }), 1);
const before = heap();
// Without results: what documents cost is told elsewhere.
for (let from = 0; from < COUNT; from += 500) {
  await crowd.open((i) => ({ where: { n: -2 - from - i } }), 500);
}
console.log(Math.round((heap() - before) / COUNT));
Deno.exit(0);

function heap(): number {
  // Given by --expose-gc.
  const { gc } = globalThis as unknown as { gc(): void };
  for (let i = 0; i < 3; i++) gc();
  return Deno.memoryUsage().heapUsed;
}
