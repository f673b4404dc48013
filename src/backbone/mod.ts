/**
 * Backbone on models: the constructor and the manners of backbone-redis-store, without its mistakes.
 *
 * The package `backbone` is handed in by {@linkcode RedisStore.infect} and never imported.
 *
 * @module
 */

export type {
  Attributes,
  BackboneClass,
  BackboneCollection,
  BackboneLike,
  BackboneModel,
  GetByUniqueOptions,
  SyncOptions,
  UniqueLookup,
  UniqueSearch,
} from "./backbone.ts";
export { TURNS_MAX } from "./model_states.ts";
export type { Member, RedisModelSets, SetOptions } from "./redis_model.ts";
export { RedisStore, type RedisStoreOptions } from "./redis_store.ts";
export { FETCH_MAX } from "./serve_collection.ts";
export { StoreError, type StoreErrorDetails } from "./store_error.ts";
export type { AttributesModel, AttributeTypes, SetsStore } from "./stores.ts";
