/**
 * What a document was: the nearest snapshot that is kept, moved on to the version or the time that is asked for.
 *
 * @module
 */

import { ArgumentError, HoldfastError } from "../errors.ts";
import type { Op } from "./change.ts";
import type { CoreOptions, Snapshot } from "./core.ts";
import type { CoreContext } from "./core_context.ts";
import { corrupt, movedOn, NO_DOCUMENT, snapshotOf, stateOf } from "./document_state.ts";
import { checkNames } from "./names.ts";
import type { HistoryMoment } from "./port.ts";
import { opsAfter } from "./read.ts";
import { fromTheFuture } from "./submission.ts";
import { unitOf } from "./settings.ts";

/** What a document was at a version, or at a time by the store's clock. */
export async function documentAt(
  context: CoreContext,
  collection: string,
  id: string,
  moment: HistoryMoment,
  options: CoreOptions = {},
): Promise<Snapshot> {
  checkNames(collection, [id]);
  checkMoment(moment);
  options.signal?.throwIfAborted();
  const { documents, settings } = context;
  const unit = unitOf(settings.collection(collection), id);
  const wanted = "version" in moment ? moment.version : Infinity;
  const read = await documents.history(unit, id, moment, options);
  switch (read.kind) {
    case "absent":
      if (wanted !== 0 && wanted !== Infinity) throw fromTheFuture();
      return snapshotOf(collection, id, NO_DOCUMENT);
    case "corrupt":
      throw corrupt();
    case "trimmed":
      throw gone();
  }
  const { head, snapshot } = read;
  if (wanted !== Infinity && wanted > head.version) throw fromTheFuture();
  let state = stateOf(settings.types, head, snapshot, upTo(read.ops, moment));
  const isAsked = (version: number, ops: readonly Op[]): boolean =>
    version >= Math.min(wanted, head.version) || upTo(ops, moment).length < ops.length;
  for (let ops = read.ops; !isAsked(state.version, ops);) {
    if (state.version < head.firstVersion) throw gone();
    const { epoch, version, tag } = state;
    const more = await opsAfter(
      context,
      { unit, id },
      { epoch, version, tag },
      version + 1,
      options,
    );
    if (more === "trimmed") throw gone();
    if (more === "foreign" || more.ops.length === 0) throw corrupt();
    ops = more.ops;
    state = movedOn(settings.types, state, upTo(ops, moment));
  }
  return snapshotOf(collection, id, state);
}

function upTo(ops: readonly Op[], moment: HistoryMoment): readonly Op[] {
  return ops.filter((op) =>
    "version" in moment ? op.version < moment.version : op.atMs <= moment.atMs
  );
}

function checkMoment(moment: HistoryMoment): void {
  const { version, atMs }: { version?: unknown; atMs?: unknown } = moment;
  const isVersion = Number.isSafeInteger(version) && Number(version) >= 0 && atMs === undefined;
  const isTime = typeof atMs === "number" && Number.isFinite(atMs) && version === undefined;
  if (isVersion || isTime) return;
  throw new ArgumentError(
    "ERR_INVALID_ARGUMENT",
    "Cannot look into the history as version must be a whole number from 0, or atMs a time in milliseconds",
  );
}

function gone(): HoldfastError {
  return new HoldfastError(
    "ERR_OPS_TRIMMED",
    "Cannot look so far into the history as operations and milestones must still be kept",
  );
}
