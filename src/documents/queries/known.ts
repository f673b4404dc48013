/**
 * Documents that are known, moved on by what is heard.
 *
 * @module
 */

import { HoldfastError } from "../../errors.ts";
import type { OtType } from "../../ot/mod.ts";
import type { Op } from "../change.ts";
import type { Snapshot } from "../core.ts";
import type { ListedDocument } from "../port.ts";
import {
  type DocumentState,
  movedOn,
  NO_DOCUMENT,
  snapshotOf,
  stateOf,
} from "../document_state.ts";

/** So many documents are known beside those that queries hold. */
export const RECENT_MAX = 10_000;

/** Documents as they were after the last operation that was heard, or before something was missed. */
export class KnownDocuments {
  readonly #known = new Map<string, Snapshot>();
  /** Those that may have changed unheard, until they are read: whoever is shown one goes on being shown it. */
  #doubted = new Set<string>();
  #max = RECENT_MAX;

  /** A document, as it was when it was last told. */
  get(id: string): Snapshot | undefined {
    return this.#known.get(id);
  }

  /** A document of which nothing was missed. */
  trusted(id: string): Snapshot | undefined {
    return this.#doubted.has(id) ? undefined : this.#known.get(id);
  }

  /** A document, if it is known as it is at a position. */
  at(listed: ListedDocument): Snapshot | undefined {
    const known = this.#known.get(listed.id);
    if (known === undefined || !isAt(known, listed)) return undefined;
    this.#doubted.delete(listed.id);
    return known;
  }

  /** Takes a document as it is now. */
  set(snapshot: Snapshot): void {
    // The one that changed last is the last to be forgotten.
    this.#known.delete(snapshot.id);
    this.#known.set(snapshot.id, snapshot);
    this.#doubted.delete(snapshot.id);
  }

  /** Something was missed: what is known is as it was before. */
  doubt(): void {
    this.#doubted = new Set(this.#known.keys());
  }

  /** Forgets what nobody holds if that is too much, the longest unchanged first. */
  trim(holders: Iterable<{ readonly held: Iterable<string> }>): void {
    if (this.#known.size <= this.#max) return;
    const held = new Set<string>();
    for (const holder of holders) for (const id of holder.held) held.add(id);
    for (const id of this.#known.keys()) {
      if (this.#known.size <= held.size + RECENT_MAX / 2) break;
      if (held.has(id)) continue;
      this.#known.delete(id);
      this.#doubted.delete(id);
    }
    this.#max = this.#known.size + RECENT_MAX / 2;
  }
}

/** Whose operations they are. */
export interface Heard {
  readonly collection: string;
  readonly id: string;
  readonly epoch: string;
}

/**
 * What operations make of a document that is known; `undefined` if it must be read, as something before them is missing
 * or they are of another life of it. The document itself, if it has them all.
 */
export function advanced(
  types: readonly OtType[],
  { collection, id, epoch }: Heard,
  known: Snapshot | undefined,
  ops: readonly Op[],
): Snapshot | undefined {
  const version = known?.version ?? 0;
  const isOwn = version === 0 || known?.epoch === epoch;
  const fresh = ops.filter((op) => op.version >= version);
  if (!isOwn || (fresh[0]?.version ?? version) !== version) return undefined;
  if (fresh.length === 0) return known;
  try {
    const before = known === undefined || version === 0 ? NO_DOCUMENT : aliveOf(types, known);
    return snapshotOf(collection, id, movedOn(types, { ...before, epoch }, fresh));
  } catch (error) {
    // A log that does not add up, or a type that is not to be had here: whoever reads it says so.
    if (!HoldfastError.is(error)) throw error;
    return undefined;
  }
}

/** Whether a document is as it is at a position. */
export function isAt(
  known: Snapshot,
  { epoch, version, tag }: Pick<ListedDocument, "epoch" | "version" | "tag">,
): boolean {
  return known.version === version && known.epoch === epoch && known.tag === tag;
}

/** Whether what was read is not what is known, or older. */
export function isNewer(read: Snapshot, known: Snapshot | undefined): boolean {
  return known === undefined || known.epoch !== read.epoch || known.version < read.version;
}

function aliveOf(types: readonly OtType[], known: Snapshot): DocumentState {
  const { version, epoch, tag, type, data, meta } = known;
  const head = { epoch, version, tag, firstVersion: 0, snapshotVersion: version };
  return stateOf(types, head, { version, tag, type, data, ...meta }, []);
}
