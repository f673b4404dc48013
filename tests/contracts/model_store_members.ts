/**
 * What every store of models must do about sets.
 *
 * @module
 */

import { equal } from "./assert.ts";
import { members, type OnModels, put, remove, writer } from "./model_writes.ts";

const HOLDERS = { from: "r\u0000tags\u0000sa\u0000", to: "r\u0000tags\u0000sa\u0001" };

/** Registers the suite. */
export function modelMembers(on: OnModels): void {
  on("commit() adds and removes members, and counts what changed", async (bench) => {
    const { commit, done } = writer(bench.store, bench.shape);
    await commit([put("1")]);
    equal((await done(members("1", { add: ["sb", "sa", "sb"] }))).changed, 2);
    equal((await done(members("1", { add: ["sa", "sc"], remove: ["sb", "sx"] }))).changed, 2);
    const list = (from: string, limit = 10) =>
      bench.store.members(bench.shape, "1", "tags", { from, limit });
    equal(await list(""), ["sa", "sc"]);
    equal(await list("sb"), ["sc"]);
    equal(await list("", 1), ["sa"]);
    equal(await bench.store.members(bench.shape, "1", "other", { from: "", limit: 10 }), []);
  });

  on("commit() replaces all members of a set, and of no other", async (bench) => {
    const { commit, done } = writer(bench.store, bench.shape);
    await commit([put("1"), put("2")]);
    await done(members("1", { add: ["sa", "sb"] }));
    await done(members("2", { add: ["sa"] }));
    await done(members("1", { set: "fans", add: ["n1"] }));
    equal((await done(members("1", { add: ["sb", "sc"], replaces: true }))).changed, 2);
    const of = (id: string, set: string) =>
      bench.store.members(bench.shape, id, set, { from: "", limit: 10 });
    equal(await of("1", "tags"), ["sb", "sc"]);
    equal([await of("2", "tags"), await of("1", "fans")], [["sa"], ["n1"]]);
  });

  on("commit() leaves a record's version alone when its members change", async (bench) => {
    const { done } = writer(bench.store, bench.shape);
    const { version } = await done(put("1"));
    equal((await done(members("1", { add: ["sa"] }))).version, version);
    equal((await bench.store.get(bench.shape, ["1"]))[0]?.version, version);
  });

  on("commit() refuses members of a record that is not there", async (bench) => {
    const { commit } = writer(bench.store, bench.shape);
    const result = await commit([members("1", { add: ["sa"] })]);
    equal(result, { kind: "conflict", at: 0, current: undefined });
  });

  on("page() finds the records that have a member", async (bench) => {
    const { commit, done } = writer(bench.store, bench.shape);
    await commit([put("10"), put("9"), put("x")]);
    for (const id of ["10", "9", "x"]) await done(members(id, { add: ["sa", "sb"] }));
    await done(members("9", { remove: ["sa"] }));
    const holders = async () =>
      (await bench.store.page(bench.shape, HOLDERS, { limit: 10, isReverse: false }))
        .records.map(({ id }) => id);
    equal(await holders(), ["10", "x"]);
    await done(remove("x"));
    equal(await holders(), ["10"]);
    await done(put("x"));
    equal(await bench.store.members(bench.shape, "x", "tags", { from: "", limit: 10 }), []);
  });
}
