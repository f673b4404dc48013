/**
 * What one lap puts together: the operations of all who wait, each led past the ones before it, as one commit.
 *
 * @module
 */

import { type CodedError, HoldfastError, invariant } from "../errors.ts";
import { randomToken } from "../random.ts";
import type { Change, Op } from "./change.ts";
import type { Submission, SubmitResult } from "./core.ts";
import type { CoreContext } from "./core_context.ts";
import { changed, corrupt, dataOf, type DocumentState, snapshotOf } from "./document_state.ts";
import { indexEntries } from "./index_entries.ts";
import type { DocumentCommit, NewOp } from "./port.ts";
import { type DocumentPlace, opsAfter } from "./read.ts";
import { completed, isEmpty, rebased, withFixup } from "./rebase.ts";
import { opsSince, type RecentDocument } from "./recent.ts";
import {
  duplicateOf,
  foreign,
  hasForeignTag,
  isAmong,
  lead,
  nothingLeft,
  type Pending,
  standing,
  trimmed,
} from "./submission.ts";

/** A commit that is ready to go to the store. */
export interface Attempt {
  /** The commit. */
  readonly commit: DocumentCommit;
  /** Who each of its operations is from. */
  readonly pendings: readonly Pending[];
  /** The document after all of them. */
  readonly after: Pick<DocumentState, "type" | "content">;
}

/** What {@linkcode prepare} works with. */
export interface PrepareOptions {
  /** Whether the document was compared with the store just now: only then is anybody refused by it. */
  readonly isFresh: boolean;
}

/** A lap in the making. */
interface Draft extends PrepareOptions {
  readonly context: CoreContext;
  readonly place: DocumentPlace;
  readonly recent: RecentDocument;
  readonly ops: NewOp[];
  readonly pendings: Pending[];
  readonly token: string;
  after: Pick<DocumentState, "type" | "content">;
}

/**
 * Takes in all who wait and can stand on the document. Those who cannot are told so; `"refresh"` if the document must be
 * compared with the store first. `undefined` if nobody is left.
 *
 * @throws {HoldfastError} What the store throws.
 */
export async function prepare(
  context: CoreContext,
  place: DocumentPlace,
  recent: RecentDocument,
  batch: readonly Pending[],
  options: PrepareOptions,
): Promise<Attempt | "refresh" | undefined> {
  const token = randomToken(context.random, 8);
  const { state } = recent;
  const draft: Draft = {
    ...options,
    context,
    place,
    recent,
    token,
    ops: [],
    pendings: [],
    after: state,
  };
  for (const pending of batch) {
    // One that came twice at once is looked at again when the first is committed.
    if (isAmong(pending.submission, draft.ops)) continue;
    const verdict = await take(draft, pending);
    if (verdict === "refresh") return verdict;
  }
  if (draft.ops.length === 0) return undefined;
  return { commit: commitOf(draft), pendings: draft.pendings, after: draft.after };
}

/** Takes in one. */
async function take(draft: Draft, pending: Pending): Promise<"refresh" | undefined> {
  const { recent: { state } } = draft;
  try {
    const verdict = await stands(draft, pending);
    if (verdict !== "stands") return verdict === "stale" ? "refresh" : undefined;
    const change = onMates(draft, pending);
    if (pending.submission.skipsEmpty && isEmpty(change)) throw nothingLeft();
    await accept(draft, pending, change);
    return undefined;
  } catch (error) {
    if (error instanceof HookFailure) {
      const { cause } = error;
      if (HoldfastError.is(cause)) pending.settle(refusal(pending, cause));
      else pending.fail(cause);
      return undefined;
    }
    // What the document or its type says against it. Anything else is no verdict, and passes through.
    if (!HoldfastError.is(error) || STORE_FAILURES.has(error.code)) throw error;
    const isLate = error.code === "ERR_NO_OP";
    if (!draft.isFresh && !isLate) return "refresh";
    if (pending.submission.base === undefined && state.version > 0) {
      if (await probed(draft, pending, state.version)) return undefined;
    }
    pending.settle(refusal(pending, error));
    return undefined;
  }
}

const STORE_FAILURES: ReadonlySet<string> = new Set([
  "ERR_DOC_CORRUPT",
  "ERR_INVARIANT",
  "ERR_OUTCOME_UNKNOWN",
  "ERR_RATE_LIMITED",
  "ERR_SCRIPT_FAILED",
  "ERR_TIMEOUT",
  "ERR_UNAUTHORIZED",
  "ERR_UNAVAILABLE",
  "ERR_WRONG_TYPE",
]);

/** Leads one to the version of the document, unless it was told what came of it, or the copy cannot be right. */
async function stands(draft: Draft, pending: Pending): Promise<"stands" | "told" | "stale"> {
  const { context: { settings: { types } }, recent: { state } } = draft;
  const where = standing(pending, state);
  if (where.kind === "refused") throw where.error;
  const ops = where.kind === "ready" ? [] : await opsFor(draft, pending, where.version);
  if (ops === "trimmed") {
    return await probed(draft, pending, pending.version ?? 0) ? "told" : "stale";
  }
  if (hasForeignTag(pending, state, undefined)) throw foreign();
  if (isAmong(pending.submission, ops)) {
    // Its own operation, if the copy is right: the store must say so before anybody is told.
    const { missed } = pending;
    pending.missed = missed.concat(ops);
    if (await probed(draft, pending, state.version)) return "told";
    pending.missed = missed;
    return "stale";
  }
  lead(pending, ops, types, state.type);
  return "stands";
}

/** What was committed since a submission's version: from the copy, or else from the store. */
async function opsFor(
  { context, place, recent }: Draft,
  pending: Pending,
  version: number,
): Promise<readonly Op[] | "trimmed"> {
  const { state } = recent;
  const { base } = pending.submission;
  const isFirst = base?.tag !== undefined && version > 0 && version === base.version;
  const known = opsSince(recent, isFirst ? version - 1 : version);
  if (known !== undefined) {
    const [before] = known;
    if (isFirst && hasForeignTag(pending, state, before)) throw foreign();
    return isFirst ? known.slice(1) : known;
  }
  const after = { epoch: state.epoch, version, ...isFirst && { tag: base.tag } };
  const found = await opsAfter(context, place, after, state.version, {});
  if (found === "trimmed") return found;
  if (found === "foreign") throw foreign();
  return found.ops.filter((op) => op.version < state.version);
}

/**
 * Asks the store whether a submission was committed before, and writes nothing: no operation has an empty tag, so none
 * is appended after one. Says whether its sender was told what came of it.
 */
async function probed(draft: Draft, pending: Pending, version: number): Promise<boolean> {
  const { context, place, recent: { state } } = draft;
  const { source, sequence } = pending.submission;
  const result = await context.documents.commit(place.unit, {
    id: place.id,
    base: { epoch: state.epoch, version, tag: "" },
    ops: [{ source, sequence, tag: draft.token, kind: "none" }],
    snapshot: undefined,
    isMilestone: false,
    entries: undefined,
  });
  invariant(result.kind !== "done", "a probe appends nothing");
  if (result.kind === "corrupt") throw corrupt();
  if (result.kind === "duplicate") {
    const [known] = result.known;
    const { epoch } = result.head;
    pending.settle(duplicateOf(pending, known?.version ?? 0, epoch, draft.recent.ops));
    return true;
  }
  if (result.kind !== "trimmed") return false;
  pending.settle(refusal(pending, trimmed(result.isUnknown)));
  return true;
}

/** A submission's change after those of the same lap. One that is for whatever is there goes as it is. */
function onMates({ ops, after }: Draft, { submission, change }: Pending): Change {
  if (submission.base === undefined) return change;
  return ops.reduce<Change>((led, op) => rebased(after.type, led, op), change);
}

async function accept(draft: Draft, pending: Pending, change: Change): Promise<void> {
  const { context: { settings: { types } }, recent: { state }, ops, after: before, token } = draft;
  const { submission: { source, sequence, hooks, meta } } = pending;
  const told = completed(before.type, before.content, change);
  const version = state.version + ops.length;
  const fixup = await hooked(() => hooks?.apply?.(lapOf(draft, pending.submission, told)));
  const whole = fixup === undefined ? told : withFixup(types, before.type, told, fixup);
  const after = changed(types, before, whole);
  await hooked(() =>
    hooks?.commit?.({
      ...lapOf(draft, pending.submission, whole),
      after: snapshotIn(draft, after, version + 1),
    })
  );
  ops.push({
    ...whole,
    source,
    sequence,
    tag: `${token}${ops.length.toString(36)}`,
    ...fixup !== undefined && { fixup },
    ...meta !== undefined && { meta },
  });
  draft.pendings.push(pending);
  draft.after = after;
}

function lapOf(draft: Draft, { source, sequence }: Submission, change: Change) {
  const version = draft.recent.state.version + draft.ops.length;
  const op = { ...change, source, sequence, version };
  return { op, before: snapshotIn(draft, draft.after, version) };
}

/** The document within a lap, where only the first version has a tag. */
function snapshotIn(
  { place: { unit, id }, recent: { state }, ops }: Draft,
  content: Pick<DocumentState, "type" | "content">,
  version: number,
) {
  const tag = version === state.version ? state.tag : ops[version - state.version - 1]?.tag ?? "";
  return snapshotOf(unit.collection, id, { ...state, ...content, version, tag });
}

/** Waits for a hook only if it gives something to wait for, and marks what it throws as its own. */
async function hooked<T>(call: () => T): Promise<Awaited<T>> {
  try {
    return await call();
  } catch (error) {
    // Whatever a hook of the user's throws.
    throw new HookFailure(error);
  }
}

class HookFailure {
  readonly cause: unknown;

  constructor(cause: unknown) {
    this.cause = cause;
  }
}

function commitOf({ context, place: { unit, id }, recent, ops, after }: Draft): DocumentCommit {
  const { state, snapshotVersion } = recent;
  const settings = context.settings.collection(unit.collection);
  const version = state.version + ops.length;
  const isMilestone = Math.floor(version / settings.milestoneEvery) >
    Math.floor(state.version / settings.milestoneEvery);
  const isTurn = ops.some(({ kind }) => kind === "create" || kind === "del");
  const isDue = isTurn || isMilestone || version - snapshotVersion >= settings.snapshotEvery;
  const data = isDue || unit.isIndexed ? dataOf(after) : undefined;
  return {
    id,
    base: { epoch: state.epoch, version: state.version, tag: state.tag },
    ops,
    snapshot: isDue ? { type: after.type?.uri, data } : undefined,
    isMilestone,
    entries: unit.isIndexed
      ? indexEntries(settings.index, data, after.type !== undefined)
      : undefined,
  };
}

function refusal({ missed }: Pending, error: CodedError): SubmitResult {
  return { kind: "refused", error, missed };
}
