/**
 * Which store serves a Backbone model or collection.
 *
 * @module
 */

import { ArgumentError, shown } from "../errors.ts";
import type { Model, ModelTypes } from "../models/mod.ts";
import type { Attributes, SyncTarget } from "./backbone.ts";

/** The types of a model of any attributes. */
export interface AttributeTypes extends ModelTypes {
  /** Any attributes. */
  readonly input: Attributes;
  /** Any attributes. */
  readonly fields: Attributes;
  /** Numbers, or texts. */
  readonly id: string | number;
  /** Any field, or fields. */
  readonly unique: string | readonly string[];
  /** None that types know of. */
  readonly index: readonly string[];
  /** Any set. */
  readonly set: string;
}

/** A model of any attributes. */
export type AttributesModel = Model<AttributeTypes>;

/** A model whose sets are declared by those who use it. */
export interface SetsStore {
  /** The attributes that no two models share, alone or (in a list) together. */
  readonly unique: readonly (string | readonly string[])[];
  /** The model, with these sets declared besides those before. */
  withSets(names: readonly string[]): AttributesModel;
}

/** What can serve. */
export type Store = SetsStore | AttributesModel;

/**
 * The store of a model or collection: its own, its collection's, or that of its collection's class of models. A
 * `store` that is something else than a store of ours is nobody's business here.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION` if a `redisStore` is none.
 */
export function storeOf(target: SyncTarget): Store | undefined {
  const { collection, model } = target as Partial<Record<"collection" | "model", object>>;
  for (const owner of [target, collection, model && Reflect.get(model, "prototype")]) {
    if (typeof owner !== "object" || owner === null) continue;
    const redisStore: unknown = Reflect.get(owner, "redisStore");
    if (isStore(redisStore)) return redisStore;
    if (redisStore !== undefined && redisStore !== null) throw noStore(redisStore);
    const store: unknown = Reflect.get(owner, "store");
    if (isStore(store)) return store;
  }
  return undefined;
}

/** The model of a store, for models with these sets. */
export function modelOf(store: Store, sets: readonly string[]): AttributesModel {
  return "withSets" in store ? store.withSets(sets) : store;
}

/** Whether an attribute, or a list of them, is known to be unique. Of a model in its own right only its store knows. */
export function isUnique(store: Store, key: string | readonly string[]): boolean {
  return "withSets" in store && store.unique.some((unique) => nameOf(unique) === nameOf(key));
}

/** As a model names its rules: no field has a plus in its name. */
function nameOf(key: string | readonly string[]): string {
  return typeof key === "string" ? key : key.join("+");
}

/** By structure: two copies of this module recognise each other's stores. */
function isStore(value: unknown): value is Store {
  if (typeof value !== "object" || value === null) return false;
  const methods = "withSets" in value
    ? ["withSets"]
    : ["getByUnique", "getOrCreateByUnique", "memberOf"];
  return methods.every((name) => typeof Reflect.get(value, name) === "function");
}

function noStore(value: unknown): ArgumentError {
  return new ArgumentError(
    "ERR_INVALID_OPTION",
    `Cannot use redisStore as it must be a RedisStore or a model: current value is ${shown(value)}`,
  );
}
