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
  emptyDraft,
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
  const draft = emptyDraft(context, place, recent);
  const added: Json[] = [];
  try {
    for (const pending of batch) {
      if (isAmong(pending.submission, draft.ops)) continue;
      if (!isTaken(draft, pending, added)) return undefined;
    }
    catchUp(draft, added);
  } catch {
    // Whatever speaks against one: the closer look finds it again, and knows what to do about it.
    return undefined;
  }
  return attemptOf(draft);
}

/** Takes one in, if nothing has to be asked for it; `added` is what the draft's document lacks yet. */
function isTaken(draft: Draft, pending: Pending, added: Json[]): boolean {
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
    for (const component of additions) added.push(component);
    push(draft, pending, { change, after: draft.after }, undefined);
    return true;
  }
  catchUp(draft, added);
  push(draft, pending, applied(draft, recorded(draft, change), undefined), undefined);
  return true;
}

/** Applies what was added, as one edit. */
function catchUp(draft: Draft, added: Json[]): void {
  if (added.length === 0) return;
  draft.after = applied(draft, { kind: "op", op: added.splice(0) }, undefined).after;
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
