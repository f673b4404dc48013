/**
 * A network that keeps no promise: it drops, doubles, delays and reorders, and cuts links one way or both.
 *
 * It carries anything from one name to another. Who answers to a name at the moment of arrival is not its business:
 * the receiver is called with the name, and may be nobody, or the second process of that name.
 *
 * @module
 */

import type { Dice } from "./dice.ts";
import type { VirtualTime } from "./virtual_time.ts";

/** How bad the network is. Probabilities are from 0 to 1, per message. */
export interface NetworkFaults {
  /** Probability that a message is lost. */
  readonly drop: number;
  /** Probability that a message arrives twice. */
  readonly double: number;
  /** Least delay of a message. */
  readonly delayMinMs: number;
  /** Mean of what is added to the least delay, with a long tail. */
  readonly delayMeanMs: number;
  /** Probability that a message takes `straggleMs` longer, so that it arrives in another term. */
  readonly straggle: number;
  /** Delay of a straggler. */
  readonly straggleMs: number;
  /** Whether a link keeps order, as a stream does; otherwise a message may overtake. */
  readonly isOrdered: boolean;
}

/** A network without faults. */
export const FAULTLESS: NetworkFaults = {
  drop: 0,
  double: 0,
  delayMinMs: 1,
  delayMeanMs: 0,
  straggle: 0,
  straggleMs: 0,
  isOrdered: true,
};

/** Carries messages between names. */
export class SimulatedNetwork<Message> {
  readonly #time: VirtualTime;
  readonly #dice: Dice;
  readonly #receive: (to: string, message: Message, from: string) => void;
  /** Links that are cut, and until when those that are clogged hold their messages back. */
  readonly #cut = new Set<string>();
  readonly #clogged = new Map<string, number>();
  readonly #lastArrival = new Map<string, number>();
  #faults: NetworkFaults;
  /** Counts of what happened, for the report. */
  readonly counts = { sent: 0, dropped: 0, doubled: 0, delivered: 0 };

  /** Makes a network that hands each arriving message to `receive`. */
  constructor(
    time: VirtualTime,
    dice: Dice,
    faults: NetworkFaults,
    receive: (to: string, message: Message, from: string) => void,
  ) {
    this.#time = time;
    this.#dice = dice;
    this.#faults = faults;
    this.#receive = receive;
  }

  /** Sends a message; whether, when and how often it arrives is open. */
  send(from: string, to: string, message: Message): void {
    this.counts.sent += 1;
    const link = linkOf(from, to);
    if (this.#cut.has(link) || this.#dice.chance(this.#faults.drop)) {
      this.counts.dropped += 1;
      return;
    }
    this.#carry(link, from, to, message);
    if (this.#dice.chance(this.#faults.double)) {
      this.counts.doubled += 1;
      this.#carry(link, from, to, message);
    }
  }

  /** Cuts the way from one name to another: what is sent from now on is lost. The way back stays. */
  cut(from: string, to: string): void {
    this.#cut.add(linkOf(from, to));
  }

  /** Holds back everything that travels from one name to another for a while; then it all arrives. */
  clog(from: string, to: string, forMs: number): void {
    this.#clogged.set(linkOf(from, to), this.#time.nowMs + forMs);
  }

  /** Mends every link. */
  mend(): void {
    this.#cut.clear();
    this.#clogged.clear();
  }

  /** Mends every link and takes away all faults; what is under way still arrives. */
  heal(): void {
    this.mend();
    this.#faults = FAULTLESS;
  }

  #carry(link: string, from: string, to: string, message: Message): void {
    const arrivalMs = this.#arrivalMs(link);
    this.#time.after(arrivalMs - this.#time.nowMs, () => {
      if (this.#cut.has(link)) {
        this.counts.dropped += 1;
        return;
      }
      this.counts.delivered += 1;
      this.#receive(to, message, from);
    });
  }

  #arrivalMs(link: string): number {
    const { delayMinMs, delayMeanMs, straggle, straggleMs, isOrdered } = this.#faults;
    const isStraggler = this.#dice.chance(straggle);
    const delayMs = delayMinMs + (delayMeanMs > 0 ? this.#dice.tailed(delayMeanMs) : 0) +
      (isStraggler ? this.#dice.between(0, straggleMs) : 0);
    const unclogged = Math.max(this.#time.nowMs, this.#clogged.get(link) ?? 0);
    // A straggler leaves the stream: it stands for a connection that was given up, its bytes still under way.
    if (!isOrdered || isStraggler) return unclogged + delayMs;
    const arrivalMs = Math.max(unclogged + delayMs, this.#lastArrival.get(link) ?? 0);
    this.#lastArrival.set(link, arrivalMs);
    return arrivalMs;
  }
}

function linkOf(from: string, to: string): string {
  return `${from}>${to}`;
}
