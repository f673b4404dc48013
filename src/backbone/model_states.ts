/**
 * What the store and each Backbone model know of each other.
 *
 * Backbone has no place for a record's version, and an attribute would show in every `toJSON()` and fire events of its
 * own; so versions are kept beside the models. A model lives in one request wherever a host binds everything to
 * requests, and so does its queue.
 *
 * @module
 */

import { LimitError } from "../errors.ts";
import type { RecordOf } from "../models/mod.ts";
import type { BackboneCollection, BackboneModel, SyncOptions } from "./backbone.ts";
import type { Contents } from "./sets.ts";
import type { AttributeTypes, Store } from "./stores.ts";

/** The most calls of one model that wait for their turn. */
export const TURNS_MAX = 1_000;

/** A record with the sets that were read or written with it. */
export interface Seen {
  /** The record. Only its scalars can be trusted, as Backbone shares nested values with whoever changes them. */
  readonly record: RecordOf<AttributeTypes>;
  /** The JSON text of its fields; empty for a model without sets, where nobody asks. */
  readonly text: string;
  /** Its sets. */
  readonly contents: Contents;
}

/** What is known of one Backbone model. */
export interface ModelState {
  /** The store that it is in. */
  readonly store: Store;
  /** Its record, as it was last read or written here; `"deleted"` if it was deleted here. */
  seen: Seen | "deleted" | undefined;
  /** Whether a creation is on its way, or was made without the model learning of it as its sets failed. */
  isCreating: boolean;
  /** How many calls wait or run. */
  waiting: number;
  /** Ends when the last call has; never fails. */
  tail: Promise<unknown>;
}

/** The states of all models of one Backbone. Forgets a model when nobody else has it. */
export class ModelStates {
  readonly #states = new WeakMap<BackboneModel, ModelState>();
  /** What a collection read, by id, for models that have not asked yet. */
  readonly #read = new WeakMap<BackboneCollection, Map<string, { store: Store; seen: Seen }>>();

  /** The state of a model in a store. */
  of(model: BackboneModel, store: Store): ModelState {
    const known = this.#states.get(model);
    if (known?.store === store) return known;
    const seen = known === undefined ? this.#taken(model, store) : undefined;
    const tail = known?.tail ?? Promise.resolve();
    const state = { store, seen, isCreating: false, waiting: 0, tail };
    this.#states.set(model, state);
    return state;
  }

  /** The store that a model was in last: it keeps it when its collection has let it go. */
  storeOf(model: object): Store | undefined {
    return this.#states.get(model as BackboneModel)?.store;
  }

  /** The record of a model, if there is one that it was read from or saved to. */
  seen(model: BackboneModel, store: Store): Seen | undefined {
    const { seen } = this.of(model, store);
    return seen === "deleted" ? undefined : seen;
  }

  /** Remembers what a collection read, right before it takes it in. */
  read(
    collection: BackboneCollection,
    store: Store,
    records: readonly Seen[],
    { merge = true, reset = false, remove = true }: SyncOptions & { readonly remove?: boolean },
  ): void {
    const earlier = remove || reset ? undefined : this.#read.get(collection);
    const read = new Map(earlier);
    for (const seen of records) {
      const loaded = reset ? undefined : loadedModel(collection, seen.record.id);
      if (loaded === undefined) read.set(String(seen.record.id), { store, seen });
      else if (merge) this.#merged(loaded, store, seen);
    }
    this.#read.set(collection, read);
  }

  #merged(model: BackboneModel, store: Store, seen: Seen): void {
    const state = this.of(model, store);
    // What a model itself has asked for comes later, and knows better.
    if (state.waiting === 0) state.seen = seen;
  }

  #taken(model: BackboneModel, store: Store): Seen | undefined {
    const read = model.collection && this.#read.get(model.collection);
    const id = String(model.attributes[model.idAttribute]);
    const found = read?.get(id);
    read?.delete(id);
    return found?.store === store ? found.seen : undefined;
  }
}

/** The model that a collection has under an id. */
export function loadedModel(
  collection: BackboneCollection,
  id: unknown,
): BackboneModel | undefined {
  const found = collection.get(id);
  // Backbone looks ids up in a plain object that has its own `cid`s too, and finds functions under `constructor`.
  return typeof found?.trigger === "function" && String(found.id) === String(id)
    ? found
    : undefined;
}

/** Does work of a model when all earlier work of it has ended, so that its saves neither overtake nor refuse each other. */
export function inTurn<Value>(state: ModelState, work: () => Promise<Value>): Promise<Value> {
  if (state.waiting >= TURNS_MAX) return Promise.reject(tooMany());
  state.waiting++;
  const turn = state.tail.then(work).finally(() => state.waiting--);
  // Whoever asked for this turn is told of its failure; the next one only waits.
  state.tail = turn.catch(() => {});
  return turn;
}

function tooMany(): LimitError {
  return new LimitError(
    "ERR_LIMIT",
    `Cannot save or fetch a model as at most ${TURNS_MAX} calls of one wait for each other`,
  );
}
