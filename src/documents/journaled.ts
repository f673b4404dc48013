/**
 * Pure decisions about two stores: what the one in front lacks, and with what it is brought to where the journal is.
 *
 * @module
 */

import type { Op, OpIdentity, PartialPosition } from "./change.ts";
import type { DocumentAdvance, DocumentJournal, JournaledRead } from "./journal_port.ts";
import type { FrontDocumentStore } from "./journal_port.ts";
import type {
  CommitResult,
  DocumentCommit,
  DocumentRead,
  DocumentUnit,
  DocumentWant,
} from "./port.ts";

/**
 * A store of documents as a journal: a second Redis whose append-only file is always synced, for one.
 *
 * @example
 * ```ts
 * import { createDocuments, journalOf } from "@holdfast/holdfast/documents";
 * import { memory } from "@holdfast/holdfast/memory";
 * import { strictEqual } from "node:assert/strict";
 *
 * const durable = memory(); // redis({ url, token }) of a Redis that loses nothing
 * const documents = createDocuments({ ...memory(), journal: journalOf(durable.documents) });
 * await documents.submit("posts", "1", { create: { data: "kept" } });
 * strictEqual((await createDocuments(durable).fetch("posts", "1")).data, "kept");
 * ```
 */
export function journalOf(store: FrontDocumentStore): DocumentJournal {
  return {
    findsRepeats: true,
    commit: (unit, commit, options) => store.commit(unit, commit, options),
    advance: (unit, advance, options) => store.advance(unit, advance, options),
    read: (unit, wants, options) => store.read(unit, wants, options),
    history: (unit, id, moment, options) => store.history(unit, id, moment, options),
    changes: (unit, after, options) => store.changes(unit, after, options),
    page: (unit, range, options) => store.page(unit, range, options),
    ...store.list && { list: store.list },
  };
}

/** A unit as the store in front has it: what can be wiped keeps no indexes. */
export function frontUnit(unit: DocumentUnit): DocumentUnit {
  return unit.isIndexed ? { ...unit, isIndexed: false } : unit;
}

/** What the store in front cannot answer: all of a document, or only what comes after something. */
export function lackOf(
  { after }: DocumentWant,
  read: DocumentRead | undefined,
): "document" | "operations" | undefined {
  if (read === undefined || read.kind === "absent" || read.kind === "corrupt") return "document";
  if (read.kind === "ops" || after === undefined) return undefined;
  const { epoch, version, firstVersion } = read.head;
  if (after.epoch !== undefined && after.epoch !== "" && after.epoch !== epoch) return undefined;
  if (after.version > version) return "document";
  return after.version < firstVersion ? "operations" : undefined;
}

/** What brings the store in front to where a journal's answer is; `undefined` if there is no document. */
export function advanceOf(
  id: string,
  read: JournaledRead,
  after: PartialPosition | undefined,
): DocumentAdvance | undefined {
  if (read.kind === "absent" || read.kind === "corrupt") return undefined;
  const { head: { epoch }, ops } = read;
  if (read.kind === "ops") {
    const from = { version: after?.version ?? 0, tag: after?.tag ?? "" };
    return { id, epoch, from, ops, snapshot: undefined };
  }
  const { snapshot } = read;
  const known = [...read.earlier ?? [], ...ops];
  const begun = snapshot.version === 0 ? undefined : snapshot;
  const [first, ...rest] = known;
  if (first === undefined || read.earlier === undefined || read.earlier.length === 0) {
    return {
      id,
      epoch,
      from: { version: snapshot.version, tag: snapshot.tag },
      ops,
      snapshot: begun,
    };
  }
  // What is before the first operation is known only at the start; else the first gives its tag to the next.
  return first.version === 0
    ? { id, epoch, from: { version: 0, tag: "" }, ops: known, snapshot: begun }
    : {
      id,
      epoch,
      from: { version: first.version + 1, tag: first.tag },
      ops: rest,
      snapshot: begun,
    };
}

/** What brings the store in front to where a commit led; `undefined` if the commit did not say what it built on. */
export function advanceBy(
  { id, base, ops, snapshot }: DocumentCommit,
  { head, atMs, missed = [] }: Extract<CommitResult, { readonly kind: "done" }>,
): DocumentAdvance | undefined {
  const { version, tag = base.version === 0 ? "" : undefined } = base;
  if (tag === undefined) return undefined;
  const last = { version: head.version, tag: head.tag, createdAtMs: 0, changedAtMs: atMs };
  return {
    id,
    epoch: head.epoch,
    from: { version, tag },
    ops: [
      ...missed,
      ...ops.map((op, at): Op => ({ ...op, version: version + missed.length + at, atMs })),
    ],
    snapshot: snapshot === undefined || missed.length > 0 ? undefined : { ...snapshot, ...last },
  };
}

/** A journal's answer about a whole document as the answer to a reader who has some of it; `undefined` if it is none. */
export function continued(
  after: PartialPosition | undefined,
  read: JournaledRead,
): DocumentRead | undefined {
  if (after === undefined || read.kind !== "snapshot") return read;
  const { head, snapshot } = read;
  const known = [...read.earlier ?? [], ...read.ops];
  const first = known[0]?.version ?? snapshot.version;
  const at = after.version - first;
  const isOwn = after.epoch === undefined || after.epoch === head.epoch ||
    (after.epoch === "" && after.version === 0);
  if (!isOwn || at < 0 || at > known.length) return undefined;
  const tag = after.version === snapshot.version ? snapshot.tag : known[at - 1]?.tag;
  if (after.version > 0 && after.tag !== undefined && after.tag !== tag) return undefined;
  return { kind: "ops", head, ops: known.slice(at) };
}

/** Which operations a journal's answer has already; `undefined` if none. */
export function repeatsIn(
  read: JournaledRead,
  ops: readonly OpIdentity[],
): CommitResult | undefined {
  if (read.kind === "absent" || read.kind === "corrupt") return undefined;
  const kept = read.kind === "snapshot" ? [...read.earlier ?? [], ...read.ops] : read.ops;
  const known = ops.flatMap(({ source, sequence }, at) => {
    const op = kept.find((one) => one.sequence === sequence && one.source === source);
    return op === undefined ? [] : [{ at, version: op.version }];
  });
  return known.length === 0 ? undefined : { kind: "duplicate", known, head: read.head, ops: [] };
}

/** Where a reader is who has an answer. */
export function placeAfter(read: JournaledRead): PartialPosition | undefined {
  if (read.kind === "absent" || read.kind === "corrupt") return undefined;
  const { head: { epoch }, ops } = read;
  const last = ops.at(-1);
  if (last !== undefined) return { epoch, version: last.version + 1, tag: last.tag };
  return read.kind === "snapshot"
    ? { epoch, version: read.snapshot.version, tag: read.snapshot.tag }
    : undefined;
}
