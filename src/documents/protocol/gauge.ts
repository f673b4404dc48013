/**
 * How fast a connection asks, and how slowly it reads.
 *
 * @module
 */

import type { ConnectionLimits } from "./limits.ts";

/** Counts the messages of a connection against its rate: a bucket that fills up with time. */
export class RateGauge {
  readonly #limits: ConnectionLimits;
  #left: number;
  #atMs: number;
  #past = 0;

  /** A full bucket. */
  constructor(limits: ConnectionLimits, nowMs: number) {
    this.#limits = limits;
    this.#left = limits.messagesBurstMax;
    this.#atMs = nowMs;
  }

  /** Counts one more message: whether it is within the rate, past it, or one of so many that nobody answers them. */
  count(nowMs: number): "fine" | "past" | "flood" {
    const { messagesPerSecondMax, messagesBurstMax } = this.#limits;
    const filled = this.#left + (nowMs - this.#atMs) * messagesPerSecondMax / 1_000;
    this.#left = Math.min(messagesBurstMax, filled);
    this.#atMs = nowMs;
    if (this.#left >= 1) {
      this.#left--;
      this.#past = 0;
      return "fine";
    }
    return ++this.#past <= messagesBurstMax ? "past" : "flood";
  }
}

/** What is to be done about a reader. */
export type ReaderVerdict = "fine" | "slow" | "caught up" | "lost";

/** Watches how much waits to be sent over a connection. */
export class ReaderGauge {
  readonly #limits: ConnectionLimits;
  #slowSinceMs: number | undefined;

  /** A reader who is not slow. */
  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  /** Whether the reader is slow. */
  get isSlow(): boolean {
    return this.#slowSinceMs !== undefined;
  }

  /** What so many waiting bytes mean. */
  look(backlogBytes: number, nowMs: number): ReaderVerdict {
    const { backlogBytesMax, backlogMsMax } = this.#limits;
    if (this.#slowSinceMs === undefined) {
      if (backlogBytes <= backlogBytesMax) return "fine";
      this.#slowSinceMs = nowMs;
      return "slow";
    }
    if (backlogBytes <= backlogBytesMax / 2) {
      this.#slowSinceMs = undefined;
      return "caught up";
    }
    return nowMs - this.#slowSinceMs >= backlogMsMax ? "lost" : "slow";
  }
}
