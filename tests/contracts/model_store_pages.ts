/**
 * What every store of models must do about order: pages and counts.
 *
 * @module
 */

import type { EntryRange, ModelShape, ModelStore } from "../../src/models/port.ts";
import { equal } from "./assert.ts";
import { ALL, type OnModels, put, remove, writer } from "./model_writes.ts";

const BY_TEAM: EntryRange = { from: "f\u0000team\u0000", to: "f\u0000team\u0001" };

/** Registers the suite. */
export function modelPages(on: OnModels): void {
  onOrder(on);
  onPaging(on);
  onCounting(on);
}

function onOrder(on: OnModels): void {
  on("page() orders by the bytes of UTF-8, and ids that are numbers by value", async (bench) => {
    const { commit } = writer(bench.store, bench.shape);
    const ids = ["10", "9", "2", "z", "\u{1f600}", "\ufffd", "a", "é", "100"];
    await commit(ids.map((id) => put(id)));
    const { records } = await bench.store.page(bench.shape, ALL, { limit: 20, isReverse: false });
    const inOrder = ["2", "9", "10", "100", "a", "z", "é", "\ufffd", "\u{1f600}"];
    equal(records.map(({ id }) => id), inOrder);
    const back = await bench.store.page(bench.shape, ALL, { limit: 20, isReverse: true });
    equal(back.records.map(({ id }) => id), inOrder.toReversed());
  });

  on("page() takes its range half-open", async (bench) => {
    const { commit } = writer(bench.store, bench.shape);
    await commit(["a", "b", "c"].map((team, at) => put(`${at}`, { entries: [teamEntry(team)] })));
    const range = { from: `${BY_TEAM.from}b`, to: `${BY_TEAM.from}c` };
    equal(await idsOf(bench.store, bench.shape, range, 10), ["1"]);
    equal(await idsOf(bench.store, bench.shape, BY_TEAM, 10), ["0", "1", "2"]);
    equal(await idsOf(bench.store, bench.shape, ALL, 10), []);
  });

  on(
    "page() follows a record whose entries change, and drops one that is removed",
    async (bench) => {
      const { commit, done } = writer(bench.store, bench.shape);
      await commit([
        put("1", { entries: ["i", teamEntry("a")] }),
        put("2", { entries: ["i", teamEntry("b")] }),
      ]);
      await done(put("1", { expect: undefined, entries: ["i", teamEntry("c")] }));
      equal(await idsOf(bench.store, bench.shape, BY_TEAM, 10), ["2", "1"]);
      await done(remove("2"));
      equal(await idsOf(bench.store, bench.shape, BY_TEAM, 10), ["1"]);
      equal(await idsOf(bench.store, bench.shape, ALL, 10), ["1"]);
    },
  );
}

function onPaging(on: OnModels): void {
  for (const isReverse of [false, true]) {
    on(
      `page() gives each of many equals once, ${isReverse ? "backward" : "forward"}`,
      async (bench) => {
        const { commit } = writer(bench.store, bench.shape);
        await commit(
          Array.from({ length: 50 }, () => put(undefined, { entries: [teamEntry("a")] })),
        );
        const seen: string[] = [];
        let range = BY_TEAM;
        for (let pages = 0; pages < 20; pages++) {
          const { records, next } = await bench.store.page(bench.shape, range, {
            limit: 7,
            isReverse,
          });
          seen.push(...records.map(({ id }) => id));
          if (next === undefined) break;
          range = isReverse ? { ...range, to: next } : { ...range, from: `${next}\u0000` };
          if (pages === 2) await commit([remove(isReverse ? "50" : "1"), put(undefined)]);
        }
        const inOrder = Array.from({ length: 50 }, (_, at) => String(at + 1));
        equal(seen, isReverse ? inOrder.toReversed() : inOrder);
      },
    );
  }

  on("page() has a next one exactly if there is more", async (bench) => {
    const { commit } = writer(bench.store, bench.shape);
    await commit([put("1"), put("2"), put("3")]);
    const of = async (limit: number) =>
      (await bench.store.page(bench.shape, ALL, { limit, isReverse: false })).next !== undefined;
    equal([await of(2), await of(3), await of(4)], [true, false, false]);
  });
}

function onCounting(on: OnModels): void {
  on("count() counts records, and those of a range", async (bench) => {
    const { commit, done } = writer(bench.store, bench.shape);
    equal(await bench.store.count(bench.shape), 0);
    await commit([
      put("1", { entries: ["i", teamEntry("a")] }),
      put("2", { entries: ["i", teamEntry("b")] }),
      put("3"),
    ]);
    equal(await bench.store.count(bench.shape), 3);
    equal(await bench.store.count(bench.shape, BY_TEAM), 2);
    await done(put("3", { expect: undefined, entries: ["h"], isHidden: true }));
    await done(put("1", { expect: undefined }));
    equal(await bench.store.count(bench.shape), 2);
    equal(await bench.store.count(bench.shape, BY_TEAM), 1);
    equal((await bench.store.get(bench.shape, ["3"]))[0]?.isHidden, true);
  });
}

function teamEntry(team: string): string {
  return `${BY_TEAM.from}${team}`;
}

async function idsOf(
  store: ModelStore,
  shape: ModelShape,
  range: EntryRange,
  limit: number,
): Promise<readonly string[]> {
  const { records } = await store.page(shape, range, { limit, isReverse: false });
  return records.map(({ id }) => id);
}
