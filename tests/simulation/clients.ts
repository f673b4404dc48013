/**
 * Clients: each does one operation after the other through any node, retries what it may, and writes down what it was
 * told. What it was never told is unknown.
 *
 * @module
 */

import type { Position, SessionStamp } from "../../src/raft/core/mod.ts";
import { OPEN_SESSION } from "../../src/raft/sessions.ts";
import { Client, type Pending } from "./client.ts";
import { type Dice, diceFor } from "./dice.ts";
import { hold } from "./failure.ts";
import type { Operation } from "./linearizability.ts";
import type { LoopAnswer } from "./loop_host.ts";
import { encodeCommand } from "./machine.ts";
import { FAULTLESS, SimulatedNetwork } from "./network.ts";
import type { RegisterInput, RegisterOutput } from "./register.ts";
import type { World } from "./world.ts";

/** How often an operation is sent before its client gives up. */
const ATTEMPTS_MAX = 6;

/** The operations on one key. */
export type History = Operation<RegisterInput, RegisterOutput>[];

/** A request on its way to a node, or an answer on its way back. */
type Packet =
  | { readonly kind: "request"; readonly client: Client; readonly request: Request }
  | {
    readonly kind: "answer";
    readonly client: Client;
    readonly id: number;
    readonly answer: LoopAnswer;
  };

interface Request {
  readonly id: number;
  readonly key: string;
  readonly input: RegisterInput;
  /** Unique among all commands; opening a session is 0. */
  readonly serial: number;
  readonly session: SessionStamp | undefined;
}

/** All clients of a world, and their histories. */
export class Clients {
  readonly #world: World;
  readonly #network: SimulatedNetwork<Packet>;
  readonly #clients: Client[] = [];
  readonly #histories = new Map<string, History>();
  /** Commands that are committed and executed. */
  readonly #executed = new Set<number>();
  /** Commands that were promised never to happen. */
  readonly #forbidden = new Set<number>();
  #serials = 0;
  #requests = 0;
  #floor = 0;
  #left: number;
  /** Counts of what clients were told. */
  readonly counts: { done: number; failed: number; unknown: number } = {
    done: 0,
    failed: 0,
    unknown: 0,
  };

  /** Makes the clients of a plan; they begin at once. */
  constructor(world: World) {
    const { settings, seed } = world.plan;
    this.#world = world;
    this.#left = settings.operationsMax;
    const { drop, delayMinMs, delayMeanMs, straggle, straggleMs } = settings.network;
    this.#network = new SimulatedNetwork(
      world.time,
      diceFor(seed, "client network"),
      // Requests ride on streams: they may be lost with one, or be late, but none is doubled.
      { ...FAULTLESS, drop: drop / 4, delayMinMs, delayMeanMs, straggle, straggleMs },
      (to, packet) => this.#arrive(to, packet),
    );
    world.whenExecuted = (serial) => this.#whenExecuted(serial);
    for (let i = 0; i < settings.clientsCount; i++) {
      const dice = diceFor(seed, `client ${i + 1}`);
      this.#clients.push(new Client(`c${i + 1}`, dice, dice.chance(settings.sessionShare)));
    }
    for (const client of this.#clients) this.#thinkThenGo(client);
  }

  /** How many clients still wait for an answer. */
  get busyCount(): number {
    return this.#clients.filter(({ pending }) => pending !== undefined).length;
  }

  /** No new operations from now on, and no more loss on the way. */
  quiesce(): void {
    this.#left = 0;
    this.#network.heal();
  }

  /** One more write, through the first client, which must be free. */
  writeFresh(whenDone: (isDone: boolean) => void): void {
    const client = this.#clients.find(({ pending }) => pending === undefined);
    if (client === undefined) return whenDone(false);
    const serial = ++this.#serials;
    this.#begin(client, {
      key: "k1",
      input: { kind: "put", value: `fresh${serial}` },
      serial,
      whenDone,
    });
  }

  /** The histories by key: what returned, and what may have happened. */
  histories(): ReadonlyMap<string, History> {
    for (const { pending } of this.#clients) {
      if (pending !== undefined) this.#record(pending, undefined);
    }
    return this.#histories;
  }

  #thinkThenGo(client: Client): void {
    const { settings, time } = this.#world;
    time.after(client.dice.tailed(settings.thinkMeanMs), () => {
      if (this.#left <= 0) return;
      this.#left -= 1;
      const key = `k${client.dice.whole(1, settings.keysCount + 1)}`;
      const serial = ++this.#serials;
      const input = this.#drawInput(client.dice, key, serial);
      this.#begin(client, { key, input, serial, whenDone: undefined });
    });
  }

  #drawInput(dice: Dice, key: string, serial: number): RegisterInput {
    if (dice.chance(this.#world.settings.readShare)) return { kind: "read" };
    switch (dice.pick(["put", "append", "append", "swap"])) {
      case "put":
        return { kind: "put", value: `${serial}` };
      case "append":
        return { kind: "append", text: `,${serial}` };
      default: {
        const expected = dice.chance(0.7) ? this.#lastSeen(key) : undefined;
        return { kind: "swap", expected, value: `${serial}` };
      }
    }
  }

  #lastSeen(key: string): string | undefined {
    const history = this.#histories.get(key) ?? [];
    for (let i = history.length - 1; i >= 0; i--) {
      const output = history[i]?.output;
      if (output?.kind === "value") return output.value;
    }
    return undefined;
  }

  #begin(
    client: Client,
    asked: Pick<Pending, "key" | "input" | "serial" | "whenDone">,
  ): void {
    const isRead = asked.input.kind === "read";
    client.pending = {
      ...asked,
      session: isRead ? undefined : client.nextStamp(),
      calledAt: this.#world.time.nowMs,
      floor: this.#floor,
      attempts: 0,
      requestId: 0,
      isUnknown: false,
    };
    this.#attempt(client, client.pending);
  }

  #attempt(client: Client, pending: Pending): void {
    const { time, electionMs } = this.#world;
    pending.attempts += 1;
    pending.requestId = ++this.#requests;
    const { requestId: id, key, input, serial, session } = pending;
    this.#send(client, { id, key, input, serial, session });
    time.after(electionMs * client.dice.between(0.5, 4), () => {
      if (client.pending?.requestId !== id) return;
      // Opening a session once too often does no harm.
      if (pending.session !== OPEN_SESSION) pending.isUnknown = true;
      this.#againOrGiveUp(client, pending);
    });
  }

  #send(client: Client, request: Request): void {
    const { dice, name } = client;
    const leaders = this.#world.leaders();
    const isGuess = leaders.length === 0 || dice.chance(0.4);
    // Clients of a leader that was cut off do not know it.
    const to = isGuess ? dice.pick(this.#world.nodes).id : dice.pick(leaders).process.config.id;
    this.#network.send(name, to, { kind: "request", client, request });
  }

  #againOrGiveUp(client: Client, pending: Pending): void {
    const mayRepeat = !pending.isUnknown || pending.input.kind === "read" ||
      (pending.session !== undefined && client.hasSession);
    if (mayRepeat && (pending.attempts < ATTEMPTS_MAX || pending.whenDone !== undefined)) {
      pending.requestId = 0;
      this.#world.time.after(client.dice.tailed(20), () => {
        if (client.pending === pending) this.#attempt(client, pending);
      });
      return;
    }
    client.pending = undefined;
    this.counts[pending.isUnknown ? "unknown" : "failed"] += 1;
    if (pending.isUnknown) this.#record(pending, undefined);
    else this.#forbid(pending);
    pending.whenDone?.(false);
    this.#thinkThenGo(client);
  }

  #arrive(to: string, packet: Packet): void {
    if (packet.kind === "answer") return this.#answered(packet.client, packet.id, packet.answer);
    const node = this.#world.node(to);
    const { client, request } = packet;
    if (node === undefined || node.processes.length === 0) return;
    const process = client.dice.pick(node.processes);
    const answer = (answer: LoopAnswer) => {
      if (!process.hasEffect()) return;
      this.#network.send(to, client.name, { kind: "answer", client, id: request.id, answer });
    };
    process.enter(() => {
      if (request.input.kind === "read") return process.loop.read(request.key, answer);
      process.loop.propose(encodeCommand(request), request.session, answer);
    });
  }

  #answered(client: Client, id: number, answer: LoopAnswer): void {
    const { pending } = client;
    if (pending?.requestId !== id) return;
    if (answer.kind === "not done") return this.#againOrGiveUp(client, pending);
    const { reply } = answer;
    if (reply.kind === "opened") {
      client.beginSession(reply.session);
      pending.session = client.nextStamp();
      return this.#attempt(client, pending);
    }
    if (reply.kind === "not executed") {
      // Had it been executed before, another session would let it happen twice.
      client.endSession();
      if (!pending.isUnknown) pending.session = client.nextStamp();
      else pending.attempts = ATTEMPTS_MAX;
      return this.#againOrGiveUp(client, pending);
    }
    client.pending = undefined;
    this.counts.done += 1;
    if (pending.input.kind !== "read") this.#checkPromise(pending, answer.at);
    hold(
      answer.at.index >= pending.floor || pending.input.kind !== "read",
      "linearizability",
      () => {
        return `a read of ${answer.at.index} began when ${pending.floor} was known to be committed`;
      },
    );
    this.#floor = Math.max(this.#floor, answer.at.index);
    this.#record(pending, reply);
    pending.whenDone?.(true);
    this.#thinkThenGo(client);
  }

  #record({ key, input, calledAt }: Pending, output: RegisterOutput | undefined): void {
    // A read that was never answered says nothing.
    if (input.kind === "read" && output === undefined) return;
    const history = this.#histories.get(key) ?? [];
    this.#histories.set(key, history);
    const returnedAt = output === undefined ? undefined : this.#world.time.nowMs;
    history.push({ calledAt, returnedAt, input, output });
  }

  /** Done means: it stands at this place, which is committed. */
  #checkPromise({ serial }: Pending, at: Position): void {
    const place = this.#world.observer.committedAt(at.index);
    hold(place?.term === at.term && this.#executed.has(serial), "15 promises to clients", () => {
      return `command ${serial} was acknowledged at ${at.index}@${at.term} and is not committed`;
    });
  }

  /** Not done means: it never will be. */
  #forbid({ serial, input }: Pending): void {
    if (input.kind === "read") return;
    this.#forbidden.add(serial);
    hold(!this.#executed.has(serial), "15 promises to clients", () => {
      return `command ${serial} was refused and is executed`;
    });
  }

  #whenExecuted(serial: number): void {
    this.#executed.add(serial);
    hold(!this.#forbidden.has(serial), "15 promises to clients", () => {
      return `command ${serial} was refused and is executed`;
    });
  }
}
