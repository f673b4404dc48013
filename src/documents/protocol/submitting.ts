/**
 * Committing what a connection submits. Where nobody has a say in it the core calls back, and nothing else is waited for
 * (`bench/documents_bench.ts`).
 *
 * @module
 */

import { HoldfastError } from "../../errors.ts";
import { metaOf } from "../channels.ts";
import type { Submission, SubmitResult, Submitter } from "../core.ts";
import type { DocumentSession, SubmitContext } from "../middleware.ts";
import { type Caller, type ConnectionGround, sessionOf } from "./caller.ts";
import type { SubmitTask } from "./tasks.ts";
import { changeOfRequest } from "./wire.ts";

/** Commits an operation, and says later what came of it. */
export function commitFor(
  ground: ConnectionGround,
  caller: Caller,
  task: SubmitTask,
  submitter: Submitter,
): void {
  if (isJudged(ground, caller, task)) {
    judged(ground, caller, task).then(
      (result) => submitter.resolve(result),
      (error) => submitter.reject(error),
    );
    return;
  }
  try {
    const { collection, id } = task.line;
    ground.core.enter(collection, id, plainSubmission(ground, caller, task), submitter);
  } catch (error) {
    // What is wrong with the message. It is told later, like everything else.
    queueMicrotask(() => submitter.reject(error));
  }
}

/** Whether anybody but the core has to be asked, or told, about a submission. */
function isJudged({ rules }: ConnectionGround, caller: Caller, task: SubmitTask): boolean {
  return rules.judgesSubmitting(task.line.collection) || knowsNoEpoch(task) ||
    !caller.isOwn(task.source);
}

function knowsNoEpoch({ base }: SubmitTask): boolean {
  return base !== undefined && base.epoch === undefined && base.version > 0;
}

/** A submission of which nobody has to know but the core. */
function plainSubmission(
  { skipsEmpty }: ConnectionGround,
  caller: Caller,
  { base, request }: SubmitTask,
): Submission {
  return {
    source: sessionOf(caller).source,
    sequence: request.seq,
    change: changeOfRequest(request),
    base,
    skipsEmpty: skipsEmpty && caller.knowsNoOps,
  };
}

async function judged(
  ground: ConnectionGround,
  caller: Caller,
  task: SubmitTask,
): Promise<SubmitResult> {
  const { core, rules } = ground;
  const session = sessionOf(caller);
  const isOwn = caller.isOwn(task.source);
  const source = isOwn ? session.source : await provenSource(ground, session, task);
  const context = contextOf(session, source, task);
  await rules.submit(context);
  const submission = submissionOf(ground, caller, task, context);
  const result = await core.submit(context.collection, context.id, submission);
  // It is committed, whatever these functions say of it.
  if (result.kind === "committed") await rules.afterCommit(context, result);
  return result;
}

function contextOf(
  session: DocumentSession,
  source: string,
  { request, line: { collection, id } }: SubmitTask,
): SubmitContext {
  return {
    session,
    collection,
    id,
    identity: { source, sequence: request.seq },
    change: changeOfRequest(request),
    extra: request.x ?? {},
    channels: [],
  };
}

function submissionOf(
  { rules, skipsEmpty }: ConnectionGround,
  caller: Caller,
  task: SubmitTask,
  context: SubmitContext,
): Submission {
  const { collection, identity, change, channels } = context;
  const { base } = task;
  const isStale = (epoch: string) => caller.isStale(collection, epoch, base?.version ?? 0);
  return {
    ...identity,
    change,
    base,
    skipsEmpty: skipsEmpty && caller.knowsNoOps,
    hooks: rules.hooksOf(context, knowsNoEpoch(task) ? isStale : undefined),
    meta: () => metaOf(channels),
  };
}

/** The source that an operation is of which this connection did not send, and which must be one of its subject. */
async function provenSource(
  { identities }: ConnectionGround,
  session: DocumentSession,
  { source }: SubmitTask,
): Promise<string> {
  const known = await identities.sourceOf(session.subject, source);
  if (known !== undefined) return known;
  throw new HoldfastError(
    "ERR_SOURCE_REFUSED",
    "Cannot submit the operation as src must be a connection of who sends it",
  );
}
