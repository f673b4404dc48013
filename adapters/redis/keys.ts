/**
 * Every key and channel name on one screen.
 *
 * A key is `namespace:{unit}:rest`. The braces make the unit of atomicity a hash tag, so that a cluster keeps all keys
 * of one script together.
 *
 * @module
 */

import { ArgumentError } from "../../src/errors.ts";

/** The most bytes of a key's name. */
export const KEY_BYTES_MAX = 32_768;

/** Namespaces are made of these, so that neither a pattern nor a URL reads anything into them. */
export const NAMESPACE: RegExp = /^[\w.-]{1,64}$/;

/** The prefix of all keys of a unit, such as `holdfast:{cache:pages}:`. Braces in a name would end the tag early. */
export function unitPrefix(namespace: string, room: string, name: string): string {
  return `${namespace}:{${room}:${name.replace(/[%{}]/g, encodeURIComponent)}}:`;
}

/** The channel of a wake-up hint. Characters that a URL or a pattern would read something into become `~` and hex. */
export function wakeChannel(namespace: string, channel: string): string {
  const bytes = new TextEncoder().encode(channel);
  let name = "";
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    name += /[\w.:-]/.test(character) ? character : `~${byte.toString(16).padStart(2, "0")}`;
  }
  return `${namespace}:${name}`;
}

/** The pattern of all channels of a namespace. */
export function wakePattern(namespace: string): string {
  return `${namespace}:*`;
}

/** The channel on which a silent stream is asked for a sign of life: no name that {@linkcode wakeChannel} gives. */
export function pingChannel(namespace: string): string {
  return `${namespace}:~ping`;
}

/**
 * Refuses a key that no server takes.
 *
 * @throws {ArgumentError} `ERR_INVALID_KEY` if it is empty or has more than {@linkcode KEY_BYTES_MAX} bytes.
 */
export function checkKey(key: string): void {
  const fits = key.length * 3 <= KEY_BYTES_MAX ||
    (key.length <= KEY_BYTES_MAX && new TextEncoder().encode(key).length <= KEY_BYTES_MAX);
  if (key.length > 0 && fits) return;
  throw new ArgumentError(
    "ERR_INVALID_KEY",
    `Cannot use a key as its name in Redis must have 1 to ${KEY_BYTES_MAX} bytes`,
  );
}

/** The keys of a cache's space. */
export interface CacheKeys {
  /** The epoch of the whole space, which also counts renewals. */
  readonly root: string;
  /** A record, or the hash that it is a field of. */
  readonly value: (key: string | readonly [hash: string, field: string]) => string;
  /** The lease of a record. */
  readonly lease: (key: string | readonly [hash: string, field: string]) => string;
  /** An epoch. */
  readonly epoch: (name: string) => string;
}

/** The keys of a cache's space: values `v:` and `h:`, leases `l:`, epochs `e:`. */
export function cacheKeys(namespace: string, name: string): CacheKeys {
  const prefix = unitPrefix(namespace, "cache", name);
  return {
    root: `${prefix}e:n`,
    value: (key) => typeof key === "string" ? `${prefix}v:${key}` : `${prefix}h:${key[0]}`,
    lease: (key) =>
      typeof key === "string"
        ? `${prefix}l:v:${key}`
        : `${prefix}l:h:${key[0].length}:${key[0]}${key[1]}`,
    epoch: (epoch) => `${prefix}e:${epoch}`,
  };
}

/** The keys of a node's store: head, log, and the two places of a snapshot. */
export function raftKeys(
  namespace: string,
  node: { readonly namespace: string; readonly id: string },
): readonly string[] {
  const name = `${encodeURIComponent(node.namespace)}/${node.id}`;
  const prefix = unitPrefix(namespace, "raft", name);
  return ["m", "l", "s0", "s1"].map((key) => prefix + key);
}
/** The keys of a shard of a collection. */
export interface DocumentKeys {
  /** Its journal. */
  readonly journal: string;
  /** The entries of its indexes. */
  readonly order: string;
  /** A document. */
  readonly document: (id: string) => string;
  /** A document's milestones. */
  readonly milestones: (id: string) => string;
}
/** The keys of a shard of a collection: documents `d:`, their milestones `m:`. */
export function documentKeys(namespace: string, collection: string, shard: number): DocumentKeys {
  const prefix = unitPrefix(namespace, "documents", `${collection}#${shard}`);
  return {
    journal: `${prefix}journal`,
    order: `${prefix}order`,
    document: (id) => `${prefix}d:${id}`,
    milestones: (id) => `${prefix}m:${id}`,
  };
}
/** The key of a presence room. */
export function presenceKey(namespace: string, room: string): string {
  return `${unitPrefix(namespace, "presence", room)}members`;
}
