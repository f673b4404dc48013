/**
 * Clients that write and read while things break, and the check of what they were told.
 *
 * @module
 */

import { type Random, randomInteger, seededRandom } from "../../../src/random.ts";
import { checkLinearizable, type Operation } from "../../simulation/linearizability.ts";
import {
  type RegisterInput,
  registerModel,
  type RegisterOutput,
} from "../../simulation/register.ts";
import { eventually } from "../eventually.ts";
import type { NodeRequest, NodeResponse } from "./node_program.ts";

type RegisterOperation = Operation<RegisterInput, RegisterOutput>;

/** A node as clients see it. */
export interface WorkedNode {
  readonly url: string;
  /** Its process, while there is one. */
  readonly child: unknown;
}

/** A cluster as clients see it. */
export interface WorkedCluster<Node extends WorkedNode> {
  readonly nodes: readonly Node[];
  /** Asks a node; what does not answer is unknown. */
  ask(node: Node, request: NodeRequest): Promise<NodeResponse | undefined>;
  /** Who leads. */
  leader(): Promise<Node>;
}

const KEYS = ["a", "b", "c", "d", "e", "f"];

/** Clients at work. */
export class Workload<Node extends WorkedNode> {
  readonly #cluster: WorkedCluster<Node>;
  readonly #histories = new Map<string, RegisterOperation[]>(KEYS.map((key) => [key, []]));
  readonly #clients: Promise<void>[];
  #isOver = false;
  #serial = 0;
  /** Writes that were acknowledged. */
  done = 0;

  /** Starts clients. */
  constructor(
    cluster: WorkedCluster<Node>,
    options: { readonly clients: number; readonly seed: number },
  ) {
    this.#cluster = cluster;
    this.#clients = Array.from(
      { length: options.clients },
      (_, at) => this.#client(seededRandom(options.seed + at)),
    );
  }

  /** Lets the clients go on until so many writes were acknowledged since now, however long a busy machine takes. */
  async writes(count: number): Promise<void> {
    const enough = this.done + count;
    await eventually(`${count} writes are acknowledged`, () => this.done >= enough);
  }

  /** Ends the clients, reads every key once more, and checks. Gives the number of operations. */
  async check(): Promise<number> {
    this.#isOver = true;
    await Promise.all(this.#clients);
    let count = 0;
    for (const [key, history] of this.#histories) {
      await this.#readLast(key, history);
      const verdict = checkLinearizable(history, registerModel, { stepsMax: 3_000_000 });
      if (verdict === "not linearizable") {
        throw new Error(`no order explains ${key}:\n${JSON.stringify(history)}`);
      }
      count += history.length;
    }
    return count;
  }

  async #client(random: Random): Promise<void> {
    while (!this.#isOver) {
      const key = KEYS[randomInteger(random, 0, KEYS.length)] ?? "a";
      const { nodes } = this.#cluster;
      const node = nodes[randomInteger(random, 0, nodes.length)];
      if (node !== undefined) await this.#operate(key, this.#draw(random), node);
      // Bounded histories are checked in bounded time.
      await new Promise((resolve) => setTimeout(resolve, random.float() * 60));
    }
  }

  #draw(random: Random): RegisterInput {
    const serial = ++this.#serial;
    const die = random.float();
    if (die < 0.4) return { kind: "read" };
    if (die < 0.7) return { kind: "put", value: `${serial}` };
    return { kind: "append", text: `,${serial}` };
  }

  /** One operation, redirected to the leader at most a few times. */
  async #operate(key: string, input: RegisterInput, first: Node): Promise<boolean> {
    let node: Node | undefined = first;
    const calledAt = performance.now();
    for (let hops = 0; hops < 4 && node !== undefined; hops++) {
      if (node.child === undefined) return false;
      const answer = await this.#cluster.ask(
        node,
        input.kind === "read" ? { do: "read", key } : { do: "propose", command: { key, input } },
      );
      if (answer !== undefined && "ok" in answer) {
        this.#note(key, {
          calledAt,
          returnedAt: performance.now(),
          input,
          output: told(answer.ok),
        });
        return true;
      }
      const code = answer?.code ?? "ERR_OUTCOME_UNKNOWN";
      if (code === "ERR_NOT_LEADER" && answer !== undefined) {
        node = this.#cluster.nodes.find(({ url }) => url === answer.leader);
        continue;
      }
      // A read that failed was told nothing.
      if (input.kind === "read" || NOT_DONE.includes(code)) return false;
      this.#note(key, { calledAt, returnedAt: undefined, input, output: undefined });
      return false;
    }
    return false;
  }

  #note(key: string, operation: RegisterOperation): void {
    this.#histories.get(key)?.push(operation);
    if (operation.returnedAt !== undefined && operation.input.kind !== "read") this.done += 1;
  }

  async #readLast(key: string, history: RegisterOperation[]): Promise<void> {
    const before = history.length;
    for (let attempt = 0; attempt < 100; attempt++) {
      await this.#operate(key, { kind: "read" }, await this.#cluster.leader());
      if (history.length > before) return;
    }
    throw new Error(`${key} cannot be read any more`);
  }
}

/** What a node says only of what has not happened, and never will. */
const NOT_DONE = [
  "ERR_LIMIT",
  "ERR_DISPLACED",
  "ERR_UNAVAILABLE",
  "ERR_CLOSED",
  "ERR_FENCED",
  "ERR_STORE_REGRESSED",
];

/** What our own program answers to a proposal or a read. */
function told(ok: unknown): RegisterOutput {
  const { reply, answer } = ok as { reply?: RegisterOutput; answer?: RegisterOutput };
  const output = reply ?? answer;
  if (output === undefined) throw new Error("an answer without one");
  return output.kind === "value" ? { kind: "value", value: output.value ?? undefined } : output;
}
