/**
 * How a connection is made: over a WebSocket, or over any other way that carries texts in order.
 *
 * @module
 */

import { type Clock, systemClock } from "../../clock.ts";
import { type Duration, durationMs } from "../../duration.ts";
import { ArgumentError, checkOptions, shown } from "../../errors.ts";
import { checkTypes, guardedType, isUpdateType, json, type OtType } from "../../ot/mod.ts";
import { type Random, systemRandom } from "../../random.ts";
import { ClientConnection } from "./connection.ts";
import type { Connection } from "./connection_face.ts";
import type { Eventual, PendingStorage } from "./keeper.ts";
import type { OpenLink } from "./link.ts";
import { webSocketLink, type WebSocketMaker } from "./web_socket_link.ts";

/** How a client of documents behaves. */
export interface ConnectOptions {
  /** The types that documents may have beside `json`, which is the default type. */
  readonly types?: readonly OtType[];
  /** Credentials, or what gives them at each greeting; sent in the first message, never in an address. */
  readonly token?: string | (() => Eventual<string | undefined>);
  /** Keeps changes that are not committed, so that they survive the process. */
  readonly storage?: PendingStorage;
  /** How long the server may be silent before it is asked whether it is there; after twice that the way is lost. 15 s. */
  readonly silence?: Duration;
  /** The bound of the first random wait before coming back; it doubles up to 30 s. 500 ms. */
  readonly retry?: Duration;
  /** Where the client reads the time. */
  readonly clock?: Clock;
  /** Where the client rolls its dice. */
  readonly random?: Random;
}

/** How a client in a browser, or anywhere with WebSockets, behaves. */
export interface ConnectDocumentsOptions extends ConnectOptions {
  /** Makes the sockets; the host's `WebSocket` if left out. */
  readonly webSocket?: WebSocketMaker;
}

const OPTIONS = ["types", "token", "storage", "silence", "retry", "clock", "random"];
const RETRY_CEILING_MS = 30_000;

/**
 * A connection to a server of documents. Nothing is opened before something is wanted of it.
 *
 * @example
 * ```ts
 * import { connectDocuments } from "@holdfast/holdfast/documents/client";
 * import { strictEqual } from "node:assert/strict";
 *
 * const connection = connectDocuments("wss://example.com/documents", { storage: new Map() });
 * const post = connection.get("posts", "1");
 * void post.create({ title: "Hello" }).catch(() => {}); // seen at once, committed when there is a connection
 * strictEqual((post.data as { title: string }).title, "Hello");
 * connection.close();
 * ```
 *
 * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` for an address that is none, `ERR_INVALID_OPTION` for an option that is
 * none.
 */
export function connectDocuments(
  url: string | URL,
  options: ConnectDocumentsOptions = {},
): Connection {
  checkOptions("connect", options, [...OPTIONS, "webSocket"]);
  const { webSocket, ...rest } = options;
  if (!URL.canParse(url) || !/^(wss?|https?):$/.test(new URL(url).protocol)) {
    throw new ArgumentError(
      "ERR_INVALID_ARGUMENT",
      "Cannot connect as url must be an address that begins with wss: or ws:",
    );
  }
  return connectLink(webSocketLink(String(url), checkedMaker(webSocket)), rest);
}

/**
 * A connection over a way of one's own.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION` for an option that is none.
 */
export function connectLink(openLink: OpenLink, options: ConnectOptions = {}): Connection {
  checkOptions("connect", options, OPTIONS);
  const { types = [], token, storage, silence = 15_000, retry = 500 } = options;
  checkStorage(storage);
  return new ClientConnection({
    openLink,
    context: {
      types: [json, ...checkTypes([json, ...types]).slice(1).map(guarded)],
      isStored: storage !== undefined,
    },
    clock: options.clock ?? systemClock(),
    random: options.random ?? systemRandom(),
    backoff: { firstMs: durationMs(retry, "retry"), ceilingMs: RETRY_CEILING_MS },
    silenceMs: durationMs(silence, "silence"),
    token: token === undefined || typeof token === "function" ? token : () => token,
    storage,
    defer: (callback) => queueMicrotask(callback),
  });
}

/** A type whose errors have codes; those that are made here have them. */
function guarded(type: OtType): OtType {
  return isUpdateType(type) ? type : guardedType(type);
}

/** What makes sockets: what was given, or the host's own, which old ones lack. */
function checkedMaker(webSocket: WebSocketMaker | undefined): WebSocketMaker {
  const maker = webSocket ?? (globalThis as { WebSocket?: WebSocketMaker }).WebSocket;
  if (typeof maker === "function") return maker;
  throw new ArgumentError(
    "ERR_INVALID_OPTION",
    `Cannot connect as webSocket must be a class where the host has none: current value is ${
      shown(webSocket)
    }`,
  );
}

function checkStorage(storage: unknown): void {
  if (storage === undefined) return;
  const missing = ["entries", "set", "delete"].filter((name) =>
    typeof Object(storage)[name] !== "function"
  );
  if (missing.length === 0) return;
  throw new ArgumentError(
    "ERR_INVALID_OPTION",
    `Cannot use storage as it must have entries, set and delete: current value is ${
      shown(storage)
    }`,
  );
}
