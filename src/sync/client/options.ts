/**
 * The options of a client, checked.
 *
 * @module
 */

import { systemClock } from "../../clock.ts";
import { ArgumentError, checkOptions, shown } from "../../errors.ts";
import { systemRandom } from "../../random.ts";
import type { ConnectOptions } from "./face.ts";
import type { LinkOptions } from "./link.ts";
import type { SyncLocks } from "./storage.ts";

const OPTIONS = "token storage name locks onConflict WebSocket fetch clock random".split(" ");

/** Options as a client uses them. */
export interface ClientPlan {
  /** Where its queue outlives it. */
  readonly storage: ConnectOptions["storage"] | undefined;
  /** How it connects. */
  readonly link: LinkOptions;
  /** The name of its queue. */
  readonly name: string;
  /** By what tabs share a storage. */
  readonly locks: SyncLocks | undefined;
  /** What becomes of conflicts. */
  readonly onConflict: NonNullable<ConnectOptions["onConflict"]>;
}

/**
 * The plan of a client.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION` if an option is unknown or cannot work.
 */
export function planOf(url: string, options: ConnectOptions): ClientPlan {
  checkOptions("connect", options, OPTIONS);
  const { token, storage, name = "default", onConflict = "reject" } = options;
  const { clock = systemClock(), random = systemRandom() } = options;
  const scheme = /^(ws|http)s?:\/\//.exec(url)?.[1];
  if (scheme === undefined) throw invalid("url must begin with ws:, wss:, http: or https:");
  const Socket = scheme === "ws" ? options.WebSocket ?? globalThis.WebSocket : undefined;
  if (scheme === "ws" && typeof Socket !== "function") {
    throw invalid("this host has no WebSocket: give one, or an http: url");
  }
  if (typeof onConflict !== "function" && onConflict !== "reject" && onConflict !== "lastWrite") {
    throw invalid(
      `onConflict must be "reject", "lastWrite" or a function: current value is ${
        shown(onConflict)
      }`,
    );
  }
  if (storage !== undefined && typeof Object(storage).setItem !== "function") {
    throw invalid("storage must have getItem, setItem and removeItem");
  }
  const fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
  return {
    link: {
      url,
      token: typeof token === "function" ? token : () => token,
      Socket,
      fetch,
      clock,
      random,
    },
    storage,
    name,
    locks: options.locks === undefined ? hostLocks() : options.locks ?? undefined,
    onConflict,
  };
}

/** The host's locks. Not every host that has a navigator has them. */
function hostLocks(): SyncLocks | undefined {
  const navigator: object = globalThis.navigator ?? {};
  // What is called so is the Web's.
  return "locks" in navigator ? navigator.locks as SyncLocks : undefined;
}

function invalid(what: string): ArgumentError {
  return new ArgumentError("ERR_INVALID_OPTION", `Cannot connect as ${what}`);
}
