/**
 * Documents that are known, moved on by what is heard.
 *
 * @module
 */

import { HoldfastError } from "../../errors.ts";
import type { OtType } from "../../ot/mod.ts";
import type { Op } from "../change.ts";
import type { Snapshot } from "../core.ts";
import {
  type DocumentState,
  movedOn,
  NO_DOCUMENT,
  snapshotOf,
  stateOf,
} from "../document_state.ts";

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

/** Whether what was read is not what is known, or older. */
export function isNewer(read: Snapshot, known: Snapshot | undefined): boolean {
  return known === undefined || known.epoch !== read.epoch || known.version < read.version;
}

function aliveOf(types: readonly OtType[], known: Snapshot): DocumentState {
  const { version, epoch, tag, type, data, meta } = known;
  const head = { epoch, version, tag, firstVersion: 0, snapshotVersion: version };
  return stateOf(types, head, { version, tag, type, data, ...meta }, []);
}
