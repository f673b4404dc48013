/**
 * `Collection.getByUnique`: the model with a unique value, loaded when it is asked for.
 *
 * @module
 */

import { answered } from "./answer.ts";
import { own } from "./attributes.ts";
import type { BackboneCollection, BackboneModel, GetByUniqueOptions } from "./backbone.ts";
import { loadedModel, type ModelStates } from "./model_states.ts";
import { idAttributeOf } from "./serve_collection.ts";
import { StoreError } from "./store_error.ts";
import { isUnique, type Store } from "./stores.ts";

/** Looks a model up, here and then in the store. */
export function getByUnique(
  states: ModelStates,
  store: Store,
  collection: BackboneCollection,
  key: string | readonly string[],
  value: unknown,
  options: GetByUniqueOptions = {},
): Promise<BackboneModel> {
  const loaded = loadedBy(states, store, collection, key, value);
  if (loaded === undefined) return fetched(collection, key, value, options);
  const success = options.success?.bind(options.context, loaded);
  return answered(Promise.resolve(loaded), { success });
}

/** The model that the collection has already, by what is stored of it. */
function loadedBy(
  states: ModelStates,
  store: Store,
  collection: BackboneCollection,
  key: string | readonly string[],
  value: unknown,
): BackboneModel | undefined {
  if (key === idAttributeOf(collection)) {
    const model = loadedModel(collection, value);
    return model && states.seen(model, store) && model;
  }
  if (!isUnique(store, key)) return undefined;
  return collection.models.find((model) => hasValue(states.seen(model, store)?.record, key, value));
}

/** Whether a record has the very value. Values that are only alike after folding are the store's to compare. */
function hasValue(
  record: object | undefined,
  key: string | readonly string[],
  value: unknown,
): boolean {
  if (record === undefined || value === undefined || value === null) return false;
  if (typeof key === "string") return own(record, key) === value;
  return Array.isArray(value) && value.length === key.length && key.length > 0 &&
    key.every((field, at) => own(record, field) === value[at]);
}

/** Reads the model as the collection's own `fetch` reads, with its events, and leaves all others where they are. */
function fetched(
  collection: BackboneCollection,
  key: string | readonly string[],
  value: unknown,
  options: GetByUniqueOptions,
): Promise<BackboneModel> {
  const { success, error, context } = options;
  let found: BackboneModel | undefined;
  const fail = (failure: unknown, made: object) => {
    error?.call(context, collection, failure, made);
    // Told, so nobody has to take the promise as well.
    model.catch(() => {});
  };
  const model: Promise<BackboneModel> = modelAfter(() =>
    collection.fetch({
      ...options,
      add: true,
      merge: true,
      remove: false,
      reset: false,
      searchUnique: { key, value },
      success: (_: unknown, response: readonly object[], made: object) => {
        found = modelIn(collection, response);
        if (found === undefined) fail(notTaken(), made);
        else success?.call(context, found, response, made);
      },
      error: (_: unknown, failure: unknown, made: object) => fail(failure, made),
    }), () => found);
  return model;
}

async function modelAfter(
  fetch: () => unknown,
  found: () => BackboneModel | undefined,
): Promise<BackboneModel> {
  await fetch();
  const model = found();
  if (model === undefined) throw notTaken();
  return model;
}

function modelIn(
  collection: BackboneCollection,
  [attributes]: readonly object[],
): BackboneModel | undefined {
  return loadedModel(collection, attributes && own(attributes, idAttributeOf(collection)));
}

function notTaken(): StoreError {
  return new StoreError(
    "ERR_INVALID_VALUE",
    "Cannot get a model by a unique value as its collection did not take it in",
  );
}
