/**
 * Backbone on models, with the constructor and the manners of backbone-redis-store, and on a sync hub, with those of
 * backsync; both without their mistakes.
 *
 * The package `backbone` is handed in and never imported.
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
  SyncTarget,
  UniqueLookup,
  UniqueSearch,
} from "./backbone.ts";
export { type BackboneSync, type BackboneSyncOptions, createBackboneSync } from "./sync.ts";
export type { SyncBinding } from "./sync_bind.ts";
export { TURNS_MAX } from "./model_states.ts";
export type { Member, RedisModelSets, SetOptions } from "./redis_model.ts";
export { RedisStore, type RedisStoreOptions } from "./redis_store.ts";
export { FETCH_MAX } from "./serve_collection.ts";
export { StoreError, type StoreErrorDetails } from "./store_error.ts";
export type { AttributesModel, AttributeTypes, SetsStore } from "./stores.ts";
