/**
 * A cluster of real processes, each in a network namespace of its own: links go down as cables do, without a word to
 * TCP. The namespaces, their links and the bridge between them are this cluster's alone; the host's network is not
 * touched, and a process is driven over its standard input and output.
 *
 * @module
 */

import type { NodeStatus } from "../../../src/raft/mod.ts";
import { eventually } from "../eventually.ts";
import { run } from "../process.ts";
import { ROOT } from "../source.ts";
import type { NodeProgramOptions, NodeRequest, NodeResponse } from "./node_program.ts";

const PROGRAM = "tests/support/consensus/node_program.ts";
const PORT = 8_081;
const HEARTBEAT_MS = 150;
const ELECTION_MS = 1_500;

/** A node in a namespace. */
export interface NamespaceNode {
  readonly url: string;
  readonly name: string;
  readonly address: string;
  child: Deno.ChildProcess | undefined;
  ask: ((request: NodeRequest) => Promise<NodeResponse>) | undefined;
}

/** Why there can be no namespaces on this machine; undefined if there can. */
export async function whyNoNamespaces(): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return "network namespaces are Linux's";
  const name = `hf${Deno.pid}probe`;
  try {
    await ip("netns", "add", name);
    await ip("-n", name, "link", "add", "one", "type", "veth", "peer", "name", "other");
    await ip("-n", name, "link", "add", "bridge", "type", "bridge");
    return undefined;
  } catch (error) {
    // No iproute2, no right to do it, or a kernel without it.
    return error instanceof Error ? error.message.trim().split("\n").at(-1) : String(error);
  } finally {
    await ip("netns", "del", name).catch(() => {});
  }
}

/** How the kernels between nodes behave. */
export interface NamespaceOptions {
  /** After how long a kernel sends again what was lost, at least, in milliseconds. Default its own. */
  readonly resendMs?: number;
}

/** Nodes, each at the end of a link to one bridge. */
export class NamespaceCluster implements AsyncDisposable {
  readonly nodes: NamespaceNode[] = [];
  readonly #prefix = `hf${Deno.pid}`;
  #first: readonly string[] = [];

  /** Makes the namespaces, starts so many nodes, and waits until one leads. */
  static async start(count: number, how: NamespaceOptions = {}): Promise<NamespaceCluster> {
    const cluster = new NamespaceCluster();
    try {
      await cluster.#build(count, how);
      cluster.#first = cluster.nodes.map(({ url }) => url);
      for (const node of cluster.nodes) cluster.run(node, { cluster: cluster.#first });
      await cluster.leader();
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
    return cluster;
  }

  /** Starts a node's process in its namespace. */
  run(node: NamespaceNode, how: Pick<NodeProgramOptions, "cluster" | "standby">): void {
    const options: NodeProgramOptions = {
      url: node.url,
      port: PORT,
      heartbeatMs: HEARTBEAT_MS,
      electionMs: ELECTION_MS,
      ...how,
    };
    const deno = [Deno.execPath(), "run", "-A", "--no-check", PROGRAM, JSON.stringify(options)];
    node.child = new Deno.Command("ip", {
      args: ["netns", "exec", node.name, ...deno],
      cwd: ROOT,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    node.ask = talk(node.child);
  }

  /** Ends a node's process at once. */
  async kill(node: NamespaceNode): Promise<void> {
    const { child } = node;
    node.child = undefined;
    node.ask = undefined;
    if (child === undefined) return;
    child.kill("SIGKILL");
    await child.status;
    // What was not read yet is of no use.
    await child.stdin.abort().catch(() => {});
  }

  /** The bridge's end of a node's link goes down or up: the node is not told, packets get lost. */
  async link(node: NamespaceNode, state: "down" | "up"): Promise<void> {
    await ip("-n", `${this.#prefix}hub`, "link", "set", node.name, state);
  }

  /** The node's own interface goes down or up: its kernel knows. */
  async interface(node: NamespaceNode, state: "down" | "up"): Promise<void> {
    await ip("-n", node.name, "link", "set", "eth0", state);
  }

  /** What a node sends to another one is lost, or not any more; what it hears is not touched. */
  async way(from: NamespaceNode, to: NamespaceNode, state: "cut" | "open"): Promise<void> {
    const change = state === "cut" ? "add" : "del";
    await ip("-n", from.name, "route", change, "blackhole", `${to.address}/32`);
  }

  /** Asks a node; what does not answer in time is unknown. */
  async ask(
    node: Pick<NamespaceNode, "ask">,
    request: NodeRequest,
    limitMs = 6_000,
  ): Promise<NodeResponse | undefined> {
    const late = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => late.resolve(undefined), limitMs);
    const asked = node.ask?.(request).catch(() => undefined);
    return await Promise.race([asked, late.promise]).finally(() => clearTimeout(timer));
  }

  /** A node's figures. */
  async status(node: NamespaceNode): Promise<NodeStatus | undefined> {
    const answer = await this.ask(node, { do: "status" }, 5_000);
    // What our own program says.
    return answer && "ok" in answer ? answer.ok as NodeStatus : undefined;
  }

  /** Who leads, in the highest term that anybody sees. */
  async leader(but?: NamespaceNode): Promise<NamespaceNode> {
    const found: NamespaceNode[] = [];
    await eventually("somebody leads", async () => {
      const seen = await Promise.all(
        this.nodes.filter((node) => node !== but).map(async (node) => {
          return { node, status: await this.status(node) };
        }),
      );
      const [leading] = seen.filter(({ status }) => status?.role === "leader" && !status.ended)
        .sort((a, b) => (b.status?.term ?? 0) - (a.status?.term ?? 0));
      if (leading !== undefined) found.push(leading.node);
      return found.length > 0;
    });
    const [node] = found;
    if (node === undefined) throw new Error("nobody leads");
    return node;
  }

  /** Waits until every node follows one leader, and has what it has. */
  async whole(): Promise<void> {
    await eventually("the cluster is whole", async () => {
      const all = await Promise.all(this.nodes.map((node) => this.status(node)));
      const [first] = all;
      return all.every((status) =>
        status !== undefined && status.ended === undefined && status.leader !== undefined &&
        status.leader === first?.leader && status.term === first.term &&
        status.applied >= first.commit - 200
      );
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of this.nodes) await this.kill(node);
    const names = [...this.nodes.map(({ name }) => name), `${this.#prefix}hub`];
    // Their links go with them. One that was never made cannot be removed.
    for (const name of names) await ip("netns", "del", name).catch(() => {});
  }

  async #build(count: number, { resendMs }: NamespaceOptions): Promise<void> {
    const hub = `${this.#prefix}hub`;
    await ip("netns", "add", hub);
    await ip("-n", hub, "link", "add", "bridge", "type", "bridge");
    await ip("-n", hub, "link", "set", "bridge", "up");
    for (let at = 1; at <= count; at++) {
      const name = `${this.#prefix}n${at}`;
      const address = `198.19.0.${at}`;
      const url = `tcp://${address}:${PORT}`;
      this.nodes.push({ url, name, address, child: undefined, ask: undefined });
      await ip("netns", "add", name);
      await ip("-n", hub, "link", "add", name, "type", "veth", "peer", "eth0", "netns", name);
      await ip("-n", hub, "link", "set", name, "master", "bridge", "up");
      await ip("-n", name, "addr", "add", `${address}/24`, "dev", "eth0");
      await ip("-n", name, "link", "set", "eth0", "up");
      await ip("-n", name, "link", "set", "lo", "up");
      if (resendMs === undefined) continue;
      const others = ["198.19.0.0/24", "dev", "eth0", "src", address];
      await ip("-n", name, "route", "replace", ...others, "rto_min", `${resendMs}ms`);
    }
  }
}

/** Questions and answers of a process, a line each. */
function talk(child: Deno.ChildProcess): (request: NodeRequest) => Promise<NodeResponse> {
  const waiting = new Map<number, PromiseWithResolvers<NodeResponse>>();
  const writer = child.stdin.getWriter();
  let questions = 0;
  void (async () => {
    let rest = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        // Our own program's words.
        const { question, answer }: { question: number; answer: NodeResponse } = JSON.parse(line);
        waiting.get(question)?.resolve(answer);
        waiting.delete(question);
      }
    }
    for (const { reject } of waiting.values()) reject(new Error("it has ended"));
  })().catch(() => {}); // killed
  void child.status.then(() => writer.abort()).catch(() => {});
  return (request) => {
    const asked = Promise.withResolvers<NodeResponse>();
    waiting.set(++questions, asked);
    const line = `${JSON.stringify({ question: questions, request })}\n`;
    writer.write(new TextEncoder().encode(line)).catch(asked.reject);
    return asked.promise;
  };
}

async function ip(...args: readonly string[]): Promise<void> {
  const { code, stderr } = await run("ip", args);
  if (code !== 0) throw new Error(`ip ${args.join(" ")}: ${stderr}`);
}
