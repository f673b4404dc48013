/**
 * Undo and redo of one's own edits, whatever others do.
 *
 * @module
 */

import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { createUndo } from "../../../../src/documents/client/mod.ts";
import { virtualClock } from "../../../simulation/documents/table.ts";
import { diceFor } from "../../../simulation/dice.ts";
import { VirtualTime } from "../../../simulation/virtual_time.ts";
import { cut, seats } from "../../../support/documents/table.ts";

const VOTE = [{ p: ["n"], na: 1 }];
const APART = { interval: 0, clock: { ...virtualClock(new VirtualTime()), monotonic: counter() } };

/** A clock that never shows the same twice. */
function counter(): () => number {
  let now = 0;
  return () => ++now;
}

Deno.test("undo takes back the last edit, redo does it again, and a new edit ends what could be redone", async () => {
  const { follower, done } = seats();
  const { doc } = await follower();
  await done(doc.create({ n: 0 }));
  const history = createUndo(doc, APART);
  await done(doc.submit(VOTE));
  await done(doc.submit([{ p: ["n"], na: 10 }]));
  strictEqual(await done(history.undo()), true);
  deepStrictEqual(doc.data, { n: 1 });
  strictEqual(await done(history.redo()), true);
  deepStrictEqual(doc.data, { n: 11 });
  await done(history.undo());
  await done(history.undo());
  deepStrictEqual(doc.data, { n: 0 });
  strictEqual(history.canUndo, false);
  strictEqual(await done(history.undo()), false);
  await done(doc.submit(VOTE));
  strictEqual(history.canRedo, false);
  strictEqual(await done(history.redo()), false);
});

Deno.test("undo takes back one's own edits alone, led past those of others", async () => {
  const { follower, done } = seats();
  const [a, b] = [await follower(), await follower()];
  await done(a.doc.create({ l: ["x"] }));
  const history = createUndo(a.doc, APART);
  await done(a.doc.submit([{ p: ["l", 1], li: "mine" }]));
  await done(b.doc.submit([{ p: ["l", 0], li: "theirs" }]));
  deepStrictEqual(a.doc.data, { l: ["theirs", "x", "mine"] });
  await done(history.undo());
  deepStrictEqual(a.doc.data, { l: ["theirs", "x"] });
  await done(b.doc.submit([{ p: ["l", 0], ld: "theirs" }]));
  await done(history.redo());
  deepStrictEqual([a.doc.data, b.doc.data], [{ l: ["x", "mine"] }, { l: ["x", "mine"] }]);
});

Deno.test("edits that follow each other closely are undone together, unless they are split", async () => {
  const { follower, done } = seats();
  const { doc } = await follower();
  await done(doc.create({ n: 0 }));
  const time = new VirtualTime();
  const history = createUndo(doc, { interval: 100, clock: virtualClock(time) });
  const at = (ms: number) => {
    time.after(ms - time.nowMs, () => {});
    time.step(ms);
  };
  await done(doc.submit(VOTE));
  at(100);
  await done(doc.submit(VOTE));
  at(201);
  await done(doc.submit(VOTE));
  history.split();
  await done(doc.submit(VOTE));
  const seen: unknown[] = [];
  while (history.canUndo) {
    await done(history.undo());
    seen.push(doc.data);
  }
  deepStrictEqual(seen, [{ n: 3 }, { n: 2 }, { n: 0 }]);
});

Deno.test("an edit that is not tracked stays, and what is tracked is undone around it", async () => {
  const { follower, done } = seats();
  const { doc } = await follower();
  await done(doc.create({ l: [] }));
  const history = createUndo(doc, { ...APART, tracks: (origin) => origin !== "load" });
  await done(doc.submit([{ p: ["l", 0], li: "typed" }]));
  await done(doc.submit([{ p: ["l", 0], li: "loaded" }], { origin: "load" }));
  await done(history.undo());
  deepStrictEqual(doc.data, { l: ["loaded"] });
  strictEqual(history.canUndo, false);
});

Deno.test("a refused edit leaves nothing to undo", async () => {
  const { follower, done, codeOf } = seats({
    refuse: ({ op }) => op === undefined ? undefined : "ERR_FORBIDDEN",
  });
  const { doc } = await follower();
  await done(doc.create({ l: [] }));
  const history = createUndo(doc, APART);
  strictEqual(await codeOf(doc.submit([{ p: ["l", 0], li: "bad" }])), "ERR_FORBIDDEN");
  strictEqual(history.canUndo, false);
});

Deno.test("stepsMax bounds what can be undone", async () => {
  const { follower, done } = seats();
  const { doc } = await follower();
  await done(doc.create({ n: 0 }));
  const history = createUndo(doc, { ...APART, stepsMax: 2 });
  for (let i = 0; i < 3; i++) await done(doc.submit(VOTE));
  while (history.canUndo) await done(history.undo());
  deepStrictEqual(doc.data, { n: 1 });
  throws(() => createUndo(doc, { stepsMax: 0 }), { code: "ERR_INVALID_OPTION" });
  throws(() => createUndo(doc, { steps: 1 } as never), { code: "ERR_INVALID_OPTION" });
  history.stop();
  await done(doc.submit(VOTE));
  strictEqual(history.canUndo, false);
});

const SEED = Number(Deno.env.get("SEED") ?? crypto.getRandomValues(new Uint32Array(1))[0]);

Deno.test(`undoing all of one's own edits leaves what others made elsewhere (SEED=${SEED})`, async () => {
  for (let round = 0; round < 30; round++) {
    const dice = diceFor((SEED + round) >>> 0, "undo");
    const { follower, done, run } = seats();
    const [a, b] = [await follower({ delayMs: () => dice.tailed(5) }), await follower()];
    await done(a.doc.create({ mine: { l: ["x"], n: 0, s: "Hello" }, theirs: [] }));
    const history = createUndo(a.doc, { ...APART, interval: dice.pick([0, 1_000]) });
    for (let step = 0; step < 15; step++) {
      const { mine, theirs } = a.doc.data as { mine: { l: string[]; s: string }; theirs: number[] };
      const edits = [
        [{ p: ["mine", "l", dice.whole(0, mine.l.length + 1)], li: `${step}` }],
        [{ p: ["mine", "n"], na: step }],
        [{ p: ["mine", "s", dice.whole(0, mine.s.length + 1)], si: "ab" }],
        ...(mine.l.length > 0 ? [[{ p: ["mine", "l", 0], ld: mine.l[0] }]] : []),
      ];
      a.doc.submit(dice.pick(edits));
      b.doc.submit([{ p: ["theirs", Math.min(theirs.length, 1)], li: step }]).catch(() => {});
      if (dice.chance(0.2)) cut(a.guest);
      run(dice.tailed(10));
    }
    run();
    const { theirs } = a.doc.data as { theirs: number[] };
    while (history.canUndo) await done(history.undo());
    deepStrictEqual(a.doc.data, { mine: { l: ["x"], n: 0, s: "Hello" }, theirs });
    run();
    deepStrictEqual(b.doc.data, a.doc.data);
  }
});
