/** @module */

import { deepStrictEqual } from "node:assert/strict";
import { memory } from "../../../../adapters/memory/mod.ts";
import type { FollowEvent, FollowListener, ReadResult } from "../../../../src/documents/core.ts";
import { documentCore } from "../../../../src/documents/document_core.ts";
import { Finder } from "../../../../src/documents/queries/find.ts";
import { LiveCollection } from "../../../../src/documents/queries/live_collection.ts";
import type { Audience, ResultChange } from "../../../../src/documents/queries/live_query.ts";
import { coreSettings } from "../../../../src/documents/settings.ts";
import { parseQuery } from "../../../../src/queries/mod.ts";
import { settle } from "../../../contracts/manual_clock.ts";
import { author, must } from "../../../support/documents/core.ts";

const OPTIONS = { channels: undefined, debounceMs: 0, intervalMs: Infinity };

Deno.test("LiveCollection has an operation read that was told before its document came into a result", async () => {
  const backend = memory();
  const { clock, random, documents: store } = backend;
  const settings = coreSettings({});
  const empty = documentCore(backend, settings);
  const core = documentCore(memory(), settings);
  // Each operation, and the document as it is after it.
  const writer = author(core, "w");
  must(await writer.create({ n: 0 }), "committed");
  const told: FollowEvent[] = [];
  const reads: (readonly ReadResult[])[] = [];
  for (const na of [1, 2]) {
    const { op, epoch } = must(await writer.edit([{ p: ["n"], na }]), "committed");
    told.push({ kind: "ops", id: "1", epoch, ops: [op] });
    reads.push(await core.read("things", [{ id: "1" }]));
  }
  let hear: FollowListener = () => {};
  const answers: ((results: readonly ReadResult[]) => void)[] = [];
  const live = new LiveCollection({
    collection: "things",
    core: {
      types: core.types,
      follow: (_collection, _after, listener) => {
        hear = listener;
        return Promise.resolve();
      },
      read: () => new Promise((resolve) => answers.push(resolve)),
    },
    finder: new Finder({ store, settings, core: empty }),
    clock,
    random,
    onEmpty: () => {},
  });
  const heard: string[] = [];
  const audience = {
    ear: { hear: (event: FollowEvent) => void heard.push(event.kind) },
    opened: () => {},
    changed: ({ inserted }: ResultChange) => {
      for (const { data } of inserted.values()) heard.push(JSON.stringify(data));
    },
    failed: () => {},
  };
  const query = await live.open(parseQuery({ n: { $gt: 0 } }), OPTIONS, audience);
  // Nobody has the document yet, and what is there of it must be read.
  for (const event of told) hear(event);
  answers.shift()?.(reads[0] ?? []);
  await settle();
  answers.shift()?.(reads[1] ?? []);
  await settle();
  deepStrictEqual(heard, ['{"n":1}', "gap"]);
  live.leave(query, audience);
});

Deno.test("LiveCollection shows a result whole to who comes between something missed and evaluating anew", async () => {
  const { core, live, hear, holdBack } = followed();
  const writer = author(core, "w");
  must(await writer.create({ n: 1 }), "committed");
  const query = parseQuery({ n: { $gt: 0 } });
  const [before, between] = [comer(), comer()];
  const opened = await live.open(query, OPTIONS, before);
  // What is committed now is not heard of.
  must(await writer.edit([{ p: ["n"], na: 1 }]), "committed");
  const look = holdBack();
  hear({ kind: "gap", id: undefined });
  await live.open(query, OPTIONS, between);
  look();
  await settle();
  // Who came between has the document as it was, and is told to have it read as it is.
  deepStrictEqual(between.heard, ['{"n":1}', "gap"]);
  deepStrictEqual(before.heard, ['{"n":1}', "gap", "gap"]);
  deepStrictEqual(opened.shown, ["1"]);
  for (const one of [before, between]) live.leave(opened, one);
});

Deno.test("LiveCollection takes a document in again that was deleted unheard and came back as it was", async () => {
  const { core, live, hear } = followed();
  const writer = author(core, "w");
  must(await writer.create({ n: 1 }), "committed");
  const one = comer();
  const opened = await live.open(parseQuery({ n: { $gt: 0 } }), OPTIONS, one);
  must(await writer.submit({ kind: "del" }), "committed");
  hear({ kind: "gap", id: undefined });
  await settle();
  const { op, epoch } = must(await writer.create({ n: 1 }), "committed");
  hear({ kind: "ops", id: "1", epoch, ops: [op] });
  await settle();
  deepStrictEqual(one.heard, ['{"n":1}', "gap", "remove", "insert"]);
  live.leave(opened, one);
});

/** The live queries of a collection that hears only what it is told to. */
function followed() {
  const backend = memory();
  const { clock, random, documents: store } = backend;
  const settings = coreSettings({});
  const core = documentCore(backend, settings);
  let listening: FollowListener = () => {};
  let looking = Promise.resolve();
  const live = new LiveCollection({
    collection: "things",
    core: {
      types: core.types,
      read: core.read,
      follow: (_collection, _after, listener) => {
        listening = listener;
        return Promise.resolve();
      },
    },
    finder: new Finder({
      core,
      settings,
      store: {
        page: store.page,
        list: async (...args) => {
          await looking;
          return await store.list?.(...args) ?? [];
        },
      },
    }),
    clock,
    random,
    onEmpty: () => {},
  });
  /** Lets evaluations wait until what it gives is called. */
  const holdBack = (): () => void => {
    let look = (): void => {};
    looking = new Promise((resolve) => look = resolve);
    return () => look();
  };
  return { core, live, holdBack, hear: (event: FollowEvent) => listening(event) };
}

/** Somebody who notes what he is told. */
function comer(): Audience & { readonly heard: readonly string[] } {
  const heard: string[] = [];
  return {
    heard,
    ear: { hear: ({ kind }) => void heard.push(kind) },
    opened: (_live, snapshots) => heard.push(...snapshots.map(({ data }) => JSON.stringify(data))),
    changed: ({ steps }) => heard.push(...steps.map(({ kind }) => kind)),
    failed: ({ code }) => heard.push(code),
  };
}
