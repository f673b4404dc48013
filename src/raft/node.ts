/**
 * A node of a cluster: the face. What runs behind it is in `running.ts`.
 *
 * Creating one does nothing; it starts with the first call of `ready()`.
 *
 * @module
 */

import { checkBackend } from "../backend.ts";
import { type Duration, durationMs } from "../duration.ts";
import { HoldfastError, LimitError } from "../errors.ts";
import type { OnOptions } from "../events.ts";
import type { Json } from "../json.ts";
import { withDeadline } from "../waiting.ts";
import { appended, confirmed, stampOf, type Waiting } from "./asking.ts";
import { backupStream } from "./backup.ts";
import { type ChangeLimits, joinMember, leaveMember } from "./changing_members.ts";
import { refusalError, repliedBy, stoppedError, unopened } from "./node_errors.ts";
import type { NodeEvents } from "./node_events.ts";
import type { BackupOptions, ConsensusNode, NodeStatus, Proposed, Read } from "./node_face.ts";
import type {
  CallOptions,
  JoinOptions,
  NodeOptions,
  ProposeOptions,
  ReadOptions,
} from "./node_options.ts";
import { checkPeerUrl, metaText, nodeSettings } from "./node_settings.ts";
import { statusOf } from "./node_status.ts";
import { metaJson } from "./observing.ts";
import type { RaftBackend } from "./port.ts";
import { ReplicatedMachine } from "./replicated.ts";
import { Running } from "./running.ts";
import { OPEN_SESSION } from "./sessions.ts";
import type { Transport } from "./transport/port.ts";
import { type EventsOptions, follow, type FollowedEvent } from "./watching.ts";

/**
 * Makes a node of a Raft cluster. Sends nothing and keeps no timer before {@linkcode ConsensusNode.ready}.
 *
 * @throws {ArgumentError | LimitError} `ERR_INVALID_OPTION`, `ERR_INVALID_ARGUMENT` for a backend without `raft`.
 * @throws {HoldfastError} `ERR_UNSUPPORTED_PROTOCOL` if the transport does not reach the URL.
 *
 * @example
 * ```ts
 * import { createNode, inProcess, keyValueMachine } from "@holdfast/holdfast/consensus";
 * import { memory } from "@holdfast/holdfast/memory";
 * import { strictEqual } from "node:assert/strict";
 *
 * const transport = inProcess();
 * const machine = keyValueMachine();
 * await using node = createNode(memory(), { url: "local://a", transport, machine });
 * await node.ready();
 * const change = { kind: "put", key: "a", value: 1 } as const;
 * const { index } = await node.propose({ kind: "batch", changes: [change] });
 * strictEqual((await node.read({ kind: "get", key: "a" })).answer[0]?.version, index);
 * ```
 */
export function createNode<Command, Reply extends Json, Query, Answer>(
  backend: RaftBackend,
  options: NodeOptions<Command, Reply, Query, Answer>,
): ConsensusNode<Command, Reply, Query, Answer> {
  checkBackend("make a node", backend, ["raft", "clock", "random"]);
  const settings = nodeSettings(options);
  const machine = new ReplicatedMachine(options.machine, settings.sessions);
  const running = new Running(backend, settings, options.transport, machine);
  return new NodeFace(running, options.transport);
}

class NodeFace<Command, Reply extends Json, Query, Answer>
  implements ConsensusNode<Command, Reply, Query, Answer> {
  readonly url: string;
  readonly #running: Running<Command, Reply, Query, Answer>;
  readonly #transport: Transport;

  constructor(running: Running<Command, Reply, Query, Answer>, transport: Transport) {
    this.url = running.settings.url;
    this.#running = running;
    this.#transport = transport;
  }

  async ready({ timeout, signal }: CallOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    const running = this.#running;
    const { settings: { standby, leaderTimeoutMs }, backend: { clock } } = running;
    const timeoutMs = timeout === undefined ? leaderTimeoutMs : durationMs(timeout, "timeout");
    const untilMs = clock.monotonic() + timeoutMs;
    const late = () => unopened(timeoutMs, running.observing.failure);
    await withDeadline(clock, timeoutMs, running.start(), late, { signal });
    if (standby && !running.isMember()) return;
    const leftMs = Math.max(0, untilMs - clock.monotonic());
    await running.until(() => running.raft().leader, { timeoutMs: leftMs, signal }, () => {
      return new HoldfastError(
        "ERR_TIMEOUT",
        `Cannot be ready as nobody leads after ${timeoutMs} ms`,
      );
    });
  }

  async propose(command: Command, options: ProposeOptions = {}): Promise<Proposed<Reply>> {
    options.signal?.throwIfAborted();
    this.#running.mustRun();
    const stamp = stampOf(options);
    const data = this.#running.machine.machine.encode(command);
    const { commandBytesMax } = this.#running.settings;
    if (data.length > commandBytesMax) {
      throw new LimitError(
        "ERR_TOO_LARGE",
        `Cannot propose as a command must have at most ${commandBytesMax} bytes: ` +
          `current value is ${data.length}`,
      );
    }
    const session = stamp instanceof Promise ? await stamp : stamp;
    const { outcome, index, term } = await appended(
      this.#running,
      data,
      session,
      this.#waiting(options),
    );
    return { ...repliedBy(outcome), index, term };
  }

  async read(query: Query, options: ReadOptions = {}): Promise<Read<Answer>> {
    const { stale = false, minIndex, signal } = options;
    signal?.throwIfAborted();
    const { machine, observing } = this.#running;
    this.#running.mustRun();
    observing.counts.reads += 1;
    const serve = (): Answer => machine.machine.read(query);
    const timeoutMs = this.#timeoutMs(options);
    const late = () => new HoldfastError("ERR_TIMEOUT", `Cannot read within ${timeoutMs} ms`);
    if (minIndex !== undefined) {
      const hasIt = () => machine.applied >= minIndex || undefined;
      await this.#running.until(hasIt, { timeoutMs, signal }, late);
    }
    if (stale || minIndex !== undefined) return { answer: serve(), index: machine.applied };
    return await confirmed(this.#running, serve, { timeoutMs, signal });
  }

  async openSession(options: CallOptions = {}): Promise<number> {
    options.signal?.throwIfAborted();
    this.#running.mustRun();
    const { outcome } = await appended(
      this.#running,
      OPENING,
      OPEN_SESSION,
      this.#waiting(options),
    );
    if (outcome.kind === "opened") return outcome.session;
    throw stoppedError("invariant");
  }

  async join(url: string, meta?: Json, options: JoinOptions = {}): Promise<void> {
    checkPeerUrl("join a node", url, this.#transport.protocols);
    options.signal?.throwIfAborted();
    this.#running.mustRun();
    await joinMember(this.#running.changing(), url, {
      meta: meta === undefined ? undefined : metaText("join a node", meta),
      standby: options.standby ?? false,
      ...this.#limits(options),
    });
  }

  async leave(url: string, options: CallOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    this.#running.mustRun();
    await leaveMember(this.#running.changing(), url, this.#limits(options));
  }

  peerMeta(url: string): Json | undefined {
    const meta = this.#running.observing.metaOf(url);
    return meta === undefined ? undefined : metaJson(meta);
  }

  async transfer(url: string, options: CallOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    this.#running.mustRun();
    await this.#transferTo(url, this.#timeoutMs(options), options.signal);
  }

  async #transferTo(url: string, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    const running = this.#running;
    const answer = running.loop.transfer(url);
    if (answer.kind === "refused") throw refusalError("transfer", answer.reason, answer.leader);
    let isOver = false;
    const end = running.events.on("transferEnded", ({ to }) => isOver ||= to === url);
    const failed = () => refusalError("transfer", "unconfirmed");
    try {
      await running.until(
        () => {
          const { leader, role } = running.raft();
          if (leader === url) return true;
          // The leader gave up waiting, or somebody else was faster.
          if (isOver && (role === "leader" || leader !== undefined)) throw failed();
          return undefined;
        },
        { timeoutMs, signal },
        failed,
      );
    } finally {
      end();
    }
  }

  async snapshot(options: CallOptions = {}): Promise<boolean> {
    options.signal?.throwIfAborted();
    const running = this.#running;
    running.mustRun();
    const { counts } = running.observing;
    const { snapshots } = counts;
    if (!running.compact()) return false;
    const limits = { timeoutMs: this.#timeoutMs(options), signal: options.signal };
    await running.until(() => counts.snapshots > snapshots || undefined, limits, () => {
      return new HoldfastError("ERR_TIMEOUT", "Cannot say yet whether the snapshot is published");
    });
    return true;
  }

  status(): NodeStatus {
    return statusOf(this.#running);
  }

  on<Name extends keyof NodeEvents>(
    name: Name,
    listener: (event: NodeEvents[Name]) => void,
    options?: OnOptions,
  ): () => void {
    return this.#running.events.on(name, listener, options);
  }

  events(options: EventsOptions = {}): AsyncIterable<FollowedEvent> {
    return follow(this, options);
  }

  backup({ onProgress }: BackupOptions = {}): ReadableStream<Uint8Array> {
    this.#running.mustRun();
    const { loop, machine, settings: { namespace } } = this.#running;
    if (machine.applied === 0) {
      throw new HoldfastError("ERR_UNAVAILABLE", "Cannot back up as the node has no state yet");
    }
    return backupStream(loop.describe(), machine.save(), { namespace, onProgress });
  }

  close({ timeout = 2_000 }: { readonly timeout?: Duration } = {}): Promise<void> {
    const timeoutMs = durationMs(timeout, "timeout");
    return this.#running.close(timeoutMs, (limitMs) => this.#handOver(limitMs));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** A leader that goes leaves no gap, if somebody else can lead. */
  async #handOver(timeout: number): Promise<void> {
    const { role, membership, peers } = this.#running.raft();
    if (role !== "leader") return;
    const voters = membership.voters.filter(({ isWitness }) => isWitness !== true);
    const [next] = peers
      .filter(({ id, kind }) => kind === "replicate" && voters.some((voter) => voter.id === id))
      .sort((a, b) => b.match - a.match);
    // Who does not take over is left to the election.
    if (next !== undefined) await this.#transferTo(next.id, timeout).catch(() => {});
  }

  #timeoutMs({ timeout }: CallOptions): number {
    return timeout === undefined
      ? this.#running.settings.timeoutMs
      : durationMs(timeout, "timeout");
  }

  #waiting(options: CallOptions): Waiting {
    return { timeoutMs: this.#timeoutMs(options), signal: options.signal };
  }

  #limits(options: CallOptions): ChangeLimits {
    const untilMs = this.#running.backend.clock.monotonic() + this.#timeoutMs(options);
    return { untilMs, signal: options.signal };
  }
}

const OPENING = /* @__PURE__ */ new Uint8Array(1);
