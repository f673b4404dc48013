/**
 * A lap that needs to ask nobody: every submission is made for the version that the copy has, or for one that its
 * operations lead from, and has no hooks. So most laps are one wait, the store's.
 *
 * Edits of JSON that only add are applied together, when the lap is whole or another kind follows: each alone would copy
 * every list on its path (`bench/documents_bench.ts`).
 *
 * @module
 */

import { isJsonObject, type Json } from "../json.ts";
import { json } from "../ot/mod.ts";
import type { Change } from "./change.ts";
import type { CoreContext } from "./core_context.ts";
import {
  applied,
  type Attempt,
  attemptOf,
  type Content,
  type DocumentPlace,
  type Draft,
  knownOps,
  onMates,
  push,
  recorded,
} from "./draft.ts";
import { isEmpty } from "./rebase.ts";
import type { RecentDocument } from "./recent.ts";
import { isAmong, lead, type Pending, standing } from "./submission.ts";

/** The lap; `undefined` if anything about it has to be looked at more closely. */
export function attemptAtOnce(
  context: CoreContext,
  place: DocumentPlace,
  recent: RecentDocument,
  batch: readonly Pending[],
): Attempt | "nobody" | undefined {
  const after = recent.state;
  const draft: LaggingDraft = {
    context,
    place,
    recent,
    ops: [],
    pendings: [],
    after,
    added: NOTHING,
  };
  try {
    for (const pending of batch) {
      if (isAmong(pending.submission, draft.ops)) continue;
      if (!isTaken(draft, pending)) return undefined;
    }
    catchUp(draft);
  } catch {
    // Whatever speaks against one: the closer look finds it again, and knows what to do about it.
    return undefined;
  }
  return attemptOf(draft);
}

/** A lap whose document lacks some edits yet. */
interface LaggingDraft extends Draft {
  /** Each as its steps. */
  added: (readonly Json[])[];
}

/** Never added to. */
const NOTHING: (readonly Json[])[] = [];

/** Takes one in, if nothing has to be asked for it. */
function isTaken(draft: LaggingDraft, pending: Pending): boolean {
  const { context: { settings: { types } }, recent: { state } } = draft;
  if (pending.submission.hooks !== undefined) return false;
  const where = standing(pending, state);
  if (where.kind === "refused") return false;
  const ops = knownOps(draft, pending, pending.version ?? 0);
  if (ops === undefined || isAmong(pending.submission, ops)) return false;
  lead(pending, ops, types, state.type);
  const change = onMates(draft, pending);
  if (pending.submission.skipsEmpty && isEmpty(change)) return false;
  const additions = additionsOf(draft.after, change);
  if (additions !== undefined) {
    if (draft.added.length === 0) draft.added = [additions];
    else draft.added.push(additions);
    push(draft, pending, { change, after: draft.after }, undefined);
    return true;
  }
  catchUp(draft);
  push(draft, pending, applied(draft, recorded(draft, change), undefined), undefined);
  return true;
}

/** Applies what was added, as one edit. */
function catchUp(draft: LaggingDraft): void {
  const { added } = draft;
  if (added.length === 0) return;
  const op = added.length === 1 ? added[0] ?? [] : added.flat();
  draft.after = applied(draft, { kind: "op", op }, undefined).after;
  draft.added = NOTHING;
}

/** The steps of an edit that takes nothing away, and so needs no record of what it takes; `undefined` for another. */
function additionsOf({ type }: Content, change: Change): readonly Json[] | undefined {
  if (type !== json || change.kind !== "op" || !Array.isArray(change.op)) return undefined;
  return change.op.every(isAddition) ? change.op : undefined;
}

function isAddition(component: Json): boolean {
  if (!isJsonObject(component)) return false;
  return component.na !== undefined || (component.li !== undefined && component.ld === undefined);
}
