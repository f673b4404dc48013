/**
 * What lies in a ShareDB database: operations and snapshots as ShareDB writes them, with what is ours in their metadata.
 *
 * So ShareDB reads what is written here, and what ShareDB wrote is read. An operation of ShareDB's has no tag: it gets one
 * that follows from its source and sequence. A database has no epoch, for its versions never begin anew: every document
 * has the same one, older than any connection; that a database was wiped and filled again is told by the tags.
 *
 * @module
 */

import type { Change, Op } from "../../src/documents/change.ts";
import type { NewOp, StoredSnapshot } from "../../src/documents/port.ts";
import { isJsonObject, type Json } from "../../src/json.ts";
import { hash32 } from "../../src/ordered_text.ts";

/** The epoch of every document of a database. */
export const EPOCH = "0-sharedb.0";

const SOURCE = /^[\x21-\x7e]{1,128}$/;
const TAG = /^[\w-]{1,64}$/;

/** A snapshot as it lies in the database; its tag is `undefined` where the last operation must be asked. */
export type StoredRow = Omit<StoredSnapshot, "tag"> & { readonly tag: string | undefined };

/** An operation as ShareDB writes it. */
export function rowOfOp(op: NewOp, version: number, atMs: number): object {
  const { source, sequence, tag, fixup, meta } = op;
  return {
    src: source,
    seq: sequence,
    v: version,
    ...changeRow(op),
    m: { ts: atMs, holdfast: { tag, fixup, meta } },
  };
}

/** The operation of a row; `undefined` if it is none. */
export function opOfRow(row: unknown, version: number): Op | undefined {
  if (!isJsonObject(row)) return undefined;
  const change = changeOf(row);
  if (change === undefined) return undefined;
  const { ts, holdfast } = objectOf(row.m);
  const { tag, fixup, meta } = objectOf(holdfast);
  const name = `${row.src} ${row.seq}`;
  return {
    ...change,
    version,
    source: typeof row.src === "string" && SOURCE.test(row.src) ? row.src : `x${text36(name)}`,
    sequence: typeof row.seq === "number" ? row.seq : version,
    tag: typeof tag === "string" && TAG.test(tag) ? tag : `s${text36(name)}`,
    atMs: typeof ts === "number" ? ts : 0,
    ...fixup !== undefined && { fixup },
    ...meta !== undefined && { meta },
  };
}

/** The operations of rows, the first at `from`; `undefined` if one is none. */
export function opsOfRows(rows: readonly unknown[], from: number): readonly Op[] | undefined {
  const ops = rows.flatMap((row, at) => opOfRow(row, from + at) ?? []);
  return ops.length === rows.length ? ops : undefined;
}

/** A snapshot as ShareDB writes it. What is false in itself lies in the metadata too: some databases lose it. */
export function rowOfSnapshot(id: string, snapshot: StoredSnapshot): object {
  const { version, tag, createdAtMs, changedAtMs, type, data } = snapshot;
  const own = { v: version, tag, ...!data && data !== undefined && { data } };
  return {
    id,
    v: version,
    type: type ?? null,
    data,
    m: { ctime: createdAtMs, mtime: changedAtMs, holdfast: own },
  };
}

/** The snapshot of a row; version 0 if there is none. */
export function snapshotOfRow(row: unknown): StoredRow {
  const { v, type, data, m } = objectOf(row);
  const version = typeof v === "number" ? v : 0;
  const { ctime, mtime, holdfast } = objectOf(m);
  const own = objectOf(holdfast);
  // ShareDB keeps metadata that it does not know, beside a version of its own.
  const isOwn = own.v === version;
  const isThere = typeof type === "string";
  return {
    version,
    tag: version === 0 ? "" : isOwn && typeof own.tag === "string" ? own.tag : undefined,
    createdAtMs: typeof ctime === "number" ? ctime : 0,
    changedAtMs: typeof mtime === "number" ? mtime : 0,
    type: isThere ? type : undefined,
    data: isThere ? data ?? (isOwn ? own.data : undefined) : undefined,
  };
}

function changeRow(change: Change): object {
  switch (change.kind) {
    case "op":
      return { op: change.op };
    case "create":
      return { create: { type: change.type, data: change.data } };
    case "del":
      return { del: true };
    case "none":
      return {};
  }
}

function changeOf({ op, create, del }: Readonly<Record<string, Json>>): Change | undefined {
  if (create !== undefined) {
    const { type, data } = objectOf(create);
    return typeof type === "string" ? { kind: "create", type, data } : undefined;
  }
  if (del) return { kind: "del" };
  return op === undefined ? { kind: "none" } : { kind: "op", op };
}

function objectOf(value: unknown): Readonly<Record<string, Json>> {
  return isJsonObject(value) ? value : {};
}

function text36(name: string): string {
  return hash32(name).toString(36);
}
