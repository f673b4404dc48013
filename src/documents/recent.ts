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
import type { DocumentHead } from "./port.ts";

/** A document, and the operations that led to it as far as they are kept. */
export interface RecentDocument {
  /** The document. */
  readonly state: DocumentState;
  /** The last operations, contiguous up to the state's version. */
  readonly ops: readonly Op[];
  /** The version of the snapshot in the store. */
  readonly snapshotVersion: number;
}

/** The most operations that a copy keeps, beyond twice of which it is cut. */
export const RECENT_OPS_MAX = 128;

/** A copy moved on. */
export function grown(
  recent: RecentDocument,
  state: DocumentState,
  ops: readonly Op[],
  head: DocumentHead,
): RecentDocument {
  return { state, ops: joined(recent.ops, ops), snapshotVersion: head.snapshotVersion };
}

/** The operations of a copy from a version on; `undefined` if it has not all of them. */
export function opsSince(
  { state, ops }: RecentDocument,
  version: number,
): readonly Op[] | undefined {
  const missing = state.version - version;
  return missing > ops.length ? undefined : ops.slice(ops.length - missing);
}

/** Copies by document; the one that was used longest ago makes room. */
export class RecentDocuments {
  readonly #max: number;
  readonly #kept = new Map<string, RecentDocument>();

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
    this.#kept.delete(key);
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

function joined(ops: readonly Op[], more: readonly Op[]): readonly Op[] {
  const all = ops.concat(more);
  return all.length > 2 * RECENT_OPS_MAX ? all.slice(-RECENT_OPS_MAX) : all;
}
