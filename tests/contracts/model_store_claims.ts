/**
 * What every store of models must do about claims.
 *
 * @module
 */

import { equal } from "./assert.ts";
import { claim, type OnModels, put, remove, writer } from "./model_writes.ts";

const VALUES = ["a|b", "a:b", "a\u0001Jb", "\u0001@", "{x}", "}{", "🙂", "", "x".repeat(10_000)];

/** Registers the suite. */
export function modelClaims(on: OnModels): void {
  onOwning(on);
  onReleasing(on);
  onBatches(on);
}

function onOwning(on: OnModels): void {
  on("getByClaim() finds the owner of any text exactly", async (bench) => {
    const { commit } = writer(bench.store, bench.shape);
    await commit(VALUES.map((value, at) => put(`${at}`, { claims: [claim(value)] })));
    for (const [at, value] of VALUES.entries()) {
      equal((await bench.store.getByClaim(bench.shape, claim(value)))?.id, `${at}`);
    }
    equal(await bench.store.getByClaim(bench.shape, claim("other")), undefined);
  });

  on("commit() lets one of a hundred claim a text", async (bench) => {
    const peer = await bench.peer();
    const writers = [writer(bench.store, bench.shape, "a"), writer(peer, bench.shape, "b")];
    const results = await Promise.all(
      Array.from(
        { length: 100 },
        (_, at) => writers[at % 2]?.commit([put(undefined, { claims: [claim("x")] })]),
      ),
    );
    equal(results.filter((result) => result?.kind === "done").length, 1);
    equal(results.filter((result) => result?.kind === "taken").length, 99);
    equal(await bench.store.count(bench.shape), 1);
  });

  on("commit() says which claim is taken, and by what", async (bench) => {
    const { commit, done } = writer(bench.store, bench.shape);
    const { version } = await done(put("1", { claims: [claim("x")] }));
    const result = await commit([put("2"), put("3", { claims: [claim("w"), claim("x")] })]);
    if (result.kind !== "taken") throw new Error(`must be taken: ${result.kind}`);
    equal([result.at, result.claim], [1, 1]);
    equal([result.owner?.id, result.owner?.version], ["1", version]);
    equal(await bench.store.get(bench.shape, ["2", "3"]), [undefined, undefined]);
    equal(await bench.store.getByClaim(bench.shape, claim("w")), undefined);
  });
}

function onReleasing(on: OnModels): void {
  on("commit() frees exactly what a record no longer holds", async (bench) => {
    const { done } = writer(bench.store, bench.shape);
    await done(put("1", { claims: [claim("a"), claim("b")] }));
    await done(put("1", { expect: undefined, claims: [claim("b"), claim("c")] }));
    const owners = await Promise.all(
      ["a", "b", "c"].map((value) => bench.store.getByClaim(bench.shape, claim(value))),
    );
    equal(owners.map((owner) => owner?.id), [undefined, "1", "1"]);
    equal((await done(put("2", { claims: [claim("a")] }))).id, "2");
  });

  on("commit() changes nothing when a new claim is taken", async (bench) => {
    const { commit, done } = writer(bench.store, bench.shape);
    await done(put("1", { claims: [claim("a")] }));
    const { version } = await done(put("2", { claims: [claim("b")] }));
    equal((await commit([put("2", { expect: undefined, claims: [claim("a")] })])).kind, "taken");
    equal((await bench.store.getByClaim(bench.shape, claim("b")))?.version, version);
  });

  on("commit() frees by removing only what the record owns", async (bench) => {
    const { done } = writer(bench.store, bench.shape);
    await done(put("1", { claims: [claim("a")] }));
    await done(remove("99"));
    equal((await bench.store.getByClaim(bench.shape, claim("a")))?.id, "1");
    await done(remove("1"));
    equal(await bench.store.getByClaim(bench.shape, claim("a")), undefined);
    await done(put("2", { claims: [claim("a")] }));
  });
}

function onBatches(on: OnModels): void {
  on("commit() lets claims change hands within one commit", async (bench) => {
    const { commit } = writer(bench.store, bench.shape);
    await commit([put("1", { claims: [claim("a")] }), put("2", { claims: [claim("b")] })]);
    const swap = await commit([
      put("1", { expect: undefined, claims: [claim("b")] }),
      put("2", { expect: undefined, claims: [claim("a")] }),
    ]);
    equal(swap.kind, "done");
    equal((await bench.store.getByClaim(bench.shape, claim("a")))?.id, "2");
    equal((await bench.store.getByClaim(bench.shape, claim("b")))?.id, "1");
    const inherited = await commit([put(undefined, { claims: [claim("a")] }), remove("2")]);
    equal(inherited.kind, "done");
    equal((await bench.store.getByClaim(bench.shape, claim("a")))?.id, "3");
  });

  on("commit() refuses two records of one commit that claim one text", async (bench) => {
    const { commit } = writer(bench.store, bench.shape);
    const result = await commit([
      put("1", { claims: [claim("a")] }),
      put("2", { claims: [claim("a")] }),
    ]);
    equal(result, { kind: "taken", at: 1, claim: 0, owner: undefined });
    equal(await bench.store.count(bench.shape), 0);
  });
}
