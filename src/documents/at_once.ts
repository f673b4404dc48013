/**
 * A lap that needs to ask nobody: every submission is made for the version that the copy has, or for one that its
 * operations lead from, and has no hooks. So most laps are one wait, the store's.
 *
 * @module
 */

import type { CoreContext } from "./core_context.ts";
import {
  applied,
  type Attempt,
  attemptOf,
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
  for (const pending of batch) {
    if (isAmong(pending.submission, draft.ops)) continue;
    if (!isTaken(draft, pending)) return undefined;
  }
  return attemptOf(draft);
}

function isTaken(draft: Draft, pending: Pending): boolean {
  const { context: { settings: { types } }, recent: { state } } = draft;
  if (pending.submission.hooks !== undefined) return false;
  try {
    const where = standing(pending, state);
    if (where.kind === "refused") return false;
    const ops = knownOps(draft, pending, pending.version ?? 0);
    if (ops === undefined || isAmong(pending.submission, ops)) return false;
    lead(pending, ops, types, state.type);
    const change = onMates(draft, pending);
    if (pending.submission.skipsEmpty && isEmpty(change)) return false;
    push(draft, pending, applied(draft, recorded(draft, change), undefined), undefined);
    return true;
  } catch {
    // Whatever speaks against it: the closer look finds it again, and knows what to do about it.
    return false;
  }
}
