/**
 * What one lap puts together: the operations of all who wait, each led past the ones before it, as one commit.
 *
 * @module
 */

import { type CodedError, HoldfastError, invariant } from "../errors.ts";
import { isUpdateType } from "../ot/mod.ts";
import type { Change, Op } from "./change.ts";
import type { SubmitResult } from "./core.ts";
import type { CoreContext } from "./core_context.ts";
import { corrupt, type DocumentState } from "./document_state.ts";
import {
  applied,
  type Attempt,
  attemptOf,
  type DocumentPlace,
  type Draft,
  emptyDraft,
  isTagged,
  knownOps,
  lapOf,
  onMates,
  push,
  recorded,
  snapshotIn,
} from "./draft.ts";
import { opsAfter } from "./read.ts";
import { isEmpty } from "./rebase.ts";
import type { RecentDocument } from "./recent.ts";
import {
  duplicateOf,
  foreign,
  isAmong,
  lead,
  nothingLeft,
  type Pending,
  standing,
  trimmed,
} from "./submission.ts";

/** What {@linkcode prepare} works with. */
export interface PrepareOptions {
  /** Whether the document was compared with the store just now: only then is anybody refused by it. */
  readonly isFresh: boolean;
}

/**
 * Takes in all who wait and can stand on the document. Those who cannot are told so; `"refresh"` if the document must be
 * compared with the store first.
 *
 * @throws {HoldfastError} What the store throws.
 */
export async function prepare(
  context: CoreContext,
  place: DocumentPlace,
  recent: RecentDocument,
  batch: readonly Pending[],
  options: PrepareOptions,
): Promise<Attempt | "refresh" | "nobody"> {
  const draft = emptyDraft(context, place, recent);
  for (const pending of batch) {
    // One that came twice at once is looked at again when the first is committed.
    if (isAmong(pending.submission, draft.ops)) continue;
    if (await take(draft, pending, options) === "refresh") return "refresh";
  }
  return attemptOf(draft);
}

/** Takes in one. */
async function take(
  draft: Draft,
  pending: Pending,
  { isFresh }: PrepareOptions,
): Promise<"refresh" | undefined> {
  const { recent: { state } } = draft;
  try {
    const verdict = await stands(draft, pending, isFresh);
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
    if (!isFresh && error.code !== "ERR_NO_OP") return "refresh";
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
async function stands(
  draft: Draft,
  pending: Pending,
  isFresh: boolean,
): Promise<"stands" | "told" | "stale"> {
  const { context: { settings: { types } }, recent: { state } } = draft;
  const where = standing(pending, state);
  if (where.kind === "refused") throw where.error;
  const version = pending.version ?? 0;
  const known = knownOps(draft, pending, version);
  if (known === undefined && isPush(pending, state)) {
    // However late: what commutes need not be led past anything.
    pending.version = state.version;
    lead(pending, [], types, state.type);
    return "stands";
  }
  const ops = known ?? await storedOps(draft, pending, version);
  if (ops === "trimmed") return await probed(draft, pending, version) ? "told" : "stale";
  if (isAmong(pending.submission, ops)) {
    // Its own operation, if the copy is right: the store must say so before anybody is told.
    const { missed } = pending;
    pending.missed = missed.concat(ops);
    if (isFresh) pending.settle(duplicateOf(pending, placeOf(pending, ops), state.epoch, ops));
    if (isFresh || await probed(draft, pending, state.version)) return "told";
    pending.missed = missed;
    return "stale";
  }
  lead(pending, ops, types, state.type);
  return "stands";
}

function isPush({ change: { kind } }: Pending, { type }: DocumentState): boolean {
  return isUpdateType(type) && (kind === "op" || kind === "create");
}

function placeOf({ submission }: Pending, ops: readonly Op[]): number {
  return ops.find((op) => isAmong(submission, [op]))?.version ?? 0;
}

/** What was committed since a submission's version, from the store. */
async function storedOps(
  { context, place, recent: { state } }: Draft,
  pending: Pending,
  version: number,
): Promise<readonly Op[] | "trimmed"> {
  const tag = isTagged(pending, version) ? pending.submission.base?.tag : undefined;
  const after = { epoch: state.epoch, version, tag };
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
  const { context, place, recent: { state, ops } } = draft;
  const { source, sequence } = pending.submission;
  const result = await context.documents.commit(place.unit, {
    id: place.id,
    base: { epoch: state.epoch, version, tag: "" },
    ops: [{ source, sequence, tag: context.tags.next(), kind: "none" }],
    snapshot: undefined,
    isMilestone: false,
    entries: undefined,
  });
  invariant(result.kind !== "done", "a probe appends nothing");
  if (result.kind === "corrupt") throw corrupt();
  if (result.kind === "duplicate") {
    const [known] = result.known;
    pending.settle(duplicateOf(pending, known?.version ?? 0, result.head.epoch, ops));
    return true;
  }
  if (result.kind !== "trimmed") return false;
  pending.settle(refusal(pending, trimmed(result.isUnknown)));
  return true;
}

/** Asks the hooks of a submission, and takes it in. */
async function accept(draft: Draft, pending: Pending, given: Change): Promise<void> {
  const { submission } = pending;
  const { hooks } = submission;
  const change = recorded(draft, given);
  if (hooks === undefined) {
    push(draft, pending, applied(draft, change, undefined), undefined);
    return;
  }
  const fixup = await hooked(() => hooks.apply?.(lapOf(draft, submission, change))) ?? undefined;
  const result = applied(draft, change, fixup);
  await hooked(() => {
    const lap = lapOf(draft, submission, result.change);
    return hooks.commit?.({ ...lap, after: snapshotIn(draft, result.after, lap.op.version + 1) });
  });
  push(draft, pending, result, fixup);
}

/** Marks what a hook throws as its own. */
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

function refusal({ missed }: Pending, error: CodedError): SubmitResult {
  return { kind: "refused", error, missed };
}
