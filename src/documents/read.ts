/**
 * Reading documents: many in one request, and of those that this process has a copy of, only what is new.
 *
 * @module
 */

import { HoldfastError } from "../errors.ts";
import { isUpdateType } from "../ot/mod.ts";
import type { DocumentPosition, Op, PartialPosition } from "./change.ts";
import type { CoreOptions, ReadResult, ReadWant } from "./core.ts";
import type { CoreContext } from "./core_context.ts";
import {
  corrupt,
  type DocumentState,
  movedOn,
  NO_DOCUMENT,
  snapshotOf,
  stateOf,
} from "./document_state.ts";
import type { DocumentPlace } from "./draft.ts";
import { checkNames, checkPosition } from "./names.ts";
import { type DocumentHead, type DocumentRead, type DocumentUnit, NO_SNAPSHOT } from "./port.ts";
import { documentKey, grown, type RecentDocument, recentOf } from "./recent.ts";
import { unitOf } from "./settings.ts";

/** The most documents of one request; more take several. */
export const READ_IDS_MAX = 100;

/** Documents of one collection, in the order asked for. */
export async function readDocuments(
  context: CoreContext,
  collection: string,
  wants: readonly ReadWant[],
  options: CoreOptions = {},
): Promise<readonly ReadResult[]> {
  checkNames(collection, wants.map(({ id }) => id));
  for (const { after } of wants) checkPosition(after);
  options.signal?.throwIfAborted();
  const results: ReadResult[] = [];
  const settings = context.settings.collection(collection);
  const reading = settings.units.flatMap((unit) => {
    const own = [...wants.keys()].filter((at) => unitOf(settings, wants[at]?.id ?? "") === unit);
    return chunks(own).map(async (some) => {
      const asked = some.flatMap((at) => wants[at] ?? []);
      const answers = await readSome(context, unit, asked, options);
      for (const [at, answer] of answers.entries()) results[some[at] ?? 0] = answer;
    });
  });
  await Promise.all(reading);
  return results;
}

/**
 * A document as it is in the store now, and its copy brought up to that.
 *
 * @throws {HoldfastError} `ERR_DOC_CORRUPT`, `ERR_UNKNOWN_TYPE`, and what the store throws.
 */
export async function freshDocument(
  context: CoreContext,
  { unit, id }: DocumentPlace,
  options: CoreOptions,
): Promise<RecentDocument> {
  const key = documentKey(unit.collection, id);
  const recent = context.recents.get(key);
  const [read] = await context.documents.read(unit, [{ id, after: recent?.state }], options);
  return await wholeDocument(context, { unit, id }, recent, read, options);
}

/**
 * The operations of a document from a version on, up to `to` or the head.
 *
 * @returns What could not be continued is said as by {@linkcode ReadResult}.
 */
export async function opsAfter(
  context: CoreContext,
  { unit, id }: DocumentPlace,
  after: PartialPosition,
  to: number,
  options: CoreOptions,
): Promise<
  { readonly ops: readonly Op[]; readonly head: DocumentPosition } | "foreign" | "trimmed"
> {
  const [read] = await context.documents.read(unit, [{ id, after }], options);
  return await wholeTail(context, { unit, id }, after, read, to, options);
}

async function readSome(
  context: CoreContext,
  unit: DocumentUnit,
  wants: readonly ReadWant[],
  options: CoreOptions,
): Promise<readonly ReadResult[]> {
  const copies = wants.map(({ id }) => context.recents.get(documentKey(unit.collection, id)));
  const asked = wants.map(({ id, after }, at) => ({ id, after: after ?? copies[at]?.state }));
  const reads = await context.documents.read(unit, asked, options);
  return await Promise.all(wants.map(async (want, at) => {
    try {
      return await resultOf(context, unit, want, copies[at], reads[at], options);
    } catch (error) {
      // What is wrong with one document is told of that one; what is wrong with the store, of all.
      const isOwn = HoldfastError.is(error, "ERR_DOC_CORRUPT") ||
        HoldfastError.is(error, "ERR_UNKNOWN_TYPE") ||
        HoldfastError.is(error, "ERR_OP_MALFORMED");
      if (!isOwn) throw error;
      return { kind: "refused", error };
    }
  }));
}

async function resultOf(
  context: CoreContext,
  unit: DocumentUnit,
  { id, after, stateVector }: ReadWant,
  copy: RecentDocument | undefined,
  read: DocumentRead | undefined,
  options: CoreOptions,
): Promise<ReadResult> {
  const place = { unit, id };
  if (after !== undefined) {
    const tail = await wholeTail(context, place, after, read, Infinity, options);
    if (typeof tail === "object") return { kind: "ops", ...tail };
    // The answer holds the whole document already.
    const { state } = await wholeDocument(context, place, undefined, read, options);
    return { kind: "snapshot", snapshot: snapshotOf(unit.collection, id, state), reason: tail };
  }
  const { state } = await wholeDocument(context, place, copy, read, options);
  if (stateVector !== undefined && isUpdateType(state.type)) {
    const data = state.type.since(state.content, stateVector);
    const snapshot = { ...snapshotOf(unit.collection, id, state), data };
    return { kind: "snapshot", snapshot, reason: undefined, isPart: true };
  }
  return { kind: "snapshot", snapshot: snapshotOf(unit.collection, id, state), reason: undefined };
}

/** All operations after a position, in as many answers as they take. */
async function wholeTail(
  context: CoreContext,
  { unit, id }: DocumentPlace,
  after: PartialPosition,
  read: DocumentRead | undefined,
  to: number,
  options: CoreOptions,
): Promise<
  { readonly ops: readonly Op[]; readonly head: DocumentPosition } | "foreign" | "trimmed"
> {
  const ops: Op[] = [];
  for (let answer = read;;) {
    if (answer === undefined || answer.kind === "corrupt") throw corrupt();
    if (answer.kind === "absent") {
      return isNothing(after) ? { ops, head: positionOf(NO_DOCUMENT) } : "foreign";
    }
    if (answer.kind === "snapshot") return reasonOf(after, answer.head);
    ops.push(...answer.ops);
    const { head } = answer;
    const last = ops.at(-1);
    const version = last === undefined ? after.version : last.version + 1;
    if (version >= Math.min(head.version, to)) return { ops, head: positionOf(head) };
    if (last === undefined) throw corrupt();
    const next = { epoch: head.epoch, version, tag: last.tag };
    [answer] = await context.documents.read(unit, [{ id, after: next }], options);
  }
}

/** A whole document, from the answer to a reader who has a copy or nothing. */
async function wholeDocument(
  context: CoreContext,
  { unit, id }: DocumentPlace,
  copy: RecentDocument | undefined,
  read: DocumentRead | undefined,
  options: CoreOptions,
): Promise<RecentDocument> {
  const { recents, settings: { types } } = context;
  const key = documentKey(unit.collection, id);
  let recent = copy;
  for (let answer = read;;) {
    if (answer === undefined || answer.kind === "corrupt") {
      recents.delete(key);
      throw corrupt();
    }
    if (answer.kind === "absent") {
      recents.delete(key);
      return recentOf(NO_DOCUMENT, 0);
    }
    const { head, ops } = answer;
    const state: DocumentState = answer.kind === "snapshot" || recent === undefined
      ? stateOf(types, head, answer.kind === "snapshot" ? answer.snapshot : NO_SNAPSHOT, ops)
      : movedOn(types, recent.state, ops);
    const before = answer.kind === "ops" && recent || recentOf(state, 0);
    recent = grown(before, state, ops, head);
    if (state.version >= head.version) {
      recents.set(key, recent);
      return recent;
    }
    if (ops.length === 0) throw corrupt();
    [answer] = await context.documents.read(unit, [{ id, after: state }], options);
  }
}

function reasonOf({ epoch, version }: PartialPosition, head: DocumentHead): "foreign" | "trimmed" {
  const isOwnEpoch = epoch === undefined || epoch === head.epoch || (epoch === "" && version === 0);
  return isOwnEpoch && version < head.firstVersion ? "trimmed" : "foreign";
}

function isNothing({ epoch, version }: PartialPosition): boolean {
  return version === 0 && (epoch === undefined || epoch === "");
}

function positionOf({ epoch, version, tag }: DocumentPosition): DocumentPosition {
  return { epoch, version, tag };
}

function chunks(list: readonly number[]): readonly (readonly number[])[] {
  return Array.from(
    { length: Math.ceil(list.length / READ_IDS_MAX) },
    (_, at) => list.slice(at * READ_IDS_MAX, (at + 1) * READ_IDS_MAX),
  );
}
