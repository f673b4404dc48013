/**
 * What a server's answer does to the queue.
 *
 * @module
 */

import {
  type Answer,
  FREE,
  type Outcome,
  type QueueEffect,
  type QueueState,
  type QueueStep,
  withEntry,
  withLane,
} from "./queue.ts";
import { names, type QueueEntry, type RecordId, withIds } from "./queue_entry.ts";

/** How often one write may meet a conflict and be resolved, before it is refused. */
export const CONFLICTS_MAX = 20;
/** The most temporary ids that are remembered after their records got their own. */
export const IDS_MAX = 1_000;

/** Takes an answer to the entry that was sent under a position. */
export function answered(state: QueueState, tx: string, answer: Answer): QueueStep {
  const entry = state.entries.find((one) => one.tx === tx);
  // The answer to a message that was doubled, or of an entry that has gone on under another position.
  if (entry === undefined) return { state, effects: [] };
  const { model } = entry;
  const isCurrent = tx.startsWith(`${state.lanes.get(model)?.source}/`);
  switch (answer.kind) {
    case "failed": {
      const failures = (state.lanes.get(model)?.failures ?? 0) + 1;
      const wait = { kind: "wait", model, failures, afterMs: answer.afterMs } as const;
      return { state: withLane(state, model, { isBusy: true, failures }), effects: [wait] };
    }
    case "done":
      return done(
        withLane(state, model, { ...FREE, ...isCurrent && { isKnown: true } }),
        entry,
        answer,
      );
    case "conflict":
      return conflicted(withLane(state, model, FREE), entry, answer);
    case "unknown":
      return forgotten(withLane(state, model, { ...FREE, isKnown: false }), entry, tx);
    case "refused":
      return refuse(withLane(state, model, FREE), entry, "refused");
  }
}

/** Takes an acknowledged entry out, and tells those behind it what their record is now. */
function done(state: QueueState, entry: QueueEntry, answer: Answer & { kind: "done" }): QueueStep {
  const { record } = answer;
  const ids = entry.isNew && record !== undefined
    ? new Map([[String(entry.id), record.id]])
    : new Map<string, RecordId>();
  const entries = state.entries.filter((one) => one !== entry).map((one) => {
    const isSame = one.model === entry.model && one.id === entry.id;
    // A write that was made on one that had to be resolved is no longer on what it saw: let it conflict as well.
    const base = isSame && entry.conflicts === 0 ? record : one.base;
    if (ids.size === 0 && !isSame) return one;
    return { ...one, base, id: withIds(one.id, ids), data: withIds(one.data, ids) };
  });
  const remembered = [...state.ids, ...ids].slice(-IDS_MAX);
  return {
    state: { ...state, entries, ids: ids.size === 0 ? state.ids : new Map(remembered) },
    effects: [{ kind: "save" }, { kind: "settle", entry, outcome: answer }],
  };
}

/** Makes a resolved entry anew on what is there now, under a new position. */
function conflicted(
  state: QueueState,
  entry: QueueEntry,
  { current, resolution }: Answer & { kind: "conflict" },
): QueueStep {
  if (resolution === undefined || entry.conflicts >= CONFLICTS_MAX) {
    return refuse(state, entry, "refused");
  }
  const again: QueueEntry = {
    ...entry,
    verb: "upsert",
    data: resolution,
    isPatch: false,
    base: current,
    tx: undefined,
    sends: 0,
    conflicts: entry.conflicts + 1,
  };
  return { state: withEntry(state, again), effects: [{ kind: "save" }] };
}

/**
 * A source that the server has forgotten. What was sent once is not made, as this is the answer to that one sending: it
 * goes under a new source. What was sent more often may have been made by an earlier one: never again.
 */
function forgotten(state: QueueState, entry: QueueEntry, tx: string): QueueStep {
  if (entry.sends > 1 || tx.endsWith("/1")) return refuse(state, entry, "unknown");
  return {
    state: withEntry(state, { ...entry, tx: undefined, sends: 0 }),
    effects: [{ kind: "save" }],
  };
}

/** Takes an entry out that is not made; with a creation, all that names its record. */
function refuse(
  state: QueueState,
  entry: QueueEntry,
  kind: "refused" | "unknown",
): QueueStep {
  const lost = new Set(entry.isNew ? [String(entry.id)] : []);
  const orphans = state.entries.filter((one) => {
    if (one === entry) return false;
    const isLost = lost.has(String(one.id)) || [...lost].some((id) => names(one.data, id));
    if (isLost && one.isNew) lost.add(String(one.id));
    return isLost;
  });
  const settled = (one: QueueEntry, outcome: Outcome): QueueEffect => ({
    kind: "settle",
    entry: one,
    outcome,
  });
  return {
    state: {
      ...state,
      entries: state.entries.filter((one) => one !== entry && !orphans.includes(one)),
    },
    effects: [
      { kind: "save" },
      settled(entry, { kind }),
      ...orphans.map((one) => settled(one, { kind: "orphaned" })),
    ],
  };
}
