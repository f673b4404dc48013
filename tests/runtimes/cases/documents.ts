/**
 * Documents, their clients and the path model within one process, made at module scope.
 *
 * @module
 */

import { memory } from "../../../adapters/memory/mod.ts";
import { createUndo, openPresence } from "../../../src/documents/client/mod.ts";
import { createDocuments } from "../../../src/documents/mod.ts";
import { createHandler, serveDocuments } from "../../../src/http/mod.ts";
import { createPathModel } from "../../../src/path_model/mod.ts";
import { equal, fails, ok } from "../../contracts/assert.ts";
import type { Case } from "../case.ts";
import { until } from "./until.ts";

const documents = createDocuments(memory({ isolation: "request" }));
const handler = createHandler([serveDocuments(documents)]);

/** Cases of `createDocuments`, its clients, `createPathModel` and `serveDocuments`. */
export const documentCases: readonly Case[] = [
  {
    name: "Documents: two clients that edit at once converge, and one undoes only what it did",
    run: async () => {
      const [a, b] = [documents.connect(), documents.connect()];
      const [mine, theirs] = [a.get("posts", "1"), b.get("posts", "1")];
      await mine.create({ list: [] });
      await Promise.all([mine.subscribe(), theirs.subscribe()]);
      const undoable = createUndo(mine);
      await Promise.all([
        mine.submit([{ p: ["list", 0], li: "mine" }]),
        theirs.submit([{ p: ["list", 0], li: "theirs" }]),
      ]);
      await until(() => mine.version === 3 && theirs.version === 3);
      equal(mine.data, theirs.data);
      await undoable.undo();
      await until(() => theirs.version === 4);
      equal(theirs.data, { list: ["theirs"] });
      a.close();
      b.close();
    },
  },
  {
    name: "Documents commit an operation that comes twice once, and keep what was",
    run: async () => {
      await documents.submit("posts", "2", { create: { data: { n: 0 } } });
      const op = { op: [{ p: ["n"], na: 1 }], version: 1, source: "smoke", sequence: 1 };
      equal((await documents.submit("posts", "2", op)).isDuplicate, false);
      equal((await documents.submit("posts", "2", op)).isDuplicate, true);
      equal((await documents.fetch("posts", "2")).data, { n: 1 });
      equal((await documents.history("posts", "2", { version: 1 })).data, { n: 0 });
      await fails(
        "ERR_OP_PATH_FORBIDDEN",
        () => documents.submit("posts", "2", { op: [{ p: ["__proto__", "x"], oi: 1 }] }),
      );
    },
  },
  {
    name: "Documents: presence is seen by others, and gone with its client",
    run: async () => {
      const [a, b] = [documents.connect(), documents.connect()];
      const seen = openPresence(b, "room");
      await seen.join();
      openPresence(a, "room").set("ada", { at: 1 });
      await until(() => seen.others.size === 1);
      equal([...seen.others.values()], [{ at: 1 }]);
      a.close();
      await until(() => seen.others.size === 0);
      b.close();
    },
  },
  {
    name: "PathModel edits a document by its paths",
    run: async () => {
      const connection = documents.connect();
      const model = createPathModel(connection, { unloadDelay: 0 });
      await model.subscribe("pages.1");
      model.add("pages", { id: "1", tags: [] });
      equal(model.push("pages.1.tags", "new"), 1);
      await model.whenNothingPending();
      equal((await documents.fetch("pages", "1")).data, { tags: ["new"] });
      model.close();
      connection.close();
    },
  },
  {
    name: "serveDocuments() commits and gives documents",
    run: async () => {
      const url = "http://localhost/documents/posts/3";
      const body = JSON.stringify({ create: { data: { a: 1 } } });
      const headers = { "content-type": "application/json", "idempotency-key": "once" };
      for (const _ of [1, 2]) {
        const { status } = await handler(new Request(url, { method: "POST", body, headers }));
        equal(status, 200);
      }
      const got = JSON.parse(await (await handler(new Request(url))).text());
      equal([got.version, got.data], [1, { a: 1 }]);
      ok((await handler(new Request("http://localhost/documents"))).status === 426, "no socket");
    },
  },
];
