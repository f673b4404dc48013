/**
 * The whole cluster: nodes with their stores and clocks, the processes that run on them, and the network in between.
 *
 * One event after the other happens; after each the observer has checked what it changed. Everything follows from the
 * plan, so two runs of one plan are the same, and their traces have the same hash.
 *
 * @module
 */

import type { Member, Message, RaftConfig, RaftStatus } from "../../src/raft/core/mod.ts";
import { type Dice, diceFor, fnv1a } from "./dice.ts";
import { hold, SimulationFailure } from "./failure.ts";
import { Observer } from "./invariants.ts";
import { lifeName } from "./lives.ts";
import type { StartLoop } from "./loop_host.ts";
import { SimulatedNetwork } from "./network.ts";
import { type Plan, type Settings, votersOf } from "./plan.ts";
import { Process, type Witnesses } from "./process.ts";
import { type Sight, sightOf } from "./sights.ts";
import { type SimulatedNode, StoreLife } from "./simulated_node.ts";
import { SimulatedStore } from "./store.ts";
import type { StoreState } from "./store_state.ts";
import { DriftingClock, VirtualTime } from "./virtual_time.ts";

/** More events than this are a circle. An ordinary run has some thousands. */
const EVENTS_MAX = 300_000;

/** Everything that a seed runs in. */
export class World {
  readonly plan: Plan;
  readonly time: VirtualTime = new VirtualTime();
  readonly nodes: SimulatedNode[] = [];
  readonly observer: Observer;
  readonly network: SimulatedNetwork<Message>;
  /** How many events happened. */
  eventsCount = 0;
  /** Grows by every event; equal for equal runs. */
  traceHash = 0x811c9dc5;
  /** What happened how often, to show that a run was more than idling. */
  readonly seen: Map<Sight, number> = new Map();
  /** Called with each command that is committed and, unless it is a repetition, executed. */
  whenExecuted: (serial: number) => void = () => {};
  readonly #startLoop: StartLoop;
  readonly #routing: Dice;

  /** Makes the nodes of a plan, and starts those that begin the cluster. */
  constructor(plan: Plan, startLoop: StartLoop) {
    const { settings, seed } = plan;
    this.plan = plan;
    this.#startLoop = startLoop;
    this.#routing = diceFor(seed, "routing");
    this.observer = new Observer(settings, (serial) => this.whenExecuted(serial));
    this.network = new SimulatedNetwork(
      this.time,
      diceFor(seed, "network"),
      settings.network,
      (to, message) => this.#deliver(to, message),
    );
    const voters = votersOf(settings);
    for (let i = 0; i < settings.votersCount + settings.sparesCount; i++) {
      const isVoter = i < settings.votersCount;
      const id = `n${i + 1}`;
      this.nodes.push(this.#makeNode(id, isVoter ? voters : undefined));
    }
    for (const node of this.nodes) if (node.bootstrap !== undefined) this.start(node);
  }

  /** The settings of the plan. */
  get settings(): Settings {
    return this.plan.settings;
  }

  /** How long an election timeout lasts, at least. */
  get electionMs(): number {
    return this.settings.tickMs * this.settings.electionTicks;
  }

  /** The node with this name. */
  node(id: string): SimulatedNode | undefined {
    return this.nodes.find((node) => node.id === id);
  }

  /** How a node is listed in a membership. */
  memberOf({ id, incarnation, isWitness }: SimulatedNode): Member {
    return isWitness ? { id, incarnation, isWitness } : { id, incarnation };
  }

  /** The process of a node that was started last and is alive. */
  processOf(node: SimulatedNode): Process | undefined {
    return node.processes[node.processes.length - 1];
  }

  /** All processes that are alive and believe to lead, the highest term last. */
  leaders(): { readonly process: Process; readonly status: RaftStatus }[] {
    const leading: { process: Process; status: RaftStatus }[] = [];
    for (const node of this.nodes) {
      for (const process of node.processes) {
        const status = process.watched?.status;
        if (status?.role === "leader" && status.stopped === undefined) {
          leading.push({ process, status });
        }
      }
    }
    return leading.sort((a, b) => a.status.term - b.status.term);
  }

  /** Starts one more process on a node. */
  start(node: SimulatedNode): Process {
    const { settings } = this;
    node.processesCount += 1;
    const owner = `${node.id}#${node.incarnation}/${node.processesCount}`;
    const { life } = node;
    const config = this.#configOf(node, owner);
    const parts = {
      owner,
      config,
      time: this.time,
      clock: node.clock,
      store: node.store,
      tickMs: settings.tickMs,
      storeRetryMs: settings.storeRetryMs,
      applyDelayMs: settings.applyDelayMs,
      sessions: settings.sessions,
      witnesses: this.#witnesses(node, life, owner, () => process),
    };
    const process: Process = new Process(parts, this.#startLoop);
    node.processes.push(process);
    return process;
  }

  /** Starts a process on a node that has none. A store that is known to have lost something begins a new life. */
  restart(node: SimulatedNode): void {
    if (node.processes.length > 0) return;
    if (node.life.lost !== undefined) this.beginLife(node);
    this.start(node);
  }

  /** Begins a new life of a node's store, which is empty. Its processes must be dead. */
  beginLife(node: SimulatedNode): void {
    for (const process of [...node.processes]) process.kill();
    node.life.lost ??= node.store.durable;
    node.life.isOver = true;
    node.store.wipe();
    node.bootstrap = undefined;
    node.incarnation += 1;
    node.life = this.#makeLife(node.id, node.incarnation, node.store);
  }

  /** Runs the next event. False if there is none before `untilMs`. */
  step(untilMs: number): boolean {
    if (!this.time.step(untilMs)) return false;
    this.eventsCount += 1;
    hold(this.eventsCount < EVENTS_MAX, "liveness", () => "events lead to events without end");
    return true;
  }

  /** Takes a number into the trace. */
  trace(value: number): void {
    this.traceHash = Math.imul(this.traceHash ^ value, 0x01000193) >>> 0;
  }

  #makeNode(id: string, voters: readonly Member[] | undefined): SimulatedNode {
    const { seed, settings } = this.plan;
    const dice = diceFor(seed, `clock of ${id}`);
    const store: SimulatedStore = new SimulatedStore(
      this.time,
      diceFor(seed, `store of ${id}`),
      settings.store,
      (state) => this.#durable(id, state),
    );
    return {
      id,
      isWitness: voters?.find((member) => member.id === id)?.isWitness ?? false,
      store,
      clock: new DriftingClock(this.time, {
        offsetMs: 1_700_000_000_000 + dice.between(0, 5_000),
        rate: 1 + dice.between(-settings.driftMax, settings.driftMax),
      }),
      bootstrap: voters,
      incarnation: 1,
      life: this.#makeLife(id, 1, store),
      processes: [],
      processesCount: 0,
    };
  }

  #makeLife(id: string, incarnation: number, store: SimulatedStore): StoreLife {
    const life = new StoreLife(id, incarnation, store);
    this.observer.lives.set(lifeName(id, incarnation), life);
    return life;
  }

  #configOf(node: SimulatedNode, owner: string): RaftConfig {
    const { settings, plan } = this;
    const { tickMs, driftMax } = settings;
    return {
      id: node.id,
      cluster: "simulated",
      incarnation: node.incarnation,
      isWitness: node.isWitness,
      ...(node.bootstrap === undefined ? {} : { bootstrap: node.bootstrap }),
      heartbeatTicks: settings.heartbeatTicks,
      electionTicks: settings.electionTicks,
      isStoreExclusive: settings.isStoreExclusive,
      // Two clocks may drift in opposite directions.
      ...(settings.hasLeases ? { leaseReads: { tickMs, driftMax: 2 * driftMax + 0.01 } } : {}),
      limits: settings.limits,
      random: diceFor(plan.seed, `random of ${owner}`),
    };
  }

  #witnesses(node: SimulatedNode, life: StoreLife, owner: string, self: () => Process): Witnesses {
    const { observer } = this;
    const nameHash = fnv1a(owner);
    const watched = () => {
      const seen = self().watched;
      if (seen === undefined) {
        throw new SimulationFailure("no error", `${owner} acts before it began`);
      }
      return seen;
    };
    return {
      send: (message) => {
        observer.sending(watched(), message);
        this.network.send(node.id, message.to, message);
      },
      started: (loaded) => {
        self().watched = observer.started(owner, life, loaded);
      },
      stepped: (input, ready) => {
        const status = self().loop.status();
        if (status === undefined) return;
        this.#traceStep(nameHash, input.kind.length, status);
        observer.stepped(watched(), input, ready, status);
        for (const event of ready.events) {
          if (event.kind === "stopped") this.#stopped(node, life, event.reason);
          const sight = sightOf(event);
          if (sight !== undefined) this.#see(sight);
        }
        for (const read of ready.reads) {
          if (read.kind === "ready") {
            this.#see(read.validUntilMs < Infinity ? "lease read" : "read");
          }
        }
      },
      applied: (entry, reply) => {
        observer.applied(watched(), entry, reply);
        const { snapshotEvery, snapshotKeeps } = this.settings;
        if (snapshotEvery === 0 || entry.index % snapshotEvery !== 0) return;
        this.time.after(0, () => self().enter(() => self().loop.compact(snapshotKeeps)));
      },
      restored: ({ meta }) => {
        observer.restored(watched(), meta.index);
        this.#see("snapshot restored");
      },
      refused: (rule) => {
        hold(life.lost !== undefined, "12 store rules", () => `${owner} broke: ${rule}`);
        self().kill();
      },
      died: () => {
        node.processes = node.processes.filter((process) => process.owner !== owner);
      },
    };
  }

  #see(sight: Sight): void {
    this.seen.set(sight, (this.seen.get(sight) ?? 0) + 1);
  }

  /** A node stopped by itself: rightly if its store was taken over or went back. */
  #stopped(node: SimulatedNode, life: StoreLife, reason: "fenced" | "regressed"): void {
    const isRight = reason === "regressed" ? life.lost !== undefined : node.processesCount > 1;
    hold(isRight, "12 store rules", () => `${node.id} stops as ${reason}, which it is not`);
  }

  #traceStep(nameHash: number, kind: number, status: RaftStatus): void {
    this.trace(Math.floor(this.time.nowMs * 1_000));
    this.trace(nameHash);
    this.trace(kind);
    this.trace(status.term * 65_536 + status.commit);
    this.trace(status.last.index * 65_536 + status.applied);
  }

  /** Where two processes have one name, either may be reached. */
  #deliver(to: string, message: Message): void {
    const node = this.node(to);
    if (node === undefined || node.processes.length === 0) return;
    const { processes } = node;
    const process = processes.length === 1 ? processes[0] : this.#routing.pick(processes);
    process?.enter(() => process.loop.receive(message));
  }

  #durable(id: string, state: StoreState): void {
    const life = this.node(id)?.life;
    if (life !== undefined) this.observer.durable(life, state);
  }
}
