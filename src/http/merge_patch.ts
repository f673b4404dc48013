/**
 * Merge patches of JSON (RFC 7396).
 *
 * @module
 */

import { isJsonObject, type JsonObject } from "../json.ts";

/** The fields of a record that a merge patch changes; those that it removes are `undefined`. */
export function mergePatched(record: object, patch: JsonObject): Readonly<Record<string, unknown>> {
  const present = new Map<string, unknown>(Object.entries(record));
  return Object.fromEntries(
    Object.entries(patch).map(([name, change]) => [
      name,
      change === null ? undefined : merged(present.get(name), change),
    ]),
  );
}

function merged(value: unknown, change: unknown): unknown {
  if (!isJsonObject(change)) return change;
  const base = isJsonObject(value) ? value : {};
  const fields = Object.entries(mergePatched(base, change));
  const kept = Object.entries(base).filter(([name]) => !Object.hasOwn(change, name));
  return Object.fromEntries([...kept, ...fields.filter(([, field]) => field !== undefined)]);
}
