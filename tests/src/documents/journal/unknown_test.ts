/**
 * Stores that fail around a commit: what nobody can tell is said to be so, and what is sent again is done once.
 *
 * @module
 */

import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { memoryDocumentStore } from "../../../../adapters/memory/documents.ts";
import { memory } from "../../../../adapters/memory/mod.ts";
import { memoryWakes } from "../../../../adapters/memory/wakes.ts";
import { systemClock } from "../../../../src/clock.ts";
import type { FrontDocumentStore } from "../../../../src/documents/journal_port.ts";
import { createDocuments, journalOf } from "../../../../src/documents/mod.ts";
import type { JournaledBackend } from "../../../../src/documents/journal_port.ts";
import { HoldfastError } from "../../../../src/errors.ts";
import { eventually } from "../../../support/eventually.ts";

const VOTE = { op: [{ p: ["n"], na: 1 }] };
const AWAY = new HoldfastError("ERR_UNAVAILABLE", "Cannot reach it");

/** What goes wrong once, around a commit that the journal has. */
const TROUBLES: Readonly<Record<string, Troubled>> = {
  "the one in front is away": ({ front, trouble }) => ({
    front: {
      ...front,
      advance: failing(
        trouble,
        (..._call: Parameters<typeof front.advance>) => Promise.reject(AWAY),
        front.advance,
      ),
    },
  }),
  "the one in front is told, and its answer is lost": ({ front, trouble }) => ({
    front: {
      ...front,
      advance: failing(trouble, async (...call: Parameters<typeof front.advance>) => {
        await front.advance(...call);
        throw AWAY;
      }, front.advance),
    },
  }),
  "the journal's answer is lost": ({ kept, trouble }) => ({
    kept: {
      ...kept,
      commit: failing(trouble, async (...call: Parameters<typeof kept.commit>) => {
        await kept.commit(...call);
        throw new HoldfastError("ERR_OUTCOME_UNKNOWN", "Cannot tell", { cause: AWAY });
      }, async (...call: Parameters<typeof kept.commit>) => await kept.commit(...call)),
    },
  }),
};

interface Stage {
  readonly front: FrontDocumentStore;
  readonly kept: FrontDocumentStore;
  readonly trouble: { isNear: boolean };
}

type Troubled = (stage: Stage) => Partial<Stage>;

for (const [what, troubled] of Object.entries(TROUBLES)) {
  Deno.test(`Documents.submit() of two stores says that nobody can tell when ${what}, and finds it again`, async () => {
    const { backend, trouble } = staged(troubled);
    await using documents = createDocuments(backend);
    await documents.submit("posts", "1", { create: { data: { n: 0 } } });
    trouble.isNear = true;
    const vote = { ...VOTE, source: "s", sequence: 1 };
    await rejects(documents.submit("posts", "1", vote), (error) => {
      return HoldfastError.is(error, "ERR_OUTCOME_UNKNOWN") && error.cause === AWAY;
    });
    strictEqual(trouble.isNear, false);
    const again = await documents.submit("posts", "1", vote);
    deepStrictEqual([again.isDuplicate, again.version], [true, 1]);
    deepStrictEqual((await documents.fetch("posts", "1")).data, { n: 1 });
  });

  Deno.test(`Doc.submit() on two stores is committed once when ${what}`, async () => {
    const { backend, trouble } = staged(troubled);
    await using documents = createDocuments(backend);
    await using connection = documents.connect({ retry: 1 });
    const post = connection.get("posts", "1");
    await post.subscribe();
    await post.create({ n: 0 });
    trouble.isNear = true;
    await post.submit(VOTE.op);
    strictEqual(trouble.isNear, false);
    deepStrictEqual([post.data, post.version], [{ n: 1 }, 2]);
    const { data, version } = await documents.fetch("posts", "1");
    deepStrictEqual([data, version], [{ n: 1 }, 2]);
  });
}

for (const code of ["ERR_UNAVAILABLE", "ERR_OUTCOME_UNKNOWN"] as const) {
  Deno.test(`Two stores answer a reader by the journal where the one in front cannot be brought up (${code})`, async () => {
    const { backend, trouble } = staged(({ front, trouble }) => ({
      front: {
        ...front,
        advance: failing(
          trouble,
          (..._call: Parameters<typeof front.advance>) =>
            Promise.reject(new HoldfastError(code, "Cannot reach it")),
          front.advance,
        ),
      },
    }));
    await using writer = createDocuments({
      ...backend,
      documents: staged(() => ({})).backend.documents,
    });
    await writer.submit("posts", "1", { create: { data: { n: 0 } } });
    await using documents = createDocuments(backend);
    await using connection = documents.connect();
    const post = connection.get("posts", "1");
    trouble.isNear = true;
    await post.subscribe();
    strictEqual(trouble.isNear, false);
    deepStrictEqual(post.data, { n: 0 });
    await documents.submit("posts", "1", VOTE);
    await eventually("it is told", () => post.version === 2);
    deepStrictEqual((await documents.fetch("posts", "1")).data, { n: 1 });
  });
}

/** Two stores of which something goes wrong once when a test says so. */
function staged(troubled: Troubled): { backend: JournaledBackend; trouble: { isNear: boolean } } {
  const backend = memory();
  const made = (wakes = memoryWakes()) => memoryDocumentStore({ clock: systemClock(), wakes });
  const stage = { front: made(backend.wakes), kept: made(), trouble: { isNear: false } };
  const { front, kept, trouble } = { ...stage, ...troubled(stage) };
  return { backend: { ...backend, documents: front, journal: journalOf(kept) }, trouble };
}

function failing<Call extends unknown[], Answer>(
  trouble: { isNear: boolean },
  fail: (...call: Call) => Promise<Answer>,
  otherwise: (...call: Call) => Promise<Answer>,
): (...call: Call) => Promise<Answer> {
  return (...call) => {
    const isNow = trouble.isNear;
    trouble.isNear = false;
    return isNow ? fail(...call) : otherwise(...call);
  };
}
