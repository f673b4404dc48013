/**
 * Copies of documents that this process worked on lately, so that a commit to one of them needs no read.
 *
 * A copy is never believed: a commit carries its epoch, version and tag, and the store compares. It is a value, so that
 * requests may share it where they may share no promise.
 *
 * @module
 */

import type { Op } from "./change.ts";
import type { DocumentState } from "./document_state.ts";
import type { JournalPlace } from "./journal_change.ts";
import type { DocumentHead } from "./port.ts";

/** A document, and the operations that led to it as far as they are kept. */
export interface RecentDocument {
  /** The document. */
  readonly state: DocumentState;
  /** The last operations, contiguous. Others may follow, that led to newer copies: this one's end at `opsEnd`. */
  readonly ops: Op[];
  /** How many of the operations led to this copy. */
  readonly opsEnd: number;
  /** The version of the snapshot in the store. */
  readonly snapshotVersion: number;
  /** Until when others are to have their turn, by the monotonic clock; mostly there are none. */
  readonly restUntilMs?: number;
}

/** The most operations that a copy keeps, beyond twice of which it is cut. */
export const RECENT_OPS_MAX = 128;

/** A copy without any operations. */
export function recentOf(state: DocumentState, snapshotVersion: number): RecentDocument {
  return { state, ops: [], opsEnd: 0, snapshotVersion };
}

/** A copy moved on. */
export function grown(
  { ops: known, opsEnd }: RecentDocument,
  state: DocumentState,
  more: readonly Op[],
  { snapshotVersion }: DocumentHead,
): RecentDocument {
  // Copies that follow each other share one list, so that a commit costs one entry and no list.
  const isLast = known.length === opsEnd && opsEnd <= 2 * RECENT_OPS_MAX;
  const ops = isLast ? known : known.slice(Math.max(0, opsEnd - RECENT_OPS_MAX), opsEnd);
  ops.push(...more);
  return { state, ops, opsEnd: ops.length, snapshotVersion };
}

/** The operations of a copy from a version on; `undefined` if it has not all of them. */
export function opsSince(
  { state, ops, opsEnd }: RecentDocument,
  version: number,
): readonly Op[] | undefined {
  const missing = state.version - version;
  return missing > opsEnd ? undefined : ops.slice(opsEnd - missing, opsEnd);
}

/** What the journal says was committed, if it is what led to a copy: tags tell. */
export function opsBetween(
  { state, ops, opsEnd }: RecentDocument,
  { epoch, from, to, tag }: JournalPlace,
): readonly Op[] | undefined {
  const end = opsEnd - state.version + to;
  const start = end - to + from;
  const isOwn = state.epoch === epoch && start >= 0 && end <= opsEnd && ops[end - 1]?.tag === tag;
  return isOwn ? ops.slice(start, end) : undefined;
}

/** Copies by document; the one that was used longest ago makes room. */
export class RecentDocuments {
  readonly #max: number;
  readonly #kept = new Map<string, RecentDocument>();
  #newest: string | undefined;

  /** Keeps so many. */
  constructor(max: number) {
    this.#max = max;
  }

  /** The copy of a document. */
  get(key: string): RecentDocument | undefined {
    return this.#kept.get(key);
  }

  /** Keeps a copy, as the one that was used last; answers overtake each other, and an older one replaces no newer. */
  set(key: string, recent: RecentDocument): void {
    const { epoch, version } = recent.state;
    const kept = this.#kept.get(key)?.state;
    if (kept?.epoch === epoch && kept.version > version) return;
    // The last one stays the last without being moved.
    if (this.#newest !== key) this.#kept.delete(key);
    this.#newest = key;
    this.#kept.set(key, recent);
    if (this.#kept.size <= this.#max) return;
    for (const [oldest] of this.#kept) {
      this.#kept.delete(oldest);
      return;
    }
  }

  /** Forgets a copy. */
  delete(key: string): void {
    this.#kept.delete(key);
  }
}

/** The name of a document among copies: names have no control characters. */
export function documentKey(collection: string, id: string): string {
  return `${collection}\u0000${id}`;
}
