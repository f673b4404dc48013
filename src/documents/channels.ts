/**
 * Channels of operations: what is remembered beside one so that only some live queries hear of it.
 *
 * @module
 */

import { isJsonObject, type Json } from "../json.ts";

/** What to remember beside an operation that is committed on these channels. */
export function metaOf(channels: readonly string[]): Json | undefined {
  return channels.length === 0 ? undefined : { channels: [...new Set(channels)] };
}

/** The channels that an operation was committed on, beside its collection's. */
export function channelsOf(meta: Json | undefined): readonly string[] {
  const channels = isJsonObject(meta) && Object.hasOwn(meta, "channels")
    ? meta.channels
    : undefined;
  return Array.isArray(channels) ? channels.filter((one) => typeof one === "string") : [];
}
