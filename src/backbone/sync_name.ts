/**
 * Which model of a hub a Backbone model or collection is kept in.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import { isCollection, type SyncTarget } from "./backbone.ts";

/**
 * The name of the target's model: what is given as `syncName` by the target, its collection or its class, else the first
 * part of the path of its `url`, as backsync had it. `url` is asked only if no name is given.
 *
 * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` if there is neither.
 * @throws What the target's own `url` throws.
 */
export function syncNameOf(target: SyncTarget): string {
  for (const owner of ownersOf(target)) {
    const name: unknown = Reflect.get(owner, "syncName");
    if (typeof name === "string" && name !== "") return name;
  }
  const url: unknown = Reflect.get(target, "url");
  const path: unknown = typeof url === "function" ? url.call(target) : url;
  const [, name] = typeof path === "string" ? FIRST_PART.exec(path) ?? [] : [];
  if (name !== undefined) return decodeURIComponent(name);
  throw new ArgumentError(
    "ERR_INVALID_ARGUMENT",
    'Cannot sync what has no model: a "syncName" or "url" must be given',
  );
}

/** After the host, if there is one. */
const FIRST_PART = /^(?:[a-z][a-z\d+.-]*:)?(?:\/\/[^/?#]*)?\/?([^/?#]+)/i;

function ownersOf(target: SyncTarget): readonly object[] {
  const collection = isCollection(target) ? target : target.collection;
  return [target, collection, collection?.model?.prototype].filter((owner) => owner !== undefined);
}
