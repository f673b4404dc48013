/**
 * A node's clock: slower than life, so that a person can follow, and one that stands still while the node is paused.
 *
 * @module
 */

import type { Clock } from "@holdfast/holdfast";

/** How much slower than life time is; it may change. */
export interface Pacing {
  pace: number;
}

/** A clock that can be held, as a process is by SIGSTOP: what is due meanwhile comes when it goes on. */
export class SlowClock implements Clock {
  readonly #pacing: Pacing;
  #readAtMs = performance.now();
  #elapsedMs = 0;
  #held: (() => void)[] | undefined;

  constructor(pacing: Pacing) {
    this.#pacing = pacing;
  }

  now(): number {
    return Date.now();
  }

  monotonic(): number {
    const nowMs = performance.now();
    this.#elapsedMs += (nowMs - this.#readAtMs) / this.#pacing.pace;
    this.#readAtMs = nowMs;
    return this.#elapsedMs;
  }

  after(ms: number, callback: () => void): () => void {
    let isCancelled = false;
    const due = (): void => {
      if (isCancelled) return;
      if (this.#held === undefined) callback();
      else this.#held.push(due);
    };
    const timer = setTimeout(due, Math.max(0, ms) * this.#pacing.pace);
    return () => {
      isCancelled = true;
      clearTimeout(timer);
    };
  }

  hold(): void {
    this.#held ??= [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const due of held) due();
  }
}
