import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import * as Y from "yjs";
import { memory } from "../../../adapters/memory/mod.ts";
import {
  type Connection,
  createDocuments,
  type Documents,
  type DocumentsOptions,
} from "../../../src/documents/mod.ts";
import type { UpdatesDoc } from "../../../src/documents/client/updates_face.ts";
import { textOf, type Writer, writer, yjs } from "../../support/documents/yjs.ts";
import { eventually } from "../../support/eventually.ts";

const KIND = { kind: "updates" } as const;

/** A Y.Doc that lives with a document of updates. */
interface Bound extends Writer {
  readonly drawing: UpdatesDoc;
  push(at: number, text: string): Promise<void>;
}

/** Documents, and connections that end with them. */
function open(options: DocumentsOptions = {}) {
  const keep = { snapshotEvery: 5 };
  const documents = createDocuments(memory(), { types: [yjs], keep, ...options });
  const connections: Connection[] = [];
  const connect: Documents["connect"] = (connectOptions) => {
    const connection = documents.connect(connectOptions);
    connections.push(connection);
    return connection;
  };
  const bound = async (): Promise<Bound> => {
    const drawing = connect().get("drawings", "1", KIND);
    const own = writer();
    drawing.on("update", ({ update }) => Y.applyUpdate(own.doc, update, "others"));
    await drawing.subscribe();
    return { ...own, drawing, push: (at, text) => drawing.push(own.insert(at, text)) };
  };
  return {
    documents,
    connect,
    bound,
    [Symbol.asyncDispose]: async () => {
      for (const connection of connections) connection.close();
      await documents[Symbol.asyncDispose]();
    },
  };
}

Deno.test("UpdatesDoc.push() brings five writers of yjs to one text", async () => {
  await using table = open();
  const { documents, bound } = table;
  const writers = await Promise.all(Array.from({ length: 5 }, () => bound()));
  await Promise.all(writers.map(async ({ push }, at) => {
    for (let n = 0; n < 20; n++) await push(0, `${at}`);
  }));
  const texts = () => writers.map(({ doc }) => doc.getText("text").toString());
  await eventually("all have all", () => texts().every((text) => text.length === 100));
  strictEqual(new Set(texts()).size, 1);
  const { data } = await documents.fetch("drawings", "1");
  strictEqual(textOf(yjs.deserialize?.(data)?.merged), texts()[0]);
});

Deno.test("UpdatesDoc.push() begins the document, whoever comes first", async () => {
  await using table = open();
  const { documents, bound } = table;
  const writers = await Promise.all([bound(), bound(), bound()]);
  await Promise.all(writers.map(({ push }, at) => push(0, `${at}`)));
  await eventually(
    "all have all",
    () => writers.every(({ doc }) => doc.getText("text").length === 3),
  );
  strictEqual((await documents.fetch("drawings", "1")).version, 3);
});

Deno.test("UpdatesDoc.push() refuses what is no update, and keeps what is there", async () => {
  await using table = open();
  const { documents, bound } = table;
  const { drawing, push } = await bound();
  await push(0, "a");
  await rejects(drawing.push(Uint8Array.of(255, 255, 255, 255, 255)), { code: "ERR_OP_MALFORMED" });
  await rejects(drawing.push(new Uint8Array(0)), { code: "ERR_OP_MALFORMED" });
  await rejects(drawing.push("AAA=" as unknown as Uint8Array), { code: "ERR_OP_MALFORMED" });
  for (const op of ["", "?", "AAA", 7, null, {}, ["AAA="]]) {
    await rejects(documents.submit("drawings", "1", { op }), { code: "ERR_OP_MALFORMED" });
  }
  strictEqual(textOf(drawing.state), "a");
  strictEqual((await documents.fetch("drawings", "1")).version, 1);
});

Deno.test("UpdatesDoc.push() is the same update however often it comes", async () => {
  await using table = open();
  const { documents, bound } = table;
  const { drawing, insert } = await bound();
  const update = insert(0, "once");
  await drawing.push(update);
  await drawing.push(update);
  strictEqual(textOf(drawing.state), "once");
  const op = yjs.serialize?.(yjs.joined(insert(0, "2"), undefined));
  const identity = { source: "me", sequence: 1, op };
  strictEqual((await documents.submit("drawings", "1", identity)).isDuplicate, false);
  strictEqual((await documents.submit("drawings", "1", identity)).isDuplicate, true);
  await eventually("it came", () => textOf(drawing.state) === "2once");
});

Deno.test("UpdatesDoc keeps what was pushed without a connection, over the end of the process", async () => {
  await using table = open();
  const { connect, bound } = table;
  const storage = new Map<string, string>();
  const first = connect({ storage });
  const own = writer();
  // The connection is closed before anything could go out.
  const early = first.get("drawings", "1", KIND);
  void early.push(own.insert(0, "kept ")).catch(() => {});
  void early.push(own.insert(5, "too")).catch(() => {});
  await eventually("it is stored", () => storage.size > 0);
  first.close();
  const other = await bound();
  await other.push(0, "others ");
  const second = connect({ storage });
  const drawing = second.get("drawings", "1", KIND);
  await drawing.subscribe();
  await second.whenNothingPending();
  await eventually("both have both", () => other.doc.getText("text").length === 15);
  strictEqual(textOf(drawing.state), other.doc.getText("text").toString());
});

Deno.test("UpdatesDoc asks only for what is not known from elsewhere", async () => {
  await using table = open();
  const { documents, connect, bound } = table;
  const { push, doc } = await bound();
  for (let n = 0; n < 30; n++) await push(0, "a long text that is not to be told again ");
  const known = Y.encodeStateAsUpdate(doc);
  await push(0, "new ");
  const drawing = connect().get("drawings", "1", { ...KIND, known });
  await drawing.subscribe();
  strictEqual(textOf(drawing.state), doc.getText("text").toString());
  // What came is small: only what is new.
  const part = await documents.updates("drawings", "1").read(Y.encodeStateVectorFromUpdate(known));
  ok(part !== undefined && part.length < 60, `${part?.length} bytes`);
  strictEqual(textOf(known, part), doc.getText("text").toString());
});

Deno.test("UpdatesDoc.push() is never too late, whatever was trimmed", async () => {
  await using table = open({ keep: { snapshotEvery: 5, ops: 0, identities: 0 } });
  const { documents, connect, bound } = table;
  const late = connect().get("drawings", "1", KIND);
  const own = writer();
  await late.push(own.insert(0, "late"));
  late.doc.pause();
  const pushing = late.push(own.insert(4, "r"));
  const { push } = await bound();
  for (let n = 0; n < 200; n++) await push(0, "x");
  ok((await documents.fetch("drawings", "1")).version > 200);
  late.doc.resume();
  await pushing;
  await late.fetch();
  strictEqual(textOf(late.state).replaceAll("x", ""), "later");
});

Deno.test("Documents.updates() pushes and reads by single calls", async () => {
  await using table = open();
  const { documents, bound } = table;
  const drawing = documents.updates("drawings", "1");
  strictEqual(await drawing.read(), undefined);
  const own = writer();
  const identity = { source: "me", sequence: 1 };
  const first = await drawing.push(own.insert(0, "ab"), identity);
  deepStrictEqual([first.version, first.isDuplicate], [0, false]);
  strictEqual((await drawing.push(own.insert(1, "!"), identity)).isDuplicate, true);
  await drawing.push(own.insert(0, "x"));
  ok((await drawing.read())?.length);
  const { doc } = await bound();
  await drawing.push(own.insert(0, "y"));
  await eventually("it came", () => doc.getText("text").length > 0);
});

Deno.test("Documents of updates are written out merged, by count and by bytes", async () => {
  await using table = open();
  const { documents, bound } = table;
  const { push } = await bound();
  for (let n = 0; n < 40; n++) await push(n, "x");
  const { data } = await documents.fetch("drawings", "1");
  ok(String(data).length < 200, "forty insertions in a row are one");
});

Deno.test("Rules of the server judge updates as they do every operation", async () => {
  await using table = open({
    authorize: ({ action, session }) => action === "read" || session.subject === "editor",
  });
  const [editor, reader] = ["editor", "reader"].map((subject) => table.connect({ subject }));
  const own = writer();
  await editor?.get("drawings", "1", KIND).push(own.insert(0, "mine"));
  const drawing = reader?.get("drawings", "1", KIND);
  await drawing?.subscribe();
  await rejects(Promise.resolve(drawing?.push(own.insert(0, "not "))), { code: "ERR_FORBIDDEN" });
  strictEqual(textOf(drawing?.state), "mine");
});
