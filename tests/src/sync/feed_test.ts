import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import { systemClock } from "../../../src/clock.ts";
import { Feed, type FeedListener, type Joined } from "../../../src/sync/feed.ts";
import type { ModelEvent } from "../../../src/sync/model_event.ts";
import { Recent, RECENT_MAX } from "../../../src/sync/recent.ts";
import { Tasks } from "../../../src/sync/tasks.ts";
import { eventually } from "../../support/eventually.ts";
import { todosOn } from "../../support/sync/todos.ts";

function listener() {
  const seqs: number[] = [];
  let joined: Joined | undefined;
  const made: FeedListener = {
    joined: (told) => {
      joined = told;
      seqs.push(...told.missed.map(({ seq }) => seq));
    },
    hear: ({ seq }) => {
      // As a connection does: what catching up told already is not told again.
      if (seq > (seqs.at(-1) ?? 0)) seqs.push(seq);
    },
    reset: () => seqs.push(-1),
  };
  return { made, seqs, joined: () => joined };
}

Deno.test("Feed.join() misses nothing that is written while it catches up by the journal", async () => {
  const todos = todosOn(memory());
  const tasks = new Tasks();
  const options = { model: todos as never, clock: systemClock(), tasks, onError: undefined };
  const start = await todos.cursor();
  for (let i = 0; i < 20; i++) await todos.create({ text: "x" });
  const { signal } = new AbortController();
  for (let round = 0; round < 30; round++) {
    // A feed of its own knows none of what came before it, so that it must read.
    const feed = new Feed(options);
    const first = listener();
    await feed.join(first.made, undefined, signal);
    const late = listener();
    const joining = feed.join(late.made, start, signal);
    for (let i = 0; i < round; i++) await Promise.resolve();
    await todos.create({ text: "meanwhile" });
    await joining;
    await todos.create({ text: "after" });
    const last = 20 + 2 * (round + 1);
    await eventually("all are told", () => late.seqs.at(-1) === last);
    deepStrictEqual(late.seqs, Array.from({ length: last }, (_, i) => i + 1), `round ${round}`);
    feed.leave(first.made);
    feed.leave(late.made);
  }
  await tasks.settled();
});

Deno.test("Recent.after() knows the last changes within its bound, and none before", () => {
  const recent = new Recent("e.0.", 0);
  const event = (seq: number): ModelEvent => ({
    model: "Todo",
    record: String(seq),
    seq,
    cursor: `e.${seq}.t`,
    version: `${seq}-t`,
    text: "x",
    goneText: "x",
    before: undefined,
    after: undefined,
  });
  for (let seq = 1; seq <= RECENT_MAX + 10; seq++) recent.add(event(seq));
  strictEqual(recent.after("e.9.t"), undefined);
  strictEqual(recent.after("e.10.t")?.length, RECENT_MAX);
  strictEqual(recent.after("e.11.x"), undefined);
  deepStrictEqual(recent.after(`e.${RECENT_MAX + 10}.t`), []);
  strictEqual(recent.since(9), undefined);
  strictEqual(recent.since(RECENT_MAX + 8)?.length, 2);
});
