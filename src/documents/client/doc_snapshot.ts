/**
 * How a document of a client comes to a whole one that is told: at first, after a gap, after a restart.
 *
 * @module
 */

import { settleBase } from "./base.ts";
import { ask, begunAnew, type Draft, epochError, exists, FLUSH, isForeign } from "./doc_draft.ts";
import { isInDoubt, show, STORE, tell, trimmedError } from "./doc_draft.ts";
import type { DocContext, DocState, SnapshotNews } from "./doc_state.ts";
import { applyChange, changeBetween, NOTHING } from "./live.ts";
import { cutOff, listed, rebased } from "./queue.ts";

/** Takes a whole document that is told. */
export function snapshot(context: DocContext, draft: Draft, news: SnapshotNews): void {
  if (news.isForeign || isForeign(draft, news.epoch)) {
    begunAnew(draft, epochError(), news);
  } else if (draft.version !== undefined && news.version <= draft.version) {
    if (news.version === draft.version) {
      draft.epoch ??= news.epoch;
      draft.tag ??= news.tag;
    }
  } else if (isInDoubt(draft)) {
    draft.stash = news;
  } else jump(context, draft, news);
}

/** Leads everything to a document that is ahead, or was never seen. */
export function jump(context: DocContext, draft: Draft, news: SnapshotNews): void {
  const { types } = context;
  let [from, queue] = [settleBase(draft), draft.queue];
  const [head, ...rest] = queue;
  const { verdict } = draft;
  if (head !== undefined && verdict?.kind === "committed" && verdict.at.version < news.version) {
    [from, queue] = [applyChange(types, from, head.change), rest];
    tell(draft, { kind: "settled", tickets: listed(head) });
    draft.verdict = undefined;
  } else if (verdict?.kind === "trimmed") draft.verdict = undefined;
  const isNew = queue.length === 0;
  const between = isNew ? NOTHING : changeBetween(from, news.live);
  draft.base = news.live;
  draft.version = news.version;
  draft.epoch = news.epoch ?? draft.epoch;
  draft.tag = news.tag;
  const led = between === undefined
    ? cutOff(queue, trimmedError())
    : rebased(types, from, queue, between);
  show(context, draft, isNew ? { ...led, theirs: undefined } : led);
  tell(draft, STORE, FLUSH);
  if (draft.heard > news.version) ask(draft);
}

/** Begins with what an earlier process left. What is known already comes on top of it. */
export function restored(context: DocContext, draft: Draft, left: DocState): void {
  const base = settleBase(draft);
  const { version, epoch, tag, live, queue, isOnline, isPaused } = draft;
  Object.assign(draft, left, { isOnline, isPaused });
  tell(draft, { kind: "loaded", before: live });
  for (const own of queue) {
    tell(draft, { kind: "settled", tickets: listed(own), error: exists() });
  }
  if (version !== undefined) snapshot(context, draft, { version, epoch, tag, live: base });
  tell(draft, FLUSH);
}
