import { deepStrictEqual, notStrictEqual, strictEqual } from "node:assert/strict";
import { memory } from "../../../../adapters/memory/mod.ts";
import { createDocuments } from "../../../../src/documents/mod.ts";
import { carried, carriedMessage } from "../../../../src/documents/protocol/carried.ts";

class Delta {
  readonly ops = [{ insert: "a" }];
}

Deno.test("carried() gives what JSON makes of a value", () => {
  const hole = [1];
  hole[2] = 3;
  const values: readonly unknown[] = [
    ...[null, true, "text", 1.5, -0, NaN, Infinity, undefined],
    ...[[undefined, () => {}, Symbol("s"), NaN, -0], hole],
    { a: undefined, b: { c: [{}] }, d: NaN, e: -0, f: () => {} },
    JSON.parse('{"__proto__":{"polluted":1},"constructor":2}'),
    ...[new Delta(), new Date(0), { toJSON: () => ({ said: 1 }) }, new Map([[1, 2]])],
    Object.create(null, { own: { value: [1], enumerable: true } }),
  ];
  for (const value of values) {
    const text: string | undefined = JSON.stringify(value);
    const expected = text === undefined ? undefined : JSON.parse(text);
    const found = carried(value);
    strictEqual(JSON.stringify(found), JSON.stringify(expected));
    if (!Object.hasOwn(Object(value), "own")) deepStrictEqual(found, expected);
  }
  strictEqual(({} as { polluted?: number }).polluted, undefined);
});

Deno.test("carriedMessage() shares no list and no object", () => {
  const message = { a: "op", v: 1, op: [{ p: ["x"], oi: { y: 1 } }] };
  const arrived = carriedMessage(message);
  deepStrictEqual(arrived, message);
  notStrictEqual(arrived.op, message.op);
  notStrictEqual(arrived.op[0]?.p, message.op[0]?.p);
  notStrictEqual(arrived.op[0]?.oi, message.op[0]?.oi);
});

Deno.test("Documents.connect() gives every client data of its own", async () => {
  const documents = createDocuments(memory());
  const connections = [0, 1, 2].map(() => documents.connect());
  const [writer, reader, late] = connections.map((one) => one.get("things", "1"));
  const given = { tags: ["a"] };
  await writer?.create(given);
  await reader?.subscribe();
  const item = { name: "b" };
  await writer?.submit([{ p: ["tags", 1], li: item }]);
  await reader?.fetch();
  item.name = "changed";
  given.tags.push("changed");
  const data = reader?.data as { tags: { name: string }[] };
  const [, added] = data.tags;
  if (added !== undefined) added.name = "mine";
  await late?.fetch();
  deepStrictEqual(late?.data, { tags: ["a", { name: "b" }] });
  deepStrictEqual((await documents.fetch("things", "1")).data, { tags: ["a", { name: "b" }] });
  for (const connection of connections) connection.close();
  documents.close();
});

Deno.test("Documents.connect() gives every listener operations of its own", async () => {
  await using documents = createDocuments(memory());
  const connections = [0, 1, 2].map(() => documents.connect());
  const [writer, spoiler, reader] = connections.map((one) => one.get("things", "1"));
  await writer?.create({ n: 0, l: [] });
  const heard: unknown[] = [];
  // What a user does to an operation that it was told.
  spoiler?.on("op", ({ op }) => (op as { p: string[] }[]).forEach(({ p }) => p.push("spoilt")));
  reader?.on("op", ({ op }) => heard.push(op));
  await Promise.all([spoiler?.subscribe(), reader?.subscribe()]);
  for (let at = 0; at < 3; at++) await writer?.submit([{ p: ["l", 0], li: at }]);
  await Promise.all([spoiler, reader].map((doc) => doc?.fetch()));
  deepStrictEqual(heard, [0, 1, 2].map((li) => [{ p: ["l", 0], li }]));
  // Made at once, so that each is told the other's with the answer to its own.
  await Promise.all([spoiler, reader].map((doc) => doc?.submit([{ p: ["n"], na: 1 }])));
  await Promise.all([spoiler, reader].map((doc) => doc?.fetch()));
  for (const doc of [spoiler, reader]) deepStrictEqual(doc?.data, { n: 2, l: [2, 1, 0] });
  for (const connection of connections) connection.close();
});
