import { deepStrictEqual, rejects } from "node:assert/strict";
import { memoryDocumentStore } from "../../../../adapters/memory/documents.ts";
import { memory } from "../../../../adapters/memory/mod.ts";
import { memoryWakes } from "../../../../adapters/memory/wakes.ts";
import { systemClock } from "../../../../src/clock.ts";
import {
  createDocuments,
  type Documents,
  journalOf,
  type OutboxEvent,
} from "../../../../src/documents/mod.ts";
import { eventually } from "../../../support/eventually.ts";
import { wipeable } from "../../../support/documents/wipeable.ts";

Deno.test("Documents.consume() gives every commit at least once, and goes on from its place", async () => {
  await using documents = createDocuments(memory());
  for (const id of ["a", "b"]) await documents.submit("posts", id, { create: { data: { n: 0 } } });
  const first = consumer(documents);
  await first.told(["a 0", "b 0"]);
  await documents.submit("posts", "a", { op: [{ p: ["n"], na: 1 }] });
  await first.told(["a 0", "b 0", "a 1"]);
  await first.stop();

  await documents.submit("posts", "b", { op: [{ p: ["n"], na: 1 }] });
  const second = consumer(documents);
  await second.told(["b 1"]);
  await second.stop();
});

Deno.test("Documents.consume() gives again what its consumer failed at", async () => {
  await using documents = createDocuments(memory());
  await documents.submit("posts", "a", { create: { data: { text: "x".repeat(9_000) } } });
  const { signal } = new AbortController();
  const failing = () => Promise.reject(new Error("no room"));
  await rejects(documents.consume("posts", "mail", failing, signal), /no room/);
  const again = consumer(documents);
  await again.told(["a 0"]);
  await again.stop();
});

Deno.test("Documents.consume() goes on over a wipe of the store in front", async () => {
  const wakes = memoryWakes();
  const { store, wipe } = wipeable(wakes);
  const kept = memoryDocumentStore({ clock: systemClock(), wakes: memoryWakes() });
  const backend = { ...memory(), documents: store, wakes, journal: journalOf(kept) };
  await using documents = createDocuments(backend);
  await documents.submit("posts", "a", { create: { data: { n: 0 } } });
  const first = consumer(documents);
  await first.told(["a 0"]);
  await first.stop();
  await documents.submit("posts", "a", { op: [{ p: ["n"], na: 1 }] });
  await wipe();
  const second = consumer(documents);
  await second.told(["a 1"]);
  await second.stop();
});

Deno.test("Documents.consume() says where it cannot go on", async () => {
  const wakes = memoryWakes();
  const { store, wipe } = wipeable(wakes);
  await using documents = createDocuments({ ...memory(), documents: store, wakes });
  await documents.submit("posts", "a", { create: { data: { n: 0 } } });
  const first = consumer(documents, "posts");
  await first.told(["a 0"]);
  await wipe();
  await documents.submit("posts", "b", { create: { data: { n: 0 } } });
  await first.told(["a 0", "reset"]);
  await first.stop();
});

function consumer(documents: Documents, collection = "posts") {
  const events: OutboxEvent[] = [];
  const stop = new AbortController();
  const end = documents.consume(collection, "mail", (event) => {
    events.push(event);
  }, stop.signal).catch(() => {
    // The signal.
  });
  const seen = () =>
    events.flatMap((event) =>
      event.kind === "reset"
        ? ["reset"]
        : event.commits.map(({ id, from, ops }) => `${id} ${ops?.length === 1 ? from : "?"}`)
    );
  return {
    told: async (expected: readonly string[]) => {
      await eventually("the consumer was told all", () => seen().length >= expected.length);
      deepStrictEqual(seen(), expected);
    },
    stop: async () => {
      stop.abort();
      await end;
    },
  };
}
