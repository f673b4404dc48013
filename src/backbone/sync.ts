/**
 * Backbone on a sync hub: what `Backbone.sync` is replaced by, and `syncBind`, as backsync had them.
 *
 * @module
 */

import { ArgumentError, checkOptions, HoldfastError, LimitError, shown } from "../errors.ts";
import type { Json } from "../json.ts";
import type { RecordId, SyncClient, SyncError, SyncRecord } from "../sync/client/mod.ts";
import { answered } from "./answer.ts";
import { attributesOf, fieldsOf, isObject, jsonOf, own, withLaterChanges } from "./attributes.ts";
import {
  type Attributes,
  type BackboneLike,
  type BackboneModel,
  isCollection,
  type SyncOptions,
  type SyncTarget,
} from "./backbone.ts";
import { FETCH_MAX, idAttributeOf } from "./serve_collection.ts";
import { unknownMethod } from "./serve_model.ts";
import { StoreError } from "./store_error.ts";
import { syncBindOf } from "./sync_bind.ts";
import { syncNameOf } from "./sync_name.ts";

/** Options of {@linkcode createBackboneSync}. */
export interface BackboneSyncOptions {
  /** The package's default export. With it, collections get {@linkcode SyncBinding}. */
  readonly backbone?: BackboneLike;
  /** The name of a target's model; where it gives none, `syncName` and `url` do. */
  readonly name?: (target: SyncTarget) => string | undefined;
}

/** What `Backbone.sync` becomes. */
export type BackboneSync = (method: string, target: SyncTarget, options?: SyncOptions) => unknown;

/** What one replacement of `Backbone.sync` has in hand. */
interface Context {
  readonly client: SyncClient;
  readonly nameOf: (target: SyncTarget) => string;
  /** The temporary ids of models whose creation waits. */
  readonly temporary: WeakMap<object, RecordId>;
  /** The version that a model of a collection was told last as the answer to its own save. */
  readonly told: WeakMap<object, unknown>;
}

/**
 * What replaces `Backbone.sync`, so that models and collections are kept in a hub's models: `Backbone.sync =
 * createBackboneSync(client)`.
 *
 * Which model, a `syncName` says: of the Backbone model, its collection or its class; else the first part of the path of
 * its `url`. What is saved goes through the client's queue: also offline, once, in its order. `fetch()` waits to be
 * online. A model that is saved twice before it has an id is one record, and a late answer does not undo what was set
 * since. `save()`, `destroy()` and `fetch()` return promises; who gives an `error` callback may leave them.
 *
 * Refusals are {@linkcode StoreError}s. What a model shows that the server refused is for its user to take back, as it
 * always was with Backbone; collections that are bound by {@linkcode SyncBinding} are told what is there.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION` if an option is unknown.
 *
 * @example
 * ```ts
 * import Backbone from "backbone";
 * import { createBackboneSync } from "@holdfast/holdfast/backbone";
 * import { connectSync } from "@holdfast/holdfast/sync/client";
 * import { strictEqual } from "node:assert/strict";
 *
 * const client = connectSync("wss://todo.example.org/sync");
 * const Todos = Backbone.Collection.extend({ syncName: "Todo" });
 * const todos = new Todos();
 * Backbone.sync = createBackboneSync(client, { backbone: Backbone });
 * todos.create({ text: "milk" });
 * strictEqual(todos.length, 1); // at once, and on the server as soon as it can be
 * await client.close();
 * ```
 */
export function createBackboneSync(
  client: SyncClient,
  options: BackboneSyncOptions = {},
): BackboneSync {
  checkOptions("sync Backbone", options, ["backbone", "name"]);
  if (typeof client?.collection !== "function") {
    throw new ArgumentError(
      "ERR_INVALID_ARGUMENT",
      `Cannot sync Backbone as the client must come from connectSync(): current value is ${
        shown(client)
      }`,
    );
  }
  const { backbone, name } = options;
  const nameOf = (target: SyncTarget): string => name?.(target) ?? syncNameOf(target);
  const context: Context = { client, nameOf, temporary: new WeakMap(), told: new WeakMap() };
  if (backbone !== undefined) {
    Object.assign(backbone.Collection.prototype, { syncBind: syncBindOf(context) });
  }
  return (method, target, options = {}) => synced(context, method, target, options);
}

/** One call of `Backbone.sync`. */
function synced(
  context: Context,
  method: string,
  target: SyncTarget,
  options: SyncOptions,
): unknown {
  // Told before the collection's listeners are, so that the model has its id when they hear of the record.
  let isTold = false;
  const tell = (attributes: unknown): void => {
    isTold = true;
    options.success?.(attributes);
  };
  const answer = answered(served(context, method, target, options, tell), {
    success: (attributes) => {
      if (!isTold) tell(attributes);
    },
    error: (failure) => options.error?.(failure),
  });
  options.xhr = answer;
  target.trigger("request", target, answer, options);
  return answer;
}

async function served(
  context: Context,
  method: string,
  target: SyncTarget,
  options: SyncOptions,
  tell: (attributes: unknown) => void,
): Promise<unknown> {
  const idAttribute = isCollection(target) ? idAttributeOf(target) : target.idAttribute;
  try {
    if (method === "read") return await read(context, target, idAttribute, options);
    if (!isCollection(target) && METHODS.includes(method)) {
      return await write(context, method, target, options, tell);
    }
    throw unknownMethod(method);
  } catch (error) {
    // Anything may come here: of the hub as of the client.
    throw storeError(error, idAttribute);
  }
}

const METHODS: readonly string[] = ["create", "update", "patch", "delete"];

async function read(
  { client, nameOf }: Context,
  target: SyncTarget,
  idAttribute: string,
  { data, signal }: SyncOptions,
): Promise<unknown> {
  const name = nameOf(target);
  const waiting = signal === undefined ? {} : { signal };
  if (!isCollection(target)) {
    // A value that is no id is refused by the server.
    const id = own(target.attributes, target.idAttribute) as RecordId;
    const answer = await client.read(name, { id }, waiting);
    return attributesOf(recordOf(answer.data), idAttribute);
  }
  const records: Attributes[] = [];
  // What is asked of indexes, only the server knows.
  let query = { ...data } as Readonly<Record<string, Json>>;
  for (;;) {
    const { data: page, next } = await client.read(name, query, waiting);
    for (const record of Array.isArray(page) ? page : []) {
      records.push(attributesOf(recordOf(record), idAttribute));
    }
    if (next === undefined || query.limit !== undefined) return records;
    if (records.length >= FETCH_MAX) throw tooMany();
    query = { ...query, after: next };
  }
}

function tooMany(): LimitError {
  return new LimitError(
    "ERR_LIMIT",
    `Cannot fetch a whole collection of more than ${FETCH_MAX} records: fetch pages by data.limit and data.after`,
  );
}

/** A save or a deletion. What is saved is taken at once, as Backbone only lends it. */
async function write(
  { client, nameOf, temporary, told }: Context,
  method: string,
  target: BackboneModel,
  options: SyncOptions,
  tell: (attributes: unknown) => void,
): Promise<unknown> {
  const live = client.collection<Attributes>(nameOf(target));
  const { idAttribute } = target;
  // Not `target.id`: a save that waits has an id that is given with it only among its attributes.
  const given = own(target.attributes, idAttribute) ?? temporary.get(target);
  if (method === "delete") {
    await live.delete(given as RecordId, { answered: () => tell({}) });
    return {};
  }
  const before = { ...target.attributes };
  const json = jsonOf(options.attrs ?? target.toJSON(options));
  const fields = fieldsOf(json, idAttribute);
  const answerOf = (record: object): Attributes => {
    const attributes = attributesOf(record, idAttribute);
    if (options.wait === true) return attributes;
    const present = () => jsonOf(target.toJSON(options));
    return withLaterChanges(attributes, before, target.attributes, present);
  };
  const record = given === undefined || given === null
    ? fields
    : { ...fields, id: given as RecordId };
  const stored = await live.upsert(record, {
    patch: method === "patch",
    queued: (id) => temporary.set(target, id),
    answered: (record: SyncRecord | undefined) => {
      if (record === undefined) return;
      if (target.collection !== undefined) told.set(target.collection, record.$version);
      tell(answerOf(record));
    },
  });
  return attributesOf(stored, idAttribute);
}

function recordOf(value: unknown): object {
  return isObject(value) ? value : {};
}

/** A failure in the words of the seed. */
function storeError(cause: unknown, idAttribute: string): unknown {
  if (!HoldfastError.is(cause) || cause instanceof StoreError) return cause;
  const { code, message } = cause;
  // What a refusal of a hub has besides is not checked.
  const { details = {} } = cause as Partial<SyncError>;
  const { fields, owner, current, issues } = details;
  return new StoreError(code, message, {
    field: Array.isArray(fields) ? fields.join("+") : undefined,
    owner: typeof owner === "string" || typeof owner === "number" ? owner : undefined,
    current: isObject(current) ? attributesOf(current, idAttribute) : undefined,
    issues: Array.isArray(issues) ? issues as unknown as StoreError["issues"] : undefined,
    cause,
  });
}
