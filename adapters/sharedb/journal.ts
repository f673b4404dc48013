/**
 * A ShareDB database as a journal of documents.
 *
 * ShareDB's databases take one operation at a time, together with the whole document that it makes, and say whether it was
 * the next version: that is the one decision, and all that is needed. They know no identities but those of the operations
 * themselves, no order across documents and no indexes; so the store in front knows repeats, tells what was committed,
 * and looks nothing up in indexes.
 *
 * @module
 */

import type { Clock } from "../../src/clock.ts";
import { systemClock } from "../../src/clock.ts";
import { isEdit, type Op, type PartialPosition } from "../../src/documents/change.ts";
import { changed, dataOf, stateOf } from "../../src/documents/document_state.ts";
import type {
  AdvanceResult,
  DocumentAdvance,
  DocumentJournal,
  JournaledRead,
} from "../../src/documents/journal_port.ts";
import {
  ANSWER_OPS_MAX,
  type CommitResult,
  type DocumentCommit,
  type DocumentHead,
  type DocumentWant,
  type HistoryMoment,
  type HistoryRead,
  type NewOp,
  type StoredSnapshot,
  type StoreOptions,
} from "../../src/documents/port.ts";
import { coreSettings, type CoreSettingsOptions } from "../../src/documents/settings.ts";
import { ArgumentError, checkOptions } from "../../src/errors.ts";
import {
  type Database,
  databaseOf,
  type DatabaseOptions,
  type Place,
  type ShareDbDatabase,
} from "./database.ts";
import { EPOCH, opsOfRows, rowOfOp, rowOfSnapshot, snapshotOfRow } from "./rows.ts";

/** Options of {@linkcode fromShareDb}. */
export interface ShareDbOptions extends DatabaseOptions {
  /** The types of documents beside `json` and `text`, as `createDocuments` has them. */
  readonly types?: CoreSettingsOptions["types"];
}

/**
 * A ShareDB database as a journal. Sends nothing yet. Documents that ShareDB wrote are gone on with, and ShareDB may go on
 * to use the database: what it commits there is seen by whoever writes next, or asks a store in front that has not got it.
 *
 * @example
 * ```ts
 * import { createDocuments } from "@holdfast/holdfast/documents";
 * import { memory } from "@holdfast/holdfast/memory";
 * import { fromShareDb } from "@holdfast/holdfast/sharedb";
 * import { deepStrictEqual } from "node:assert/strict";
 * import ShareDb from "sharedb";
 *
 * const db = new ShareDb.MemoryDB(); // or sharedb-postgres, sharedb-mongo, …
 * const open = () => createDocuments({ ...memory(), journal: fromShareDb(db) });
 * await open().submit("posts", "1", { create: { data: { n: 1 } } });
 * // Another store in front, empty: what was committed is there all the same.
 * deepStrictEqual((await open().fetch("posts", "1")).data, { n: 1 });
 * ```
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION`; `ERR_INVALID_ARGUMENT` for a type or a database that is none.
 */
export function fromShareDb(db: ShareDbDatabase, options: ShareDbOptions = {}): DocumentJournal {
  checkOptions("use a ShareDB database", options, ["clock", "timeoutMs", "types"]);
  checkDatabase(db);
  const { clock = systemClock(), types = [] } = options;
  const own: Own = {
    db: databaseOf(db, options),
    clock,
    types: coreSettings({ types }).types,
  };
  return {
    findsRepeats: false,
    commit: ({ collection }, commit, call) =>
      committed(own, { collection, id: commit.id }, commit, call),
    advance: ({ collection }, advance, call) =>
      advanced(own, { collection, id: advance.id }, advance, call),
    read: ({ collection }, wants, call) =>
      Promise.all(wants.map((want) => readOne(own, { collection, id: want.id }, want, call))),
    history: ({ collection }, id, moment, call) => historyOf(own, { collection, id }, moment, call),
  };
}

function checkDatabase(db: unknown): void {
  const missing = ["commit", "getSnapshot", "getOps"].filter((name) =>
    typeof Object(db)[name] !== "function"
  );
  if (missing.length === 0) return;
  throw new ArgumentError(
    "ERR_INVALID_ARGUMENT",
    `Cannot use a ShareDB database as it must have ${missing.join(", ")}`,
  );
}

/** What a journal has. */
interface Own {
  readonly db: Database;
  readonly clock: Clock;
  readonly types: ReturnType<typeof coreSettings>["types"];
}

/** A document as it is. */
interface Found {
  readonly head: DocumentHead;
  readonly snapshot: StoredSnapshot;
}

async function found({ db }: Own, place: Place, options?: StoreOptions): Promise<Found> {
  const row = snapshotOfRow(await db.snapshot(place, options));
  const { version } = row;
  const last = row.tag === undefined ? await db.ops(place, version - 1, version, options) : [];
  const tag = row.tag ?? opsOfRows(last ?? [], version - 1)?.[0]?.tag ?? "lost";
  const epoch = version === 0 ? "" : EPOCH;
  const head = { epoch, version, tag, firstVersion: 0, snapshotVersion: version };
  return { head, snapshot: { ...row, tag } };
}

/** The operations from a version on, with the tag before them; `undefined` if they are not all there any more. */
async function opsFrom(
  { db }: Own,
  place: Place,
  { version, tag }: Pick<DocumentHead, "version" | "tag">,
  from: number,
  options?: StoreOptions,
): Promise<{ readonly before: string; readonly ops: readonly Op[] } | undefined> {
  if (from === version) return { before: tag, ops: [] };
  const first = Math.max(0, from - 1);
  const rows = await db.ops(place, first, Math.min(version, from + ANSWER_OPS_MAX), options);
  const ops = rows && opsOfRows(rows, first);
  if (ops === undefined) return undefined;
  return from === 0 ? { before: "", ops } : { before: ops[0]?.tag ?? "", ops: ops.slice(1) };
}

function isOwnEpoch({ epoch, version }: PartialPosition, head: DocumentHead): boolean {
  return epoch === undefined || epoch === head.epoch || (epoch === "" && version === 0);
}

async function committed(
  own: Own,
  place: Place,
  commit: DocumentCommit,
  options?: StoreOptions,
): Promise<CommitResult> {
  const { base, ops, commutes } = commit;
  for (;;) {
    const { head, snapshot } = await found(own, place, options);
    if (base.version > head.version) {
      return { kind: isOwnEpoch(base, head) ? "ahead" : "foreign", head };
    }
    const since = await opsFrom(own, place, head, base.version, options);
    const known = ops.flatMap(({ source, sequence }, at) => {
      const op = since?.ops.find((one) => one.source === source && one.sequence === sequence);
      return op === undefined ? [] : [{ at, version: op.version }];
    });
    if (known.length > 0) return { kind: "duplicate", known, head, ops: since?.ops ?? [] };
    if (!isOwnEpoch(base, head)) return { kind: "foreign", head };
    if (since === undefined) return { kind: "trimmed", head, isUnknown: true };
    const isTagged = base.tag !== undefined && base.version > 0;
    if (isTagged && base.tag !== since.before) return { kind: "foreign", head };
    const isBehind = base.version < head.version;
    const isIn = !isBehind ||
      (commutes && since.ops.length === head.version - base.version && since.ops.every(isEdit));
    if (!isIn) return { kind: "behind", head, ops: since.ops };
    const atMs = Math.max(own.clock.now(), snapshot.changedAtMs);
    const given = ops.map((op) => ({ op, atMs }));
    const count = await append(own, place, { head, snapshot }, given, options);
    if (count === ops.length) {
      const missed = isBehind ? { missed: since.ops } : {};
      return { kind: "done", head: headAfter(head, ops), atMs, ...missed };
    }
    // Somebody was faster: those that were appended are found as repeats now.
  }
}

function headAfter({ version }: DocumentHead, ops: readonly NewOp[]): DocumentHead {
  const last = version + ops.length;
  const tag = ops.at(-1)?.tag ?? "";
  return { epoch: EPOCH, version: last, tag, firstVersion: 0, snapshotVersion: last };
}

/** Appends one operation after the other, until one's version is taken. Says how many are appended. */
async function append(
  { db, types }: Own,
  place: Place,
  { head, snapshot }: Found,
  given: readonly { readonly op: NewOp; readonly atMs: number }[],
  options?: StoreOptions,
): Promise<number> {
  let content = stateOf(types, head, snapshot, []);
  let { createdAtMs } = snapshot;
  for (const [at, { op, atMs }] of given.entries()) {
    const version = head.version + at;
    content = { ...content, ...changed(types, content, op) };
    if (op.kind === "create") createdAtMs = atMs;
    const row = rowOfSnapshot(place.id, {
      version: version + 1,
      tag: op.tag,
      createdAtMs,
      changedAtMs: atMs,
      type: content.type?.uri,
      data: dataOf(content),
    });
    if (!await db.commit(place, rowOfOp(op, version, atMs), row, options)) return at;
  }
  return given.length;
}

async function advanced(
  own: Own,
  place: Place,
  { from, ops }: DocumentAdvance,
  options?: StoreOptions,
): Promise<AdvanceResult> {
  for (;;) {
    const { head, snapshot } = await found(own, place, options);
    const skip = head.version - from.version;
    if (head.version > 0 && skip >= ops.length) return { kind: "done", head };
    const tag = skip === 0 ? from.tag : ops[skip - 1]?.tag;
    if (skip < 0 || tag !== head.tag) return { kind: "gap", head };
    const given = ops.slice(skip).map((op) => ({ op, atMs: op.atMs }));
    const count = await append(own, place, { head, snapshot }, given, options);
    if (count === given.length) {
      return { kind: "done", head: headAfter(head, given.map(({ op }) => op)) };
    }
  }
}

async function readOne(
  own: Own,
  place: Place,
  { after }: DocumentWant,
  options?: StoreOptions,
): Promise<JournaledRead> {
  const { head, snapshot } = await found(own, place, options);
  if (head.version === 0) return { kind: "absent" };
  if (after !== undefined && after.version <= head.version && isOwnEpoch(after, head)) {
    const since = await opsFrom(own, place, head, after.version, options);
    const isOwn = after.tag === undefined || after.version === 0 || after.tag === since?.before;
    if (since !== undefined && isOwn) return { kind: "ops", head, ops: since.ops };
  }
  const first = Math.max(0, head.version - ANSWER_OPS_MAX);
  const rows = await own.db.ops(place, first, head.version, options);
  return { kind: "snapshot", head, snapshot, ops: [], earlier: opsOfRows(rows ?? [], first) };
}

const NOTHING: StoredSnapshot = {
  version: 0,
  tag: "",
  createdAtMs: 0,
  changedAtMs: 0,
  type: undefined,
  data: undefined,
};

async function historyOf(
  own: Own,
  place: Place,
  moment: HistoryMoment,
  options?: StoreOptions,
): Promise<HistoryRead> {
  const { head, snapshot } = await found(own, place, options);
  if (head.version === 0) return { kind: "absent" };
  const isNow = "version" in moment
    ? moment.version >= head.version
    : snapshot.changedAtMs > 0 && moment.atMs >= snapshot.changedAtMs;
  if (isNow) return { kind: "found", head, snapshot, ops: [] };
  const all = await opsFrom(own, place, head, 0, options);
  if (all === undefined) return { kind: "trimmed", head };
  return { kind: "found", head, snapshot: NOTHING, ops: all.ops };
}
