/**
 * What every store of models must do about records that expire.
 *
 * @module
 */

import { parseEntry } from "../../src/models/journal_entry.ts";
import { equal, ok } from "./assert.ts";
import { ALL, claim, members, type OnModels, put, remove, writer } from "./model_writes.ts";

/** Registers the suite. */
export function modelExpiry(on: OnModels): void {
  onReading(on);
  onRetiring(on);
}

function onReading(on: OnModels): void {
  on("get(), getByClaim(), page() and members() pass over what has expired", async (bench) => {
    const shape = { ...bench.shape, expires: true };
    const { commit, done } = writer(bench.store, shape);
    await commit([put("1", { ttlMs: 300, claims: [claim("x")] }), put("2", { ttlMs: 60_000 })]);
    await done(members("1", { add: ["sa"] }));
    equal((await bench.store.get(shape, ["1"]))[0]?.id, "1");
    await bench.advance(350);
    equal((await bench.store.get(shape, ["1", "2"])).map((record) => record?.id), [undefined, "2"]);
    equal(await bench.store.getByClaim(shape, claim("x")), undefined);
    const { records } = await bench.store.page(shape, ALL, { limit: 10, isReverse: false });
    equal(records.map(({ id }) => id), ["2"]);
    equal(await bench.store.members(shape, "1", "tags", { from: "", limit: 10 }), []);
  });

  on("commit() keeps, renews and ends a record's time", async (bench) => {
    const shape = { ...bench.shape, expires: true };
    const { commit, done } = writer(bench.store, shape);
    await commit(["keep", "renew", "end"].map((id) => put(id, { ttlMs: 300 })));
    await bench.advance(20);
    const kept = await done(put("keep", { expect: undefined, ttlMs: "keep" }));
    const renewed = await done(put("renew", { expect: undefined, ttlMs: 60_000 }));
    await done(put("end", { expect: undefined }));
    ok((renewed.expiresAtMs ?? 0) - (kept.expiresAtMs ?? 0) > 50_000, "one was renewed");
    await bench.advance(330);
    const found = await bench.store.get(shape, ["keep", "renew", "end"]);
    equal(found.map((record) => record?.id), [undefined, "renew", "end"]);
    equal(found[1]?.expiresAtMs, renewed.expiresAtMs);
  });

  on("commit() takes what has expired for absent", async (bench) => {
    const shape = { ...bench.shape, expires: true };
    const { commit, done } = writer(bench.store, shape);
    const { version } = await done(put("1", { ttlMs: 20 }));
    await bench.advance(30);
    const expect = { kind: "version", version } as const;
    equal(await commit([put("1", { expect })]), { kind: "conflict", at: 0, current: undefined });
    equal((await commit([members("1", { add: ["sa"] })])).kind, "conflict");
    equal((await done(remove("1"))).changed, 0);
    equal((await done(put("1"))).existed, false);
  });
}

function onRetiring(on: OnModels): void {
  on("commit() lets a claim go over from a record that has expired", async (bench) => {
    const shape = { ...bench.shape, expires: true };
    const { done } = writer(bench.store, shape);
    await done(put("1", { ttlMs: 20, claims: [claim("x"), claim("y")] }));
    await bench.advance(30);
    await done(put("2", { claims: [claim("x")] }));
    equal((await bench.store.getByClaim(shape, claim("x")))?.id, "2");
    await done(put("3", { claims: [claim("y")] }));
    equal(await bench.store.count(shape), 2);
  });

  on(
    "commit() retires a few that are due, each with its deletion in the journal",
    async (bench) => {
      const shape = { ...bench.shape, expires: true };
      const { commit, done } = writer(bench.store, shape);
      await commit(
        Array.from({ length: 6 }, (_, at) => put(`${at}`, { ttlMs: 20, scopes: `{"n":${at}}` })),
      );
      const { head } = await bench.store.changes(shape, undefined, { limit: 1 });
      await bench.advance(30);
      equal(await bench.store.count(shape), 6);
      // A store may look into one shard per write.
      for (let other = 0; other < shape.shards; other++) await done(put(`x${other}`));
      const left = await bench.store.count(shape) - shape.shards;
      ok(left === (shape.shards === 1 ? 2 : 0), `${left} of 6 are left`);
      const answer = await bench.store.changes(shape, head, { limit: 100 });
      const told = answer.kind === "entries" ? answer.entries : [];
      const entries = told.map(({ entry }) => parseEntry(entry));
      const retired = entries.filter(({ kind, isExpiry }) => kind === "delete" && isExpiry);
      equal(retired.length, 6 - left);
      ok(retired.every(({ before }) => typeof before?.n === "number"), "deletions carry scopes");
    },
  );

  on("sweep() retires all that is due, so many at a time", async (bench) => {
    const shape = { ...bench.shape, expires: true };
    const { commit } = writer(bench.store, shape);
    // First, as a write retires what is due by then.
    await commit([put("x", { ttlMs: 60_000 })]);
    await commit(
      Array.from({ length: 5 }, (_, at) => put(`${at}`, { ttlMs: 20, claims: [claim(`${at}`)] })),
    );
    await bench.advance(30);
    const first = await bench.store.sweep(shape, { limit: 3, tag: "s1" });
    const second = await bench.store.sweep(shape, { limit: 3, tag: "s2" });
    equal([first.retired, first.isDone], [3, false]);
    equal([second.retired, second.isDone], [2, true]);
    equal(await bench.store.count(shape), 1);
    equal(await bench.store.sweep(shape, { limit: 3, tag: "s3" }), { retired: 0, isDone: true });
  });
}
