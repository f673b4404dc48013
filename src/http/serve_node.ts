/**
 * A node of a Raft cluster over HTTP, for clients that hold no vote and no timer: propose, read, and what operators do.
 *
 * @module
 */

import { ArgumentError, checkOptions, HoldfastError, shown } from "../errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import type { ConsensusNode, SessionStamp } from "../raft/mod.ts";
import { accepted, type Schema } from "../schema.ts";
import { eventStream, type ServerEvent } from "./event_stream.ts";
import { tokenOf } from "./token.ts";
import type { Call, Part, Route } from "./part.ts";
import { Refusal } from "./refusal.ts";

/** Options of {@linkcode serveNode}. */
export interface ServeNodeOptions<Command, Query> {
  /** The name in paths and in `authorize`: 1 to 64 letters, digits, _ and -. Default `"node"`. */
  readonly name?: string;
  /** What a command from outside must be; without it anything of JSON is handed to the state machine. */
  readonly command?: Schema<unknown, Command>;
  /** What a query from outside must be. */
  readonly query?: Schema<unknown, Query>;
  /**
   * Where a node is served over HTTP, by its own URL, so that a client is sent to the leader. Default: the member `http`
   * of what is told of it (`metadata: { http: "https://…/node" }`).
   */
  readonly httpUrlOf?: (url: string) => string | undefined;
}

/**
 * Serves a node. Of the name `node`:
 *
 * - `POST /node:propose` of `{ command, session? }` answers `{ reply, index, term, isRepeat }`. A `session` is
 *   `{ session, sequence, acknowledged }`; `POST /node:session` opens one. Only with one, or with an `Idempotency-Key`,
 *   may a proposal whose outcome is unknown be made again: whoever leads then answers like the first time.
 * - `POST /node:read` of `{ query, minIndex?, stale? }` answers `{ answer, index }`; give `index` of a proposal as
 *   `minIndex` to read on any node what was written.
 * - Where another node leads, the answer is 421 with a member `leader`, the URL to go to.
 * - `GET /node:status`, `GET /node:events` (server-sent events), `POST /node:join` of `{ url, meta?, standby? }`,
 *   `POST /node:leave` and `POST /node:transfer` of `{ url }`.
 *
 * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` if it is no node or the name does not fit a path, `ERR_INVALID_OPTION`.
 *
 * @example
 * ```ts
 * import { connectNode, createNode, inProcess, keyValueMachine } from "@holdfast/holdfast/consensus";
 * import { createHandler, serveNode } from "@holdfast/holdfast/http";
 * import { memory } from "@holdfast/holdfast/memory";
 * import { strictEqual } from "node:assert/strict";
 *
 * const machine = keyValueMachine();
 * await using node = createNode(memory(), { url: "local://a", transport: inProcess(), machine });
 * await node.ready();
 * const handler = createHandler([serveNode(node)]);
 * const client = connectNode(["http://localhost/node"], {
 *   fetch: (url, init) => handler(new Request(url, init)),
 * });
 * const { index } = await client.propose({ kind: "batch", changes: [{ kind: "put", key: "a", value: 1 }] });
 * const { answer } = await client.read({ kind: "get", key: "a" }, { minIndex: index });
 * strictEqual(JSON.stringify(answer), `[{"key":"a","value":1,"version":${index}}]`);
 * ```
 */
export function serveNode<Command, Reply extends Json, Query, Answer>(
  node: ConsensusNode<Command, Reply, Query, Answer>,
  options: ServeNodeOptions<Command, Query> = {},
): Part {
  checkOptions("serve a node", options, ["name", "command", "query", "httpUrlOf"]);
  const { name = "node", command, query } = options;
  if (typeof node?.propose !== "function") {
    throw refused("it must be one that createNode made", node);
  }
  if (!/^[\w-]{1,64}$/.test(name)) {
    throw refused("its name must have 1 to 64 letters, digits, _ and -", name);
  }
  const httpUrlOf = options.httpUrlOf ?? ((url) => {
    const { http } = Object(node.peerMeta(url));
    return typeof http === "string" ? http : undefined;
  });
  const at = (
    method: Route["method"],
    action: string,
    summary: string,
    answer: (call: Call) => Promise<Response>,
    access: "read" | "write" = method === "GET" ? "read" : "write",
  ): Route => ({
    method,
    path: `/${name}:${action}`,
    access: { resource: name, action: access },
    about: {
      summary,
      ...(method === "POST" && { body: { type: "object" } }),
      answers: { 200: ["As asked", {}], 421: ["Another node leads"] },
      ...(action === "events" && { answerType: "text/event-stream" }),
    },
    answer: (call) => answer(call).catch((error) => Promise.reject(sentOn(error, httpUrlOf))),
  });
  return {
    name: "node",
    check: ({ signal }) => node.ready({ signal }),
    routes: [
      at("POST", "propose", "Has a command applied on every node", async (call) => {
        const body = await bodyOf(call);
        const given = await valueOf<Command>(command, "propose", body.command);
        const session = body.session === undefined ? undefined : stampOf(body.session);
        const key = await tokenOf(call);
        const { signal } = call.context;
        return Response.json(await node.propose(given, { session, key, signal }));
      }),
      at("POST", "read", "Reads from the state", async (call) => {
        const body = await bodyOf(call);
        const given = await valueOf<Query>(query, "read", body.query);
        const { answer, index } = await node.read(given, {
          stale: body.stale === true,
          minIndex: body.minIndex === undefined ? undefined : wholeOf(body.minIndex, "minIndex"),
          signal: call.context.signal,
        });
        return Response.json({ answer: answer ?? null, index });
      }, "read"),
      at("POST", "session", "Opens a client session", async ({ context }) => {
        return Response.json({ session: await node.openSession(context) });
      }),
      at("GET", "status", "How the node is", () => {
        return Promise.resolve(Response.json(node.status(), { headers: NO_STORE }));
      }),
      at("GET", "events", "What happens at the node, as server-sent events", (call) => {
        return Promise.resolve(eventStream(call, (signal) => told(node, signal)));
      }),
      at("POST", "join", "Makes a node a member", async (call) => {
        const { url, meta, standby } = await bodyOf(call);
        const { signal } = call.context;
        await node.join(urlOf(url), meta, { standby: standby === true, signal });
        return Response.json({});
      }),
      at("POST", "leave", "Makes a node no member any more", async (call) => {
        await node.leave(urlOf((await bodyOf(call)).url), call.context);
        return Response.json({});
      }),
      at("POST", "transfer", "Hands leadership to another node", async (call) => {
        await node.transfer(urlOf((await bodyOf(call)).url), call.context);
        return Response.json({});
      }),
    ],
  };
}

const NO_STORE = { "cache-control": "no-store" };

/** Events as they come; those of single messages are left out, as they are too many. */
async function* told(
  node: Pick<ConsensusNode<unknown, Json, unknown, unknown>, "events">,
  signal: AbortSignal,
): AsyncGenerator<ServerEvent, void, void> {
  for await (const { name, event } of node.events({ signal, except: ["sent", "received"] })) {
    const data = JSON.stringify(
      event,
      (_key, value) => value instanceof Error ? codeOf(value) : value,
    );
    yield { event: name, data };
  }
}

function codeOf(error: Error): string {
  return HoldfastError.is(error) ? error.code : error.name;
}

async function valueOf<Value>(
  schema: Schema<unknown, Value> | undefined,
  action: string,
  value: Json | undefined,
): Promise<Value> {
  if (value === undefined) throw malformed(`the body must say what to ${action}`);
  // Without a schema the user has said that the state machine judges by itself.
  if (schema === undefined) return value as Value;
  return accepted(action, await schema["~standard"].validate(value));
}

function stampOf(value: Json): SessionStamp {
  if (!isJsonObject(value)) throw malformed("session must be an object");
  return {
    session: wholeOf(value.session, "session.session"),
    sequence: wholeOf(value.sequence, "session.sequence"),
    acknowledged: wholeOf(value.acknowledged ?? 0, "session.acknowledged"),
  };
}

async function bodyOf({ json }: Call): Promise<JsonObject> {
  const body = await json();
  if (isJsonObject(body)) return body;
  throw malformed("The body must be an object");
}

function wholeOf(value: Json | undefined, name: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw malformed(`${name} must be a whole number of at least 0`);
}

function urlOf(value: Json | undefined): string {
  if (typeof value === "string") return value;
  throw malformed("url must be a text");
}

function malformed(detail: string): Refusal {
  return new Refusal(400, { code: "ERR_INVALID_ARGUMENT", detail });
}

/** The refusal of who does not lead, with where to go; any other failure as it is. */
function sentOn(error: unknown, httpUrlOf: (url: string) => string | undefined): unknown {
  if (!HoldfastError.is(error, "ERR_NOT_LEADER")) return error;
  // A NotLeaderError names the leader by its own URL.
  const url: unknown = Object(error).leader;
  const leader = typeof url === "string" ? httpUrlOf(url) : undefined;
  return new Refusal(421, {
    code: error.code,
    ...(leader !== undefined && { members: { leader } }),
  });
}

function refused(rule: string, value: unknown): ArgumentError {
  return new ArgumentError(
    "ERR_INVALID_ARGUMENT",
    `Cannot serve a node as ${rule}: current value is ${shown(value)}`,
  );
}
