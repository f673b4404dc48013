import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import { HoldfastError } from "../../../src/errors.ts";
import { author, codeOf, coreOn, must, snapshotIn } from "../../support/documents/core.ts";

const VOTE = [{ p: ["n"], na: 1 }];

Deno.test("DocumentCore.submit() tells a creator who comes again from another (case 11)", async () => {
  const core = coreOn();
  const base = { version: 0 };
  const first = { source: "a", sequence: 1, base };
  await author(core, "a").create({ n: 0 }, first);
  strictEqual(must(await author(core, "a").create({ n: 0 }, first), "duplicate").version, 0);
  const other = await author(core, "b").create({ n: 0 }, { base });
  strictEqual(codeOf(other), "ERR_DOC_ALREADY_CREATED");
  await author(core, "c").submit({ kind: "del" });
  strictEqual(must(await author(core, "a").create({ n: 0 }, first), "duplicate").version, 0);
  strictEqual((await snapshotIn(core)).type, undefined);
});

Deno.test("DocumentCore.submit() refuses edits of what is deleted, missing or to come (13, 15)", async () => {
  const core = coreOn();
  const ada = author(core, "a");
  strictEqual(codeOf(await ada.edit(VOTE, { base: { version: 0 } })), "ERR_DOC_DOES_NOT_EXIST");
  strictEqual(codeOf(await ada.edit(VOTE)), "ERR_DOC_DOES_NOT_EXIST");
  await ada.create({ n: 0 });
  strictEqual(
    codeOf(await ada.edit(VOTE, { base: { version: 9 } })),
    "ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT",
  );
  await author(core, "b").submit({ kind: "del" });
  const late = await ada.edit(VOTE, { base: { version: 1 } });
  strictEqual(codeOf(late), "ERR_DOC_WAS_DELETED");
  strictEqual((await snapshotIn(core)).version, 2);
});

Deno.test("DocumentCore.submit() refuses what is malformed or reaches for what all objects have (case 17)", async () => {
  const core = coreOn();
  const ada = author(core, "a");
  await ada.create({ n: 0 });
  const code = async (op: unknown) => codeOf(await ada.edit(op as never, { base: { version: 1 } }));
  strictEqual(await code([{ p: ["__proto__", "x"], oi: 1 }]), "ERR_OP_PATH_FORBIDDEN");
  strictEqual(await code([{ p: ["constructor", "x"], oi: 1 }]), "ERR_OP_PATH_FORBIDDEN");
  strictEqual(await code({ 0: { p: ["n"], na: 1 }, length: 1 }), "ERR_OP_MALFORMED");
  strictEqual(await code(undefined), "ERR_OP_MALFORMED");
  strictEqual(codeOf(await ada.submit({ kind: "other" } as never)), "ERR_OP_MALFORMED");
  strictEqual(
    codeOf(await author(core, "b", "2").submit({ kind: "create", type: "no", data: 1 })),
    "ERR_UNKNOWN_TYPE",
  );
  await rejects(author(core, "a", "__proto__").create({}), { code: "ERR_INVALID_ID" });
  await rejects(author(core, "a b").create({}), { code: "ERR_INVALID_ARGUMENT" });
  await rejects(ada.edit(VOTE, { base: { version: -1 } }), { code: "ERR_INVALID_ARGUMENT" });
  deepStrictEqual((await snapshotIn(core)).data, { n: 0 });
  strictEqual(Object.hasOwn(Object.prototype, "x"), false);
});

Deno.test("DocumentCore.submit() refuses one of a batch and commits the others (case 25)", async () => {
  const core = coreOn();
  await author(core, "o").create({ n: 0 });
  const results = await Promise.all([
    author(core, "a").edit(VOTE, { base: { version: 1 } }),
    author(core, "b").edit([{ p: ["n", "x"], oi: 1 }], { base: { version: 1 } }),
    author(core, "c").edit(VOTE, {
      base: { version: 1 },
      hooks: {
        apply() {
          throw new HoldfastError("ERR_CONFLICT", "no");
        },
      },
    }),
    author(core, "d").edit(VOTE, { base: { version: 1 } }),
  ]);
  deepStrictEqual(results.map(({ kind }) => kind), [
    "committed",
    "refused",
    "refused",
    "committed",
  ]);
  deepStrictEqual([codeOf(results[1]), codeOf(results[2])], ["ERR_OP_MISMATCH", "ERR_CONFLICT"]);
  deepStrictEqual((await snapshotIn(core)).data, { n: 2 });
});

Deno.test("DocumentCore.submit() rejects with what a hook throws that has no code", async () => {
  const core = coreOn();
  await author(core, "o").create({ n: 0 });
  const hooks = { commit: () => Promise.reject(new Error("mine")) };
  await rejects(author(core, "a").edit(VOTE, { hooks }), { message: "mine" });
  deepStrictEqual((await snapshotIn(core)).data, { n: 0 });
});

Deno.test("DocumentCore.submit() never merges data that was begun anew (flush)", async () => {
  const first = memory();
  const core = coreOn(first);
  const ada = author(core, "a");
  const { epoch } = must(await ada.create({ l: [] }), "committed");
  for (let at = 0; at < 5; at++) await ada.edit([{ p: ["l", 0], li: at }]);
  // The store is wiped, and somebody begins the document anew, past the version that others know.
  const wiped = memory();
  const backend = { ...first, documents: swapping(first.documents, wiped.documents) };
  const lasting = coreOn(backend);
  await snapshotIn(lasting);
  backend.documents.swap();
  const other = author(coreOn({ ...wiped }), "b");
  await other.create({ l: ["UNRELATED"] });
  for (let at = 0; at < 9; at++) await other.edit([{ p: ["l", 0], li: "u" }]);
  const edit = [{ p: ["l", 0], li: "late" }];
  const base = { version: 6, epoch };
  strictEqual(
    codeOf(await author(lasting, "a").edit(edit, { base, sequence: 90 })),
    "ERR_DOC_EPOCH",
  );
  const [tail] = await lasting.read("things", [{ id: "1", after: base }]);
  deepStrictEqual(must(tail, "snapshot").reason, "foreign");
  ok(must(tail, "snapshot").snapshot.epoch !== epoch);
  strictEqual((await snapshotIn(lasting)).version, 10);
});

Deno.test("DocumentCore.submit() refuses a base whose tag is not the log's", async () => {
  const core = coreOn();
  const ada = author(core, "a");
  const { epoch, op } = must(await ada.create({ n: 0 }), "committed");
  await ada.edit(VOTE);
  const at = (version: number, tag: string) => ada.edit(VOTE, { base: { version, epoch, tag } });
  strictEqual(codeOf(await at(1, "other")), "ERR_DOC_EPOCH");
  strictEqual(codeOf(await at(2, op.tag)), "ERR_DOC_EPOCH");
  must(await at(1, op.tag), "committed");
});

Deno.test("DocumentCore.submit() tells who is older than the log, and whether it may be in", async () => {
  for (
    const [keep, code] of [
      [{ ops: 10 }, "ERR_SUBMIT_TRANSFORM_OPS_NOT_FOUND"],
      [{ ops: 10, identities: 10 }, "ERR_OUTCOME_UNKNOWN"],
    ] as const
  ) {
    const core = coreOn(memory(), { keep });
    await author(core, "o").create({ n: 0 });
    const ada = author(core, "a");
    for (let at = 0; at < 400; at++) await ada.edit(VOTE);
    strictEqual(codeOf(await author(core, "y").edit(VOTE, { base: { version: 40 } })), code);
    deepStrictEqual((await snapshotIn(core)).data, { n: 400 });
  }
});

Deno.test("DocumentCore.submit() bounds who waits for one document", async () => {
  const core = coreOn(memory(), { waitingMax: 3 });
  await author(core, "o").create({ n: 0 });
  const results = await Promise.all(
    Array.from({ length: 5 }, (_, at) => author(core, `a${at}`).edit(VOTE)),
  );
  deepStrictEqual(results.map(({ kind }) => kind), [
    "committed",
    "committed",
    "committed",
    "refused",
    "refused",
  ]);
  strictEqual(codeOf(results[4]), "ERR_LIMIT");
});

/** A store that turns into another one, as when its server is wiped. */
function swapping<T extends object>(before: T, after: T): T & { swap(): void } {
  let current = before;
  const names = Object.keys(before) as (keyof T)[];
  const calls = names.map((name) => [
    name,
    (...args: unknown[]) => Reflect.apply(current[name] as () => unknown, current, args),
  ]);
  return { ...Object.fromEntries(calls), swap: () => void (current = after) };
}
