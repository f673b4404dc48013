/** @module */

import { deepStrictEqual } from "node:assert/strict";
import { memory } from "../../../../adapters/memory/mod.ts";
import type {
  DocumentCore,
  FollowEvent,
  FollowListener,
  ReadResult,
} from "../../../../src/documents/core.ts";
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

Deno.test("LiveCollection.open() tells a result of which all is known, also after a gap", async () => {
  const backend = memory();
  const settings = coreSettings({});
  const base = documentCore(backend, settings);
  for (const id of ["1", "2"]) must(await author(base, "w", id).create({ n: 1 }), "committed");
  let hear: FollowListener = () => {};
  const core: DocumentCore = {
    ...base,
    follow: (_collection, _ids, listener) => {
      hear = listener;
      return Promise.resolve();
    },
  };
  const live = new LiveCollection({
    ...{ collection: "things", core, clock: backend.clock, random: backend.random },
    finder: new Finder({ store: backend.documents, settings, core }),
    onEmpty: () => {},
  });
  const opened: (readonly string[])[] = [];
  const audience = (): Audience => ({
    ear: { hear: () => {} },
    opened: (_live, snapshots) => void opened.push(snapshots.map(({ id }) => id).sort()),
    changed: () => {},
    failed: () => {},
  });
  const query = parseQuery({ n: 1 });
  await live.open(query, OPTIONS, audience());
  hear({ kind: "gap", id: undefined });
  await live.open(query, OPTIONS, audience());
  deepStrictEqual(opened, [["1", "2"], ["1", "2"]]);
});
