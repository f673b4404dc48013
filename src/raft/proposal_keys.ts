/**
 * Keys of proposals: for clients that live for one request and open no session. A proposal that brings a key is applied
 * once, whoever leads when it comes again.
 *
 * The table belongs to the replicated state, as that of sessions does: it ends keys by the log's time, and is in every
 * snapshot. A key travels as a digest in the place of a session's stamp, so that the log has one form of it.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import type { CommandEntry, SessionStamp } from "./core/message.ts";
import { checkWhole } from "./core/whole.ts";
import { OPEN_SESSION, type SessionOutcome } from "./sessions.ts";

/** Bounds of the keys that a cluster knows. They belong to the replicated state: the same on every node. */
export interface ProposalKeyLimits {
  /** Keys at once; one more ends the one that came first. 10,000 by default. */
  readonly keysMax?: number | undefined;
  /** Milliseconds of log time for which a key is known; a day by default. */
  readonly keyMs?: number | undefined;
}

/** The longest key, in UTF-16 units. */
export const PROPOSAL_KEY_LENGTH_MAX = 1_024;

/** What was answered to one key, as a snapshot has it. */
export type SavedKey<Reply> = readonly [digest: string, atMs: number, reply: Reply];

/** Refuses what cannot be a key. @throws {ArgumentError} `ERR_INVALID_ARGUMENT` */
export function checkProposalKey(key: unknown): void {
  if (typeof key === "string" && key !== "" && key.length <= PROPOSAL_KEY_LENGTH_MAX) return;
  throw new ArgumentError(
    "ERR_INVALID_ARGUMENT",
    `Cannot propose as key must be a text of 1 to ${PROPOSAL_KEY_LENGTH_MAX} characters`,
  );
}

/** The stamp of a proposal whose key has this digest, of which 96 bits are taken: 16 characters of base64url. */
export function keyStamp(digest: string): SessionStamp {
  const sequence = Math.max(1, numberOf(digest.slice(0, 8)));
  return { session: OPEN_SESSION.session, sequence, acknowledged: numberOf(digest.slice(8, 16)) };
}

/** Whether it is a key's stamp. */
export function isKeyStamp({ session, sequence }: SessionStamp): boolean {
  return session === OPEN_SESSION.session && sequence > OPEN_SESSION.sequence;
}

/** The keys of a state machine, with what was answered. */
export class ProposalKeys<Reply> {
  readonly #limits: { readonly keysMax: number; readonly keyMs: number };
  /** In the order in which they came, which is that of `atMs` too. */
  readonly #known = new Map<string, { readonly atMs: number; readonly reply: Reply }>();

  /** Knows none yet. @throws {LimitError} `ERR_INVALID_OPTION` */
  constructor({ keysMax = 10_000, keyMs = 86_400_000 }: ProposalKeyLimits = {}) {
    checkWhole("keep keys", "keysMax", keysMax, 1);
    checkWhole("keep keys", "keyMs", keyMs, 1);
    this.#limits = { keysMax, keyMs };
  }

  /** Executes a command, unless one with its key was. */
  apply(
    { timeMs, data }: CommandEntry,
    { sequence, acknowledged }: SessionStamp,
    execute: (data: Uint8Array) => Reply,
  ): SessionOutcome<Reply> {
    this.#endWhile((atMs) => timeMs - atMs >= this.#limits.keyMs);
    const digest = `${sequence}.${acknowledged}`;
    const known = this.#known.get(digest);
    if (known !== undefined) return { kind: "executed", reply: known.reply, isRepeat: true };
    this.#endWhile(() => this.#known.size >= this.#limits.keysMax);
    const reply = execute(data);
    this.#known.set(digest, { atMs: timeMs, reply });
    return { kind: "executed", reply, isRepeat: false };
  }

  /** All of them as plain data, for a snapshot. */
  save(): readonly SavedKey<Reply>[] {
    return [...this.#known].map(([digest, { atMs, reply }]) => [digest, atMs, reply]);
  }

  /** Replaces all by those of a snapshot. */
  restore(saved: readonly SavedKey<Reply>[]): void {
    this.#known.clear();
    for (const [digest, atMs, reply] of saved) this.#known.set(digest, { atMs, reply });
  }

  /** Ends keys, the oldest first. */
  #endWhile(isOver: (atMs: number) => boolean): void {
    for (const [digest, { atMs }] of this.#known) {
      if (!isOver(atMs)) break;
      this.#known.delete(digest);
    }
  }
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** The number of six bits for each character. */
function numberOf(text: string): number {
  let number = 0;
  for (const char of text) number = number * 64 + ALPHABET.indexOf(char);
  return number;
}
