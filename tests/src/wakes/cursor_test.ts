import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { JournalCursor, KNOWN_TAGS_MAX, PENDING_WAKES_MAX } from "../../../src/wakes/cursor.ts";
import type { Wake, WakeEvent } from "../../../src/wakes/port.ts";

const START = { epoch: "e", index: 0, tag: "" };

function wake(index: number, parts: Partial<Wake> = {}): WakeEvent {
  const previousTag = index > 1 ? `t${index - 1}` : "";
  return {
    kind: "wake",
    wake: { epoch: "e", index, tag: `t${index}`, previousTag, entry: `v${index}`, ...parts },
  };
}

function indexes(cursor: JournalCursor): number[] {
  return cursor.take().map(({ index }) => index);
}

Deno.test("JournalCursor.take() gives entries that follow, in order, each once", () => {
  const cursor = new JournalCursor(START);
  for (const index of [1, 2, 2, 1, 3]) cursor.hear(wake(index));
  deepStrictEqual([indexes(cursor), cursor.mustRead], [[1, 2, 3], false]);
  for (const index of [3, 2, 5, 4]) cursor.hear(wake(index));
  deepStrictEqual([indexes(cursor), cursor.mustRead], [[4, 5], false]);
  deepStrictEqual(cursor.position, { epoch: "e", index: 5, tag: "t5" });
});

Deno.test("JournalCursor.take() asks for a read for any hint that does not follow", () => {
  const cases: Record<string, WakeEvent> = {
    "a gap in the indexes": wake(5),
    "another epoch": wake(4, { epoch: "f" }),
    "another predecessor": wake(4, { previousTag: "other" }),
    "no entry": wake(4, { entry: undefined }),
    "another tag at our index": wake(3, { tag: "other" }),
    "another tag before us": wake(2, { tag: "other" }),
    "a gap": { kind: "gap" },
    "a feed that is down": { kind: "down", error: new Error("down") },
  };
  for (const [what, event] of Object.entries(cases)) {
    const cursor = new JournalCursor(START);
    for (const index of [1, 2, 3]) cursor.hear(wake(index));
    cursor.take();
    cursor.hear(event);
    deepStrictEqual([indexes(cursor), cursor.mustRead], [[], true], what);
  }
});

Deno.test("JournalCursor.take() gives what follows before a hint that does not", () => {
  const cursor = new JournalCursor(START);
  for (const index of [1, 2, 4, 5]) cursor.hear(wake(index));
  deepStrictEqual([indexes(cursor), cursor.mustRead], [[1, 2], true]);
});

Deno.test("JournalCursor.hear() keeps a bounded number of hints, and reads for the rest", () => {
  const cursor = new JournalCursor(START);
  for (let index = 1; index <= PENDING_WAKES_MAX; index++) cursor.hear(wake(index));
  strictEqual(cursor.mustRead, false);
  cursor.hear(wake(PENDING_WAKES_MAX + 1));
  deepStrictEqual([indexes(cursor), cursor.mustRead], [[], true]);
});

Deno.test("JournalCursor.hear() takes a hint that is older than the known tags for a reason to read", () => {
  const cursor = new JournalCursor(START);
  for (let index = 1; index <= KNOWN_TAGS_MAX + 1; index++) {
    cursor.hear(wake(index));
    cursor.take();
  }
  cursor.hear(wake(2));
  deepStrictEqual([indexes(cursor), cursor.mustRead], [[], false]);
  cursor.hear(wake(1));
  deepStrictEqual([indexes(cursor), cursor.mustRead], [[], true]);
});

Deno.test("JournalCursor.endRead() moves past the answer, and knows its hints when they come late", () => {
  const cursor = new JournalCursor(START);
  cursor.hear({ kind: "gap" });
  cursor.beginRead();
  cursor.hear(wake(2));
  cursor.hear(wake(3));
  cursor.endRead({
    kind: "entries",
    entries: [{ index: 1, tag: "t1", entry: "v1" }, { index: 2, tag: "t2", entry: "v2" }],
    head: { epoch: "e", index: 2, tag: "t2" },
  });
  deepStrictEqual([indexes(cursor), cursor.mustRead], [[3], false]);
});

Deno.test("JournalCursor.endRead() asks to go on while the answer ends before the head", () => {
  const cursor = new JournalCursor(START);
  cursor.beginRead();
  cursor.endRead({
    kind: "entries",
    entries: [{ index: 1, tag: "t1", entry: "v1" }],
    head: { epoch: "e", index: 9, tag: "t9" },
  });
  strictEqual(cursor.mustRead, true);
});

Deno.test("JournalCursor.endRead() begins anew at the head after a reset, and trusts no earlier tag", () => {
  const cursor = new JournalCursor(START);
  for (const index of [1, 2]) cursor.hear(wake(index));
  cursor.take();
  cursor.beginRead();
  cursor.endRead({ kind: "reset", head: { epoch: "e", index: 1, tag: "u1" } });
  deepStrictEqual(cursor.position, { epoch: "e", index: 1, tag: "u1" });
  cursor.hear(wake(2));
  deepStrictEqual([indexes(cursor), cursor.mustRead], [[], true]);
});

Deno.test("JournalCursor.endRead() refuses an answer that skips", () => {
  const cursor = new JournalCursor(START);
  throws(() =>
    cursor.endRead({
      kind: "entries",
      entries: [{ index: 2, tag: "t2", entry: "v2" }],
      head: { epoch: "e", index: 2, tag: "t2" },
    }), { code: "ERR_INVARIANT" });
});
