/**
 * What an infection changes of Backbone.
 *
 * @module
 */

import { ArgumentError, shown } from "../errors.ts";
import { answered } from "./answer.ts";
import { attributesOf } from "./attributes.ts";
import {
  type BackboneCollection,
  type BackboneLike,
  type GetByUniqueOptions,
  isCollection,
  type SyncOptions,
  type SyncTarget,
} from "./backbone.ts";
import { getByUnique } from "./get_by_unique.ts";
import { ModelStates } from "./model_states.ts";
import { redisModelProperties } from "./redis_model.ts";
import { idAttributeOf, serveCollection } from "./serve_collection.ts";
import { serveModel } from "./serve_model.ts";
import { storeError } from "./store_error.ts";
import { type Store, storeOf } from "./stores.ts";

/** Changes a Backbone: its `sync`, its collections, and a class `RedisModel`. A second time changes nothing. */
export function infect(backbone: BackboneLike): void {
  checkBackbone(backbone);
  if ("RedisModel" in backbone) return;
  const states = new ModelStates();
  // Its arguments are whatever Backbone's callers give.
  const persist = backbone.sync as (...args: readonly unknown[]) => unknown;
  const changes = {
    sync(this: unknown, method: string, target: SyncTarget, options: SyncOptions = {}): unknown {
      const store = storeOf(target) ?? states.storeOf(target);
      return store === undefined
        ? persist.call(this, method, target, options)
        : synced(states, store, method, target, options);
    },
    RedisModel: backbone.Model.extend(redisModelProperties()),
  };
  Object.assign(backbone, changes);
  Object.assign(backbone.Collection.prototype, {
    getByUnique(
      this: BackboneCollection,
      key: string | readonly string[],
      value: unknown,
      options?: GetByUniqueOptions,
    ): unknown {
      return getByUnique(states, lookupStore(this), this, key, value, options);
    },
  });
}

/** One call of `Backbone.sync`: what it comes to is told later, as an answer of a server would be. */
function synced(
  states: ModelStates,
  store: Store,
  method: string,
  target: SyncTarget,
  options: SyncOptions,
): unknown {
  const work = served(states, store, method, target, options);
  const answer = answered(work, {
    success: (value) => options.success?.(value),
    error: (failure) => options.error?.(failure),
  });
  options.xhr = answer;
  target.trigger("request", target, answer, options);
  return answer;
}

async function served(
  states: ModelStates,
  store: Store,
  method: string,
  target: SyncTarget,
  options: SyncOptions,
): Promise<unknown> {
  try {
    return isCollection(target)
      ? await serveCollection(method, target, store, states, options)
      : await serveModel(method, target, states.of(target, store), options);
  } catch (error) {
    // Anything may come here, of the store as of a hook or schema of the model.
    const idAttribute = isCollection(target) ? idAttributeOf(target) : target.idAttribute;
    throw storeError(error, (record) => attributesOf(record, idAttribute));
  }
}

function lookupStore(collection: BackboneCollection): Store {
  const store = storeOf(collection);
  if (store !== undefined) return store;
  throw new ArgumentError(
    "ERR_INVALID_ARGUMENT",
    "Cannot get a model by a unique value as its collection has no redisStore",
  );
}

function checkBackbone(backbone: BackboneLike): void {
  if (
    typeof backbone?.sync === "function" && typeof backbone.Model?.extend === "function" &&
    typeof backbone.Collection === "function"
  ) return;
  throw new ArgumentError(
    "ERR_INVALID_ARGUMENT",
    `Cannot infect what is not Backbone: current value is ${shown(backbone)}`,
  );
}
