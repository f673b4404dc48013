/**
 * One client: what it waits for, and its session.
 *
 * @module
 */

import type { SessionStamp } from "../../src/raft/core/mod.ts";
import { OPEN_SESSION } from "../../src/raft/sessions.ts";
import type { Dice } from "./dice.ts";
import type { RegisterInput } from "./register.ts";

/** One operation under way. */
export interface Pending {
  readonly key: string;
  readonly input: RegisterInput;
  readonly serial: number;
  /** Another one only if no attempt under the one before can have happened. */
  session: SessionStamp | undefined;
  readonly calledAt: number;
  /** What every client knew to be committed when this one began. */
  readonly floor: number;
  readonly whenDone: ((isDone: boolean) => void) | undefined;
  attempts: number;
  requestId: number;
  /** An attempt may have happened, or may still happen. */
  isUnknown: boolean;
}

/** One client; it does one thing at a time. */
export class Client {
  readonly name: string;
  readonly dice: Dice;
  pending: Pending | undefined;
  readonly #wantsSession: boolean;
  #session: number | undefined;
  #sequence = 0;

  /** Makes a client that waits for nothing. */
  constructor(name: string, dice: Dice, wantsSession: boolean) {
    this.name = name;
    this.dice = dice;
    this.#wantsSession = wantsSession;
  }

  /** Whether there is a session that was not said to be over. */
  get hasSession(): boolean {
    return this.#session !== undefined;
  }

  /** The stamp of the next command: none, or in the session, or one that opens it. */
  nextStamp(): SessionStamp | undefined {
    if (!this.#wantsSession) return undefined;
    if (this.#session === undefined) return OPEN_SESSION;
    this.#sequence += 1;
    const acknowledged = this.#sequence - 1;
    return { session: this.#session, sequence: this.#sequence, acknowledged };
  }

  /** Sends what follows under this session. */
  beginSession(session: number): void {
    this.#session = session;
    this.#sequence = 0;
  }

  /** Opens another session with the next command. */
  endSession(): void {
    this.#session = undefined;
  }
}
