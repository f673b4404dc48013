/**
 * What every driver of the port of models must do.
 *
 * @module
 */

import { equal, fails, ok } from "./assert.ts";
import type { TestFunction } from "./harness.ts";
import { modelClaims } from "./model_store_claims.ts";
import { modelExpiry } from "./model_store_expiry.ts";
import { modelJournal } from "./model_store_journal.ts";
import { modelMembers } from "./model_store_members.ts";
import { modelPages } from "./model_store_pages.ts";
import { modelRepeats } from "./model_store_repeats.ts";
import { type OnModels, type OpenModelBench, put, remove, writer } from "./model_writes.ts";

/** Registers the suite with a runner. */
export function modelStoreContract(test: TestFunction, open: OpenModelBench): void {
  const on: OnModels = (name, run) => {
    test(`ModelStore.${name}`, async () => {
      await using bench = await open();
      await run(bench);
    });
  };
  records(on);
  ids(on);
  expectations(on);
  modelClaims(on);
  modelPages(on);
  modelMembers(on);
  modelRepeats(on);
  modelJournal(on);
  modelExpiry(on);
}

const BODIES = [
  "{}",
  `{"text":"\\n\\u0000 \\u2028 é 🙂 \\" \\\\ \\t"}`,
  `{"a":"OK","b":"null","c":"123","d":"1e5","e":[],"f":{},"g":9007199254740991,"h":"~x"}`,
  `{"long":"${"x".repeat(300_000)}"}`,
];

function records(on: OnModels): void {
  on("get() gives back what commit() wrote, byte for byte, also to a peer", async (bench) => {
    const { commit } = writer(bench.store, bench.shape);
    await commit(BODIES.map((body, at) => put(`r${at}`, { body })));
    const peer = await bench.peer();
    const found = await peer.get(bench.shape, ["r0", "r1", "r2", "r3"]);
    equal(found.map((record) => record?.body), BODIES);
    equal(found.map((record) => record?.isHidden), [false, false, false, false]);
  });

  on("get() keeps the order of the ids and says undefined for what is missing", async (bench) => {
    const { commit } = writer(bench.store, bench.shape);
    await commit([put("1"), put("3")]);
    const found = await bench.store.get(bench.shape, ["3", "1", "x", "1"]);
    equal(found.map((record) => record?.id), ["3", "1", undefined, "1"]);
    equal(await bench.store.get(bench.shape, []), []);
  });

  on("commit() gives every write its own version, and get() the same", async (bench) => {
    const { done } = writer(bench.store, bench.shape);
    const first = await done(put("1"));
    const second = await done(put("1", { expect: { kind: "present" }, body: `{"n":2}` }));
    ok(first.version !== second.version, "versions differ");
    const [found] = await bench.store.get(bench.shape, ["1"]);
    equal(found?.version, second.version);
    equal([first.existed, second.existed], [false, true]);
  });

  on("commit() removes a record, and removing nothing changes nothing", async (bench) => {
    const { done } = writer(bench.store, bench.shape);
    await done(put("1"));
    equal((await done(remove("1"))).changed, 1);
    equal((await done(remove("1"))).changed, 0);
    equal(await bench.store.get(bench.shape, ["1"]), [undefined]);
    equal(await bench.store.count(bench.shape), 0);
  });

  on("commit() keeps models apart, whatever their keys are", async (bench) => {
    const other = { ...bench.shape, key: `${bench.shape.key}:field` };
    await writer(bench.store, bench.shape).done(put("1", { claims: ["field\u0000sx"] }));
    await writer(bench.store, other, "v").done(put("2", { claims: ["field\u0000sx"] }));
    equal((await bench.store.getByClaim(other, "field\u0000sx"))?.id, "2");
    equal(await bench.store.get(other, ["1"]), [undefined]);
  });
}

const ODD_IDS = [
  "__proto__",
  "constructor",
  "0",
  "a|b",
  "a:b",
  "{x}",
  "}{",
  "🙂",
  "007",
  " ",
  "-1",
];

function ids(on: OnModels): void {
  on("commit() takes any text as an id", async (bench) => {
    const { commit } = writer(bench.store, bench.shape);
    await commit(ODD_IDS.map((id) => put(id, { claims: [claimOf(id)] })));
    const found = await bench.store.get(bench.shape, ODD_IDS);
    equal(found.map((record) => record?.id), ODD_IDS);
    for (const id of ODD_IDS) {
      equal((await bench.store.getByClaim(bench.shape, claimOf(id)))?.id, id);
    }
    await commit(ODD_IDS.map((id) => remove(id)));
    equal(await bench.store.count(bench.shape), 0);
  });

  on("commit() draws numbers from 1, past every number that was given", async (bench) => {
    const { done } = writer(bench.store, bench.shape);
    const drawn = async () => (await done(put(undefined))).id;
    equal(await drawn(), "1");
    await done(put("3"));
    await done(put("2"));
    equal(await drawn(), "4");
    await done(put("10"));
    await done(remove("10"));
    await done(put("007"));
    equal([await drawn(), await drawn()], ["11", "12"]);
  });

  on("commit() draws past the numbers that the same commit gives", async (bench) => {
    const { commit } = writer(bench.store, bench.shape);
    const result = await commit([put(undefined), put("1"), put("2"), put(undefined)]);
    const ids = result.kind === "done" ? result.writes.map(({ id }) => id) : [];
    equal(ids, ["3", "1", "2", "4"]);
  });

  on("commit() refuses to draw past the last number", async (bench) => {
    const { commit, done } = writer(bench.store, bench.shape);
    await done(put("9007199254740991"));
    await fails("ERR_LIMIT", () => commit([put(undefined)]));
    await done(put("1"));
    equal(await bench.store.count(bench.shape), 2);
  });

  on("commit() draws no number for a commit that fails", async (bench) => {
    const { commit, done } = writer(bench.store, bench.shape);
    await done(put(undefined, { claims: ["c"] }));
    equal((await commit([put(undefined), put(undefined, { claims: ["c"] })])).kind, "taken");
    equal((await done(put(undefined))).id, "2");
  });

  on("commit() draws a different number for each of many at once", async (bench) => {
    const peer = await bench.peer();
    const writers = [writer(bench.store, bench.shape, "a"), writer(peer, bench.shape, "b")];
    const made = await Promise.all(
      Array.from({ length: 40 }, (_, at) => writers[at % 2]?.done(put(undefined))),
    );
    equal(new Set(made.map((written) => written?.id)).size, 40);
    equal(await bench.store.count(bench.shape), 40);
  });
}

function claimOf(id: string): string {
  return `name\u0000s${id}`;
}

function expectations(on: OnModels): void {
  on("commit() refuses a record that must be absent, and says what is there", async (bench) => {
    const { commit, done } = writer(bench.store, bench.shape);
    const { version } = await done(put("1", { body: `{"n":1}` }));
    const result = await commit([put("0"), put("1")]);
    if (result.kind !== "conflict") throw new Error(`must be a conflict: ${result.kind}`);
    equal([result.at, result.current?.version, result.current?.body], [1, version, `{"n":1}`]);
    equal(await bench.store.get(bench.shape, ["0"]), [undefined]);
  });

  on("commit() refuses a version that is past, and one of a record that is gone", async (bench) => {
    const { commit, done } = writer(bench.store, bench.shape);
    const { version } = await done(put("1"));
    const expect = { kind: "version", version } as const;
    await done(put("1", { expect, body: `{"n":2}` }));
    const late = await commit([put("1", { expect, body: `{"n":3}` })]);
    equal(late.kind === "conflict" && late.current?.body, `{"n":2}`);
    equal((await commit([remove("1", { expect })])).kind, "conflict");
    await done(remove("1"));
    const gone = await commit([put("1", { expect })]);
    equal(gone, { kind: "conflict", at: 0, current: undefined });
  });

  on("commit() refuses a record that must be present and is not", async (bench) => {
    const { commit } = writer(bench.store, bench.shape);
    const result = await commit([put("1", { expect: { kind: "present" } })]);
    equal(result, { kind: "conflict", at: 0, current: undefined });
  });

  on("commit() lets one of many writers of one version through", async (bench) => {
    const peer = await bench.peer();
    const { version } = await writer(bench.store, bench.shape).done(put("1"));
    const writers = [writer(bench.store, bench.shape, "a"), writer(peer, bench.shape, "b")];
    const results = await Promise.all(
      Array.from(
        { length: 20 },
        (_, at) => writers[at % 2]?.commit([put("1", { expect: { kind: "version", version } })]),
      ),
    );
    equal(results.filter((result) => result?.kind === "done").length, 1);
    equal(results.filter((result) => result?.kind === "conflict").length, 19);
  });
}
