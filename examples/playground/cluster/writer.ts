/**
 * A client of the cluster: it writes numbers, one after the other, and goes on asking until somebody acknowledges.
 *
 * It keeps a session, so that a write whose answer was lost is not made twice, however often it is sent.
 *
 * @module
 */

import { HoldfastError } from "@holdfast/holdfast";
import { NODE_COUNT, type WriteView } from "../wire.ts";
import type { MapNode, Member } from "./member.ts";
import type { Pacing } from "./slow_clock.ts";
import { numberOf } from "./slow_network.ts";

/** How long the client waits for an answer before it asks another node, in the cluster's own time. */
const PATIENCE_MS = 250;
/** How long it waits before it asks the next one. */
const PAUSE_MS = 40;
/** How many writes are shown. */
const SHOWN = 6;

/** The client. */
export class Writer {
  readonly #members: readonly Member[];
  readonly #pacing: Pacing;
  readonly #changed: () => void;
  readonly #writes: WriteView[] = [];
  #target = 1;
  #session: number | undefined;
  #sequence = 0;
  #number = 0;
  #acknowledged = 0;
  #waiting: { number: number; attempts: number } | undefined;

  constructor(members: readonly Member[], pacing: Pacing, changed: () => void) {
    this.#members = members;
    this.#pacing = pacing;
    this.#changed = changed;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  get waiting(): { readonly number: number; readonly attempts: number } | undefined {
    return this.#waiting;
  }

  /** The latest writes, the newest first. */
  get writes(): readonly WriteView[] {
    return this.#writes;
  }

  /** Writes the next number. Resolves when it is acknowledged. One at a time. */
  async write(): Promise<void> {
    if (this.#waiting !== undefined) return;
    const waiting = { number: ++this.#number, attempts: 0 };
    this.#waiting = waiting;
    this.#sequence += 1;
    const startedMs = performance.now();
    for (;;) {
      waiting.attempts += 1;
      this.#changed();
      const done = await this.#attempt(waiting.number);
      if (done !== undefined) {
        const tookMs = performance.now() - startedMs;
        this.#note({ ...done, ...waiting, node: this.#target, tookMs });
        return;
      }
      await pause(PAUSE_MS * this.#pacing.pace);
    }
  }

  #note(write: WriteView): void {
    this.#waiting = undefined;
    this.#acknowledged += 1;
    this.#writes.unshift(write);
    this.#writes.length = Math.min(this.#writes.length, SHOWN);
    this.#changed();
  }

  /** Asks one node; where that fails, the next attempt asks another. */
  async #attempt(number: number): Promise<{ index: number; term: number } | undefined> {
    const node = this.#members[this.#target - 1]?.reachable;
    const signal = AbortSignal.timeout(PATIENCE_MS * this.#pacing.pace);
    try {
      if (node !== undefined) return await this.#propose(node, number, signal);
    } catch (error) {
      this.#learn(error);
      return undefined;
    }
    this.#target = this.#target % NODE_COUNT + 1;
    return undefined;
  }

  async #propose(
    node: MapNode,
    value: number,
    signal: AbortSignal,
  ): Promise<{ index: number; term: number }> {
    this.#session ??= await this.#openSession(node, signal);
    const [session, sequence] = [this.#session, this.#sequence];
    const { index, term } = await node.propose(
      { kind: "batch", changes: [{ kind: "put", key: "number", value }] },
      { session: { session, sequence, acknowledged: sequence - 1 }, signal },
    );
    return { index, term };
  }

  async #openSession(node: MapNode, signal: AbortSignal): Promise<number> {
    const session = await node.openSession({ signal });
    this.#sequence = 1;
    return session;
  }

  /** A node that does not lead says who does; one that says nothing is asked no more for now. */
  #learn(error: unknown): void {
    if (HoldfastError.is(error, "ERR_SESSION_EXPIRED")) this.#session = undefined;
    const leader = HoldfastError.is(error, "ERR_NOT_LEADER") && "leader" in error
      ? error.leader
      : undefined;
    this.#target = typeof leader === "string" ? numberOf(leader) : this.#target % NODE_COUNT + 1;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
