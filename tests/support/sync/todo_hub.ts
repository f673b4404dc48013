/**
 * A hub of to-dos behind a real server, whose connections a test can break.
 *
 * @module
 */

import { memory } from "../../../adapters/memory/mod.ts";
import type { Model, ModelsBackend } from "../../../src/models/mod.ts";
import { createSync, type SyncBackend, type SyncHub } from "../../../src/sync/mod.ts";
import { denoUpgrade } from "./deno_host.ts";
import { todosOn, type TodoTypes } from "./todos.ts";

/** A hub with its server. */
export interface TodoHub extends AsyncDisposable {
  /** The model behind the hub. */
  readonly todos: Model<TodoTypes>;
  /** The hub itself. */
  readonly hub: SyncHub;
  /** Where it is, by a scheme. */
  url(scheme: "ws" | "http"): string;
  /** How many requests came. */
  readonly requests: number;
  /** Breaks all connections, and refuses new ones until it is told otherwise. */
  cut(isCut: boolean): void;
}

/** Options of {@linkcode serveTodos}. */
export interface TodoHubOptions {
  /** Where the records are: in memory if left out. */
  readonly backend?: ModelsBackend & SyncBackend;
  /** Answers what is not for the hub. */
  readonly page?: (request: Request) => Response | undefined;
}

/** Serves a hub on a free port. */
export function serveTodos(options: TodoHubOptions = {}): TodoHub {
  const backend = options.backend ?? memory();
  const todos = todosOn(backend);
  const hub = createSync(backend, { models: [todos], origins: ["*"] });
  const sockets = new Set<WebSocket>();
  const streams = new Set<AbortController>();
  let isCut = false;
  let requests = 0;
  const upgraded = (request: Request, protocol: string | undefined) => {
    const made = denoUpgrade(request)({ protocol });
    sockets.add(made.socket);
    made.socket.addEventListener("close", () => sockets.delete(made.socket));
    return made;
  };
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    const page = options.page?.(request);
    if (page !== undefined) return page;
    requests++;
    if (isCut) return new Response(null, { status: 503 });
    const response = await hub.handle(request, {
      upgrade: ({ protocol }) => upgraded(request, protocol),
    });
    const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
    return isStream ? breakable(response, streams) : response;
  });
  return {
    todos,
    hub,
    url: (scheme) => `${scheme}://127.0.0.1:${server.addr.port}/sync`,
    get requests() {
      return requests;
    },
    cut: (cut) => {
      isCut = cut;
      if (!cut) return;
      for (const socket of sockets) socket.close();
      for (const stream of streams) stream.abort();
    },
    [Symbol.asyncDispose]: async () => {
      await hub.close();
      await server.shutdown();
    },
  };
}

/** A response whose body a test can break. */
function breakable(response: Response, streams: Set<AbortController>): Response {
  const stop = new AbortController();
  streams.add(stop);
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  response.body?.pipeTo(writable, { signal: stop.signal }).catch(() => {})
    .finally(() => streams.delete(stop));
  return new Response(readable, response);
}
