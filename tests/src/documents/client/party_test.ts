/**
 * Clients against the real server in memory: lost ways, processes that end, servers that are replaced.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { memory } from "../../../../adapters/memory/mod.ts";
import { createDocuments } from "../../../../src/documents/mod.ts";
import { connectLink, openPresence } from "../../../../src/documents/client/mod.ts";
import { EDITS } from "../../../simulation/documents/edits.ts";
import { eventually } from "../../../support/eventually.ts";
import { party } from "../../../support/documents/editing.ts";
import { testServer } from "../../../support/documents/server.ts";

const SEED = Number(Deno.env.get("SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]);
const ROUNDS = 6;

for (const edits of EDITS) {
  Deno.test(`clients of ${edits.type.name} end alike on the real server (SEED=${SEED})`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const server = testServer(memory());
      const seed = (SEED + round) >>> 0;
      const { data, acknowledged } = await party({ open: () => server.link(""), edits, seed });
      if (edits.type.name === "json") {
        const { log } = data as { log: Record<string, number> };
        for (const mark of acknowledged) ok(Object.hasOwn(log, mark), `${mark} was lost`);
      }
      server.close();
    }
  });
}

Deno.test(`clients end alike where operations are trimmed under them (SEED=${SEED})`, async () => {
  const [edits] = EDITS;
  const server = testServer(memory(), { settings: { keep: { ops: 5 } } });
  await party({ open: () => server.link(""), edits, seed: SEED });
  server.close();
});

Deno.test("documents.connect() works within the process", async () => {
  await using documents = createDocuments(memory());
  await using a = documents.connect();
  await using b = documents.connect();
  const [mine, theirs] = [a.get("posts", "1"), b.get("posts", "1")];
  await mine.create({ n: 0 });
  await theirs.subscribe();
  const seen = new Promise((resolve) => theirs.on("op", ({ after }) => resolve(after)));
  await mine.submit([{ p: ["n"], na: 1 }]);
  deepStrictEqual(await seen, { n: 1 });
  const past = await a.history("posts", "1", { version: 1 });
  deepStrictEqual(past.data, { n: 0 });
  await mine.destroy();
  strictEqual(a.hasPending, false);
});

Deno.test("a connection whose server is replaced goes on with the next", async () => {
  const backend = memory();
  const options = { server: { secret: "the secret of both servers" } };
  const first = testServer(backend, options);
  const second = testServer(backend, options);
  let server = first;
  const connection = connectLink((listener) => server.link("")(listener), { retry: 5 });
  const doc = connection.get("posts", "1");
  await doc.create({ n: 0 });
  await doc.subscribe();
  server = second;
  first.close();
  await doc.submit([{ p: ["n"], na: 1 }]);
  deepStrictEqual(doc.data, { n: 1 });
  strictEqual(connection.state, "connected");
  connection.close();
  second.close();
});

Deno.test("rooms of the real server tell who is where, and places move with the edits", async () => {
  await using documents = createDocuments(memory());
  await using a = documents.connect();
  await using b = documents.connect();
  const [mine, theirs] = [a.get("posts", "1"), b.get("posts", "1")];
  await mine.create({ s: "Hello" });
  await Promise.all([mine.subscribe(), theirs.subscribe()]);
  const [here, there] = [openPresence(a, mine), openPresence(b, theirs)];
  await Promise.all([here.join(), there.join()]);
  here.set("ada", { p: ["s", 3] });
  const seen = () => JSON.stringify([...there.others]);
  await eventually("she is seen", () => seen() === '[["ada",{"p":["s",3]}]]');
  await theirs.submit([{ p: ["s", 0], si: "Oh: " }]);
  await eventually("her place moved", () => seen() === '[["ada",{"p":["s",7]}]]');
  a.close();
  await eventually("she is gone", () => there.others.size === 0);
});
