/**
 * What a hub is told by its owner: who may connect, who may do what, who sees what, and how much.
 *
 * @module
 */

import type { BackendBase } from "../backend.ts";
import { checkBackend } from "../backend.ts";
import { ArgumentError, checkOptions, shown } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { Model, ModelTypes } from "../models/mod.ts";
import type { PresenceStore } from "../presence/port.ts";
import type { WakeFeed } from "../wakes/port.ts";
import { CONTROL, type Verb } from "./messages.ts";
import type { OutboxBounds } from "./outbox.ts";

/** What a hub takes of a backend. */
export interface SyncBackend extends BackendBase {
  /** Who is where, and tickets. */
  readonly presence: PresenceStore;
  /** Hints that something changed. */
  readonly wakes: WakeFeed;
}

/** Whoever is at the other end of a connection. */
export interface SyncSubject {
  /** The user's id: the same for all connections of one user. */
  readonly id: string;
  /** When the user's time is over, in milliseconds since 1970; for ever if left out. */
  readonly expiresAtMs?: number | undefined;
}

/** What somebody wants to do. */
export interface SyncAccess<Subject> {
  /** Who; `undefined` where the hub has no `authenticate`. */
  readonly subject: Subject | undefined;
  /** The model's name on the wire. */
  readonly model: string;
  /** What: `"read"` covers live changes as well. */
  readonly verb: Verb;
  /** The record, if the request names one. */
  readonly id?: string | number | undefined;
  /** What is to be written, as it was sent. */
  readonly data?: JsonObject | undefined;
}

/** How somebody shows who they are. */
export interface SyncCredentials {
  /** The token of a subprotocol, of `Authorization: Bearer` or of a hello; `undefined` if there is none. */
  readonly token: string | undefined;
}

/** Bounds per connection and user. */
export interface SyncLimits {
  /** Messages per second of one connection; 50 by default. */
  readonly messagesPerSecond?: number;
  /** Messages of one connection at once; 100 by default. */
  readonly messagesBurst?: number;
  /** How many connections' worth one user may send over all connections of a process; 4 by default. */
  readonly connectionsWorth?: number;
  /** Connections of a process; 10,000 by default. */
  readonly connectionsMax?: number;
  /** Bytes that a transport may hold before changes are coalesced; 1 MiB by default. */
  readonly coalesceBytes?: number;
  /** Bytes that may wait before changes are dropped for a reset; 4 MiB by default. */
  readonly resetBytes?: number;
  /** Bytes that may wait, the transport's included, before the connection is closed; 16 MiB by default. */
  readonly closeBytes?: number;
  /** Milliseconds that an event stream may live, where the host ends them; as long as it may by default. */
  readonly streamMs?: number;
}

/** Options of `createSync`. */
export interface SyncOptions<Subject extends SyncSubject = SyncSubject> {
  /** What is served, each under its name on the wire. */
  readonly models: readonly Model<ModelTypes>[];
  /**
   * Who asks; `undefined` refuses with 401. Called before a connection opens, for every request over HTTP, and for a
   * hello with a token. Without it everybody may connect, as nobody.
   */
  authenticate?(
    request: Request,
    credentials: SyncCredentials,
  ): Subject | undefined | Promise<Subject | undefined>;
  /** Whether somebody may do something. Without it, everybody who is connected may. */
  authorize?(access: SyncAccess<Subject>): boolean | Promise<boolean>;
  /**
   * Whether somebody sees a record, by the scopes that its model declares. Holds for reads, live changes, what is missed
   * and caught up with, and for writes: what one does not see one cannot change, and cannot make. A pure function.
   */
  sees?(
    subject: Subject | undefined,
    record: { readonly model: string; readonly scopes: JsonObject },
  ): boolean;
  /** Whether somebody may enter a presence room. Without it, everybody who is connected may. */
  enter?(access: {
    readonly subject: Subject | undefined;
    readonly room: string;
  }): boolean | Promise<boolean>;
  /** Other origins whose pages may connect, such as `https://app.example.org`; `"*"` for all. None by default. */
  readonly origins?: readonly string[];
  /** The path under which `handle` answers; `"/sync"` by default. */
  readonly path?: string;
  /** The path of the SockJS endpoint; `"/sync/sockjs"` by default. */
  readonly sockjsPath?: string;
  /** Bounds. */
  readonly limits?: SyncLimits;
  /** Hears of what failed and was not a client's mistake. */
  readonly onError?: (error: unknown) => void;
}

/** Options with everything that was left out. */
export interface SyncSettings extends Omit<SyncOptions, "limits" | "models"> {
  /** What is served, by name. */
  readonly models: ReadonlyMap<string, Model<ModelTypes>>;
  /** Allowed origins. */
  readonly origins: readonly string[];
  /** The path of the hub. */
  readonly path: string;
  /** The path of SockJS. */
  readonly sockjsPath: string;
  /** All bounds. */
  readonly limits: Required<SyncLimits>;
}

const NEEDS = ["presence", "wakes", "clock", "random"];
const FUNCTIONS = ["authenticate", "authorize", "sees", "enter", "onError"] as const;
const LIMITS: Required<SyncLimits> = {
  messagesPerSecond: 50,
  messagesBurst: 100,
  connectionsWorth: 4,
  connectionsMax: 10_000,
  coalesceBytes: 1 << 20,
  resetBytes: 4 << 20,
  closeBytes: 16 << 20,
  streamMs: Infinity,
};
/** How long the oldest message may wait before changes are dropped for a reset, and how long nothing may move at all. */
const SLOW = { resetMs: 10_000, closeMs: 60_000 };

/**
 * Checks what the owner gave.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION` or `ERR_INVALID_ARGUMENT`, before anything happens.
 */
export function syncSettings(backend: SyncBackend, options: SyncOptions): SyncSettings {
  checkBackend("create a hub", backend, NEEDS);
  checkOptions("create a hub", options, [
    "models",
    "origins",
    "path",
    "sockjsPath",
    "limits",
    ...FUNCTIONS,
  ]);
  for (const name of FUNCTIONS) {
    const given: unknown = options[name];
    if (given !== undefined && typeof given !== "function") {
      throw refusal(name, "be a function", given);
    }
  }
  const { path = "/sync", origins = [] } = options;
  const sockjsPath = options.sockjsPath ?? `${path}/sockjs`;
  for (const [name, given] of Object.entries({ path, sockjsPath })) {
    if (!/^(\/[^/]+)+$/.test(given)) {
      throw refusal(name, "begin with / and not end with one", given);
    }
  }
  return {
    ...options,
    path,
    sockjsPath,
    origins,
    models: modelsOf(options),
    limits: limitsOf(options),
  };
}

/** The bounds of one connection's outbox. */
export function outboxBounds(limits: Required<SyncLimits>): OutboxBounds {
  return { ...limits, ...SLOW };
}

function modelsOf({ models }: SyncOptions): ReadonlyMap<string, Model<ModelTypes>> {
  if (!Array.isArray(models)) throw refusal("models", "be an array", models);
  const named = new Map<string, Model<ModelTypes>>();
  for (const model of models) {
    const { name, definition } = Object(model);
    if (definition === undefined) throw refusal("models", "be made by createModel()", model);
    if (name.includes(":") || name.startsWith(CONTROL[0])) {
      throw refusal("models", `have names without ":" that do not begin with "$"`, name);
    }
    if (named.has(name)) throw refusal("models", "have each a name of its own", name);
    if (!definition.plan.shape.isWatched) throw refusal("models", "have a journal", name);
    named.set(name, model);
  }
  return named;
}

function limitsOf({ limits = {} }: SyncOptions): Required<SyncLimits> {
  checkOptions("create a hub", limits, Object.keys(LIMITS));
  const all = { ...LIMITS, ...limits };
  for (const [name, value] of Object.entries(all)) {
    if (!(value >= 1)) throw refusal(`limits.${name}`, "be at least 1", value);
  }
  return all;
}

function refusal(option: string, rule: string, given: unknown): ArgumentError {
  return new ArgumentError(
    "ERR_INVALID_OPTION",
    `Cannot create a hub as ${option} must ${rule}: current value is ${shown(given)}`,
  );
}
