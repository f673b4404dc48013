/**
 * Rooms: who is where, and places that move with the edits.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { openPresence } from "../../../../src/documents/client/mod.ts";
import { cut, seats } from "../../../support/documents/table.ts";

Deno.test("openPresence() tells the others, who come later too, and gives the same room each time", async () => {
  const { seat, done, run } = seats();
  const [a, b] = [seat().connection, seat().connection];
  const mine = openPresence(a, "room");
  strictEqual(openPresence(a, "room"), mine);
  mine.set("ada", { typing: true });
  run();
  const theirs = openPresence(b, "room");
  await done(mine.join());
  await done(theirs.join());
  run();
  deepStrictEqual([...theirs.others], [["ada", { typing: true }]]);
  deepStrictEqual([...mine.others], []);
  const heard: unknown[] = [];
  theirs.on("change", (change) => heard.push(change));
  mine.set("ada", { typing: false });
  run();
  mine.leave();
  run();
  deepStrictEqual(heard, [{ id: "ada", value: { typing: false } }, { id: "ada", value: null }]);
  throws(() => openPresence(a, ""), { code: "ERR_INVALID_ARGUMENT" });
});

Deno.test("who is gone without a word is gone, and who comes back is there again", async () => {
  const { seat, done, run } = seats();
  const [a, b] = [seat(), seat()];
  const [mine, theirs] = [openPresence(a.connection, "room"), openPresence(b.connection, "room")];
  await done(Promise.all([mine.join(), theirs.join()]));
  mine.set("ada", 1);
  run();
  a.isAway = true;
  cut(a);
  run(5);
  strictEqual(theirs.others.size, 0);
  a.isAway = false;
  run();
  deepStrictEqual([...theirs.others], [["ada", 1]]);
});

Deno.test("a server without rooms says so", async () => {
  const { seat, codeOf } = seats({ hasNoPresence: true });
  strictEqual(
    await codeOf(openPresence(seat().connection, "room").join()),
    "ERR_PRESENCE_DISABLED",
  );
});

Deno.test("places in a document move with everybody's edits", async () => {
  const { follower, done, run } = seats();
  const [a, b] = [await follower(), await follower()];
  await done(a.doc.create({ s: "Hello" }));
  const mine = openPresence(a.guest.connection, a.doc);
  const theirs = openPresence(b.guest.connection, b.doc);
  await done(Promise.all([mine.join(), theirs.join()]));
  mine.set("ada", { p: ["s", 3] });
  run();
  deepStrictEqual([...theirs.others], [["ada", { p: ["s", 3] }]]);
  await done(b.doc.submit([{ p: ["s", 0], si: "Oh: " }]));
  run();
  deepStrictEqual([...theirs.others], [["ada", { p: ["s", 7] }]]);
  const place = { p: ["s", 2] };
  const submitted = b.doc.submit([{ p: ["s", 0], si: "!" }]);
  mine.set("ada", place);
  await done(submitted);
  run();
  deepStrictEqual([...theirs.others], [["ada", { p: ["s", 3] }]]);
  await done(a.doc.del());
  run();
  ok(theirs.others.size === 0 && mine.others.size === 0);
});
