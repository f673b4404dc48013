/**
 * What a part of a handler is: data. A routed part lists its routes, and the handler finds, guards and answers them; a
 * layer is a function that answers a request or passes it on.
 *
 * To write a `serveX`: take the room's face by type, return `{ name, routes }`. A route says what it is for (`access`),
 * what stands in the API's description (`about`) and how it is answered; methods, bodies, credentials, limits, failures
 * and preflights are the handler's. What a part keeps counting it tells by `counters`, and by `check` whether its store
 * can be reached.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { Json, JsonObject } from "../json.ts";

/** What a host gives with a request, reduced to what the parts use. */
export interface RequestContext {
  /** Ends with the client's interest in the answer. */
  readonly signal: AbortSignal;
  /** Keeps the host from ending the process before this work is done, where the host has such a call. */
  readonly waitUntil?: (work: Promise<unknown>) => void;
  /** Makes a request a socket, where the handler was given such a function. */
  readonly upgrade?: Upgrade;
}

/** A host's way to make a request a WebSocket, done when it returns: `Deno.upgradeWebSocket` fits. */
export type Upgrade = (
  request: Request,
  options: { readonly protocol?: string },
) => SocketUpgrade;

/** Answers a request, or passes it on by `next()`. */
export type PartFunction = (
  request: Request,
  context: RequestContext,
  next: () => Promise<Response>,
) => Response | Promise<Response>;

/** One part of a handler; `serveCache`, `serveModels` and their like make them. */
export interface Part {
  /** The part's name, for people, metrics and `authorize`. */
  readonly name: string;
  /** Tells parts of one name apart in metrics; their place in the handler if left out. */
  readonly label?: string;
  /** Answers a request, or passes it on: for a layer. */
  readonly handle?: PartFunction;
  /** What is served: for a routed part. A path belongs to one part. */
  readonly routes?: readonly Route[];
  /** JSON Schemas that the routes' descriptions refer to, as `#/components/schemas/` and their names. */
  readonly schemas?: () => Readonly<Record<string, JsonObject>>;
  /** What is counted since the part was made. */
  readonly counters?: () => Readonly<Record<string, number>>;
  /** What there is of something now. */
  readonly gauges?: () => Readonly<Record<string, number>>;
  /** Rejects if what the part needs cannot be reached. */
  readonly check?: (options: { readonly signal: AbortSignal }) => Promise<unknown>;
}

/** The methods of routes; HEAD is answered by GET, OPTIONS by the handler. */
export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** One method of one path. */
export interface Route {
  /** The method. */
  readonly method: Method;
  /** The path below the handler's base, with names for segments: `/users/{id}`. */
  readonly path: string;
  /** What `authorize` is asked, or how the path says it; `undefined` for what everybody may see. */
  readonly access: Access | ((params: Params) => Access) | undefined;
  /** What the API's description says of it. */
  readonly about: RouteAbout;
  /** Answers it. What it throws becomes problem details. */
  readonly answer: (call: Call) => Response | Promise<Response>;
}

/** The named segments of a path, decoded. */
export type Params = Readonly<Record<string, string>>;

/** What somebody wants to do. */
export interface Access {
  /** What it is done to: a model, a collection, a log, by the name it is served under; `"*"` for any collection. */
  readonly resource: string;
  /** Whether anything is changed by it. */
  readonly action: "read" | "write";
  /** The one record or document that is meant; the path's `{id}` if left out. */
  readonly id?: string | undefined;
}

/** What the user's `authorize` is asked. */
export interface AccessRequest<S extends Subject = Subject> extends Access {
  /** The part that serves it: `"models"`, `"documents"`. */
  readonly part: string;
  /** Who asks; `undefined` if nobody knows. */
  readonly subject: S | undefined;
  /** The request. */
  readonly request: Request;
}

/** Who asks, as the user's `authenticate` tells. */
export interface Subject {
  /** Tells subjects apart: limits and tokens of repeated writes are counted by it. */
  readonly id: string;
}

/** What the description of an API says of a route. */
export interface RouteAbout {
  /** What it does, in a few words. */
  readonly summary: string;
  /** The names and meanings of its query's parameters. */
  readonly query?: Readonly<Record<string, string>>;
  /** The names and meanings of the request's headers. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The JSON Schema of the body; `undefined` if it has none. */
  readonly body?: JsonObject;
  /** The media types of the body; `application/json` alone by default. */
  readonly bodyTypes?: readonly string[];
  /** What is answered: by status, what it means, and the JSON Schema of the body if it has one. */
  readonly answers: Readonly<Record<string, readonly [meaning: string, schema?: JsonObject]>>;
  /** The media type of what is answered; `application/json` by default. */
  readonly answerType?: string;
}

/** A request on its route. */
export interface Call {
  /** The request. Its body is read by `json` and `bytes`, within the handler's limit. */
  readonly request: Request;
  /** What the host gave with it. */
  readonly context: RequestContext;
  /** The path's named segments, decoded. */
  readonly params: Params;
  /** The query. */
  readonly query: URLSearchParams;
  /** What stands before the path of every route. */
  readonly basePath: string;
  /** Who asks; `undefined` if nobody knows. */
  readonly subject: Subject | undefined;
  /** The handler's clock. */
  readonly clock: Clock;
  /** Whether who asks may do this as well. */
  readonly allows: (access: Access) => Promise<boolean>;
  /** The body as JSON. Refused by 415 if it is of another type, 413 if too large, 400 if it is no JSON. */
  readonly json: () => Promise<Json>;
  /** The body. Refused by 413 if it is too large. */
  readonly bytes: () => Promise<Uint8Array>;
  /** Makes the request a socket, where the host can; refused by 426 elsewhere. */
  readonly upgrade: (options?: { readonly protocol?: string }) => Required<SocketUpgrade>;
  /** Takes one of the places for streams; gives what frees it again. Refused by 503 if none is left. */
  readonly takeStream: () => () => void;
  /** Tells the owner of a failure that comes after the answer has begun. */
  readonly report: (error: unknown) => void;
}

/** A socket of the server's side: what is used of the standard `WebSocket`, of npm `ws`, of a `WebSocketPair`'s half. */
export interface HostSocket {
  /** 0 while it opens, 1 while it is open. */
  readonly readyState: number;
  /** How many bytes it holds that the network has not taken. */
  readonly bufferedAmount?: number;
  /** Sends a text frame. */
  send(text: string): void;
  /** Closes. */
  close(code?: number, reason?: string): void;
  /** workerd's sockets must be accepted before they say anything; whoever serves the socket does it. */
  accept?(): void;
  /** Calls a listener with the events `open`, `message`, `close` and `error`. */
  addEventListener(
    // deno-lint-ignore no-explicit-any -- each host has event types of its own, none of which the others accept.
    type: any,
    // deno-lint-ignore no-explicit-any -- as above.
    listener: (event: any) => void,
  ): void;
}

/** A socket and the answer that opens it, as hosts give them. */
export interface SocketUpgrade {
  /** The socket, of the server's side. */
  readonly socket: HostSocket;
  /** The answer, handed back to the host as it is; left out where the host answers by itself, as Node and Bun do. */
  readonly response?: Response;
}
