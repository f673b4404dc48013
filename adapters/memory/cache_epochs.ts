/**
 * The epochs of one cache space, and which of them were renewed lately.
 *
 * Their number is bounded. Forgetting one turns the records made in it into misses, and harms nothing else.
 *
 * @module
 */

import { Recent } from "../../src/cache/recent.ts";

/** How many epochs are kept at least. */
const EPOCHS_MAX = 100_000;

interface Epoch {
  readonly hard: number;
  readonly soft: number;
  readonly text: string;
  /** How many renewals there had been when it became what it is. */
  readonly since: number;
}

/** The epochs of one space. */
export class Epochs {
  readonly #epochs = new Recent<Epoch>(EPOCHS_MAX);
  #made = 0;
  #renewals = 0;

  /** How many renewals there were: a mark to hold later ones against. */
  get mark(): number {
    return this.#renewals;
  }

  /** The text of an epoch; undefined if there is none of this name. */
  get(name: string): string | undefined {
    return this.#epochs.get(name)?.text;
  }

  /** The text of an epoch, which is made if need be. */
  getOrMake(name: string): string {
    return (this.#epochs.get(name) ?? this.#put(name, ++this.#made, 0)).text;
  }

  /** The text of an epoch that was not renewed since a mark; undefined if it was, or if nobody can know. */
  unchangedSince(name: string, mark: number): string | undefined {
    const epoch = this.#epochs.get(name);
    if (epoch === undefined) return this.#renewals === mark ? this.getOrMake(name) : undefined;
    return epoch.since <= mark ? epoch.text : undefined;
  }

  /** Renews an epoch. One that does not exist has no records, so it needs no renewal. */
  renew(name: string, kind: "hard" | "soft"): void {
    this.#renewals++;
    const epoch = this.#epochs.get(name);
    if (epoch === undefined) return;
    if (kind === "soft") this.#put(name, epoch.hard, ++this.#made);
    else this.#put(name, ++this.#made, 0);
  }

  #put(name: string, hard: number, soft: number): Epoch {
    const epoch = { hard, soft, text: `${hard}.${soft}`, since: this.#renewals };
    this.#epochs.set(name, epoch);
    return epoch;
  }
}
