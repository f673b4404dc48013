/**
 * What a client does when the server refuses: one change is taken out, the rest goes on, and nothing is merged in silence.
 *
 * @module
 */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { json } from "../../../../src/ot/mod.ts";
import { otText } from "../../../conformance/ot_oracles.ts";
import type { Message } from "../../../simulation/documents/reference_server.ts";
import { ReferenceServer } from "../../../simulation/documents/reference_server.ts";
import { Table } from "../../../simulation/documents/table.ts";
import { cut, seats } from "../../../support/documents/table.ts";

const VOTE = [{ p: ["n"], na: 1 }];

function refusing(code: string, isMeant: (message: Message) => boolean) {
  return { refuse: (message: Message) => isMeant(message) ? code : undefined };
}

const is666 = ({ op }: Message) => JSON.stringify(op ?? "").includes("666");

Deno.test("a refused edit alone is taken out, and two later ones are still committed", async () => {
  const { follower, done, codeOf, run, server } = seats(refusing("ERR_FORBIDDEN", is666));
  const { doc } = await follower();
  await done(doc.create({ n: 1, l: ["x"] }));
  const told: string[] = [];
  doc.on("error", ({ code }) => told.push(code));
  const bad = doc.submit([{ p: ["n"], na: 666 }, { p: ["l", 0], li: "bad" }], { compose: false });
  const later = [
    doc.submit([{ p: ["l", 1], li: "a" }], { compose: false }),
    doc.submit([{ p: ["n"], na: 1 }], { compose: false }),
  ];
  deepStrictEqual(doc.data, { n: 668, l: ["bad", "a", "x"] });
  strictEqual(await codeOf(bad), "ERR_FORBIDDEN");
  await done(Promise.all(later));
  run();
  deepStrictEqual(doc.data, { n: 2, l: ["a", "x"] });
  deepStrictEqual(server.doc("posts", "1").live?.data, doc.data);
  deepStrictEqual(told, ["ERR_FORBIDDEN"]);
});

Deno.test("a refused creation takes with it what was built on it", async () => {
  const { follower, run } = seats(refusing("ERR_FORBIDDEN", ({ create }) => create !== undefined));
  const { doc } = await follower();
  const results = Promise.allSettled([
    doc.create({ n: 0 }, { compose: false }),
    doc.submit(VOTE, { compose: false }),
  ]);
  run();
  const codes = (await results).map((result) => result.status === "rejected" && result.reason.code);
  deepStrictEqual(codes, ["ERR_FORBIDDEN", "ERR_FORBIDDEN"]);
  strictEqual(doc.data, undefined);
  strictEqual(doc.hasPending, false);
});

Deno.test("a refused deletion brings the document back", async () => {
  const { follower, done, codeOf } = seats(refusing("ERR_FORBIDDEN", ({ del }) => del));
  const { doc } = await follower();
  await done(doc.create({ n: 0 }));
  strictEqual(await codeOf(doc.del()), "ERR_FORBIDDEN");
  deepStrictEqual(doc.data, { n: 0 });
});

Deno.test("a type that cannot invert loses what built on the refused edit, and says so", async () => {
  const table = new Table(
    new ReferenceServer([otText], refusing("ERR_FORBIDDEN", ({ op }) => op?.[0] === "bad")),
  );
  const doc = table.seat().connection.get("posts", "1");
  const created = doc.create("Hello");
  table.run();
  await created;
  const results = Promise.allSettled([
    doc.submit(["bad"], { compose: false }),
    doc.submit([8, "!"], { compose: false }),
  ]);
  table.run();
  const codes = (await results).map((result) => result.status === "rejected" && result.reason.code);
  deepStrictEqual(codes, ["ERR_FORBIDDEN", "ERR_FORBIDDEN"]);
  strictEqual(doc.data, "Hello");
});

Deno.test("a server that cannot serve now is asked again for the same operation", async () => {
  let failures = 2;
  const { follower, done, server } = seats({
    refuse: ({ op }) => op !== undefined && failures-- > 0 ? "ERR_UNAVAILABLE" : undefined,
  });
  const { doc } = await follower();
  await done(doc.create({ n: 0 }));
  await done(doc.submit(VOTE));
  deepStrictEqual(server.doc("posts", "1").live?.data, { n: 1 });
  const sent = server.heard.filter(({ a, op }) => a === "op" && op !== undefined);
  deepStrictEqual(sent.map(({ seq }) => seq), [2, 2, 2]);
});

Deno.test("an operation that became nothing is done when the client has read what made it so", async () => {
  let isNothing = false;
  const { follower, done, run, server } = seats({
    refuse: ({ op }) => isNothing && op !== undefined ? "ERR_NO_OP" : undefined,
  });
  const [a, b] = [await follower(), await follower()];
  await done(a.doc.create({ l: ["x"] }));
  b.guest.isAway = true;
  cut(b.guest);
  run(5);
  await done(a.doc.submit([{ p: ["l", 0], ld: "x" }]));
  isNothing = true;
  const removed = b.doc.submit([{ p: ["l", 0], ld: "x" }]);
  b.guest.isAway = false;
  await done(removed);
  deepStrictEqual(b.doc.data, { l: [] });
  strictEqual(b.doc.version, server.doc("posts", "1").version);
});

Deno.test("what the server adds to an operation comes once, to everybody", async () => {
  const { follower, done, run } = seats({
    fixup: ({ op }, live) =>
      op === undefined ? undefined : [
        { p: ["touched"], na: 1 },
        ...(live === undefined ? [] : []),
      ],
  });
  const [a, b] = [await follower(), await follower()];
  await done(a.doc.create({ n: 0, touched: 0 }));
  const first = a.doc.submit(VOTE, { compose: false });
  const second = a.doc.submit(VOTE, { compose: false });
  await done(Promise.all([first, second]));
  run();
  const expected = { n: 2, touched: 2 };
  deepStrictEqual([a.doc.data, b.doc.data], [expected, expected]);
});

Deno.test("a store that was flushed and begun anew refuses what waits, and is never merged", async () => {
  const { follower, seat, done, codeOf, run, server } = seats();
  const { doc, guest } = await follower();
  await done(doc.create({ l: ["z"] }));
  guest.isAway = true;
  cut(guest);
  run(5);
  const late = doc.submit([{ p: ["l", 1], li: "late" }]);
  server.flush();
  const other = seat().connection.get("posts", "1");
  other.create({ l: ["UNRELATED"] });
  other.submit([{ p: ["l", 0], li: "u1" }], { compose: false });
  run(20);
  guest.isAway = false;
  strictEqual(await codeOf(late), "ERR_DOC_EPOCH");
  run();
  deepStrictEqual(doc.data, { l: ["u1", "UNRELATED"] });
  deepStrictEqual(server.doc("posts", "1").live?.data, doc.data);
  await done(doc.submit([{ p: ["l", 0], li: "new" }]));
  deepStrictEqual(server.doc("posts", "1").live?.data, { l: ["new", "u1", "UNRELATED"] });
});

Deno.test("a server that has less than the client knows makes it begin anew", async () => {
  const { follower, done, codeOf, run, server } = seats();
  const { doc } = await follower();
  await done(doc.create({ n: 0 }));
  await done(doc.submit(VOTE));
  const kept = server.doc("posts", "1");
  kept.version = 1;
  kept.log.splice(1);
  kept.live = { type: json, data: { n: 0 } };
  strictEqual(await codeOf(doc.submit(VOTE)), "ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT");
  run();
  deepStrictEqual(doc.data, { n: 0 });
  strictEqual(doc.version, 1);
});

Deno.test("an operation that is sent again after its answer was lost is committed once", async () => {
  const { follower, done, run, server } = seats();
  const { doc, guest } = await follower();
  await done(doc.create({ n: 0 }));
  const voted = doc.submit(VOTE);
  run(1);
  cut(guest);
  await done(voted);
  deepStrictEqual(doc.data, { n: 1 });
  deepStrictEqual(server.doc("posts", "1").live?.data, { n: 1 });
  const sent = server.heard.filter(({ a, op }) => a === "op" && op !== undefined);
  deepStrictEqual(sent.map(({ src, seq }) => [src, seq]), [["c1.mac", 2], ["c1.mac", 2]]);
});

Deno.test("a refused change that nobody awaits is an error event where somebody listens", async () => {
  const { follower, done, run } = seats(refusing("ERR_FORBIDDEN", is666));
  const { doc } = await follower();
  await done(doc.create({ n: 0 }));
  const told: string[] = [];
  doc.on("error", ({ code }) => told.push(code));
  // Were it an unhandled rejection, the test would fail.
  void doc.submit([{ p: ["n"], na: 666 }]);
  run();
  deepStrictEqual(told, ["ERR_FORBIDDEN"]);
});
