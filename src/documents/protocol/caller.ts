/**
 * What is done for a connection: by what, and for whom.
 *
 * @module
 */

import type { Clock } from "../../clock.ts";
import { HoldfastError } from "../../errors.ts";
import type { OnError } from "../asked.ts";
import type { Awaitable, DocumentCore } from "../core.ts";
import type { DocumentSession } from "../middleware.ts";
import type { Rules } from "../rules.ts";
import type { Follows, Hearer } from "./follows.ts";
import type { Ground } from "./ground.ts";
import type { Identities } from "./identity.ts";
import type { ConnectionLimits } from "./limits.ts";
import type { OpTexts } from "./op_texts.ts";
import type { ServerMessage } from "./replies.ts";
import type { AskRequest, Outcome, Task } from "./tasks.ts";

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
  /** Takes what came of a task. */
  finish(task: Task, outcome: Outcome): void;
  /** Tells it something that it did not ask for; a text is a message already. */
  tell(message: ServerMessage | string): void;
}

/** Who a connection is that has said so. */
export function sessionOf({ session }: Caller): DocumentSession {
  if (session !== undefined) return session;
  throw new HoldfastError("ERR_CLOSED", "Cannot answer as the connection must say who it is");
}
