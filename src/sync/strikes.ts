/**
 * How many mistakes a connection may make before it is closed. A message that nobody can read weighs as much as ten that
 * are refused and a hundred that come too fast; what is forgiven with time is one unreadable message per minute.
 *
 * @module
 */

/** What each kind of mistake weighs. */
export const STRIKE_WEIGHTS = { unreadable: 100, refused: 10, excess: 1 } as const;
/** The weight at which a connection is closed: 20 messages that nobody can read. */
export const STRIKES_MAX = 2_000;
/** How much weight a minute takes off. */
const FORGIVEN_PER_MINUTE = 100;

/** Counts the mistakes of one connection. */
export class Strikes {
  #weight = 0;
  #countedMs = 0;

  /** Adds a mistake. Whether it was one too many. */
  add(kind: keyof typeof STRIKE_WEIGHTS, nowMs: number): boolean {
    const forgiven = (nowMs - this.#countedMs) * FORGIVEN_PER_MINUTE / 60_000;
    this.#weight = Math.max(0, this.#weight - Math.max(0, forgiven)) + STRIKE_WEIGHTS[kind];
    this.#countedMs = nowMs;
    return this.#weight > STRIKES_MAX;
  }
}
