/**
 * What a new write does to the queue: it waits, joins one that waits, or makes some needless.
 *
 * @module
 */

import type { JsonObject } from "../../json.ts";
import type { NewWrite, QueueEffect, QueueState, QueueStep } from "./queue.ts";
import { names, type QueueEntry, withIds } from "./queue_entry.ts";

/** Adds an entry, joins it to one, or drops what it makes needless. */
export function written(state: QueueState, { id, ...write }: NewWrite): QueueStep {
  const named = state.named + 1;
  const key = `${state.client}.${named}`;
  const known = withIds(write.data, state.ids);
  const entry: QueueEntry = {
    ...write,
    data: known,
    key,
    id: id === undefined ? key : withIds(id, state.ids),
    isNew: id === undefined,
    tx: undefined,
    sends: 0,
    conflicts: 0,
  };
  const next = { ...state, named };
  if (entry.verb === "delete") {
    const dropped = needless(state.entries, entry);
    if (dropped.length > 0) return dropAll(next, [...dropped, entry]);
  }
  const last = state.entries.findLast(({ model }) => model === entry.model);
  const joins = last !== undefined && last.id === entry.id && last.sends === 0 &&
    last.verb === "upsert" && (entry.verb === "upsert" || !last.isNew) &&
    !namesLater(state.entries, last, entry.data);
  const kept = joins ? joined(last, entry) : entry;
  const entries = joins
    ? state.entries.map((one) => one === last ? kept : one)
    : [...state.entries, kept];
  return {
    state: { ...next, entries },
    effects: [{ kind: "queued", key: kept.key }, { kind: "save" }],
  };
}

/** The unsent creation of a record and all that was written of it, unless something else names the record. */
function needless(
  entries: readonly QueueEntry[],
  { model, id }: QueueEntry,
): readonly QueueEntry[] {
  const own = entries.filter((one) => one.model === model && one.id === id);
  const isUnsent = own[0]?.isNew === true && own.every(({ sends }) => sends === 0);
  const isNamed = entries.some((one) => !own.includes(one) && names(one.data, String(id)));
  return isUnsent && !isNamed ? own : [];
}

function dropAll(state: QueueState, dropped: readonly QueueEntry[]): QueueStep {
  const key = dropped.at(-1)?.key ?? "";
  return {
    state: { ...state, entries: state.entries.filter((one) => !dropped.includes(one)) },
    effects: [
      { kind: "queued", key },
      { kind: "save" },
      ...dropped.map((entry): QueueEffect => ({
        kind: "settle",
        entry,
        outcome: { kind: "dropped" },
      })),
    ],
  };
}

/** Whether data name a creation that waits behind an entry: then joining would make a circle. */
function namesLater(entries: readonly QueueEntry[], entry: QueueEntry, data: JsonObject): boolean {
  return entries.slice(entries.indexOf(entry) + 1)
    .some(({ isNew, id }) => isNew && names(data, String(id)));
}

/** Two writes of a record as one. */
function joined(first: QueueEntry, later: QueueEntry): QueueEntry {
  const { verb, data, isPatch } = later;
  if (verb === "delete") return { ...first, verb, data, isPatch, isChecked: later.isChecked };
  return isPatch
    ? { ...first, data: { ...first.data, ...data } }
    : { ...first, data, isPatch: false, isChecked: later.isChecked };
}
