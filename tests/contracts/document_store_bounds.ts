/**
 * The suite of documents: what a log keeps, and what it says of the rest.
 *
 * @module
 */

import type { DocumentStore, DocumentUnit, NewOp } from "../../src/documents/port.ts";
import { TRIM_BLOCK } from "../../src/documents/port.ts";
import { equal, ok } from "./assert.ts";
import {
  type DocumentWriter,
  documentWriter,
  of,
  type OnDocuments,
  readOne,
  sequences,
  unitWith,
} from "./document_writes.ts";

const SNAPSHOT = { type: "uri", data: { n: 1 } };

/** Registers the tests. */
export function documentBounds(on: OnDocuments): void {
  operations(on);
  identities(on);
  milestones(on);
}

function operations(on: OnDocuments): void {
  on("commit() drops operations over the bound, in blocks", async ({ store }) => {
    const unit = unitWith({ opsMax: 100 });
    const writer = documentWriter(store, unit);
    await filled(writer, 0, 100 + TRIM_BLOCK - 1);
    equal((await head(store, unit)).firstVersion, 0);
    await filled(writer, 100 + TRIM_BLOCK - 1, 100 + TRIM_BLOCK);
    equal((await head(store, unit)).firstVersion, TRIM_BLOCK);
    await filled(writer, 100 + TRIM_BLOCK, 600);
    const { firstVersion, version } = await head(store, unit);
    ok(version - firstVersion >= 100, "as many as the bound says are kept");
    ok(version - firstVersion < 100 + TRIM_BLOCK, "and less than a block more");
    const kept = of(await readOne(store, { version: firstVersion }, unit), "ops");
    equal(sequences(kept.ops), numbers(firstVersion + 1, 601));
  });

  on("commit() keeps what follows the snapshot, whatever the bound", async ({ store }) => {
    const unit = unitWith({ opsMax: 10 });
    const writer = documentWriter(store, unit);
    await filled(writer, 0, 5);
    for (let version = 5; version < 200; version += 5) {
      await writer.done(version, Array.from({ length: 5 }, () => writer.op()));
    }
    const { firstVersion, snapshotVersion } = await head(store, unit);
    ok(firstVersion <= snapshotVersion, "the snapshot joins the log");
    const { snapshot, ops } = of(await readOne(store, undefined, unit), "snapshot");
    equal(sequences(ops), numbers(snapshot.version + 1, 201));
  });

  on("commit() drops operations over the bound of bytes", async ({ store }) => {
    const unit = unitWith({ bytesMax: 20_000 });
    const writer = documentWriter(store, unit);
    for (let version = 0; version < 60; version++) {
      const op = writer.op({ kind: "op", op: "x".repeat(1_000) });
      await writer.done(version, [op], { snapshot: SNAPSHOT });
    }
    const { firstVersion } = await head(store, unit);
    ok(firstVersion > 35 && firstVersion < 45, `about 20 are kept (from ${firstVersion})`);
  });

  on("commit() drops operations that are too old", async (bench) => {
    const { store } = bench;
    const unit = unitWith({ ageMsMax: 40 });
    const writer = documentWriter(store, unit);
    await filled(writer, 0, 3);
    await bench.advance(90);
    await filled(writer, 3, 4);
    equal((await head(store, unit)).firstVersion, 3);
  });

  on("read() and commit() refuse to go on from what was dropped", async ({ store }) => {
    const unit = unitWith({ opsMax: 100 });
    const writer = documentWriter(store, unit);
    await filled(writer, 0, 300);
    const { firstVersion, epoch } = await head(store, unit);
    equal((await readOne(store, { version: firstVersion - 1, epoch }, unit)).kind, "snapshot");
    const late = of(await writer.commit(firstVersion - 1), "trimmed");
    equal([late.isUnknown, late.head.firstVersion], [false, firstVersion]);
    // The tag before the first that is kept is still known.
    const base = { version: firstVersion, epoch, tag: `w${firstVersion}` };
    equal((await writer.commit(0, undefined, { base })).kind, "behind");
    const other = { ...base, tag: "other" };
    equal((await writer.commit(0, undefined, { base: other })).kind, "foreign");
  });
}

function identities(on: OnDocuments): void {
  on("commit() knows an operation after it is dropped", async ({ store }) => {
    const unit = unitWith({ opsMax: 500 });
    const writer = documentWriter(store, unit);
    await filled(writer, 0, 100);
    const op = writer.op();
    await writer.done(100, [op]);
    await filled(writer, 101, 800);
    ok((await head(store, unit)).firstVersion > 101, "the operation is dropped");
    const again = of(await writer.commit(100, [op]), "duplicate");
    equal([again.known, again.ops], [[{ at: 0, version: 100 }], []]);
  });

  on("commit() says of what is older than every identity that it cannot tell", async (bench) => {
    const { store } = bench;
    const unit = unitWith({ opsMax: 10, identitiesMax: 20 });
    const writer = documentWriter(store, unit);
    const op = writer.op();
    await writer.done(0, [op], { snapshot: SNAPSHOT });
    await filled(writer, 1, 300);
    equal(of(await writer.commit(0, [op]), "trimmed").isUnknown, true);
    const { firstVersion } = await head(store, unit);
    equal(of(await writer.commit(firstVersion - 1), "trimmed").isUnknown, false);
    equal((await head(store, unit)).version, 300);
  });

  on("commit() forgets identities that are too old", async (bench) => {
    const { store } = bench;
    const unit = unitWith({ opsMax: 1, identityMsMax: 40 });
    const writer = documentWriter(store, unit);
    const op = writer.op();
    await writer.done(0, [op], { snapshot: SNAPSHOT });
    await filled(writer, 1, 1 + TRIM_BLOCK);
    // A slow store may have forgotten it by now; that it knew it at first is what the test before shows.
    await bench.advance(90);
    await filled(writer, 1 + TRIM_BLOCK, 3 + TRIM_BLOCK);
    equal(of(await writer.commit(0, [op]), "trimmed").isUnknown, true);
  });
}

function milestones(on: OnDocuments): void {
  on("history() outlives the log by milestones, the oldest making room", async ({ store }) => {
    const unit = unitWith({ opsMax: 10, milestonesMax: 3 });
    const writer = documentWriter(store, unit);
    for (let version = 0; version < 200; version++) {
      const isMilestone = version % 40 === 39;
      const snapshot = { type: "uri", data: version + 1 };
      await writer.done(version, undefined, { snapshot, isMilestone });
    }
    const at = async (version: number) => {
      const found = await store.history(unit, "1", { version });
      return found.kind === "found" ? [found.snapshot.version, found.snapshot.data] : found.kind;
    };
    equal(await at(40), "trimmed");
    equal(await at(119), "trimmed");
    equal(await at(120), [120, 120]);
    equal(await at(159), [120, 120]);
    equal(await at(160), [160, 160]);
    equal(await at(200), [200, 200]);
  });
}

async function head(store: DocumentStore, unit: DocumentUnit) {
  const read = await readOne(store, { version: Number.MAX_SAFE_INTEGER }, unit);
  return of(read, "snapshot").head;
}

/** Brings the log to a version, with snapshots as an owner would write them. */
async function filled(writer: DocumentWriter, from: number, to: number): Promise<void> {
  for (let version = from; version < to;) {
    const count = Math.min(10, to - version);
    const ops: NewOp[] = Array.from({ length: count }, () => writer.op());
    await writer.done(version, ops, { snapshot: SNAPSHOT });
    version += count;
  }
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, at) => from + at);
}
