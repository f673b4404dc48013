/**
 * What a connection's session asks to be done: find out who it is, read, submit, and whatever else is asked.
 *
 * @module
 */

import type { Clock } from "../../clock.ts";
import { assertNever, HoldfastError } from "../../errors.ts";
import type { OnError } from "../asked.ts";
import { metaOf } from "../channels.ts";
import type { Awaitable, DocumentCore, Submission } from "../core.ts";
import type { DocumentSession, SubmitContext } from "../middleware.ts";
import type { Rules } from "../rules.ts";
import type { Follows, Hearer } from "./follows.ts";
import type { Ground } from "./ground.ts";
import type { Identities } from "./identity.ts";
import type { ConnectionLimits } from "./limits.ts";
import type { OpTexts } from "./op_texts.ts";
import type { ServerMessage } from "./replies.ts";
import type { AskRequest, AskTask, GreetTask, ReadTask, SubmitTask, Task } from "./tasks.ts";
import type { Close, Outcome } from "./tasks.ts";
import { changeOfRequest, isFault, wireError } from "./wire.ts";

/** The second number of the protocol from which clients know `ERR_NO_OP`. */
const NO_OPS_MINOR = 2;

/** What a connection needs of its server. */
export interface ConnectionGround {
  /** The documents. */
  readonly core: DocumentCore;
  /** The owner's rules. */
  readonly rules: Rules;
  /** Where time is read and timers are set. */
  readonly clock: Clock;
  /** Gives ids. */
  readonly identities: Identities;
  /** Who follows what. */
  readonly follows: Follows;
  /** What a connection may ask. */
  readonly limits: ConnectionLimits;
  /** The URI of the type that goes without saying. */
  readonly defaultType: string;
  /** Whether operations that have become nothing are left out. */
  readonly skipsEmpty: boolean;
  /** Who a connection is, by its request and what its handshake carries. */
  readonly authenticate: Authenticate;
  /** Aborted when the server is closed: nothing is read any more. */
  readonly signal: AbortSignal;
  /** Answers what touches no document's order. */
  readonly answer: Answer;
  /** Hears of what failed and was not a client's mistake. */
  readonly onError: OnError;
  /** Writes operations as text. */
  readonly texts: OpTexts;
}

/** Answers what touches no document's order; with nothing if it has told the reply itself. */
export type Answer = (request: AskRequest, caller: Caller) => Promise<ServerMessage | undefined>;

/** Who somebody is: its subject, `undefined` for nobody whom the server knows. */
export type Authenticate = (credentials: Credentials) => Awaitable<string | undefined>;

/** By what somebody is known. */
export interface Credentials {
  /** The request that began the connection, where there was one. */
  readonly request: Request | undefined;
  /** What the handshake carries, where the request cannot carry it. */
  readonly token: string | undefined;
}

/** A connection, as what is done for it sees it. */
export interface Caller {
  /** The request that began it, where there was one. */
  readonly request: Request | undefined;
  /** Who was authenticated already. */
  readonly subject: string | undefined;
  /** Its source, if it proves no other. */
  readonly source: string;
  /** Who it is, once it has said so. */
  session: DocumentSession | undefined;
  /** The id by which it knows itself then. */
  id: string;
  /** Whether it understands that an operation has become nothing, and is left out. */
  knowsNoOps: boolean;
  /** Whether it is over. */
  isOver(): boolean;
  /** A signal that is aborted when it is over: made only when it is asked for. */
  over(): AbortSignal;
  /** Hears what it follows. */
  readonly hearer: Hearer;
  /** Whether an id is the one that it was given. */
  isOwn(id: string): boolean;
  /** Whether what it has, of which it knows no epoch, may be of an earlier life of the data. */
  isStale(collection: string, epoch: string, version: number): boolean;
  /** How far it was sent the operations of a document that it is subscribed to. */
  headOf(collection: string, id: string): number | undefined;
  /** Does something to its documents, as long as it lives. */
  act(act: (ground: Ground) => void): void;
  /** Tells it something that it did not ask for; a text is a message already. */
  tell(message: ServerMessage | string): void;
}

/** Does a task, and says later what came of it; what goes wrong is an outcome as well. */
export function work(
  ground: ConnectionGround,
  caller: Caller,
  task: Task,
  finish: (outcome: Outcome) => void,
): void {
  const fail = (error: unknown): void => finish(failureOf(ground, task, error));
  if (task.kind !== "submit" || isJudged(ground, caller, task)) {
    outcomeOf(ground, caller, task).then(finish, fail);
    return;
  }
  try {
    const session = sessionOf(caller);
    const context = contextOf(session, session.source, task);
    const { collection, id } = context;
    ground.core.enter(collection, id, submissionOf(ground, caller, task, context), {
      resolve: (result) => finish({ kind: "submitted", result }),
      reject: fail,
    });
  } catch (error) {
    // What is wrong with the message. It is told later, like everything else.
    queueMicrotask(() => fail(error));
  }
}

function outcomeOf(ground: ConnectionGround, caller: Caller, task: Task): Promise<Outcome> {
  switch (task.kind) {
    case "greet":
      return greet(ground, caller, task);
    case "read":
      return read(ground, caller, task);
    case "submit":
      return judged(ground, caller, task);
    case "ask":
      return answered(ground, caller, task);
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

/** Whether anybody but the core has to be asked, or told, about a submission. */
function isJudged(
  { rules }: ConnectionGround,
  caller: Caller,
  { source, line: { collection } }: SubmitTask,
): boolean {
  return !caller.isOwn(source) || rules.judgesSubmission(collection);
}

async function judged(
  ground: ConnectionGround,
  caller: Caller,
  task: SubmitTask,
): Promise<Outcome> {
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
  return { kind: "submitted", result };
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
  { base }: SubmitTask,
  context: SubmitContext,
): Submission {
  const { collection, identity, change, channels } = context;
  const knowsNoEpoch = base !== undefined && base.epoch === undefined && base.version > 0;
  return {
    source: identity.source,
    sequence: identity.sequence,
    change,
    base,
    skipsEmpty: skipsEmpty && caller.knowsNoOps,
    hooks: rules.hooksOf(
      context,
      knowsNoEpoch ? (epoch) => caller.isStale(collection, epoch, base.version) : undefined,
    ),
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

/** Who a connection is that has said so. */
export function sessionOf({ session }: Caller): DocumentSession {
  if (session !== undefined) return session;
  throw new HoldfastError("ERR_CLOSED", "Cannot answer as the connection must say who it is");
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
