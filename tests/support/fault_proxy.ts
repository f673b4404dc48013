/**
 * A proxy between a client and a gateway that loses, doubles, delays and spoils what passes through it, by seed and by
 * rule. It speaks raw TCP to the client, because an HTTP server could neither break off a response nor go silent.
 *
 * Its twin for contract tests, without sockets, is `fault_requester.ts`; both know the same faults and rules.
 *
 * @module
 */

import type { Random } from "../../src/random.ts";
import { seededRandom } from "../../src/random.ts";
import type { Fault, FaultRule } from "./fault_requester.ts";
import { type HttpRequest, readRequest, writeBytes, writeResponse } from "./http_wire.ts";

/** How a proxy is to be. */
export interface FaultProxyOptions {
  /** What its dice follow from. */
  readonly seed: number;
  /** The rules to begin with; the first that strikes counts. */
  readonly rules?: readonly FaultRule[];
}

/** A running proxy. */
export interface FaultProxy extends AsyncDisposable {
  /** Its address: `http://127.0.0.1:port`. */
  readonly url: string;
  /** The rules as they are now. */
  rules: readonly FaultRule[];
  /** How often each fault struck. */
  readonly struck: Partial<Record<Fault, number>>;
  /** Requests that came from the client. */
  readonly requests: number;
}

const MS_DEFAULT = 20;
const PAGE = "<!doctype html><title>Not now</title><h1>Not now</h1>";
const STREAM_FAULTS: readonly Fault[] = ["cut", "silence"];

/** Starts a proxy in front of an address. Stop it with `await using`. */
export function startFaultProxy(
  target: { readonly url: string },
  options: FaultProxyOptions,
): FaultProxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const proxy = new Proxying(target.url, seededRandom(options.seed), options.rules ?? []);
  const tasks = new Set<Promise<void>>();
  const connections = new Set<Deno.TcpConn>();
  const keep = (task: Promise<void>) => {
    tasks.add(task);
    task.finally(() => tasks.delete(task));
  };
  const serve = async (connection: Deno.TcpConn) => {
    connections.add(connection);
    connection.setNoDelay(true);
    try {
      await proxy.serve(connection);
    } catch {
      // The client went away, or this side did.
    }
    if (connections.delete(connection)) connection.close();
  };
  keep((async () => {
    for await (const connection of listener) keep(serve(connection));
  })());
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    get rules() {
      return proxy.rules;
    },
    set rules(rules) {
      proxy.rules = rules;
    },
    get struck() {
      return proxy.struck;
    },
    get requests() {
      return proxy.requests;
    },
    [Symbol.asyncDispose]: async () => {
      listener.close();
      for (const connection of connections) connection.close();
      connections.clear();
      proxy.stopped.abort();
      while (tasks.size > 0) await Promise.all(tasks);
    },
  };
}

class Proxying {
  readonly stopped = new AbortController();
  readonly struck: Partial<Record<Fault, number>> = {};
  requests = 0;
  rules: readonly FaultRule[];
  readonly #target: string;
  readonly #random: Random;
  #overtake = (): void => {};

  constructor(target: string, random: Random, rules: readonly FaultRule[]) {
    this.#target = target;
    this.#random = random;
    this.rules = rules;
  }

  /** Answers requests of one connection until it ends, or a fault ends it. */
  async serve(connection: Deno.TcpConn): Promise<void> {
    for (;;) {
      const request = await readRequest(connection);
      if (request === undefined) return;
      this.requests++;
      if (!await this.#answer(connection, request, this.#pick(request))) return;
    }
  }

  #pick(request: HttpRequest): FaultRule | undefined {
    const text = `${request.path} ${new TextDecoder().decode(request.body)}`;
    const isStream = (request.headers.get("accept") ?? "").includes("text/event-stream");
    const rule = this.rules.find(({ fault, match, chance }) =>
      STREAM_FAULTS.includes(fault) === isStream && (match?.test(text) ?? true) &&
      this.#random.float() < chance
    );
    if (rule !== undefined) this.struck[rule.fault] = (this.struck[rule.fault] ?? 0) + 1;
    return rule;
  }

  /** Returns whether the connection goes on. */
  async #answer(
    connection: Deno.TcpConn,
    request: HttpRequest,
    rule: FaultRule | undefined,
  ): Promise<boolean> {
    const ms = rule?.ms ?? MS_DEFAULT;
    switch (rule?.fault) {
      case "drop-before":
        return false;
      case "drop-after":
        await this.#forwardUnseen(request);
        return false;
      case "hang":
        await this.#forwardUnseen(request);
        await ended(connection);
        return false;
      case "truncate": {
        const response = await this.#forward(request);
        await writeResponse(connection, response, { bodyShare: this.#random.float() * 0.9 });
        return false;
      }
      case "garbage": {
        const { body: _, ...response } = await this.#forward(request);
        const body = new TextEncoder().encode('{"result":"\u0000<');
        await writeResponse(connection, { ...response, body });
        return true;
      }
      case "429":
        await writeResponse(connection, page(429, [["retry-after", "0"]]));
        return true;
      case "503":
        // Whoever answers it may have passed the request on before, or not.
        if (this.#random.float() < 0.5) await this.#forwardUnseen(request);
        await writeResponse(connection, page(503, []));
        return true;
      case "double": {
        const response = await this.#forward(request);
        await this.#pause(ms);
        await this.#forwardUnseen(request);
        await writeResponse(connection, response);
        return true;
      }
      case "delay":
        await this.#pause(this.#random.float() * ms);
        break;
      case "reorder":
        await this.#overtaken(ms);
        break;
      case "cut":
      case "silence":
      case undefined:
    }
    return await this.#pass(connection, request, rule);
  }

  async #pass(connection: Deno.TcpConn, request: HttpRequest, rule: FaultRule | undefined) {
    const isStream = (request.headers.get("accept") ?? "").includes("text/event-stream");
    if (isStream) {
      await this.#stream(connection, request, rule);
      return false;
    }
    await writeResponse(connection, await this.#forward(request));
    return true;
  }

  async #fetch(request: HttpRequest, signal: AbortSignal): Promise<Response> {
    const { method, path, headers, body } = request;
    return await fetch(this.#target + path, {
      method,
      headers,
      signal,
      ...(method === "GET" || method === "HEAD" ? {} : { body }),
    });
  }

  async #forward(request: HttpRequest) {
    this.#overtake();
    const response = await this.#fetch(request, this.stopped.signal);
    const body = new Uint8Array(await response.arrayBuffer());
    return { status: response.status, headers: [...response.headers], body };
  }

  /** Forwards a request whose answer nobody will see. */
  async #forwardUnseen(request: HttpRequest): Promise<void> {
    try {
      await this.#forward(request);
    } catch {
      // The gateway is away, too; it makes no difference to the client.
    }
  }

  async #stream(connection: Deno.TcpConn, request: HttpRequest, rule: FaultRule | undefined) {
    const left = new AbortController();
    const gone = ended(connection).then(() => left.abort());
    const response = await this.#fetch(
      request,
      AbortSignal.any([left.signal, this.stopped.signal]),
    );
    const head = [...response.headers].filter(([name]) => name !== "transfer-encoding")
      .map(([name, value]) => `${name}: ${value}\r\n`).join("");
    const text = `HTTP/1.1 ${response.status} OK\r\n${head}connection: close\r\n\r\n`;
    await writeBytes(connection, new TextEncoder().encode(text));
    const strike = this.#strikeStream(rule, left);
    try {
      for await (const chunk of response.body ?? []) {
        if (strike.isSilent()) continue;
        await writeBytes(connection, chunk);
      }
    } catch {
      // Cut, or the client left.
    }
    strike.cancel();
    if (strike.isSilent()) await gone;
  }

  #strikeStream(rule: FaultRule | undefined, left: AbortController) {
    let isSilent = false;
    if (rule === undefined) return { isSilent: () => false, cancel: () => {} };
    const timer = setTimeout(() => {
      if (rule.fault === "silence") isSilent = true;
      else left.abort();
    }, this.#random.float() * (rule.ms ?? MS_DEFAULT));
    return { isSilent: () => isSilent, cancel: () => clearTimeout(timer) };
  }

  /** Waits until another request has gone past, or for `ms`. */
  async #overtaken(ms: number): Promise<void> {
    const next = new Promise<void>((resolve) => {
      this.#overtake = resolve;
    });
    await Promise.race([next, this.#pause(ms)]);
  }

  /** Waits, but not beyond the proxy's end. */
  async #pause(ms: number): Promise<void> {
    const { signal } = this.stopped;
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener("abort", done);
    });
  }
}

function page(status: number, extra: [string, string][]) {
  const headers: [string, string][] = [["content-type", "text/html"], ...extra];
  return { status, headers, body: new TextEncoder().encode(PAGE) };
}

/** Waits until the other side has closed the connection. */
async function ended(connection: Deno.TcpConn): Promise<void> {
  const chunk = new Uint8Array(1_024);
  try {
    while (await connection.read(chunk) !== null);
  } catch {
    // Reset, or closed by this side.
  }
}
