/**
 * What every store of models must do about its journal.
 *
 * @module
 */

import { parseEntry } from "../../src/models/journal_entry.ts";
import type { ModelShape, ModelStore } from "../../src/models/port.ts";
import type { JournalEntry, JournalPosition } from "../../src/wakes/port.ts";
import { equal, ok } from "./assert.ts";
import { claim, members, type OnModels, put, remove, writer } from "./model_writes.ts";

/** Registers the suite. */
export function modelJournal(on: OnModels): void {
  onEntries(on);
  onPositions(on);
  onBounds(on);
}

function onEntries(on: OnModels): void {
  on("changes() tells every write once, in order, with scopes before and after", async (bench) => {
    const { commit, done } = writer(bench.store, bench.shape);
    const start = await headOf(bench.store, bench.shape);
    await done(put("1", { scopes: `{"team":1}`, body: `{"team":1,"a":[]}` }));
    await done(put("1", { expect: undefined, scopes: `{"team":2}`, body: `{"team":2}`, shape: 3 }));
    await done(members("1", { add: ["sa\u0001Jb"] }));
    await commit([remove("1"), put(`q"\\`), put("2", { isHidden: true })]);
    const entries = await read(bench.store, bench.shape, start);
    const told = entries.map(({ entry }) => parseEntry(entry));
    equal(told.map(({ kind, id }) => [kind, id]), [
      ["create", "1"],
      ["update", "1"],
      ["members", "1"],
      ["delete", "1"],
      ["create", `q"\\`],
      ["delete", "2"],
    ]);
    equal(told.map(({ before }) => before?.team), [undefined, 1, 2, 2, undefined, undefined]);
    equal(told.map(({ after }) => after?.team), [1, 2, 2, undefined, undefined, undefined]);
    equal(told.slice(0, 2).map(({ body, shape }) => [body, shape]), [
      [{ team: 1, a: [] }, 1],
      [{ team: 2 }, 3],
    ]);
    equal(told[2]?.added, ["sa\u0001Jb"]);
  });

  on(
    "changes() numbers entries without a gap, and a record's version is its entry's",
    async (bench) => {
      const { commit, done } = writer(bench.store, bench.shape);
      const start = await headOf(bench.store, bench.shape);
      const { version } = await done(put("1"));
      await commit([put("2"), put("3")]);
      const entries = await read(bench.store, bench.shape, start);
      equal(entries.map(({ index }) => index), [1, 2, 3]);
      equal(version, `${entries[0]?.index}-${entries[0]?.tag}`);
      const head = await headOf(bench.store, bench.shape);
      equal([head.index, head.tag], [3, entries[2]?.tag]);
    },
  );

  on("changes() tells nothing of a commit that failed", async (bench) => {
    const { commit, done } = writer(bench.store, bench.shape);
    await done(put("1", { claims: [claim("x")] }));
    const head = await headOf(bench.store, bench.shape);
    await commit([put("2"), put("1")]);
    await commit([put("2"), put("3", { claims: [claim("x")] })]);
    equal(await headOf(bench.store, bench.shape), head);
  });
}

function onPositions(on: OnModels): void {
  on("changes() goes on from any position, at most so many at once", async (bench) => {
    const { commit } = writer(bench.store, bench.shape);
    await commit([put("1"), put("2"), put("3")]);
    const { epoch } = await headOf(bench.store, bench.shape);
    const none = { epoch, index: 0, tag: "" };
    const first = await bench.store.changes(bench.shape, none, { limit: 2 });
    equal(first.kind === "entries" && first.entries.map(({ index }) => index), [1, 2]);
    const second = first.kind === "entries" ? first.entries[1] : undefined;
    const rest = await read(bench.store, bench.shape, { epoch, index: 2, tag: second?.tag ?? "" });
    equal(rest.map(({ index }) => index), [3]);
  });

  on(
    "changes() has nothing to tell at the head, and no entries without a position",
    async (bench) => {
      const { done } = writer(bench.store, bench.shape);
      await done(put("1"));
      const head = await headOf(bench.store, bench.shape);
      equal(await bench.store.changes(bench.shape, head, { limit: 10 }), {
        kind: "entries",
        entries: [],
        head,
      });
    },
  );

  on("changes() goes on from the head of a model that nothing was written to", async (bench) => {
    const start = await headOf(bench.store, bench.shape);
    equal([start.index, start.tag], [0, ""]);
    equal(await read(bench.store, bench.shape, start), []);
    await writer(bench.store, bench.shape).done(put("1"));
    equal((await read(bench.store, bench.shape, start)).length, 1);
  });

  on(
    "changes() resets who comes from another epoch, with another tag, or from past the head",
    async (bench) => {
      const { commit } = writer(bench.store, bench.shape);
      await commit([put("1"), put("2")]);
      await commit([put("3")]);
      const head = await headOf(bench.store, bench.shape);
      const strangers: readonly JournalPosition[] = [
        { ...head, epoch: "other" },
        { ...head, tag: "other" },
        { ...head, index: 2, tag: "other" },
        { ...head, index: 4 },
        { ...head, index: 0 },
      ];
      for (const stranger of strangers) {
        equal(await bench.store.changes(bench.shape, stranger, { limit: 10 }), {
          kind: "reset",
          head,
        });
      }
    },
  );
}

function onBounds(on: OnModels): void {
  const bounds = {
    entries: { entriesMax: 100, bytesMax: 1_048_576, ageMsMax: 604_800_000 },
    bytes: { entriesMax: 10_000, bytesMax: 65_536, ageMsMax: 604_800_000 },
  };
  for (const [name, journal] of Object.entries(bounds)) {
    on(`changes() resets who fell behind a journal that is bounded by ${name}`, async (bench) => {
      const shape = { ...bench.shape, journal };
      const { commit } = writer(bench.store, shape);
      await commit([put("1")]);
      const start = await headOf(bench.store, shape);
      const body = `{"fill":"${"x".repeat(name === "bytes" ? 10_000 : 10)}"}`;
      for (let round = 0; round < 20; round++) {
        await commit(Array.from({ length: 10 }, () => put(undefined, { body })));
      }
      const near = await headOf(bench.store, shape);
      await commit([put("x")]);
      equal((await bench.store.changes(shape, start, { limit: 10 })).kind, "reset");
      equal((await read(bench.store, shape, near)).length, 1);
    });
  }

  on(
    "changes() resets whoever asks a model that is not watched, and tokens still count",
    async (bench) => {
      const shape = { ...bench.shape, isWatched: false };
      const { commit } = writer(bench.store, shape);
      const head = await headOf(bench.store, bench.shape);
      await commit([put(undefined)], { token: "t" });
      await commit([put(undefined)], { token: "t" });
      equal(await bench.store.count(shape), 1);
      equal((await bench.store.changes(shape, head, { limit: 10 })).kind, "reset");
    },
  );
}

async function headOf(store: ModelStore, shape: ModelShape): Promise<JournalPosition> {
  return (await store.changes(shape, undefined, { limit: 1 })).head;
}

async function read(
  store: ModelStore,
  shape: ModelShape,
  after: JournalPosition,
): Promise<readonly JournalEntry<string>[]> {
  const answer = await store.changes(shape, after, { limit: 1_000 });
  ok(answer.kind === "entries", "the position is in the journal");
  return answer.kind === "entries" ? answer.entries : [];
}
