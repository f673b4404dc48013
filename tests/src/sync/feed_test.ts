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

Deno.test("Feed.join() adds what the reader told others while it was catching up", async () => {
  const todos = todosOn(memory());
  const start = await todos.cursor();
  for (let i = 0; i < 20; i++) await todos.create({ text: "x" });
  const first = listener();
  const late = listener();
  const { signal } = new AbortController();
  const tasks = new Tasks();
  // Between the last entry that catching up reads, and joining, the reader tells one more to the listeners of then.
  const model = {
    ...todos,
    async *changes(options: { readonly after: string }) {
      try {
        yield* todos.changes(options);
      } finally {
        if (options.after === start) {
          await todos.create({ text: "meanwhile" });
          await eventually("the reader told it", () => first.seqs.at(-1) === 21);
        }
      }
    },
  };
  // A feed of its own knows none of what came before it, so that it must read.
  const feed = new Feed({ model: model as never, clock: systemClock(), tasks, onError: undefined });
  await feed.join(first.made, undefined, signal);
  await feed.join(late.made, start, signal);
  await todos.create({ text: "after" });
  await eventually("the last is told", () => late.seqs.at(-1) === 22);
  deepStrictEqual(late.seqs, Array.from({ length: 22 }, (_, i) => i + 1));
  feed.leave(first.made);
  feed.leave(late.made);
  await tasks.settled();
});

Deno.test("Feed.join() resets who was catching up with a life of the journal that is over", async () => {
  const todos = todosOn(memory());
  const start = await todos.cursor();
  for (let i = 0; i < 3; i++) await todos.create({ text: "x" });
  const first = listener();
  const late = listener();
  const { signal } = new AbortController();
  const tasks = new Tasks();
  let lose = (): void => {};
  const lost = new Promise<void>((resolve) => lose = resolve);
  // While the second one catches up, the store loses everything, which the reader hears first.
  const model = {
    ...todos,
    async *changes({ after, signal }: { readonly after: string; readonly signal: AbortSignal }) {
      if (after === start) {
        try {
          yield* todos.changes({ after, signal });
        } finally {
          lose();
          await eventually("the reader told it", () => first.seqs.at(-1) === -1);
        }
      } else {
        await lost;
        yield { kind: "reset", cursor: "other.1.t", index: 1 };
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
      }
    },
  };
  const feed = new Feed({ model: model as never, clock: systemClock(), tasks, onError: undefined });
  await feed.join(first.made, undefined, signal);
  await feed.join(late.made, start, signal);
  deepStrictEqual(late.joined(), { cursor: "other.1.t", isReset: true, missed: [] });
  feed.leave(first.made);
  feed.leave(late.made);
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
