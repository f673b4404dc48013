/**
 * When the hashes of one cache space expire as a whole, as a store of hashes would let them.
 *
 * A hash that expires takes its fields along. Nobody looks for those: each life of a hash has a number, the fields are
 * kept under it, and those of an earlier life are not found any more.
 *
 * @module
 */

import type { HashMode } from "../../src/cache/port.ts";
import { Recent } from "../../src/cache/recent.ts";

/** How many hashes are kept track of; the fields of one that is not are lost. */
const HASHES_MAX = 100_000;

interface Life {
  readonly number: number;
  readonly endMs: number;
}

/** The lives of hashes, by name. */
export class HashLives {
  readonly #lives = new Recent<Life>(HASHES_MAX);
  #last = 0;

  /** The number of the life that a hash has now; undefined if it has none. */
  get(hash: string, nowMs: number): number | undefined {
    const life = this.#lives.get(hash);
    return life !== undefined && nowMs < life.endMs ? life.number : undefined;
  }

  /** The number of the life in which a field is written that is to last for `lifeMs`. */
  write(hash: string, mode: HashMode, nowMs: number, lifeMs: number): number {
    const standing = this.#lives.get(hash);
    const life = standing !== undefined && nowMs < standing.endMs ? standing : undefined;
    const endMs = nowMs + lifeMs;
    if (life === undefined) {
      return this.#set(hash, ++this.#last, mode === "never" ? Infinity : endMs);
    }
    if (mode === "always") return this.#set(hash, life.number, endMs);
    return this.#set(
      hash,
      life.number,
      mode === "field" ? Math.max(life.endMs, endMs) : life.endMs,
    );
  }

  #set(hash: string, number: number, endMs: number): number {
    this.#lives.set(hash, { number, endMs });
    return number;
  }
}
