/**
 * What a connection's session asks to be done: find out who it is, read, submit, and whatever else is asked.
 *
 * @module
 */

import { assertNever, HoldfastError } from "../../errors.ts";
import type { SubmitResult } from "../core.ts";
import type { DocumentSession } from "../middleware.ts";
import { type Caller, type ConnectionGround, sessionOf } from "./caller.ts";
import { commitFor } from "./submitting.ts";
import type { AskTask, Close, GreetTask, Outcome, ReadTask, Task } from "./tasks.ts";
import { isFault, wireError } from "./wire.ts";

/** The second number of the protocol from which clients know `ERR_NO_OP`. */
const NO_OPS_MINOR = 2;

/** Does a task, and says later what came of it; what goes wrong is an outcome as well. */
export function work(
  ground: ConnectionGround,
  caller: Caller,
  task: Task,
  finish: (outcome: Outcome) => void,
): void {
  const reject = (error: unknown): void => finish(failureOf(ground, task, error));
  switch (task.kind) {
    case "submit": {
      const resolve = (result: SubmitResult): void => finish({ kind: "submitted", result });
      return commitFor(ground, caller, task, { resolve, reject });
    }
    case "greet":
      return void greet(ground, caller, task).then(finish, reject);
    case "read":
      return void read(ground, caller, task).then(finish, reject);
    case "ask":
      return void answered(ground, caller, task).then(finish, reject);
    default:
      return assertNever(task, "a task");
  }
}

/** A store that cannot be reached, a rule that says no: the client is told, as far as it is its business. */
function failureOf({ onError }: ConnectionGround, task: Task, error: unknown): Outcome {
  if (isFault(error)) onError?.(error);
  return { kind: "failed", error: wireError(error), ...turnedAway(task, error) };
}

async function answered(
  { answer }: ConnectionGround,
  caller: Caller,
  { request }: AskTask,
): Promise<Outcome> {
  return { kind: "answered", reply: await answer(request, caller) };
}

async function greet(
  { authenticate, identities, rules }: ConnectionGround,
  caller: Caller,
  { request }: GreetTask,
): Promise<Outcome> {
  const subject = caller.subject ??
    await authenticate({ request: caller.request, token: request?.token });
  if (subject === undefined) {
    throw new HoldfastError("ERR_UNAUTHORIZED", "Cannot connect as the server must know who asks");
  }
  const identity = await identities.greet(subject, caller.source, request?.id);
  const session: DocumentSession = {
    subject,
    source: identity.source,
    request: caller.request,
    custom: {},
  };
  await rules.connect(session);
  caller.session = session;
  caller.id = identity.id;
  caller.knowsNoOps = Number(request?.protocolMinor ?? 0) >= NO_OPS_MINOR;
  return { kind: "greeted", identity };
}

async function read(
  { core, rules, follows, signal }: ConnectionGround,
  caller: Caller,
  { collection, wants, joins, request }: ReadTask,
): Promise<Outcome> {
  const { hearer } = caller;
  await follows.join(collection, joins, hearer);
  if (caller.isOver()) follows.part(collection, joins, hearer);
  const ask = (wants: ReadTask["wants"]) => core.read(collection, wants, { signal });
  // What closes a gap was allowed when its subscription was.
  const results = request === undefined
    ? await ask(wants)
    : await rules.read(sessionOf(caller), collection, wants, ask);
  return { kind: "read", results };
}

/** How a connection ends that could not say who it is. */
function turnedAway(task: Task, error: unknown): { readonly close?: Close } {
  if (task.kind !== "greet") return {};
  if (HoldfastError.is(error, "ERR_UNAUTHORIZED")) {
    return { close: { code: 4401, reason: "unauthorized" } };
  }
  const isRefused = HoldfastError.is(error) && error.code !== "ERR_UNAVAILABLE" &&
    error.code !== "ERR_TIMEOUT";
  return {
    close: isRefused ? { code: 4403, reason: "refused" } : { code: 4500, reason: "failed" },
  };
}
