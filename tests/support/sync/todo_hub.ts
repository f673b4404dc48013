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
  /** Breaks all connections, or those with this `?tab`, and refuses new ones until it is told otherwise. */
  cut(isCut: boolean, tab?: string): void;
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
  /** What ends each open connection, with its tab. */
  const open = new Map<() => void, string | null>();
  const cut = new Set<string | null | undefined>();
  let requests = 0;
  const upgraded = (request: Request, tab: string | null, protocol: string | undefined) => {
    const made = denoUpgrade(request)({ protocol });
    const end = () => made.socket.close();
    open.set(end, tab);
    made.socket.addEventListener("close", () => open.delete(end));
    return made;
  };
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    const page = options.page?.(request);
    if (page !== undefined) return page;
    requests++;
    const tab = new URL(request.url).searchParams.get("tab");
    if (cut.has(undefined) || cut.has(tab)) return new Response(null, { status: 503 });
    const hub = options.fresh === undefined ? shared : hubOn(options.fresh());
    const response = await hub.handle(request, {
      upgrade: ({ protocol }) => upgraded(request, tab, protocol),
    });
    const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
    return isStream ? breakable(response, tab, open) : response;
  });
  return {
    todos,
    url: (scheme) => `${scheme}://127.0.0.1:${server.addr.port}/sync`,
    get requests() {
      return requests;
    },
    cut: (isCut, tab) => {
      if (!isCut) return void cut.delete(tab);
      cut.add(tab);
      for (const [end, of] of open) if (tab === undefined || of === tab) end();
    },
    [Symbol.asyncDispose]: async () => {
      for (const hub of hubs) await hub.close();
      await server.shutdown();
    },
  };
}

/** A response whose body a test can end. */
function breakable(
  response: Response,
  tab: string | null,
  open: Map<() => void, string | null>,
): Response {
  const reader = response.body?.getReader();
  const end = (): void => {
    open.delete(end);
    void reader?.cancel().catch(() => {});
  };
  open.set(end, tab);
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
