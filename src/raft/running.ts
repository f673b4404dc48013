/**
 * The inside of a node: its loop, transport, events and chores, from the first start to the end.
 *
 * @module
 */

import { HoldfastError } from "../errors.ts";
import { Emitter } from "../events.ts";
import type { Json } from "../json.ts";
import { randomToken } from "../random.ts";
import { withDeadline } from "../waiting.ts";
import type { ChangingNode } from "./changing_members.ts";
import { allMembers, findMember } from "./core/membership.ts";
import type { Input, Ready } from "./core/ready.ts";
import type { RaftStatus } from "./core/status.ts";
import { Introductions, type SelfDescription } from "./introductions.ts";
import { RaftLoop } from "./loop.ts";
import { stoppedError, type StopReason } from "./node_errors.ts";
import type { NodeEvents } from "./node_events.ts";
import { configOf } from "./node_config.ts";
import { FIRST_INCARNATION, type NodeSettings } from "./node_settings.ts";
import { emptyStatus } from "./node_status.ts";
import { Observing } from "./observing.ts";
import type { RaftBackend } from "./port.ts";
import type { ReplicatedMachine } from "./replicated.ts";
import type { SessionOutcome } from "./sessions.ts";
import type { PeerMessage, Transport, TransportLink } from "./transport/port.ts";
import { until } from "./watching.ts";

/** A node from the inside. */
export class Running<Command, Reply extends Json, Query, Answer> {
  readonly backend: RaftBackend;
  readonly settings: NodeSettings;
  readonly machine: ReplicatedMachine<Command, Reply, Query, Answer>;
  readonly events: Emitter<NodeEvents> = new Emitter();
  readonly observing: Observing;
  readonly loop: RaftLoop<SessionOutcome<Reply>>;
  readonly #transport: Transport;
  readonly #introductions: Introductions;
  #incarnation = 0;
  #startedAtMs: number | undefined;
  #starting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #link: TransportLink | undefined;
  #ended: { readonly reason: StopReason; readonly cause: unknown } | undefined;

  /** Makes what does nothing before it is started. */
  constructor(
    backend: RaftBackend,
    settings: NodeSettings,
    transport: Transport,
    machine: ReplicatedMachine<Command, Reply, Query, Answer>,
  ) {
    this.backend = backend;
    this.settings = settings;
    this.machine = machine;
    this.#transport = transport;
    const { clock, random } = backend;
    this.observing = new Observing(
      this.events,
      clock,
      settings.compaction,
      () => this.raft().last.index,
    );
    this.#introductions = new Introductions(
      { url: settings.url, cluster: settings.namespace, clock, random },
      () => this.#link,
      () => this.#self(),
    );
    this.loop = this.#makeLoop();
  }

  /** Which life of the node's store this is; 0 before it is open. */
  get incarnation(): number {
    return this.#incarnation;
  }

  /** When it was started. */
  get startedAtMs(): number | undefined {
    return this.#startedAtMs;
  }

  /** Why it does nothing any more. */
  get ended(): StopReason | undefined {
    return this.#ended?.reason;
  }

  /** Its use of the transport. */
  get link(): TransportLink | undefined {
    return this.#link;
  }

  /** The core's figures, all zero before the store is open. */
  raft(): RaftStatus {
    return this.loop.status() ?? emptyStatus(this.settings.url);
  }

  /** Whether it belongs to a cluster, as far as it knows. */
  isMember(): boolean {
    return findMember(this.raft().membership, this.settings.url) !== undefined;
  }

  /** Refuses what a node that does not run cannot do. @throws {HoldfastError} */
  mustRun(): void {
    if (this.#ended !== undefined || this.#closing !== undefined) throw this.stopped();
    if (this.loop.status() !== undefined) return;
    throw new HoldfastError("ERR_UNAVAILABLE", "Cannot use the node as it is not ready");
  }

  /** The error of a node that has stopped. */
  stopped(): HoldfastError {
    const { reason, cause } = this.#ended ?? { reason: "closed", cause: undefined };
    return stoppedError(reason, cause);
  }

  /** Starts once; again, if that failed for a reason that may pass. @throws as `ConsensusNode.ready` */
  start(): Promise<void> {
    return this.#starting ??= this.#start().catch((error) => {
      if (this.#ended === undefined) this.#starting = undefined;
      throw error;
    });
  }

  /** Ends once. */
  close(timeoutMs: number, handOver: (timeoutMs: number) => Promise<void>): Promise<void> {
    return this.#closing ??= this.#close(timeoutMs, handOver);
  }

  /** Waits for a state. @throws what `error` makes, and that of a node that stops meanwhile. */
  until<Value>(
    look: () => Value | undefined,
    limits: { readonly timeoutMs: number; readonly signal: AbortSignal | undefined },
    error: () => Error,
  ): Promise<Value> {
    const stillRuns = (): Value | undefined => {
      const value = look();
      if (value === undefined && this.#ended !== undefined) throw this.stopped();
      return value;
    };
    return until(this.loop, stillRuns, { clock: this.backend.clock, ...limits, error });
  }

  /** What a change of members needs. */
  changing(): ChangingNode {
    const { loop } = this;
    return {
      url: this.settings.url,
      cluster: this.settings.namespace,
      clock: this.backend.clock,
      status: () => this.raft(),
      changeMembership: (voters, learners) => {
        if (this.#ended !== undefined) throw this.stopped();
        return loop.changeMembership(voters, learners);
      },
      identify: (url, limits) => this.#introductions.ask(url, limits),
      watch: (look) => loop.watch(look),
    };
  }

  /** Takes a snapshot. False if there is nothing to take. @throws {HoldfastError} `ERR_TOO_LARGE` */
  compact(): boolean {
    if (this.machine.applied <= this.observing.snapshotIndex) return false;
    return this.loop.compact(this.observing.meter.retained(), this.settings.snapshotBytesMax);
  }

  /** Takes a snapshot that is due. One that is too large is told, and tried again when it is due again. */
  #compactNow(): void {
    try {
      this.compact();
    } catch (error) {
      // ERR_TOO_LARGE, or what the state machine throws.
      this.observing.failed(error, 0);
      this.observing.meter.reset();
    }
  }

  async #start(): Promise<void> {
    if (this.#closing !== undefined) throw stoppedError("closed");
    const { clock, random } = this.backend;
    const { url, namespace, standby } = this.settings;
    this.#startedAtMs = clock.monotonic();
    const link = await this.#transport.open({
      url,
      cluster: namespace,
      clock,
      random,
      receive: (message) => this.#receive(message),
      unreachable: (peer) => this.loop.unreachable(peer),
      happened: (event) => this.events.emit(event.kind, event),
    });
    this.#link = link;
    try {
      await this.loop.start();
    } catch (error) {
      // What the store lacks, options that contradict each other, or the end of the node: it does not run.
      await link.close();
      if (HoldfastError.is(error, "ERR_STORE_REGRESSED")) this.#end("regressed", error);
      throw this.#ended === undefined ? error : this.stopped();
    }
    if (standby && !this.isMember()) this.events.emit("ready", { leader: undefined });
  }

  async #close(
    timeoutMs: number,
    handOver: (timeoutMs: number) => Promise<void>,
  ): Promise<void> {
    const { clock } = this.backend;
    const untilMs = clock.monotonic() + timeoutMs;
    if (this.#ended === undefined) {
      await handOver(timeoutMs / 2);
      const leftMs = Math.max(0, untilMs - clock.monotonic());
      // What is not stored by then was not acknowledged.
      await withDeadline(clock, leftMs, this.loop.drained(), () => stoppedError("closed"))
        .catch(() => {});
    }
    this.#end("closed", undefined);
    await this.#starting?.catch(() => {}); // told to who called ready()
    await this.#link?.close();
    this.events.emit("closed", { url: this.settings.url });
  }

  #end(reason: StopReason, cause: unknown): void {
    if (this.#ended !== undefined) return;
    this.#ended = { reason, cause };
    this.loop.stop(stoppedError(reason, cause));
    if (reason !== "closed") this.events.emit("error", { error: stoppedError(reason, cause) });
    this.events.emit("stopped", { reason });
  }

  #makeLoop(): RaftLoop<SessionOutcome<Reply>> {
    const { clock, random, raft: store } = this.backend;
    const { url, namespace, bootstrap, tickMs, limits } = this.settings;
    const { observing } = this;
    return new RaftLoop({
      store,
      node: { namespace, id: url },
      // A name that no process ever had.
      owner: () => randomToken(random),
      // A life that begins later has a higher number.
      incarnation: () => bootstrap === undefined ? Math.floor(clock.now()) : FIRST_INCARNATION,
      configOf: (incarnation) => {
        this.#incarnation = incarnation;
        return configOf(this.settings, incarnation, random);
      },
      machine: this.machine,
      clock,
      random,
      tickMs,
      retry: { firstMs: Math.min(50, tickMs), ceilingMs: 1_000 },
      applyPauseMs: 0,
      pieceBytes: limits.snapshotChunkBytes ?? 512 * 1024,
      send: (message) => this.#send(message),
      observer: {
        started: (loaded, node) => observing.loaded(node.status(), loaded),
        stepped: (input, ready) => this.#stepped(input, ready),
        stored: () => observing.stored(),
        applied: (entry) => observing.applied(entry),
        restored: (meta, sizeBytes) => observing.restored(meta, sizeBytes),
        published: (meta) => observing.published(meta),
        failed: (error, attempt) => observing.failed(error, attempt),
        broken: (error) => this.#end("invariant", error),
      },
    });
  }

  #stepped(input: Input, ready: Ready): void {
    this.observing.stepped(input, ready);
    for (const event of ready.events) {
      if (event.kind === "stopped") this.#end(event.reason, undefined);
      if (event.kind === "leader" && event.leader !== undefined) {
        this.events.emit("ready", { leader: event.leader });
      }
    }
    if (input.kind !== "tick") return;
    this.observing.idle(this.loop.isIdle, this.machine.applied);
    // Outside of the step that this is called from.
    if (this.observing.isSnapshotDue()) queueMicrotask(() => this.#compactNow());
  }

  #send(message: PeerMessage): void {
    if (this.events.wants("sent")) this.events.emit("sent", { message });
    this.#link?.send(message);
  }

  #receive(message: PeerMessage): void {
    if (this.events.wants("received")) this.events.emit("received", { message });
    if (message.kind === "identify" || message.kind === "identity") {
      this.#introductions.receive(message);
    } else this.loop.receive(message);
  }

  /** What it says of itself, once it knows its store. */
  #self(): SelfDescription | undefined {
    const raft = this.loop.status();
    if (raft === undefined) return undefined;
    const { witness, meta } = this.settings;
    const members = allMembers(raft.membership).map(({ id }) => id);
    return { incarnation: this.#incarnation, isWitness: witness, members, meta };
  }
}
