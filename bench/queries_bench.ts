/**
 * 1,000 live queries over 1,000 documents beside npm `sharedb` with `sharedb-mingo-memory`, in the same process: what one
 * operation costs until every query has taken it in, opening them, and memory.
 *
 * `sharedb` asks its database about every query for every operation; ours finds the queries that an operation concerns,
 * keeps their results in order, and evaluates a query once however many subscribe.
 *
 * @module
 */

import { compare, figures, peer, quantile, type Table } from "./harness.ts";
import type { BenchQuery, Crowd } from "./queries/crowd.ts";
import { otherQueries } from "./queries/other.ts";
import { ownQueries } from "./queries/own.ts";

const DOCUMENTS = 1_000;
const QUERIES = 1_000;
const OPTIONS = { rounds: 3, roundMs: 300, inFlight: 1 };

/** All tables. */
export async function bench(): Promise<readonly Table[]> {
  const own = await ownQueries(DOCUMENTS);
  const other = await otherQueries(DOCUMENTS);
  const tables = [
    // A document leaves the result of one query, or comes into it: that, and the operation itself.
    await perOp("An operation under 1,000 distinct live queries", own, other, {
      queryOf: (n) => ({ where: { n } }),
      edit: (crowd, i) => crowd.edit(7, "n", i % 2 === 0 ? -1_000 : 1_000, i % 2 === 0 ? 2 : 1),
    }),
    await perOp("An operation under 1,000 identical live queries", own, other, {
      queryOf: () => ({ where: { n: { $lt: 10 } } }),
      edit: (crowd) => crowd.edit(5, "v", 1, 1),
    }),
    await perOp("An operation under 1,000 live queries with sort and limit", own, other, {
      queryOf: (n) => ({ where: { n: { $ne: -n } }, sort: "v", limit: 10 }),
      // It comes into the first ten of all results, or leaves them.
      edit: (crowd, i) =>
        crowd.edit(500, "v", i % 2 === 0 ? 1 : -1, i === 0 ? 2 * QUERIES : QUERIES),
    }),
    await opening(own, other),
  ];
  await own.close();
  await other.close();
  return [...tables, await heaps()];
}

interface Course {
  readonly queryOf: (index: number) => BenchQuery;
  readonly edit: (crowd: Crowd, index: number) => Promise<void>;
}

async function perOp(title: string, own: Crowd, other: Crowd, course: Course): Promise<Table> {
  for (const crowd of [own, other]) await crowd.open(course.queryOf, QUERIES);
  const counts = { own: 0, other: 0 };
  const table = await compare(title, {
    "Holdfast": () => course.edit(own, counts.own++),
    [NAME]: () => course.edit(other, counts.other++),
  }, OPTIONS);
  for (const crowd of [own, other]) await crowd.shut();
  return table;
}

/** The median of a few times. */
async function opening(own: Crowd, other: Crowd): Promise<Table> {
  const found: Record<string, number> = {};
  for (const [name, crowd] of [["Holdfast", own], [NAME, other]] as const) {
    const times: number[] = [];
    for (let round = 0; round < 3; round++) {
      const started = performance.now();
      await crowd.open((n) => ({ where: { n: n + round * 10 } }), QUERIES);
      times.push(performance.now() - started);
      await crowd.shut();
    }
    found[name] = quantile(times);
  }
  return figures("Opening 1,000 live queries over 1,000 documents", "ms", found);
}

async function heaps(): Promise<Table> {
  return figures("Heap of a live query without results, both sides", "bytes", {
    "Holdfast": await heapOf("own"),
    [NAME]: await heapOf("other"),
  });
}

async function heapOf(which: string): Promise<number> {
  const program = new URL("queries/heap.ts", import.meta.url).pathname;
  const args = ["run", "-A", "--no-check", "--v8-flags=--expose-gc", program, which];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
  return Number(new TextDecoder().decode(stdout));
}

const NAME = `${peer("sharedb")} with ${peer("sharedb-mingo-memory")}`;
