/**
 * What backsync told collections of: every upsert and every deletion of their model, by whomever.
 *
 * @module
 */

import { ArgumentError, shown } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { RecordId, SyncClient, SyncCollection } from "../sync/client/mod.ts";
import { attributesOf } from "./attributes.ts";
import type { Attributes, BackboneCollection, SyncTarget } from "./backbone.ts";
import { idAttributeOf } from "./serve_collection.ts";

/** What collections get by `createBackboneSync(client, { backbone })`. */
export interface SyncBinding {
  /**
   * Calls a function with the attributes of every record that anybody has written (`"upsert"`), or with the id of every
   * one that was deleted (`"delete"`), after the server has it; with all of them where events were missed. A model that
   * this client has saved has its id by then. Returns what ends it.
   */
  syncBind(
    verb: "upsert" | "delete",
    listener: (attributes: Attributes) => void,
    context?: unknown,
  ): () => void;
}

/** What a binding needs to know. */
export interface BindContext {
  /** Who hears. */
  readonly client: SyncClient;
  /** The name of a target's model. */
  readonly nameOf: (target: SyncTarget) => string;
  /** By collection, the version that one of its models was told last as the answer to its own save. */
  readonly told: WeakMap<object, unknown>;
}

/** The method `syncBind` of collections. */
export function syncBindOf(
  { client, nameOf, told }: BindContext,
): (
  this: BackboneCollection,
  verb: string,
  listener: (attributes: Attributes) => void,
  context?: unknown,
) => () => void {
  return function (this: BackboneCollection, verb, listener, context = this) {
    const idAttribute = idAttributeOf(this);
    const tell = (attributes: Attributes): void => listener.call(context, attributes);
    const live = client.collection(nameOf(this));
    const stop = new AbortController();
    if (verb === "delete") deletions(live, idAttribute, tell, stop.signal);
    else if (verb === "upsert") {
      // An answer would undo what its user has set since: the model that saved has taken it with care.
      const isNews = (version: unknown): boolean => version !== told.get(this);
      upserts(live, isNews, (record) => tell(attributesOf(record, idAttribute)), stop.signal);
    } else throw noVerb(verb);
    return () => stop.abort();
  };
}

type Live = SyncCollection<JsonObject>;

function upserts(
  live: Live,
  isNews: (version: unknown) => boolean,
  tell: (record: object) => void,
  signal: AbortSignal,
): void {
  live.on("upsert", ({ record, isPending }) => {
    // A write of this client's is told when the server has it.
    if (!isPending && isNews(record.$version)) tell(record);
  }, { signal });
  live.on("reset", ({ records }) => {
    for (const record of records) if (record.$version !== undefined) tell(record);
  }, { signal });
}

function deletions(
  live: Live,
  idAttribute: string,
  tell: (attributes: Attributes) => void,
  signal: AbortSignal,
): void {
  let known = new Set<RecordId>(live.records.map(({ id }) => id));
  const gone = (id: RecordId): void => tell(Object.fromEntries([[idAttribute, id]]));
  live.on("upsert", ({ record }) => known.add(record.id), { signal });
  live.on("delete", ({ id }) => {
    known.delete(id);
    gone(id);
  }, { signal });
  live.on("reset", ({ records }) => {
    const was = known;
    known = new Set(records.map(({ id }) => id));
    for (const id of was) if (!known.has(id)) gone(id);
  }, { signal });
}

function noVerb(verb: unknown): ArgumentError {
  return new ArgumentError(
    "ERR_INVALID_ARGUMENT",
    `Cannot bind as the verb must be "upsert" or "delete": current value is ${shown(verb)}`,
  );
}
