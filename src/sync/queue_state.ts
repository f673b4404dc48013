/**
 * The queue of writes of one client, as a state machine: what waits, what may be sent, and what an answer means.
 *
 * Invariants:
 *
 * 1. An entry gets its position (`tx`) when it is sent first, is kept with it before it is sent, and keeps it for as
 *    long as its answer is unknown. So whatever is lost, doubled or late, the server makes it once.
 * 2. One entry of a model is on the way at a time, the first one. So positions of a model arrive in their order, and a
 *    later write never overtakes one that must be sent again.
 * 3. A source (the name of a run of positions) counts from 1, and goes on only after the server has acknowledged one of
 *    its writes: before that the server does not know it, and would take a higher place for one that it has forgotten.
 *    A new life of the client takes new sources, whatever an old storage says.
 * 4. An entry that was never sent may be changed: the next write of the same record joins it if nothing else of its
 *    model was written in between, and a deletion takes an unsent creation with it. Joining any other two would make a
 *    write earlier or later than one of another record, with which it may compete for a unique value.
 * 5. What names a creation that is not acknowledged waits for it, and gets the record's own id then.
 *
 * Positions of a queue that are judged by the server go back to "Implementing Remote Procedure Calls" (Birrell and
 * Nelson, 1984, section 3): a call id that grows, and one call of an activity at a time.
 *
 * @module
 */

import type { JsonObject } from "../json.ts";
import {
  afterWrite,
  names,
  type QueueEntry,
  type RecordId,
  type SyncRecord,
  withIds,
} from "./queue_entry.ts";

/** The most writes that wait. */
export const QUEUE_MAX = 1_000;
/** How often one write may meet a conflict and be resolved, before it is refused. */
export const CONFLICTS_MAX = 20;
/** The most temporary ids that are remembered after their records got their own. */
export const IDS_MAX = 1_000;

/** The state of a queue. */
export interface QueueState {
  /** The name of this life of the client, never used by another. */
  readonly client: string;
  /** How many names were given in this life. */
  readonly named: number;
  /** What waits, in the order of writing. */
  readonly entries: readonly QueueEntry[];
  /** The positions of each model. */
  readonly lanes: ReadonlyMap<string, Lane>;
  /** What temporary ids became. */
  readonly ids: ReadonlyMap<string, RecordId>;
  /** Whether there is somebody to send to. */
  readonly isOnline: boolean;
}

/** The positions of one model. */
interface Lane {
  readonly source: string;
  /** The last place that was given. */
  readonly index: number;
  /** Whether the server has acknowledged a place of this source. */
  readonly isKnown: boolean;
  /** Whether an entry is on the way, or about to be sent again. */
  readonly isBusy: boolean;
  /** How often in a row the first entry could not be served. */
  readonly failures: number;
}

/** A write that somebody makes. */
export type NewWrite =
  & Pick<QueueEntry, "model" | "verb" | "data" | "isPatch" | "base" | "isChecked">
  & { readonly id: RecordId | undefined };

/** What a server answered to an entry. */
export type Answer =
  /** It is made, as write number `seq` of the model. Of an upsert, `record` is what was stored. */
  | {
    readonly kind: "done";
    readonly record: SyncRecord | undefined;
    readonly seq: number | undefined;
  }
  /** Not now: the same may be sent again. */
  | { readonly kind: "failed"; readonly afterMs: number | undefined }
  /** Somebody else wrote. With a resolution it is made anew on what is there now. */
  | {
    readonly kind: "conflict";
    readonly current: SyncRecord | undefined;
    readonly resolution: JsonObject | undefined;
  }
  /** The server does not remember the source. */
  | { readonly kind: "unknown" }
  /** It is not made, and never will be. */
  | { readonly kind: "refused" };

/** What happens to a queue. */
export type QueueEvent =
  | { readonly kind: "write"; readonly write: NewWrite }
  | { readonly kind: "online" }
  | { readonly kind: "offline" }
  /** It is time to send the model's first entry again. */
  | { readonly kind: "retry"; readonly model: string }
  | { readonly kind: "answer"; readonly tx: string; readonly answer: Answer };

/** What becomes of an entry. */
export type Outcome =
  /** It is made. */
  | {
    readonly kind: "done";
    readonly record: SyncRecord | undefined;
    readonly seq: number | undefined;
  }
  /** It never was sent and need not be: a creation, and what followed it up to its deletion. */
  | { readonly kind: "dropped" }
  /** It is not made: the answer says why. */
  | { readonly kind: "refused" }
  /** It is not made, as the record that it names was not created. */
  | { readonly kind: "orphaned" }
  /** It was sent, and nobody knows whether it was made. */
  | { readonly kind: "unknown" };

/** What is to be done, in this order. */
export type QueueEffect =
  /** A write waits under this key: its own, or that of the entry that it joined. */
  | { readonly kind: "queued"; readonly key: string }
  /** Keep the entries, before anything that follows. */
  | { readonly kind: "save" }
  /** Send an entry. */
  | { readonly kind: "send"; readonly entry: QueueEntry }
  /** Come back with `retry`, after so many failures in a row, and not before `afterMs`. */
  | {
    readonly kind: "wait";
    readonly model: string;
    readonly failures: number;
    readonly afterMs: number | undefined;
  }
  /** An entry has left the queue. */
  | { readonly kind: "settle"; readonly entry: QueueEntry; readonly outcome: Outcome };

/** A state, and what is to be done. */
export interface QueueStep {
  /** The state from now on. */
  readonly state: QueueState;
  /** What is to be done. */
  readonly effects: readonly QueueEffect[];
}

/** A queue at the start of a client's life, with what an earlier life left. */
export function newQueue(client: string, entries: readonly QueueEntry[]): QueueState {
  return { client, named: 0, entries, lanes: new Map(), ids: new Map(), isOnline: false };
}

/** Goes one step. */
export function stepQueue(state: QueueState, event: QueueEvent): QueueStep {
  switch (event.kind) {
    case "write":
      return pump(written(state, event.write));
    case "online":
      return pump({ state: idle(state, true), effects: [] });
    case "offline":
      return { state: idle(state, false), effects: [] };
    case "retry":
      return pump({ state: withLane(state, event.model, { isBusy: false }), effects: [] });
    case "answer":
      return pump(answered(state, event.tx, event.answer));
  }
}

/** Whether an answer may still come that gives a record of this model its id. */
export function isCreating({ entries }: QueueState, model: string): boolean {
  return entries.some((entry) => entry.isNew && entry.sends > 0 && entry.model === model);
}

/** Adds an entry, joins it to one, or drops what it makes needless. */
function written(state: QueueState, { id, ...write }: NewWrite): QueueStep {
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
    : { ...first, data, isPatch: false };
}

/** Sends the first entry of every model that has none on the way. */
function pump({ state, effects }: QueueStep): QueueStep {
  if (!state.isOnline) return { state, effects };
  const sent: QueueEffect[] = [];
  const seen = new Set<string>();
  for (const entry of state.entries) {
    const { model } = entry;
    if (seen.has(model)) continue;
    seen.add(model);
    if (state.lanes.get(model)?.isBusy === true || isWaiting(state.entries, entry)) continue;
    const step = sending(state, entry);
    state = step.state;
    sent.push({ kind: "send", entry: step.entry });
  }
  return sent.length === 0 ? { state, effects } : {
    state,
    effects: [...effects.filter(({ kind }) => kind !== "save"), { kind: "save" }, ...sent],
  };
}

/** Whether an entry names a creation of an earlier one. */
function isWaiting(entries: readonly QueueEntry[], entry: QueueEntry): boolean {
  for (const one of entries) {
    if (one === entry) return false;
    if (one.isNew && names(entry.data, String(one.id))) return true;
  }
  return false;
}

/** Gives an entry its position, if it has none, and marks it as sent. */
function sending(
  state: QueueState,
  entry: QueueEntry,
): { readonly state: QueueState; readonly entry: QueueEntry } {
  if (entry.tx === undefined) state = advance(state, entry.model);
  const { source, index } = state.lanes.get(entry.model) ?? { source: "", index: 0 };
  const sent = { ...entry, tx: entry.tx ?? `${source}/${index}`, sends: entry.sends + 1 };
  return { state: withLane(withEntry(state, sent), entry.model, { isBusy: true }), entry: sent };
}

/** Moves a model to its next position: of its source if the server knows that, of a new one if not. */
function advance(state: QueueState, model: string): QueueState {
  const lane = state.lanes.get(model);
  if (lane?.isKnown) return withLane(state, model, { index: lane.index + 1 });
  const named = state.named + 1;
  return withLane({ ...state, named }, model, { source: `${state.client}.${named}`, index: 1 });
}

function answered(state: QueueState, tx: string, answer: Answer): QueueStep {
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

const FREE = { isBusy: false, failures: 0 } as const;

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

function idle(state: QueueState, isOnline: boolean): QueueState {
  const lanes = [...state.lanes].map(([model, lane]) => [model, { ...lane, ...FREE }] as const);
  return { ...state, isOnline, lanes: new Map(lanes) };
}

function withEntry(state: QueueState, entry: QueueEntry): QueueState {
  return { ...state, entries: state.entries.map((one) => one.key === entry.key ? entry : one) };
}

const NO_LANE: Lane = { source: "", index: 0, isKnown: false, isBusy: false, failures: 0 };

function withLane(state: QueueState, model: string, change: Partial<Lane>): QueueState {
  const lane = { ...NO_LANE, ...state.lanes.get(model), ...change };
  return { ...state, lanes: new Map(state.lanes).set(model, lane) };
}

/** The record of an id as its owner sees it: as the server has it, with what waits. */
export function seen(
  entries: readonly QueueEntry[],
  model: string,
  id: RecordId,
  record: SyncRecord | undefined,
): SyncRecord | undefined {
  return entries.filter((one) => one.model === model && one.id === id)
    .reduce<SyncRecord | undefined>(afterWrite, record);
}
