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
  /** Makes a backend anew for every request, with a hub of its own, as a function host does. */
  readonly fresh?: () => ModelsBackend & SyncBackend;
  /** Answers what is not for the hub. */
  readonly page?: (request: Request) => Response | undefined;
}

/** Serves a hub on a free port. */
export function serveTodos(options: TodoHubOptions = {}): TodoHub {
  const backend = options.backend ?? options.fresh?.() ?? memory();
  const todos = todosOn(backend);
  const hubs = new Set<SyncHub>();
  const hubOn = (backend: ModelsBackend & SyncBackend): SyncHub => {
    const limits = { messagesPerSecond: 5_000, messagesBurst: 5_000 };
    const hub = createSync(backend, { models: [todosOn(backend)], origins: ["*"], limits });
    hubs.add(hub);
    return hub;
  };
  const shared = hubOn(backend);
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
    const hub = options.fresh === undefined ? shared : hubOn(options.fresh());
    const response = await hub.handle(request, {
      upgrade: ({ protocol }) => upgraded(request, protocol),
    });
    const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
    return isStream ? breakable(response, streams) : response;
  });
  return {
    todos,
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
      for (const hub of hubs) await hub.close();
      await server.shutdown();
    },
  };
}

/** A response whose body a test can end. */
function breakable(response: Response, streams: Set<AbortController>): Response {
  const stop = new AbortController();
  const reader = response.body?.getReader();
  const end = (): void => {
    streams.delete(stop);
    void reader?.cancel().catch(() => {});
  };
  streams.add(stop);
  stop.signal.addEventListener("abort", end, { once: true });
  const body = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const { value } = await reader?.read() ?? {};
      if (value === undefined) controller.close();
      else controller.enqueue(value);
    },
    cancel: end,
  });
  return new Response(body, response);
}
