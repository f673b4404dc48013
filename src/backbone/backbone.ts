/**
 * Backbone as this room sees it: by structure alone, so that the package itself is never imported.
 *
 * Everything here is a method signature or a loose value, so that Backbone's published types fit as well as none.
 *
 * @module
 */

/** Attributes of a Backbone model, by name. */
export type Attributes = Readonly<Record<string, unknown>>;

/** What {@linkcode RedisStore.infect} is handed: the parts of the package that it uses and changes. */
export interface BackboneLike {
  /** Persists models; replaced by one that knows stores. */
  sync(...args: readonly never[]): unknown;
  /** The class of models. */
  readonly Model: BackboneClass;
  /** The class of collections. */
  readonly Collection: { readonly prototype: object };
}

/** A class of Backbone that can be extended in its own manner. */
export interface BackboneClass {
  /** A class of these properties besides. */
  extend(properties: object): unknown;
}

/** A Backbone model. */
export interface BackboneModel {
  /** Its state; replaced for a moment while a save waits. */
  readonly attributes: Attributes;
  /** The value of its id attribute. */
  readonly id?: unknown;
  /** The name of its id attribute. */
  readonly idAttribute: string;
  /** The collection that owns it. */
  readonly collection?: BackboneCollection | undefined;
  /** What is to be persisted. */
  toJSON(options?: SyncOptions): Attributes;
  /** One attribute. */
  get(name: string): unknown;
  /** Changes an attribute; `false` if the model's validation refuses it. */
  set(name: string, value: unknown, options?: object): unknown;
  /** Persists it; `false` if the model's validation refuses it. */
  save(attributes: Attributes | null, options?: object): unknown;
  /** Calls listeners. */
  trigger(event: string, ...args: readonly unknown[]): unknown;
}

/** A Backbone collection. */
export interface BackboneCollection {
  /** Its models. */
  readonly models: readonly BackboneModel[];
  /** The class of its models, or a function that makes them. */
  readonly model: { readonly prototype?: Partial<BackboneModel> | undefined };
  /** The model with an id. */
  get(id: unknown): BackboneModel | undefined;
  /** Reads models. */
  fetch(options: object): unknown;
  /** Calls listeners. */
  trigger(event: string, ...args: readonly unknown[]): unknown;
}

/** What is synchronised: a model, or a collection to read. */
export type SyncTarget = BackboneModel | BackboneCollection;

/** Options of Backbone's calls as they arrive at `Backbone.sync`, and what a store takes besides. */
export interface SyncOptions {
  /** Backbone's own wrapper, which calls the user's callback and the listeners of `sync`. */
  readonly success?: ((response: unknown) => unknown) | undefined;
  /** Backbone's own wrapper, which calls the user's callback and the listeners of `error`. */
  readonly error?: ((failure: unknown) => unknown) | undefined;
  /** The attributes of a patch. */
  readonly attrs?: Attributes | undefined;
  /** Whether the model changes only when the answer is there. */
  readonly wait?: boolean | undefined;
  /** Whether models that a collection has take over what is read. */
  readonly merge?: boolean | undefined;
  /** Whether a collection drops its models for those that are read. */
  readonly reset?: boolean | undefined;
  /** Of a collection's fetch: a query by declared indexes. */
  readonly data?: object | undefined;
  /** Of a collection's fetch: the most records, from 1 to 1,000. Without it and `cursor` all are read. */
  readonly limit?: number | undefined;
  /** Of a collection's fetch: where to begin. Afterwards, where the next page does; `undefined` after the last. */
  cursor?: string | undefined;
  /** Of a collection's fetch: the one record with this value. */
  readonly searchUnique?: UniqueSearch | undefined;
  /** Of a collection's fetch: called for each record that cannot be read, instead of failing. */
  readonly onFailure?:
    | ((failure: { readonly id: string | number; readonly error: Error }) => void)
    | undefined;
  /** The write's own name, so that a save that is made again happens once. */
  readonly token?: string | undefined;
  /** Ends the waiting; a write may still happen. */
  readonly signal?: AbortSignal | undefined;
  /** The promise of the answer. */
  xhr?: unknown;
}

/** What one record is looked up by. */
export interface UniqueSearch {
  /** A unique field, or the list of those that are unique together; or the id attribute. */
  readonly key: string | readonly string[];
  /** Its value, or theirs. */
  readonly value: unknown;
}

/** Options of {@linkcode UniqueLookup.getByUnique}. */
export interface GetByUniqueOptions {
  /** Called with the model, which is in the collection then. */
  readonly success?:
    | ((model: BackboneModel, response?: unknown, options?: object) => void)
    | undefined;
  /** Called with the collection and the failure; `errorCode` 404 if there is no such record. */
  readonly error?:
    | ((collection: BackboneCollection, failure: unknown, options?: object) => void)
    | undefined;
  /** What the callbacks' `this` is. */
  readonly context?: unknown;
  /** Anything that `Collection.fetch` takes. */
  readonly [option: string]: unknown;
}

/** What collections get by {@linkcode RedisStore.infect}. */
export interface UniqueLookup {
  /**
   * The model with a value of a unique field: at once if the collection has it loaded, else with one request, which
   * adds it. Rejects with `errorCode` 404 if there is none; a caller who only gives callbacks may leave the promise.
   */
  getByUnique(
    key: string | readonly string[],
    value: unknown,
    options?: GetByUniqueOptions,
  ): Promise<BackboneModel>;
}

/** Whether the target is a collection. */
export function isCollection(target: SyncTarget): target is BackboneCollection {
  return "models" in target && Array.isArray(target.models);
}
