/** @module */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import { coreSettings } from "../../../src/documents/settings.ts";
import { author, coreOn, must } from "../../support/documents/core.ts";

Deno.test("memoryDocumentStore().list() has every document that exists, where its log stands", async () => {
  const backend = memory();
  const core = coreOn(backend);
  const [unit] = coreSettings({}).collection("things").units;
  if (unit === undefined) throw new Error("A collection has a unit");
  const list = async () => await backend.documents.list?.(unit) ?? [];
  deepStrictEqual(await list(), []);
  const [one, two] = [author(core, "a", "1"), author(core, "b", "2")];
  await one.create({ n: 1 });
  const { op, epoch } = must(await two.create({ n: 2 }), "committed");
  deepStrictEqual((await list()).map(({ id }) => id), ["1", "2"]);
  deepStrictEqual((await list())[1], { id: "2", epoch, version: 1, tag: op.tag });
  strictEqual(await list(), await list(), "the same list as long as nothing is committed");
  await one.submit({ kind: "del" });
  deepStrictEqual((await list()).map(({ id }) => id), ["2"]);
  await one.create({ n: 3 });
  deepStrictEqual((await list()).map(({ id, version }) => [id, version]), [["1", 3], ["2", 1]]);
});
