/**
 * What a connection's session asks to be done: find out who it is, read, submit, and whatever else is asked.
 *
 * @module
 */

import { assertNever, HoldfastError } from "../../errors.ts";
import type { SubmitResult, Submitter } from "../core.ts";
import type { DocumentSession } from "../middleware.ts";
import { type Caller, type ConnectionGround, sessionOf } from "./caller.ts";
import { commitFor } from "./submitting.ts";
import type { AskTask, Close, GreetTask, Outcome, ReadTask, Task } from "./tasks.ts";
import { isFault, wireError } from "./wire.ts";

/** The second number of the protocol from which clients know `ERR_NO_OP`. */
const NO_OPS_MINOR = 2;

/** Does a task, and tells the caller later what came of it; what goes wrong is an outcome as well. */
export function work(ground: ConnectionGround, caller: Caller, task: Task): void {
  switch (task.kind) {
    case "submit":
      return commitFor(ground, caller, task, new Submitting(ground, caller, task));
    case "greet":
      return finished(ground, caller, task, greet(ground, caller, task));
    case "read":
      return finished(ground, caller, task, read(ground, caller, task));
    case "ask":
      return finished(ground, caller, task, answered(ground, caller, task));
    default:
      return assertNever(task, "a task");
  }
}

function finished(
  ground: ConnectionGround,
  caller: Caller,
  task: Task,
  outcome: Promise<Outcome>,
): void {
  outcome.then(
    (found) => caller.finish(task, found),
    (error) => caller.finish(task, failureOf(ground, task, error)),
  );
}

/** Who submitted, for the core; of a class, as it is one for each operation (bench/documents_bench.ts). */
class Submitting implements Submitter {
  readonly #ground: ConnectionGround;
  readonly #caller: Caller;
  readonly #task: Task;

  constructor(ground: ConnectionGround, caller: Caller, task: Task) {
    this.#ground = ground;
    this.#caller = caller;
    this.#task = task;
  }

  resolve(result: SubmitResult): void {
    this.#caller.finish(this.#task, { kind: "submitted", result });
  }

  reject(error: unknown): void {
    this.#caller.finish(this.#task, failureOf(this.#ground, this.#task, error));
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
