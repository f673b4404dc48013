/**
 * Broadcasting to 1,000 sockets: a hub beside bare sockets of the same runtime, which do nothing but send one text to all,
 * and beside sockjs-node. Servers run in processes of their own, so that what they use is counted alone.
 *
 * What the issue asks for: at least 90 % of the bare socket's deliveries per second of CPU, with one serialisation.
 *
 * @module
 */

import { redis } from "../adapters/redis/mod.ts";
import { bundleProgram } from "../tests/support/sync/node_program.ts";
import { serve, type Server } from "../tests/support/process.ts";
import { startGateway } from "../tests/support/redis/gateway.ts";
import { startRedis } from "../tests/support/redis/server.ts";
import { eventually } from "../tests/support/eventually.ts";
import { todosOn } from "../tests/support/sync/todos.ts";
import { figures, peer, quantile, type Table } from "./harness.ts";

const SOCKETS = Number(Deno.env.get("SOCKETS") ?? 1_000);
const BROADCASTS = 200;
const ROUNDS = 3;

/** Who broadcasts. */
interface Contender {
  readonly name: string;
  readonly kind: string;
  readonly runtime: "deno" | "node";
  readonly path: (index: number) => string;
}

const sockjsPath = (index: number): string => `/echo/000/s${index}/websocket`;
const CONTENDERS: readonly Contender[] = [
  { name: "Holdfast on Deno", kind: "holdfast", runtime: "deno", path: () => "/sync" },
  { name: "bare sockets of Deno", kind: "bare", runtime: "deno", path: () => "/" },
  {
    name: `Holdfast on Node, ${peer("ws")}`,
    kind: "holdfast",
    runtime: "node",
    path: () => "/sync",
  },
  { name: `bare ${peer("ws")}`, kind: "ws", runtime: "node", path: () => "/" },
  { name: "Holdfast on Node, SockJS", kind: "holdfast-sockjs", runtime: "node", path: sockjsPath },
  { name: `${peer("sockjs")}`, kind: "sockjs", runtime: "node", path: sockjsPath },
];

/** All tables. */
export async function bench(): Promise<readonly Table[]> {
  const folder = await Deno.makeTempDir();
  try {
    await bundleProgram("../../../bench/sync/node_server.ts", `${folder}/server.mjs`);
    const runs: Run[] = [];
    await using stack = new AsyncDisposableStack();
    for (const contender of CONTENDERS) {
      const server = stack.use(await started(contender, `${folder}/server.mjs`));
      runs.push(stack.use(await Run.open(contender, server)));
    }
    for (const run of runs) await run.round();
    for (const run of runs) run.forget();
    for (let round = 0; round < ROUNDS; round++) {
      for (const run of runs) await run.round();
    }
    for (const run of runs) await run.paced();
    return [...tables(runs), await betweenProcesses()];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function tables(runs: readonly Run[]): readonly Table[] {
  const of = (value: (run: Run) => number) =>
    Object.fromEntries(runs.map((run) => [run.contender.name, value(run)]));
  return [
    figures(
      `Broadcasting about 200 bytes to ${SOCKETS} sockets, per second of the server's CPU`,
      "deliveries/s",
      of((run) => run.deliveriesPerCpuSecond),
    ),
    figures(
      "The same, 10 broadcasts a second: latency, median",
      "ms",
      of((run) => run.latencyMs(0.5)),
    ),
    figures("The same: latency of 99 of 100", "ms", of((run) => run.latencyMs(0.99))),
    figures("Memory per connection", "KiB", of((run) => run.connectionKib)),
  ];
}

async function started({ kind, runtime }: Contender, bundle: string): Promise<Server> {
  if (runtime === "node") return await serve("node", (port) => [bundle, kind, String(port)]);
  const program = new URL("sync/deno_server.ts", import.meta.url).pathname;
  return await serve(
    Deno.execPath(),
    (port) => ["run", "-A", "--no-check", program, kind, String(port)],
  );
}

/** One contender's server and the sockets at it. */
class Run {
  readonly contender: Contender;
  readonly connectionKib: number;
  readonly #url: string;
  readonly #sockets: readonly WebSocket[];
  readonly #counter: { heard: number; latenciesMs: number[] };
  readonly #rates: number[] = [];

  private constructor(
    contender: Contender,
    url: string,
    sockets: readonly WebSocket[],
    counter: { heard: number; latenciesMs: number[] },
    connectionKib: number,
  ) {
    this.contender = contender;
    this.#url = url;
    this.#sockets = sockets;
    this.#counter = counter;
    this.connectionKib = connectionKib;
  }

  static async open(contender: Contender, { url }: Server): Promise<Run> {
    const counter = { heard: 0, latenciesMs: [] as number[] };
    const before = await told(url, "/");
    const sockets: WebSocket[] = [];
    for (let i = 0; i < SOCKETS; i++) {
      const socket = new WebSocket(url.replace("http", "ws") + contender.path(i));
      await new Promise((resolve, reject) => {
        socket.onopen = resolve;
        socket.onerror = reject;
      });
      socket.onmessage = ({ data }) => {
        if (!data.includes("Event:upsert")) return;
        counter.heard++;
        if (i !== 0 && i !== SOCKETS - 1) return;
        const [, at = "0"] = /\bat\\*":([\d.]+)/.exec(data) ?? [];
        counter.latenciesMs.push(performance.timeOrigin + performance.now() - Number(at));
      };
      sockets.push(socket);
    }
    // The hub joins its connections to the feed on its own time.
    await new Promise((resolve) => setTimeout(resolve, 500));
    const after = await told(url, "/");
    return new Run(
      contender,
      url,
      sockets,
      counter,
      (after.rssBytes - before.rssBytes) / 1_024 / SOCKETS,
    );
  }

  get deliveriesPerCpuSecond(): number {
    return quantile(this.#rates);
  }

  latencyMs(share: number): number {
    return quantile(this.#counter.latenciesMs, share);
  }

  forget(): void {
    this.#rates.length = 0;
  }

  async round(): Promise<void> {
    const before = await told(this.#url, "/");
    const first = this.#counter.heard;
    await told(this.#url, `/broadcast/${BROADCASTS}`);
    await eventually("all is delivered", () => this.#counter.heard - first >= BROADCASTS * SOCKETS);
    const { cpuMs } = await told(this.#url, "/");
    this.#rates.push(BROADCASTS * SOCKETS * 1_000 / (cpuMs - before.cpuMs));
  }

  async paced(): Promise<void> {
    this.#counter.latenciesMs.length = 0;
    await told(this.#url, "/broadcast/30/100");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.close();
    await eventually(
      "all are closed",
      () => this.#sockets.every(({ readyState }) => readyState === 3),
    );
  }
}

async function told(
  url: string,
  path: string,
): Promise<{ readonly cpuMs: number; readonly rssBytes: number }> {
  return await (await fetch(url + path)).json();
}

/** From a write in this process to the event on a socket of another process, over one Redis. */
async function betweenProcesses(): Promise<Table> {
  await using server = await startRedis();
  await using gateway = await startGateway(server);
  const { url, token } = gateway;
  const program = new URL("sync/redis_server.ts", import.meta.url).pathname;
  await using hub = await serve(
    Deno.execPath(),
    (port) => ["run", "-A", "--no-check", program, String(port), url, token],
  );
  const writer = todosOn(redis({ url, token }));
  const socket = new WebSocket(`${hub.url.replace("http", "ws")}/sync`);
  const heard = new Map<string, number>();
  socket.onmessage = ({ data }) => void heard.set(JSON.parse(data).data?.text, performance.now());
  await eventually("it hears", async () => {
    await writer.upsert({ id: 1, text: "ready?" });
    return heard.has("ready?");
  });
  const delaysMs: number[] = [];
  for (let i = 0; i < 200; i++) {
    const startedMs = performance.now();
    await writer.create({ text: String(i) });
    await eventually("it arrives", () => heard.has(String(i)));
    delaysMs.push((heard.get(String(i)) ?? 0) - startedMs);
  }
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.close();
  await closed;
  return figures("From a write to a socket of another process, over Redis behind a gateway", "ms", {
    "median": quantile(delaysMs.slice(20)),
    "99 of 100": quantile(delaysMs.slice(20), 0.99),
  });
}
