/**
 * Client sessions: a command that is proposed again, because its answer was lost, is applied once and answered alike
 * (Ongaro 2014, §6.3).
 *
 * The table belongs to the replicated state: every node changes it by the same entries in the same order, and it is part
 * of every snapshot. Nothing in it depends on a node's own clock, memory or luck: sessions end by the log's time and, if
 * there are too many, in the order of their last use.
 *
 * A session is opened by an entry and named by that entry's index, so that no name ever comes twice. A command of a
 * session that has ended is refused, never taken for the first of a new one.
 *
 * @module
 */

import type { CommandEntry, SessionStamp } from "./core/message.ts";
import { checkWhole } from "./core/whole.ts";

/** The stamp of a command that opens a session; its data is not executed. */
export const OPEN_SESSION: SessionStamp = /* @__PURE__ */ Object.freeze({
  session: 0,
  sequence: 0,
  acknowledged: 0,
});

/** Bounds of a {@linkcode SessionTable}. They belong to the replicated state: the same on every node. */
export interface SessionLimits {
  /** Sessions at once; one more ends the one that was used longest ago. 10,000 by default. */
  readonly sessionsMax?: number;
  /** Replies that one session keeps because the client has not acknowledged them; 64 by default. */
  readonly repliesMax?: number;
  /** Milliseconds of log time without a command after which a session ends; an hour by default. */
  readonly idleMs?: number;
}

/** What became of a command. */
export type SessionOutcome<Reply> =
  /** A session was opened; its commands carry this number. */
  | { readonly kind: "opened"; readonly session: number }
  /** The command was executed now, or (`isRepeat`) an earlier time, and this is its reply. */
  | { readonly kind: "executed"; readonly reply: Reply; readonly isRepeat: boolean }
  /** There is no such session any more. Not executed; whether it was earlier is not known. */
  | { readonly kind: "expired" }
  /** The client has said that it has the reply, so it is not kept. Executed earlier, not now. */
  | { readonly kind: "acknowledged" }
  /** The session keeps too many replies. Not executed: acknowledge some, and send it again. */
  | { readonly kind: "full" };

/** One session in a snapshot. */
export interface SavedSession<Reply> {
  /** The index of the entry that opened it. */
  readonly session: number;
  /** The log's time of its last command. */
  readonly usedAtMs: number;
  /** The replies of all commands up to this one are not needed any more. */
  readonly acknowledged: number;
  /** The other replies by their sequence, in the order in which they came. */
  readonly replies: readonly (readonly [sequence: number, reply: Reply])[];
}

interface Session<Reply> {
  usedAtMs: number;
  acknowledged: number;
  readonly replies: Map<number, Reply>;
}

/**
 * The sessions of a state machine.
 *
 * @typeParam Reply What a command answers: plain data, if it is to go into a snapshot.
 *
 * @example
 * ```ts
 * import { OPEN_SESSION, SessionTable } from "@holdfast/holdfast/consensus/core";
 * import { deepStrictEqual, strictEqual } from "node:assert/strict";
 *
 * let count = 0;
 * const table = new SessionTable<number>();
 * const entry = { kind: "command", index: 7, term: 1, timeMs: 0, data: new Uint8Array() } as const;
 * table.apply({ ...entry, session: OPEN_SESSION }, () => 0); // opens session 7
 *
 * const add = { ...entry, index: 8, session: { session: 7, sequence: 1, acknowledged: 0 } };
 * const first = table.apply(add, () => ++count);
 * const again = table.apply({ ...add, index: 9 }, () => ++count);
 * strictEqual(count, 1);
 * deepStrictEqual(first, { kind: "executed", reply: 1, isRepeat: false });
 * deepStrictEqual(again, { kind: "executed", reply: 1, isRepeat: true });
 * ```
 */
export class SessionTable<Reply> {
  readonly #limits: Required<SessionLimits>;
  /** In the order of their last use, which is that of `usedAtMs` too. */
  readonly #sessions: Map<number, Session<Reply>> = new Map();

  /**
   * Makes an empty table.
   *
   * @throws {LimitError} `ERR_INVALID_OPTION` if a bound is not a whole number from 1.
   */
  constructor(limits: SessionLimits = {}) {
    this.#limits = { sessionsMax: 10_000, repliesMax: 64, idleMs: 3_600_000, ...limits };
    for (const [name, value] of Object.entries(this.#limits)) {
      checkWhole("keep sessions", name, value, 1);
    }
  }

  /** How many sessions there are. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Applies a committed command: executes it, unless that was done before. One without a stamp is always executed. */
  apply(entry: CommandEntry, execute: (data: Uint8Array) => Reply): SessionOutcome<Reply> {
    this.#endIdle(entry.timeMs);
    const stamp = entry.session;
    if (stamp === undefined) {
      return { kind: "executed", reply: execute(entry.data), isRepeat: false };
    }
    if (stamp.session === OPEN_SESSION.session) return this.#open(entry);
    const session = this.#use(stamp.session, entry.timeMs);
    if (session === undefined) return { kind: "expired" };
    acknowledge(session, stamp.acknowledged);
    if (stamp.sequence <= session.acknowledged) return { kind: "acknowledged" };
    if (session.replies.has(stamp.sequence)) {
      const reply = session.replies.get(stamp.sequence) as Reply; // has() says that it is there
      return { kind: "executed", reply, isRepeat: true };
    }
    if (session.replies.size >= this.#limits.repliesMax) return { kind: "full" };
    const reply = execute(entry.data);
    session.replies.set(stamp.sequence, reply);
    return { kind: "executed", reply, isRepeat: false };
  }

  /** The table as plain data, for a snapshot. */
  save(): readonly SavedSession<Reply>[] {
    return [...this.#sessions].map(([session, kept]) => {
      return { session, ...kept, replies: [...kept.replies] };
    });
  }

  /** Replaces the table by that of a snapshot. */
  restore(saved: readonly SavedSession<Reply>[]): void {
    this.#sessions.clear();
    for (const { session, ...kept } of saved) {
      this.#sessions.set(session, { ...kept, replies: new Map(kept.replies) });
    }
  }

  #open({ index, timeMs }: CommandEntry): SessionOutcome<Reply> {
    if (this.#sessions.size >= this.#limits.sessionsMax) {
      for (const oldest of this.#sessions.keys()) {
        this.#sessions.delete(oldest);
        break;
      }
    }
    this.#sessions.set(index, { usedAtMs: timeMs, acknowledged: 0, replies: new Map() });
    return { kind: "opened", session: index };
  }

  #use(name: number, timeMs: number): Session<Reply> | undefined {
    const session = this.#sessions.get(name);
    if (session === undefined) return undefined;
    session.usedAtMs = timeMs;
    this.#sessions.delete(name); // Put back as the last: the map's order is that of use.
    this.#sessions.set(name, session);
    return session;
  }

  /** Ends the sessions that were idle for too long by the log's time, which never goes back. */
  #endIdle(timeMs: number): void {
    for (const [name, { usedAtMs }] of this.#sessions) {
      if (timeMs - usedAtMs < this.#limits.idleMs) break;
      this.#sessions.delete(name);
    }
  }
}

function acknowledge<Reply>(session: Session<Reply>, upTo: number): void {
  if (upTo <= session.acknowledged) return;
  session.acknowledged = upTo;
  for (const sequence of session.replies.keys()) {
    if (sequence <= upTo) session.replies.delete(sequence);
  }
}
