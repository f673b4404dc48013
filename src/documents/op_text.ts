/**
 * Operations and snapshots as text, for stores that keep text and for journals.
 *
 * What a line carries as JSON is sealed: a hash of it stands before it, so that a line which somebody cut, or wrote
 * into, is found out and not applied.
 *
 * @module
 */

import { isJsonObject, type Json } from "../json.ts";
import { hash32 } from "../ordered_text.ts";
import type { Change, Op } from "./change.ts";
import type { NewOp, StoredSnapshot } from "./port.ts";

const LINE = /^([\w-]{1,64}) (\d{1,16}) ([\x21-\x7e]{1,128}) (\d{1,16}) ([\s\S]*)$/;
const SNAPSHOT = /^(\d{1,16}) ([\w-]{0,64}) (\d{1,16}) (\d{1,16}) ([\s\S]*)$/;

/** What an operation does and what stands beside it, as sealed JSON. */
export function changeText(op: NewOp): string {
  const { fixup, meta } = op;
  if (fixup === undefined && meta === undefined) return sealed(bodyOf(op));
  return sealed({
    ...bodyOf(op),
    ...fixup !== undefined && { f: fixup },
    ...meta !== undefined && { m: meta },
  });
}

/** An operation as a line, without its version. A store that cannot call this builds the same text. */
export function opLine(op: NewOp, atMs: number): string {
  return `${op.tag} ${atMs} ${op.source} ${op.sequence} ${changeText(op)}`;
}

/**
 * How long the text of a value is, about, without writing it.
 *
 * @throws {TypeError} If it is not JSON.
 */
export function sizeOfText(value: unknown): number {
  if (typeof value === "string") return value.length + 3;
  if (typeof value === "number") return 4;
  let size = 2;
  if (Array.isArray(value)) { for (const part of value) size += 1 + sizeOfText(part); }
  else if (isJsonObject(value)) {
    for (const key in value) size += key.length + 4 + sizeOfText(value[key]);
  } else size = JSON.stringify(value)?.length ?? 0;
  return size;
}

/** The operation of a line at its version; `undefined` if the line is none. */
export function parseOp(line: string, version: number): Op | undefined {
  const [, tag, at, source, sequence, text] = LINE.exec(line) ?? [];
  if (tag === undefined || source === undefined || text === undefined) return undefined;
  const body = unsealed(text);
  const change = isJsonObject(body) ? changeOf(body) : undefined;
  if (change === undefined || !isJsonObject(body)) return undefined;
  const { f: fixup, m: meta } = body;
  const placed = { version, tag, source, sequence: Number(sequence), atMs: Number(at) };
  return {
    ...change,
    ...placed,
    ...fixup !== undefined && { fixup },
    ...meta !== undefined && { meta },
  };
}

/** The operations of lines, the first at `from`; `undefined` if one is none. */
export function parseOps(lines: readonly string[], from: number): readonly Op[] | undefined {
  const ops: Op[] = [];
  for (const line of lines) {
    const op = parseOp(line, from + ops.length);
    if (op === undefined) return undefined;
    ops.push(op);
  }
  return ops;
}

/** What a snapshot has beside its place and times, as sealed JSON. */
export function snapshotText(
  { type, data, meta }: Pick<StoredSnapshot, "type" | "data" | "meta">,
): string {
  return sealed({
    ...type !== undefined && { type },
    ...data !== undefined && { data },
    ...meta !== undefined && { m: meta },
  });
}

/** The snapshot of a line: version, tag, two times and the sealed JSON; `undefined` if it is none. */
export function parseSnapshot(line: string): StoredSnapshot | undefined {
  const [, version, tag = "", created, changed, text] = SNAPSHOT.exec(line) ?? [];
  const body = text === undefined ? undefined : unsealed(text);
  if (!isJsonObject(body)) return undefined;
  const { type, data, m } = body;
  return {
    version: Number(version),
    tag,
    createdAtMs: Number(created),
    changedAtMs: Number(changed),
    type: typeof type === "string" ? type : undefined,
    data,
    ...m !== undefined && { meta: m },
  };
}

function bodyOf(change: Change): Readonly<Record<string, unknown>> {
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
  if (op !== undefined) return { kind: "op", op };
  if (del === true) return { kind: "del" };
  if (create === undefined) return { kind: "none" };
  if (!isJsonObject(create) || typeof create.type !== "string") return undefined;
  return { kind: "create", type: create.type, data: create.data };
}

function sealed(body: unknown): string {
  const json = JSON.stringify(body);
  return `${hash32(json).toString(36)}:${json}`;
}

function unsealed(text: string): Json | undefined {
  const colon = text.indexOf(":");
  const json = text.slice(colon + 1);
  if (hash32(json).toString(36) !== text.slice(0, colon)) return undefined;
  try {
    return JSON.parse(json);
  } catch {
    // A SyntaxError: somebody sealed what is no JSON.
    return undefined;
  }
}
