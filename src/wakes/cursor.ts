/**
 * A reader's place in a journal, and what a hint means there: the pure half of `tail.ts`.
 *
 * Invariants:
 * 1. The position only moves by an entry that follows it (index by one, the tag of its predecessor), or by what the
 *    store answered.
 * 2. A hint is forgotten only if the entry it tells of is known by index and tag. Any other one that does not follow
 *    leads to a read, so a store that lost its tail and was refilled is noticed whichever indexes it reuses.
 *
 * @module
 */

import { invariant } from "../errors.ts";
import type { JournalPosition, JournalRead, Wake, WakeEvent } from "./port.ts";

/** The most hints that wait to be looked at; more are dropped for a read. */
export const PENDING_WAKES_MAX = 256;
/** How many of the last entries are known by their tags, to tell a repeated hint from a new one. */
export const KNOWN_TAGS_MAX = 256;

/** A hint whose entry travels along, and thus the entry itself. */
export type WakeWithEntry = Wake & { readonly entry: string };

/** A reader's place in a journal. */
export class JournalCursor {
  #position: JournalPosition;
  #pending: Wake[] = [];
  #mustRead = false;
  readonly #tags = new Map<number, string>();

  /** Stands at a position that a snapshot or an earlier reading gave. */
  constructor(position: JournalPosition) {
    this.#position = position;
    this.#tags.set(position.index, position.tag);
  }

  /** After which entry it stands. */
  get position(): JournalPosition {
    return this.#position;
  }

  /** Whether only the journal itself can tell what follows. */
  get mustRead(): boolean {
    return this.#mustRead;
  }

  /** Takes note of what the feed told. */
  hear(event: WakeEvent): void {
    if (event.kind === "wake" && this.#pending.length < PENDING_WAKES_MAX) {
      this.#pending.push(event.wake);
      return;
    }
    this.#mustRead = true;
    if (event.kind === "wake") this.#pending = [];
  }

  /** The entries that the hints brought, as far as each follows the one before; moves past them. */
  take(): WakeWithEntry[] {
    const taken: WakeWithEntry[] = [];
    const pending = this.#pending.sort((a, b) => a.index - b.index);
    this.#pending = [];
    for (const wake of pending) {
      if (this.#isKnown(wake)) continue;
      if (!this.#follows(wake)) {
        this.#mustRead = true;
        break;
      }
      this.#moveTo(wake);
      taken.push(wake);
    }
    return taken;
  }

  /** Begins a read of the journal. Hints that come from now on are looked at after it. */
  beginRead(): void {
    this.#mustRead = false;
    this.#pending = [];
  }

  /** A read failed: whatever it would have told is still unknown. */
  failRead(): void {
    this.#mustRead = true;
  }

  /** Moves to where the journal's answer leads. */
  endRead(answer: JournalRead<unknown>): void {
    const { head } = answer;
    if (answer.kind === "reset") {
      this.#tags.clear();
      this.#moveTo(head);
      return;
    }
    for (const { index, tag } of answer.entries) {
      invariant(index === this.#position.index + 1, "a journal's answer is contiguous");
      this.#moveTo({ epoch: head.epoch, index, tag });
    }
    if (this.#position.index < head.index) this.#mustRead = true;
  }

  #isKnown({ epoch, index, tag }: Wake): boolean {
    return epoch === this.#position.epoch && this.#tags.get(index) === tag;
  }

  #follows(wake: Wake): wake is WakeWithEntry {
    const { epoch, index, tag } = this.#position;
    return wake.entry !== undefined && wake.epoch === epoch && wake.index === index + 1 &&
      wake.previousTag === tag;
  }

  #moveTo({ epoch, index, tag }: JournalPosition): void {
    this.#position = { epoch, index, tag };
    this.#tags.set(index, tag);
    this.#tags.delete(index - KNOWN_TAGS_MAX);
  }
}
