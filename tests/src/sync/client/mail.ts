/**
 * Everything that is on its way in a simulation; what arrives next, the dice say.
 *
 * @module
 */

import type { Random } from "../../../../src/random.ts";

/** Something on its way, and what it does where it arrives. */
export interface Parcel {
  /** What it does there. */
  readonly arrive: () => void;
  /** Whether there is still somebody to whom it can arrive. */
  readonly isAlive: () => boolean;
  /** Parcels of one line arrive in their order. */
  readonly line: string | undefined;
}

/** What is on its way. */
export class Mail {
  #parcels: Parcel[] = [];
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Sends something. */
  post(parcel: Parcel): void {
    this.#parcels.push(parcel);
  }

  /** Lets something arrive: anything, but the first of its line. Says whether there was anything. */
  deliver(): boolean {
    this.#parcels = this.#parcels.filter(({ isAlive }) => isAlive());
    const any = this.#parcels[Math.floor(this.#random.float() * this.#parcels.length)];
    if (any === undefined) return false;
    const parcel = any.line === undefined
      ? any
      : this.#parcels.find(({ line }) => line === any.line) ?? any;
    this.#parcels.splice(this.#parcels.indexOf(parcel), 1);
    parcel.arrive();
    return true;
  }
}
