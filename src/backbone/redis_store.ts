/**
 * `RedisStore`: the ancestor's constructor over a model.
 *
 * @module
 */

import { ArgumentError, checkOptions, shown } from "../errors.ts";
import {
  createModel,
  defineModel,
  type ModelDefinition,
  type ModelsBackend,
} from "../models/mod.ts";
import type { Schema } from "../schema.ts";
import type { BackboneLike } from "./backbone.ts";
import { infect } from "./infect.ts";
import type { AttributesModel, AttributeTypes, SetsStore } from "./stores.ts";

/** Options of {@linkcode RedisStore}. */
export interface RedisStoreOptions {
  /** The key under which the models are stored: 1 to 128 characters, no control characters, no `|`, `{` or `}`. */
  readonly key: string;
  /** A backend, or its slice for models. No client of Redis: this package brings its own. */
  readonly redisClient: ModelsBackend;
  /** Attributes that no two models share, alone or (in a list) together, without regard to case. May be empty. */
  readonly unique?: readonly (string | readonly string[])[];
  /** `"seed"` for data that backbone-redis-store wrote, on a backend that reads it. Default: `"own"`. */
  readonly layout?: "own" | "seed";
}

/**
 * Keeps the models of a Backbone collection in a model of Holdfast, in memory or on Redis. Does no I/O when made.
 *
 * Drop-in for backbone-redis-store, on the Backbone of today. Where that one was wrong, this does what its users
 * expected:
 *
 * - Of a hundred saves of one username, one succeeds. Unique values move when a model changes, whatever `set()` came
 *   before, and are freed when it is deleted; what a model lacks, or has as null, is shared by all.
 * - A model with an id of its own is stored as it is, with its unique values, and the counter goes past it. `0` is an id.
 * - A save builds on what was read: if another process wrote since, it fails with `errorCode` 409 and the `current`
 *   attributes, and `fetch()` makes it good. Saves of one model wait for each other; a model that is saved twice before
 *   it has an id is one record. A late answer does not undo what was set since. A model that was never read is put
 *   there, whatever there is, and `destroy()` and `save(…, { patch: true })` do not care who wrote.
 * - `fetch()` of a collection reads all, with its sets, and fails if there are more than {@linkcode FETCH_MAX}, as
 *   nobody wants half a collection unknowingly; `fetch({ limit, cursor })` reads a page and leaves `options.cursor`.
 * - `fetch()`, `save()`, `destroy()` and `getByUnique()` return promises, which a caller who gives callbacks may leave:
 *   a {@linkcode StoreError} that was told is no unhandled rejection. A callback that throws is.
 * - Ids are numbers where they look like some. 5 and "5" are two values of a unique attribute.
 *
 * A `redisStore`, or a `store`, may as well be a model itself, made by `createModel`: with a schema, indexes
 * (`fetch({ data: { age: { gte: 18 } } })`), UUIDs, time to live.
 *
 * @example
 * ```ts
 * import Backbone from "backbone";
 * import { RedisStore } from "@holdfast/holdfast/backbone";
 * import { memory } from "@holdfast/holdfast/memory";
 * import { strictEqual } from "node:assert/strict";
 *
 * RedisStore.infect(Backbone);
 * const Users = Backbone.Collection.extend({
 *   redisStore: new RedisStore({ key: "user", redisClient: memory(), unique: ["username"] }),
 * });
 *
 * await new Users().add({ username: "Ada" }).save();
 * const ada = await new Users().getByUnique("username", "ada");
 * strictEqual(ada.id, 1);
 * ```
 */
export class RedisStore implements SetsStore {
  /** The key under which the models are stored. */
  readonly key: string;
  /** The attributes that no two models share. */
  readonly unique: readonly (string | readonly string[])[];
  readonly #options: RedisStoreOptions;
  #model: AttributesModel;
  #sets: readonly string[] = [];

  /**
   * Makes a store.
   *
   * @throws {ArgumentError} `ERR_INVALID_OPTION` or `ERR_INVALID_KEY` if an option is unknown or cannot work.
   */
  constructor(options: RedisStoreOptions) {
    checkOptions("make a RedisStore", options, ["key", "redisClient", "unique", "layout"]);
    if (typeof options.redisClient?.models?.commit !== "function") {
      throw new ArgumentError(
        "ERR_INVALID_OPTION",
        "Cannot make a RedisStore as redisClient must be a backend, such as memory() or redis(): " +
          `current value is ${shown(options.redisClient)}`,
      );
    }
    this.key = options.key;
    this.unique = options.unique ?? [];
    this.#options = options;
    this.#model = modelWith(options, []);
  }

  /** The model that the store keeps: for its other methods, such as `changes`. */
  get model(): AttributesModel {
    return this.#model;
  }

  /** The model, with these sets declared besides those before. */
  withSets(names: readonly string[]): AttributesModel {
    const sets = [...new Set([...this.#sets, ...names])];
    if (sets.length > this.#sets.length) {
      this.#model = modelWith(this.#options, sets);
      this.#sets = sets;
    }
    return this.#model;
  }

  /**
   * Teaches a Backbone to use stores: models and collections with a `redisStore` (or `store`), or in a collection with
   * one, are served by it, all others by the old `Backbone.sync`. Collections get `getByUnique`
   * ({@linkcode UniqueLookup}), and there is a class `Backbone.RedisModel` ({@linkcode RedisModelSets}). Infecting
   * twice changes nothing.
   *
   * @param backbone The package's default export, which is its own namespace: `import Backbone from "backbone"`.
   * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` if that is not Backbone.
   */
  static infect(backbone: BackboneLike): void {
    infect(backbone);
  }
}

function modelWith(
  { key, redisClient, unique = [], layout = "own" }: RedisStoreOptions,
  sets: readonly string[],
): AttributesModel {
  const { plan, ...definition } = defineModel({
    key,
    schema: anyAttributes(),
    // Which attributes there are, no type says: what is no list of names is refused by the definition.
    unique: unique as readonly string[],
    sets,
    layout,
  });
  // Whoever deletes a record must look for its sets, whether this handle declares them or another one.
  const shape = { ...plan.shape, hasSets: true };
  // The types of any attributes are wider than those that a definition works out: values, and texts as ids.
  const wide: unknown = { ...definition, plan: { ...plan, shape } };
  return createModel(redisClient, wide as ModelDefinition<AttributeTypes>);
}

/** A schema that takes any attributes: Backbone's own `validate` is who refuses. */
function anyAttributes(): Schema<Readonly<Record<string, string>>> {
  return {
    "~standard": {
      version: 1,
      vendor: "holdfast",
      // Attributes are objects of anything; their values are typed so that every one of them may be unique.
      validate: (value) => ({ value: value as Readonly<Record<string, string>> }),
    },
  };
}
