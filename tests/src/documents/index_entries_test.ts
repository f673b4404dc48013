import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import { INDEXED_ITEMS_MAX, indexEntries } from "../../../src/documents/index_entries.ts";
import { createDocuments } from "../../../src/documents/mod.ts";
import { compareUtf8 } from "../../../src/ordered_text.ts";
import type { Json } from "../../../src/json.ts";

const N = [["n"]];

/** The entries of a document whose field `n` has this value, without the one that says that it exists. */
function entriesOf(n: Json): readonly string[] {
  return indexEntries(N, { n }, true).slice(1);
}

Deno.test("indexEntries() order by the value as queries do: null, numbers, texts, objects, empty lists, booleans", () => {
  const values: Json[] = [
    null,
    -5,
    -0.5,
    0,
    2,
    10,
    1e300,
    "",
    "10",
    "a",
    "é",
    "🙂",
    {},
    [],
    false,
    true,
  ];
  const entries = values.map((value) => entriesOf(value)[0] ?? "");
  deepStrictEqual(entries.toSorted(compareUtf8), entries);
  strictEqual(new Set(entries).size, values.length);
});

Deno.test("indexEntries() has every member of a list, marked apart, and bounds them", () => {
  deepStrictEqual(entriesOf(["a", {}, "a", 1]), [
    ".n\u00006",
    ".n[]\u00002sa",
    ".n[]\u00003",
    `.n[]\u0000${entriesOf(1)[0]?.slice(3)}`,
  ]);
  const many = Array.from({ length: 500 }, (_, at) => at);
  strictEqual(entriesOf(many).length, 1 + INDEXED_ITEMS_MAX);
});

Deno.test("indexEntries() follows dotted paths by own properties only", () => {
  deepStrictEqual(indexEntries([["a", "b"]], { a: { b: true } }, true), ["*", ".a.b\u00005b1"]);
  deepStrictEqual(indexEntries([["a", "b"]], { a: [{ b: 1 }, {}] }, true), [
    "*",
    `.a.b\u0000${entriesOf(1)[0]?.slice(3)}`,
    ".a.b\u00000",
  ]);
  deepStrictEqual(indexEntries([["a", "b"]], { a: "text" }, true), ["*", ".a.b\u00000"]);
  deepStrictEqual(indexEntries([["a", "toString"]], { a: {} }, true), ["*", ".a.toString\u00000"]);
  deepStrictEqual(indexEntries([["a"]], "text", true), ["*", ".a\u00000"]);
  deepStrictEqual(indexEntries([["a"]], undefined, false), []);
});

Deno.test("indexEntries() cuts long texts where no character is broken", () => {
  const [entry = ""] = entriesOf("x".repeat(255) + "🙂tail");
  ok(entry.length < 300);
  ok(entry.isWellFormed());
});

Deno.test("Documents stand in the order of their indexes as they are edited, and leave it", async () => {
  const backend = memory();
  const documents = createDocuments(backend, { collections: { posts: { index: ["at"] } } });
  await documents.submit("posts", "a", { create: { data: { at: 2 } } });
  await documents.submit("posts", "b", { create: { data: { at: 1 } } });
  const unit = {
    collection: "posts",
    shard: 0,
    isIndexed: true,
    log: {
      opsMax: 1,
      bytesMax: 1,
      ageMsMax: 1,
      identitiesMax: 1,
      identityMsMax: 1,
      milestonesMax: 1,
    },
    journal: { entriesMax: 1, bytesMax: 1, ageMsMax: 1 },
  };
  const ids = async () => {
    const range = { from: ".at\u0000", to: ".at\u0001" };
    const found = await backend.documents.page(unit, range, { limit: 10, isReverse: false });
    return found.map((entry) => entry.slice(entry.lastIndexOf("\u0000") + 1));
  };
  deepStrictEqual(await ids(), ["b", "a"]);
  await documents.submit("posts", "b", { op: [{ p: ["at"], na: 9 }] });
  deepStrictEqual(await ids(), ["a", "b"]);
  await documents.submit("posts", "a", { del: true });
  deepStrictEqual(await ids(), ["b"]);
  documents.close();
});
