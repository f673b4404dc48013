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

import {
  FREE,
  type QueueEffect,
  type QueueEvent,
  type QueueState,
  type QueueStep,
  withEntry,
  withLane,
} from "./queue.ts";
import { answered } from "./queue_answer.ts";
import { names, type QueueEntry } from "./queue_entry.ts";
import { written } from "./queue_write.ts";

/** Goes one step. */
export function stepQueue(state: QueueState, event: QueueEvent): QueueStep {
  switch (event.kind) {
    case "named":
      return { state: { ...state, client: event.client }, effects: [] };
    case "restored":
      return restored(state, event.entries);
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

/** Puts first what an earlier life left. An entry that two storages kept is one. */
function restored(state: QueueState, entries: readonly QueueEntry[]): QueueStep {
  const all = new Map([...entries, ...state.entries].map((entry) => [entry.key, entry]));
  return pump({ state: { ...state, entries: [...all.values()] }, effects: [{ kind: "save" }] });
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

function idle(state: QueueState, isOnline: boolean): QueueState {
  const lanes = [...state.lanes].map(([model, lane]) => [model, { ...lane, ...FREE }] as const);
  return { ...state, isOnline, lanes: new Map(lanes) };
}
