/**
 * All that a client knows, without its connection: the queue of its own writes, laid over the records of the server.
 *
 * While a creation is on the way, nobody knows the id of its record, and an event may tell of that record before the
 * answer does (over another connection, or another road). So what arrives for that model is held back until the
 * answer is there: a record is never seen twice, under its temporary id and its own.
 *
 * @module
 */

import { type CollectionEvent, CollectionState } from "./collection_state.ts";
import {
  afterWrite,
  type QueueEntry,
  type RecordId,
  seen,
  type SyncRecord,
} from "./queue_entry.ts";
import { newQueue, type QueueEffect, type QueueEvent, type QueueState } from "./queue.ts";
import { isCreating, stepQueue } from "./queue_state.ts";

/** The most events of one model that are held back; past that the model is subscribed again afterwards. */
export const HELD_MAX = 1_000;

/** What happens to a replica. */
export type ReplicaEvent = QueueEvent | {
  readonly kind: "feed";
  readonly model: string;
  readonly event: CollectionEvent;
};

/** What is to be done, in this order. */
export type ReplicaEffect =
  | QueueEffect
  /** What is seen of these records may be new; of `"all"` after they were read anew. */
  | { readonly kind: "changed"; readonly model: string; readonly ids: readonly RecordId[] | "all" }
  /** Events were left out: go on from the collection's cursor. */
  | { readonly kind: "resubscribe"; readonly model: string };

/** Records and writes of one client. */
export class Replica {
  #queue: QueueState = newQueue();
  readonly #collections = new Map<string, CollectionState>();
  readonly #held = new Map<string, CollectionEvent[]>();
  /** How often the records had been read anew when an entry was sent last, by its key. */
  readonly #sentAfter = new Map<string, number>();

  /** The name of this life; empty before it begins. */
  get client(): string {
    return this.#queue.client;
  }

  /** What waits to be acknowledged. */
  get entries(): readonly QueueEntry[] {
    return this.#queue.entries;
  }

  /** The entry that was sent under a position. */
  entryOf(tx: string): QueueEntry | undefined {
    return this.entries.find((entry) => entry.tx === tx);
  }

  /** What a temporary id became. */
  idOf(id: RecordId): RecordId {
    return typeof id === "string" ? this.#queue.ids.get(id) ?? id : id;
  }

  /** What is known of a model's records on the server. */
  collection(model: string): CollectionState {
    const known = this.#collections.get(model) ?? new CollectionState();
    this.#collections.set(model, known);
    return known;
  }

  /** A record as its owner sees it. */
  seen(model: string, id: RecordId): SyncRecord | undefined {
    return seen(this.entries, model, id, this.collection(model).records.get(id));
  }

  /** All records of a model as their owner sees them, in no order but that new ones come last. */
  all(model: string): SyncRecord[] {
    const shown = new Map<RecordId, SyncRecord | undefined>(this.collection(model).records);
    for (const entry of this.entries) {
      if (entry.model === model) shown.set(entry.id, afterWrite(shown.get(entry.id), entry));
    }
    return [...shown.values()].filter((record) => record !== undefined);
  }

  /** Goes one step. */
  step(event: ReplicaEvent): readonly ReplicaEffect[] {
    if (event.kind === "feed") return this.#feed(event.model, event.event);
    // The next connection goes on from what is not held, and tells it again; if that is still so then.
    if (event.kind === "offline") this.#held.clear();
    const told = event.kind === "answer" ? this.#told(event) : [];
    const { state, effects } = stepQueue(this.#queue, event);
    this.#queue = state;
    const changed = event.kind === "write"
      ? [changedBy(event.write.model, effects, state.entries)]
      : event.kind === "restored"
      ? event.entries.map(({ model, id }) => changedOf(model, [id]))
      : [];
    return [
      ...told,
      ...effects.flatMap((effect) => this.#after(effect)),
      ...changed,
      ...this.#release(),
    ];
  }

  #feed(model: string, event: CollectionEvent): readonly ReplicaEffect[] {
    if (isCreating(this.#queue, model)) {
      const held = this.#held.get(model) ?? [];
      this.#held.set(model, held);
      // One more than there may be stands for all that are left out.
      if (held.length <= HELD_MAX) held.push(event);
      return [];
    }
    const ids = this.collection(model).step(event);
    return ids.length === 0 ? [] : [{ kind: "changed", model, ids }];
  }

  /** What a conflict tells of the record. */
  #told({ tx, answer }: QueueEvent & { kind: "answer" }): readonly ReplicaEffect[] {
    const entry = this.entryOf(tx);
    if (answer.kind !== "conflict" || entry === undefined || answer.current === undefined) {
      return [];
    }
    const { id } = answer.current;
    this.collection(entry.model).step({
      kind: "answer",
      isLate: this.#isLate(entry),
      id,
      record: answer.current,
      seq: undefined,
    });
    return [changedOf(entry.model, [id])];
  }

  /** An effect, and what is seen because of it. */
  #after(effect: QueueEffect): readonly ReplicaEffect[] {
    if (effect.kind === "send") {
      const { key, model } = effect.entry;
      this.#sentAfter.set(key, this.collection(model).resets);
    }
    if (effect.kind !== "settle") return [effect];
    const { entry, outcome } = effect;
    const { model, id, key } = entry;
    const ids = [id];
    if (outcome.kind === "done") {
      const { record, seq } = outcome;
      const own = record?.id ?? id;
      if (own !== id) ids.push(own);
      const isLate = this.#isLate(entry);
      this.collection(model).step({ kind: "answer", isLate, id: own, record, seq });
    }
    this.#sentAfter.delete(key);
    return [effect, changedOf(model, ids)];
  }

  /** Whether an entry was sent before its model had to be read anew: its answer may be of another life of that. */
  #isLate({ model, key }: QueueEntry): boolean {
    return this.#sentAfter.get(key) !== this.collection(model).resets;
  }

  #release(): readonly ReplicaEffect[] {
    const effects: ReplicaEffect[] = [];
    for (const [model, held] of this.#held) {
      if (isCreating(this.#queue, model)) continue;
      this.#held.delete(model);
      for (const event of held.slice(0, HELD_MAX)) effects.push(...this.#feed(model, event));
      if (held.length > HELD_MAX) effects.push({ kind: "resubscribe", model });
    }
    return effects;
  }
}

/** The record that a write changes, under the id that it has now. */
function changedBy(
  model: string,
  effects: readonly QueueEffect[],
  entries: readonly QueueEntry[],
): ReplicaEffect {
  const key = effects.find((effect) => effect.kind === "queued")?.key;
  const ids = entries.filter((entry) => entry.key === key).map(({ id }) => id);
  return changedOf(model, ids);
}

function changedOf(model: string, ids: readonly RecordId[]): ReplicaEffect {
  return { kind: "changed", model, ids };
}
