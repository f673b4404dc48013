/**
 * A cluster of real processes: each node with a process, a redis-server and a proxy of its own.
 *
 * @module
 */

import type { NodeStatus } from "../../../src/raft/mod.ts";
import { eventually } from "../eventually.ts";
import { freePort } from "../process.ts";
import { startGateway, type TestGateway } from "../redis/gateway.ts";
import { type RedisServer, startRedis } from "../redis/server.ts";
import { ROOT } from "../source.ts";
import type { NodeProgramOptions, NodeRequest, NodeResponse } from "./node_program.ts";
import { Partitions } from "./partitions.ts";

const PROGRAM = "tests/support/consensus/node_program.ts";

/** Ten times the ancestor's defaults, as machines are small and shared. */
const HEARTBEAT_MS = 150;
const ELECTION_MS = 1_500;

/** A node that runs in a process, or may. */
export interface ProcessNode {
  readonly url: string;
  readonly redis: RedisServer;
  readonly gateway: TestGateway;
  readonly port: number;
  readonly controlPort: number;
  child: Deno.ChildProcess | undefined;
  isStandby: boolean;
}

/** All of them. */
export class ProcessCluster implements AsyncDisposable {
  readonly partitions: Partitions = new Partitions();
  readonly nodes: ProcessNode[] = [];
  /** Those that begin the cluster. */
  readonly #first: readonly string[];
  readonly #stack = new AsyncDisposableStack();

  private constructor(first: readonly string[]) {
    this.#first = first;
  }

  /** Starts so many nodes, and waits until one leads. */
  static async start(count: number): Promise<ProcessCluster> {
    const urls = Array.from({ length: count }, () => `tcp://127.0.0.1:${freePort()}`);
    const cluster = new ProcessCluster(urls);
    try {
      await Promise.all(urls.map((url) => cluster.add(url)));
      await cluster.leader();
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
    return cluster;
  }

  /** Adds a node, and starts it. */
  async add(url = `tcp://127.0.0.1:${freePort()}`): Promise<ProcessNode> {
    const redis = this.#stack.use(
      await startRedis({ isDurable: true, settings: { appendfsync: "everysec" } }),
    );
    const gateway = this.#stack.use(await startGateway(redis));
    const port = freePort();
    const node: ProcessNode = {
      url,
      redis,
      gateway,
      port,
      controlPort: freePort(),
      child: undefined,
      isStandby: !this.#first.includes(url),
    };
    this.partitions.place(url, port);
    this.nodes.push(node);
    this.run(node);
    return node;
  }

  /** Starts a node's process. */
  run(node: ProcessNode): void {
    const { url, port, controlPort, gateway, isStandby } = node;
    const options: NodeProgramOptions = {
      url,
      port,
      controlPort,
      redis: { url: gateway.url, token: gateway.token },
      heartbeatMs: HEARTBEAT_MS,
      electionMs: ELECTION_MS,
      ...(isStandby ? { standby: true } : { cluster: this.#first }),
    };
    node.child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", PROGRAM, JSON.stringify(options)],
      cwd: ROOT,
      stdin: "null",
      stdout: "null",
      stderr: "inherit",
    }).spawn();
  }

  /** Ends a node's process at once. */
  async kill(node: ProcessNode): Promise<void> {
    const { child } = node;
    node.child = undefined;
    if (child === undefined) return;
    child.kill("SIGCONT");
    child.kill("SIGKILL");
    await child.status;
  }

  /** Asks a node; what does not answer is unknown. */
  async ask(
    { controlPort }: ProcessNode,
    request: NodeRequest,
    limitMs = 6_000,
  ): Promise<NodeResponse | undefined> {
    try {
      const response = await fetch(`http://127.0.0.1:${controlPort}/`, {
        method: "POST",
        body: JSON.stringify(request),
        signal: AbortSignal.timeout(limitMs),
      });
      return await response.json();
    } catch {
      // It is away, stands still, or was killed.
      return undefined;
    }
  }

  /** A node's figures. */
  async status(node: ProcessNode): Promise<NodeStatus | undefined> {
    const answer = await this.ask(node, { do: "status" }, 5_000);
    // What our own program says.
    return answer && "ok" in answer ? answer.ok as NodeStatus : undefined;
  }

  /** Who leads, in the highest term that anybody sees. */
  async leader(): Promise<ProcessNode> {
    let found: ProcessNode | undefined;
    await eventually("somebody leads", async () => {
      const seen = await Promise.all(this.nodes.map(async (node) => {
        const status = node.child === undefined ? undefined : await this.status(node);
        return { node, status };
      }));
      const leading = seen.filter(({ status }) => status?.role === "leader" && !status.ended)
        .sort((a, b) => (b.status?.term ?? 0) - (a.status?.term ?? 0));
      found = leading[0]?.node;
      return found !== undefined;
    });
    if (found === undefined) throw new Error("nobody leads");
    return found;
  }

  /** Asks whoever leads until it does it, or says that it is done. */
  async operate(
    request: NodeRequest,
    isDone: (code: string) => boolean = () => false,
  ): Promise<void> {
    await eventually(JSON.stringify(request), async () => {
      const answer = await this.ask(await this.leader(), request, 25_000);
      return answer !== undefined && ("ok" in answer || isDone(answer.code));
    });
  }

  /** A node's store is lost: it comes back as a standby, and is joined again. */
  async loseStore(node: ProcessNode): Promise<void> {
    await node.redis.command("FLUSHALL");
    await eventually("it notices", async () => {
      const status = await this.status(node);
      return status?.ended === "regressed";
    });
    await this.kill(node);
    await node.redis.command("FLUSHALL");
    node.isStandby = true;
    this.run(node);
    await this.operate({ do: "join", url: node.url }, (code) => code === "ERR_ALREADY_MEMBER");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of this.nodes) await this.kill(node);
    await this.partitions[Symbol.asyncDispose]();
    await this.#stack.disposeAsync();
  }
}
