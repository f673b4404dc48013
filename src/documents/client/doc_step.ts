/**
 * One document of a client: what each event makes of it.
 *
 * @module
 */

import { assertNever } from "../../errors.ts";
import { json } from "../../ot/mod.ts";
import type { OpIdentity } from "../change.ts";
import { acknowledged, dropHead, reached, refused } from "./doc_answer.ts";
import { ask, begunAnew, type Draft, draftOf, epochError, FLUSH, hint } from "./doc_draft.ts";
import { isForeign, isHead, isSame, stepOf, STORE, takeIn, tell, withHead } from "./doc_draft.ts";
import { restored, snapshot } from "./doc_snapshot.ts";
import type { DocContext, DocEvent, DocOperation, DocState, DocStep } from "./doc_state.ts";
import { applyChange, mergedEdits, preparedChange } from "./live.ts";
import { appended, type PendingChange } from "./queue.ts";

/**
 * What an event makes of a document.
 *
 * @throws What a submitted change has against it; then nothing happened.
 */
export function stepDoc(context: DocContext, state: DocState, event: DocEvent): DocStep {
  const draft = draftOf(state);
  if (event.kind === "submit") submit(context, draft, event);
  else {
    try {
      take(context, draft, event);
    } catch (error) {
      // What is committed does not fit what is here: the server is right, and the document is read anew.
      begunAnew(draft, error);
    }
  }
  return stepOf(draft);
}

function take(context: DocContext, draft: Draft, event: Exclude<DocEvent, { kind: "submit" }>) {
  switch (event.kind) {
    case "flush":
      return flush(context, draft, event.identity);
    case "stored":
      return stored(context, draft, event.identity);
    case "online":
    case "offline":
      return connected(draft, event.kind === "online");
    case "pause":
      draft.isPaused = true;
      return;
    case "resume":
      draft.isPaused = false;
      return tell(draft, FLUSH);
    case "retry":
      draft.isWaiting = false;
      return tell(draft, FLUSH);
    case "op":
      return operation(context, draft, event);
    case "ops":
      return operations(context, draft, event.ops);
    case "ack":
      // Of one that was given up here only the server knows what it did.
      return isHead(draft, event.identity)
        ? acknowledged(context, draft, event.at, event.fixups)
        : hint(draft, { ...event.at, version: event.at.version + 1 });
    case "refused":
      return refused(context, draft, event.error, event.sequence);
    case "snapshot":
      return snapshot(context, draft, event.snapshot);
    case "caughtUp":
      return caughtUp(context, draft);
    case "head":
      return hint(draft, event.at);
    case "restored":
      return restored(context, draft, event.state);
    default:
      return assertNever(event, "an event of a document");
  }
}

function submit(
  context: DocContext,
  draft: Draft,
  { change, ticket, isComposable, origin }: DocEvent & { kind: "submit" },
): void {
  const before = draft.live;
  const prepared = preparedChange(before, change);
  const after = applyChange(context.types, before, prepared);
  const more = { change: prepared, ticket, isComposable };
  draft.queue = appended(context.types, draft.queue, before, more);
  draft.live = after;
  tell(
    draft,
    { kind: "changed", change: prepared, before, after, isLocal: true, origin },
    STORE,
    FLUSH,
  );
}

function flush(context: DocContext, draft: Draft, identity: OpIdentity | undefined): void {
  const [head] = draft.queue;
  if (head === undefined || draft.isPaused || !draft.isOnline) return;
  if (head.phase !== "waiting" || identity === undefined) return send(draft, head);
  const phase = context.isStored ? "storing" : "ready";
  const own: PendingChange = { ...head, identity, phase: mayGo(draft, phase) ? "sent" : phase };
  draft.queue = withHead(draft.queue, own);
  if (own.phase === "sent") tell(draft, STORE, { kind: "send", own });
  else tell(draft, STORE);
}

function stored(context: DocContext, draft: Draft, identity: OpIdentity | undefined): void {
  const [head] = draft.queue;
  if (head?.phase !== "storing" || !isSame(head.identity, identity)) return;
  draft.queue = withHead(draft.queue, { ...head, phase: "ready" });
  flush(context, draft, undefined);
}

/** Sends the first of the queue, if it may go now. */
function send(draft: Draft, head: PendingChange): void {
  if (!mayGo(draft, head.phase)) return;
  const own: PendingChange = { ...head, phase: "sent" };
  draft.queue = withHead(draft.queue, own);
  tell(draft, { kind: "send", own });
}

function mayGo(draft: Draft, phase: PendingChange["phase"]): boolean {
  return phase === "ready" && draft.isOnline && !draft.isPaused && !draft.isWaiting &&
    draft.verdict === undefined;
}

function connected(draft: Draft, isOnline: boolean): void {
  draft.isOnline = isOnline;
  draft.isWaiting = false;
  if (isOnline) {
    tell(draft, FLUSH);
    return;
  }
  const [head, ...rest] = draft.queue;
  if (head?.phase !== "sent") return;
  // What is gone need not be said again: it was never committed.
  draft.queue = head.isGone ? rest : [{ ...head, phase: "ready" }, ...rest];
}

function operation(context: DocContext, draft: Draft, op: DocEvent & { kind: "op" }): void {
  const { version, epoch, tag } = op.at;
  if (isForeign(draft, epoch)) return begunAnew(draft, epochError());
  if (isHead(draft, op.identity)) return acknowledged(context, draft, op.at, []);
  if (draft.version === undefined || version > draft.version) {
    return hint(draft, { version: version + 1, epoch });
  }
  if (version < draft.version) return;
  draft.version = version + 1;
  draft.epoch = epoch ?? draft.epoch;
  draft.tag = tag;
  takeIn(context, draft, op.change, op.identity.source);
  reached(context, draft);
}

/** Takes in operations that came together: edits of JSON which follow each other as one, like the last of them. */
function operations(context: DocContext, draft: Draft, ops: readonly DocOperation[]): void {
  for (let from = 0, to = 0; from < ops.length; from = to) {
    while (isNext(draft, ops[to], to - from)) to++;
    const change = to > from + 1 ? mergedEdits(ops.slice(from, to)) : undefined;
    if (change === undefined) to = from + 1;
    const last = ops[to - 1];
    if (last === undefined) return;
    if (change !== undefined) draft.version = last.at.version;
    operation(context, draft, change === undefined ? last : { ...last, change });
  }
}

/** Whether an operation is an edit of JSON, so many versions ahead, that says nothing of what is on its way. */
function isNext(draft: Draft, op: DocOperation | undefined, ahead: number): boolean {
  return op?.change.kind === "op" && draft.base?.type === json && draft.verdict === undefined &&
    op.at.version === (draft.version ?? NaN) + ahead && !isForeign(draft, op.at.epoch) &&
    !isHead(draft, op.identity);
}

function caughtUp(context: DocContext, draft: Draft): void {
  if (draft.verdict?.kind === "empty") dropHead(context, draft, undefined);
  else if (draft.verdict?.kind === "trimmed") {
    draft.verdict = undefined;
    tell(draft, FLUSH);
  }
  const { version, heard, readFrom } = draft;
  if (version === undefined || heard <= version) return;
  if (version === readFrom) draft.heard = version; // What was heard of is not to be had.
  else ask(draft);
}
