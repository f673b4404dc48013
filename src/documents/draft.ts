/**
 * A lap in the making: the operations that it has so far, and the document after them.
 *
 * @module
 */

import type { Json } from "../json.ts";
import { isUpdateType } from "../ot/mod.ts";
import type { Change, Op, OpIdentity } from "./change.ts";
import type { ApplyLap, Snapshot } from "./core.ts";
import type { CoreContext } from "./core_context.ts";
import { changed, dataOf, type DocumentState, snapshotOf } from "./document_state.ts";
import { indexEntries } from "./index_entries.ts";
import type { DocumentCommit, DocumentUnit, NewOp } from "./port.ts";
import { pushed } from "./pushed.ts";
import { completed, rebased, withFixup } from "./rebase.ts";
import { opsSince, type RecentDocument } from "./recent.ts";
import { foreign, hasForeignTag, type Pending } from "./submission.ts";

/** A document in its unit. */
export interface DocumentPlace {
  /** The unit. */
  readonly unit: DocumentUnit;
  /** The document. */
  readonly id: string;
}

/** A commit that is ready to go to the store. */
export interface Attempt {
  /** The commit. */
  readonly commit: DocumentCommit;
  /** Who each of its operations is from. */
  readonly pendings: readonly Pending[];
  /** The document after all of them. */
  readonly after: Content;
}

/** A document's type and what it holds. */
export type Content = Pick<DocumentState, "type" | "content">;

/** A lap in the making. */
export interface Draft {
  /** The core's parts. */
  readonly context: CoreContext;
  /** The document. */
  readonly place: DocumentPlace;
  /** The document before all of them. */
  readonly recent: RecentDocument;
  /** The operations. */
  ops: NewOp[];
  /** Who each is from. */
  pendings: Pending[];
  /** The document after them. */
  after: Content;
}

/** A lap with nothing in it. */
export function emptyDraft(
  context: CoreContext,
  place: DocumentPlace,
  recent: RecentDocument,
): Draft {
  return { context, place, recent, ops: [], pendings: [], after: recent.state };
}

/**
 * What was committed since a submission's version, as far as the copy has it; `undefined` if it has not.
 *
 * @throws {HoldfastError} `ERR_DOC_EPOCH` if the submission's base is not of this log.
 */
export function knownOps(
  { recent }: Draft,
  pending: Pending,
  version: number,
): readonly Op[] | undefined {
  const { state } = recent;
  const { base } = pending.submission;
  if (version === state.version) {
    if (hasForeignTag(pending, state, undefined)) throw foreign();
    return NONE;
  }
  if (!isTagged(pending, version)) return opsSince(recent, version);
  const known = opsSince(recent, version - 1);
  const [before, ...rest] = known ?? [];
  if (before !== undefined && before.tag !== base?.tag) throw foreign();
  return before && rest;
}

const NONE: readonly Op[] = [];

/** Whether the base of a submission, which was led nowhere yet, has a tag to be compared. */
export function isTagged({ submission: { base } }: Pending, version: number): boolean {
  return base?.tag !== undefined && version > 0 && version === base.version;
}

/** A submission's change after those of the same lap. One that is for whatever is there goes as it is. */
export function onMates({ ops, after }: Draft, { submission, change }: Pending): Change {
  if (submission.base === undefined) return pushed(after.type, change);
  return ops.reduce<Change>((led, op) => rebased(after.type, led, op), change);
}

/**
 * A change as it is to be committed, with what a hook adds to it, and the document after it.
 *
 * @throws {CodedError} What the document or its type has against it.
 */
export function applied(
  { context: { settings: { types } }, after: before }: Draft,
  change: Change,
  fixup: Json | undefined,
): { readonly change: Change; readonly after: Content } {
  const whole = fixup === undefined ? change : withFixup(types, before.type, change, fixup);
  return { change: whole, after: changed(types, before, whole) };
}

/**
 * A change with a true record of what it takes away from the document.
 *
 * @throws {CodedError} What its type has against it.
 */
export function recorded({ after: { type, content } }: Draft, change: Change): Change {
  return completed(type, content, change);
}

/** Takes an operation in. */
export function push(
  draft: Draft,
  pending: Pending,
  { change, after }: { readonly change: Change; readonly after: Content },
  fixup: Json | undefined,
): void {
  const { source, sequence, meta: remembered } = pending.submission;
  const meta = typeof remembered === "function" ? remembered() : remembered;
  const tag = draft.context.tags.next();
  const op: NewOp = change.kind === "op"
    ? { kind: "op", op: change.op, source, sequence, tag } // Written out, as nearly all are (bench/documents_bench.ts).
    : { ...change, source, sequence, tag };
  const whole = fixup === undefined && meta === undefined ? op : { ...op, fixup, meta };
  // Mostly there is one, and a list that grows from nothing has room for many (bench/documents_bench.ts).
  if (draft.ops.length === 0) [draft.ops, draft.pendings] = [[whole], [pending]];
  else {
    draft.ops.push(whole);
    draft.pendings.push(pending);
  }
  draft.after = after;
}

/** What hooks are told of a submission that is about to be taken in. */
export function lapOf(draft: Draft, { source, sequence }: OpIdentity, change: Change): ApplyLap {
  const version = draft.recent.state.version + draft.ops.length;
  const op = { ...change, source, sequence, version };
  return { op, before: snapshotIn(draft, draft.after, version) };
}

/** The document within a lap. */
export function snapshotIn(
  { place: { unit, id }, recent: { state }, ops }: Draft,
  content: Content,
  version: number,
): Snapshot {
  const tag = version === state.version ? state.tag : ops[version - state.version - 1]?.tag ?? "";
  return snapshotOf(unit.collection, id, { ...state, ...content, version, tag });
}

/** The lap as a commit; `"nobody"` if it has nothing in it. */
export function attemptOf(draft: Draft): Attempt | "nobody" {
  const { ops, pendings, after } = draft;
  return ops.length === 0 ? "nobody" : { commit: commitOf(draft), pendings, after };
}

/** Whether a document of updates has so many that are not merged that it is worth doing. */
function isLoose({ type, content }: Content): boolean {
  return isUpdateType(type) && type.isLoose(content);
}

function commitOf(
  { context, place: { unit, id }, recent, ops, pendings, after }: Draft,
): DocumentCommit {
  const { state, snapshotVersion } = recent;
  const settings = context.settings.collection(unit.collection);
  const version = state.version + ops.length;
  const isMilestone = Math.floor(version / settings.milestoneEvery) >
    Math.floor(state.version / settings.milestoneEvery);
  const isTurn = ops.some(({ kind }) => kind === "create" || kind === "del");
  const isDue = isTurn || isMilestone || isLoose(after) ||
    version - snapshotVersion >= settings.snapshotEvery;
  const data = isDue || unit.isIndexed ? dataOf(after) : undefined;
  // What is written out must be the head: then a race may be lost, and is made up for.
  const commutes = !isDue && isUpdateType(recent.state.type) &&
    ops.every(({ kind }) => kind === "op");
  return {
    id,
    ...commutes && { commutes },
    ...pendings.every(({ isNew }) => isNew) && { isNew: true },
    base: { epoch: state.epoch, version: state.version, tag: state.tag },
    ops,
    snapshot: isDue ? { type: after.type?.uri, data } : undefined,
    isMilestone,
    entries: unit.isIndexed
      ? indexEntries(settings.index, data, after.type !== undefined)
      : undefined,
  };
}
