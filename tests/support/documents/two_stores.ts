/**
 * What must hold of two stores, whatever happens between any two steps: no acknowledged operation is lost, no version is
 * used twice, and the journal is dense.
 *
 * @module
 */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import type { Op } from "../../../src/documents/change.ts";
import type { DocumentCore, SubmitResult } from "../../../src/documents/core.ts";
import type { DocumentJournal, FrontDocumentStore } from "../../../src/documents/journal_port.ts";
import { journaledStore } from "../../../src/documents/journaled_store.ts";
import { HoldfastError } from "../../../src/errors.ts";
import type { DocumentUnit } from "../../../src/documents/port.ts";
import { coreSettings } from "../../../src/documents/settings.ts";
import { seededRandom } from "../../../src/random.ts";
import type { TestFunction } from "../../contracts/harness.ts";
import { coreOn, must, snapshotIn } from "./core.ts";
import { dying, type Step } from "./dying.ts";

/** Two stores of a test's own. */
export interface TwoStores extends AsyncDisposable {
  /** A process's handle on the store in front. */
  front(): FrontDocumentStore;
  /** A process's handle on the journal. */
  journal(): DocumentJournal;
  /** Wipes the store in front. */
  flush(): Promise<void>;
}

const COLLECTION = "things";

/** Registers the tests. */
export function twoStoresSuite(test: TestFunction, open: () => Promise<TwoStores>): void {
  const on = (name: string, run: (stores: TwoStores) => Promise<void>): void => {
    test(`Two stores ${name}`, async () => {
      await using stores = await open();
      await run(stores);
    });
  };

  on("lose nothing when the one in front is wiped under load", async (stores) => {
    const seed = Number(Deno.env.get("SEED") ?? 11);
    const random = seededRandom(seed);
    await created(processOn(stores));
    const acknowledged: string[] = [];
    const writers = Array.from({ length: 3 }, async (_, at) => {
      const core = processOn(stores);
      for (let edit = 0; edit < 12; edit++) {
        const name = `${at}.${edit}`;
        await insisted(core, `s${at}`, edit, name);
        acknowledged.push(name);
        if (random.float() < 0.2) await stores.flush();
      }
    });
    await Promise.all(writers);
    await holds(stores, acknowledged);
  });

  on("lose nothing when a process dies between any two steps", async (stores) => {
    const acknowledged: string[] = [];
    await created(processOn(stores));
    for (const moment of ["before", "after"] as const) {
      for (let step = 0; step < 6; step++) {
        const name = `${moment}.${step}`;
        if (step % 2 === 1) await stores.flush();
        const dead = processOn(stores, { moment, step });
        const seen = await dead.submit(COLLECTION, "1", insertion("d", acknowledged.length, name))
          .catch(() => undefined);
        const again = await insisted(processOn(stores), "d", acknowledged.length, name);
        if (seen?.kind === "committed") strictEqual(again.kind, "duplicate");
        acknowledged.push(name);
        await holds(stores, acknowledged);
      }
    }
  });

  on("keep the further of two that are brought up at once", async (stores) => {
    const core = processOn(stores);
    await created(core);
    for (let edit = 0; edit < 5; edit++) await insisted(core, "s", edit, `${edit}`);
    const [stale] = await stores.journal().read(unit(), [{ id: "1" }]);
    await insisted(core, "s", 5, "5");
    await stores.flush();
    // One read the journal long ago, the other reads it now; both have found that the store in front lacks it.
    let look = (): void => {};
    const looked = new Promise<void>((resolve) => look = resolve);
    const journal = stores.journal();
    const late = journaledStore(stores.front(), {
      ...journal,
      read: () => looked.then(() => stale === undefined ? [] : [stale]),
    });
    const prompt = journaledStore(stores.front(), {
      ...journal,
      read: (...args) => {
        look();
        return journal.read(...args);
      },
    });
    await Promise.all([late, prompt].map((store) => store.read(unit(), [{ id: "1" }])));
    strictEqual((await snapshotIn(processOn(stores))).version, 7);
  });

  on("give back to a journal what it lost", async (stores) => {
    const core = processOn(stores);
    await created(core);
    for (let edit = 0; edit < 3; edit++) await insisted(core, "s", edit, `${edit}`);
    // A journal that was never there: the one in front was alone until now.
    const { front } = stores;
    await using other = await open();
    const mixed = { ...stores, front, journal: () => other.journal() };
    await insisted(processOn(mixed), "s", 3, "3");
    await holds(mixed, ["0", "1", "2", "3"]);
  });

  on("refuse with a code while the journal is away, and forget nothing", async (stores) => {
    const core = processOn(stores);
    await created(core);
    await insisted(core, "s", 0, "0");
    const down: DocumentJournal = {
      ...stores.journal(),
      commit: () => Promise.reject(new HoldfastError("ERR_UNAVAILABLE", "Cannot reach it")),
      read: () => Promise.reject(new HoldfastError("ERR_UNAVAILABLE", "Cannot reach it")),
    };
    const cut = coreOn({ ...memory(), documents: journaledStore(stores.front(), down) });
    await rejects(cut.submit(COLLECTION, "1", insertion("s", 1, "1")), { code: "ERR_UNAVAILABLE" });
    strictEqual((await snapshotIn(cut)).version, 2);
    await stores.flush();
    await rejects(cut.read(COLLECTION, [{ id: "1" }]), { code: "ERR_UNAVAILABLE" });
    await holds(stores, ["0"]);
    await insisted(processOn(stores), "s", 1, "1");
    await holds(stores, ["0", "1"]);
  });

  on("answer after a wipe within three requests, and go on at the same version", async (stores) => {
    const steps: Step[] = [];
    const core = processOn(stores, undefined, steps);
    await created(core);
    for (let edit = 0; edit < 56; edit++) await insisted(core, "s", edit, `${edit}`);
    await stores.flush();
    const reader = processOn(stores, undefined, steps);
    steps.length = 0;
    strictEqual((await snapshotIn(reader)).version, 57);
    ok(steps.length <= 3, `a read took ${steps}`);
    await stores.flush();
    steps.length = 0;
    const { op } = must(await core.submit(COLLECTION, "1", insertion("s", 56, "56")), "committed");
    strictEqual(op.version, 57);
    ok(steps.filter((step) => step.startsWith("front")).length <= 3, `a submission took ${steps}`);
    await holds(stores, Array.from({ length: 57 }, (_, edit) => `${edit}`));
  });

  on("let a reader go on from before what the one in front still has", async (stores) => {
    const core = processOn(stores);
    await created(core);
    for (let edit = 0; edit < 3; edit++) await insisted(core, "s", edit, `${edit}`);
    const { epoch } = await snapshotIn(core);
    await stores.flush();
    const after = { epoch, version: 2 };
    const [result] = await processOn(stores).read(COLLECTION, [{ id: "1", after }]);
    strictEqual(must(result, "ops").ops.length, 2);
    deepStrictEqual(must(result, "ops").head.version, 4);
  });

  on("find a repeat again after a wipe, for whatever version it is sent", async (stores) => {
    const core = processOn(stores);
    await created(core);
    for (let edit = 0; edit < 4; edit++) await insisted(core, "s", edit, `${edit}`);
    await stores.flush();
    const { base: _, ...anywhere } = insertion("s", 1, "1");
    const again = await processOn(stores).submit(COLLECTION, "1", anywhere);
    strictEqual(must(again, "duplicate").version, 2);
    await holds(stores, ["0", "1", "2", "3"]);
  });
}

/** A core of a process of its own, which may have to die. */
function processOn(stores: TwoStores, death?: Parameters<typeof dying>[1], steps: Step[] = []) {
  const { front, journal } = dying(
    { front: stores.front(), journal: stores.journal() },
    death,
    steps,
  );
  return coreOn({ ...memory(), documents: journaledStore(front, journal) });
}

async function created(core: DocumentCore): Promise<void> {
  const change = { kind: "create", type: "json", data: { l: [] } } as const;
  const base = { version: 0 };
  must(await core.submit(COLLECTION, "1", { source: "c", sequence: 0, change, base }), "committed");
}

function insertion(source: string, sequence: number, name: string) {
  const change = { kind: "op", op: [{ p: ["l", 0], li: name }] } as const;
  return { source, sequence, change, base: { version: 1 } };
}

/** Submits until it is known to be committed, by the same name each time. */
async function insisted(
  core: DocumentCore,
  source: string,
  sequence: number,
  name: string,
): Promise<SubmitResult> {
  for (let tries = 0;; tries++) {
    try {
      const result = await core.submit(COLLECTION, "1", insertion(source, sequence, name));
      if (result.kind === "refused") throw result.error;
      return result;
    } catch (error) {
      // Outcomes that are not known are asked for again.
      if (tries > 20 || !HoldfastError.is(error)) throw error;
    }
  }
}

/** The document has each name once, and the journal every version, whether or not the one in front is wiped. */
async function holds(stores: TwoStores, names: readonly string[]): Promise<void> {
  const sorted = [...names].sort();
  for (const isWiped of [false, true]) {
    if (isWiped) await stores.flush();
    const { data, version } = await snapshotIn(processOn(stores));
    deepStrictEqual([...(data as { l: string[] }).l].sort(), sorted);
    strictEqual(version, names.length + 1);
  }
  const ops: Op[] = [];
  while (ops.length <= names.length) {
    const after = { version: ops.length };
    const [read] = await stores.journal().read(unit(), [{ id: "1", after }]);
    ok(read?.kind === "ops" && read.ops.length > 0, "the journal is dense");
    ops.push(...read.ops);
  }
  deepStrictEqual(ops.map(({ version }) => version), names.map((_, at) => at).concat(names.length));
  const identities = new Set(ops.map(({ source, sequence }) => `${source} ${sequence}`));
  strictEqual(identities.size, ops.length);
}

/** As the core of {@linkcode coreOn} has it. */
function unit(): DocumentUnit {
  const [only] = coreSettings({}).collection(COLLECTION).units;
  if (only === undefined) throw new Error("a collection has a unit");
  return only;
}
