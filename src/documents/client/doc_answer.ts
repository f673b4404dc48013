/**
 * What the server says of the change that is on its way, and what that does to those behind it.
 *
 * @module
 */

import type { CodedError } from "../../errors.ts";
import { findType, isUpdateType } from "../../ot/mod.ts";
import type { Change, PartialPosition } from "../change.ts";
import { growBase, settleBase } from "./base.ts";
import {
  ask,
  begunAnew,
  behindHead,
  type Draft,
  epochError,
  FLUSH,
  hint,
  isForeign,
} from "./doc_draft.ts";
import { show, STORE, takeIn, tell, unknownError } from "./doc_draft.ts";
import { snapshot } from "./doc_snapshot.ts";
import type { DocContext } from "./doc_state.ts";
import { applyChange, inverseOf } from "./live.ts";
import { cutOff, listed, type PendingChange, rebased } from "./queue.ts";
import { isTransient } from "./transient.ts";

/** How often an operation is led past what a snapshot told, before it is refused. */
const TRIES_MAX = 3;
/** With these the document is not the one that is known here. */
const FOREIGN: readonly string[] = [
  "ERR_DOC_EPOCH",
  "ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT",
];

/** Takes what is on its way for committed. */
export function acknowledged(
  context: DocContext,
  draft: Draft,
  at: PartialPosition,
  fixups: readonly Change[],
): void {
  const { version, epoch } = at;
  if (isForeign(draft, epoch)) return begunAnew(draft, epochError());
  draft.epoch = epoch ?? draft.epoch;
  if (draft.version === undefined && version > 0 && isUpdate(context, draft.queue[0])) {
    return added(context, draft, at, fixups);
  }
  // Only what was created here without a look at the server has no version.
  draft.version ??= version;
  if (version > draft.version) {
    draft.verdict = { kind: "committed", at, fixups };
    const { stash } = draft;
    draft.stash = undefined;
    if (stash !== undefined && stash.version > version) return snapshot(context, draft, stash);
    return hint(draft, { version: version + 1, epoch });
  }
  if (version < draft.version) dropHead(context, draft, undefined);
  else commit(context, draft, at, fixups);
}

/** What began a document of updates was added to one that was there, of which nothing is known here. */
function added(
  context: DocContext,
  draft: Draft,
  at: PartialPosition,
  fixups: readonly Change[],
): void {
  draft.verdict = { kind: "committed", at, fixups };
  const { stash } = draft;
  draft.stash = undefined;
  if (stash === undefined) return ask(draft, true);
  snapshot(context, draft, stash);
  reached(context, draft);
  hint(draft, { version: at.version + 1, epoch: at.epoch });
}

function isUpdate({ types }: DocContext, own: PendingChange | undefined): boolean {
  return own?.change.kind === "create" && isUpdateType(findType(types, own.change.type));
}

/** Does what was to be done when this version is reached. */
export function reached(context: DocContext, draft: Draft): void {
  const { verdict, version } = draft;
  if (verdict?.kind === "committed" && verdict.at.version === version) {
    commit(context, draft, verdict.at, verdict.fixups);
  }
}

/** Takes the first of the queue into the base, as committed at the version. */
function commit(
  context: DocContext,
  draft: Draft,
  { tag }: PartialPosition,
  fixups: readonly Change[],
): void {
  const [head] = draft.queue;
  if (head === undefined) return;
  const rest = behindHead(draft.queue);
  draft.verdict = undefined;
  // It was given up here, and committed there: what it was is known there alone.
  if (head.isGone) return begunAnew(draft, unknownError());
  if (rest.length > 0) growBase(context, draft, head.change);
  else {
    // The document with it is there already: what the user sees.
    draft.base = draft.live;
    draft.behind = undefined;
  }
  draft.version = (draft.version ?? 0) + 1;
  draft.tag = tag;
  draft.queue = rest;
  tell(draft, { kind: "settled", tickets: listed(head) }, STORE);
  for (const fixup of fixups) takeIn(context, draft, fixup);
  onward(context, draft);
}

/** Takes what is on its way for refused, puts it off, or finds out more. */
export function refused(
  context: DocContext,
  draft: Draft,
  error: CodedError,
  sequence: number | undefined,
): void {
  const [head, ...rest] = draft.queue;
  const isMine = head?.phase === "sent" &&
    (sequence === undefined || head.identity?.sequence === sequence);
  if (!isMine) return;
  if (head.isGone) {
    draft.queue = rest;
    return onward(context, draft);
  }
  if (FOREIGN.includes(error.code)) return begunAnew(draft, error);
  if (isTransient(error.code)) return putOff(draft, head, rest);
  if (error.code === "ERR_SUBMIT_TRANSFORM_OPS_NOT_FOUND" && head.attempts < TRIES_MAX) {
    putOff(draft, head, rest);
    draft.verdict = { kind: "trimmed" };
    return ask(draft, true);
  }
  if (error.code === "ERR_NO_OP") {
    draft.verdict = { kind: "empty" };
    return ask(draft);
  }
  dropHead(context, draft, error);
  // The refusal tells of something that was not seen here yet, or may be.
  if (/^ERR_(DOC_|OUTCOME)/.test(error.code)) ask(draft, draft.version === undefined);
}

function putOff(draft: Draft, head: PendingChange, rest: readonly PendingChange[]): void {
  draft.queue = [{ ...head, phase: "ready", attempts: head.attempts + 1 }, ...rest];
  draft.isWaiting = true;
  tell(draft, { kind: "wait", attempt: head.attempts });
}

/** Takes the first of the queue out, and its effect away; the rest stays, led past that. */
export function dropHead(context: DocContext, draft: Draft, error: unknown): void {
  const { types } = context;
  const [head, ...rest] = draft.queue;
  if (head === undefined) return;
  draft.verdict = undefined;
  const base = settleBase(draft);
  const inverse = inverseOf(types, base, head.change);
  const led = inverse === undefined
    ? cutOff(rest, error ?? unknownError())
    : rebased(types, applyChange(types, base, head.change), rest, inverse);
  // What built on the refused one falls with it, and by its name.
  const refusals = led.refusals.map(({ tickets }) => ({ tickets, error: error ?? unknownError() }));
  tell(draft, { kind: "settled", tickets: listed(head), error }, STORE);
  show(context, draft, { ...led, refusals });
  onward(context, draft);
}

/** Goes on with what waited until the first of the queue was answered. */
function onward(context: DocContext, draft: Draft): void {
  const { stash, version } = draft;
  draft.stash = undefined;
  if (stash !== undefined) snapshot(context, draft, stash);
  else if (version !== undefined && draft.heard > version) ask(draft);
  tell(draft, FLUSH);
}
