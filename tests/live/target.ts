/**
 * Connections to a person's own Redis that leave nothing behind.
 *
 * @module
 */

import { connectRedis, type RedisConnection } from "../../adapters/redis/connection.ts";

/** Where it is. */
export interface LiveTarget {
  /** The REST URL. */
  readonly url: string;
  /** The REST token. */
  readonly token: string;
}

/** Connections of one namespace that nobody else has. */
export interface LiveBench extends AsyncDisposable {
  /** Another connection, as another process would have it. */
  connect(): RedisConnection;
}

/** The most keys that one command deletes. */
const KEYS_PER_COMMAND = 500;

/** Opens a namespace; every key that its connections name is deleted when it is disposed of. */
export function openLive({ url, token }: LiveTarget): LiveBench {
  const namespace = `holdfast-live-${crypto.randomUUID()}`;
  const keys = new Set<string>();
  const connect = () =>
    connectRedis({
      url,
      token,
      namespace,
      fetch: (input, init) => {
        if (typeof init.body === "string") note(JSON.parse(init.body), `${namespace}:`, keys);
        return fetch(input, init);
      },
    });
  const clear = async (): Promise<void> => {
    const all = [...keys];
    for (let at = 0; at < all.length; at += KEYS_PER_COMMAND) {
      const some = all.slice(at, at + KEYS_PER_COMMAND);
      await connect().client.command(["UNLINK", ...some], { effect: "repeatable" });
    }
  };
  return { connect, [Symbol.asyncDispose]: clear };
}

/** Every script declares its keys, so whatever begins like a key is one; names of channels are no harm. */
function note(part: unknown, prefix: string, keys: Set<string>): void {
  if (Array.isArray(part)) { for (const each of part) note(each, prefix, keys); }
  else if (typeof part === "string" && part.startsWith(prefix)) keys.add(part);
}
