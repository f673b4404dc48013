/**
 * Fetching, subscribing, and letting go: the requests that follow from who holds what.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { type Hold, HoldCounts } from "./counts.ts";

/** Something that can be held: a document, or a query. */
export interface Holdable {
  /** What tells it from all others. */
  readonly key: string;
  /** Brings it up to date once. */
  fetch(): Promise<void>;
  /** Brings it up to date and keeps it so. */
  subscribe(): Promise<void>;
  /** Ends that. */
  unsubscribe(): Promise<void>;
  /**
   * Leaves it, when nothing of it waits for the server any more. Gives whether that is so still: it may be taken up again
   * meanwhile.
   */
  leave(): Promise<boolean>;
  /** It is gone from the model. */
  forget(): void;
}

/** What is here of something that is held, or was until a moment ago. */
interface Place {
  readonly held: Holdable;
  /** The one subscription of all who want it. */
  subscription: Promise<void> | undefined;
  /** How many queries have it among their results. */
  wanted: number;
  /** Calls off letting go; undefined if nothing is to be let go of later. */
  stay: (() => void) | undefined;
  /** Whether somebody looks what is to be let go of, and will look again after all that he waits for. */
  isSettling: boolean;
}

/** The holds of a model. */
export class Holds {
  readonly #counts: HoldCounts = new HoldCounts();
  readonly #places: Map<string, Place> = new Map();
  readonly #clock: Clock;
  readonly #delayMs: number;

  /** Holds that are let go of after a delay. */
  constructor(clock: Clock, delayMs: number) {
    this.#clock = clock;
    this.#delayMs = delayMs;
  }

  /** The contexts that hold anything. */
  get contexts(): readonly string[] {
    return this.#counts.contexts;
  }

  /** Holds something once more, and brings it up to date. A hold that fails does not count. */
  async take(context: string, held: Holdable, hold: Hold): Promise<void> {
    const place = this.#placeOf(held);
    const takeBack = this.#counts.add(context, held.key, hold);
    try {
      await (hold === "fetch" ? place.held.fetch() : subscribed(place));
    } catch (error) {
      // What the server has against it: then it is not held.
      takeBack();
      this.#settleLater(held.key);
      throw error;
    }
  }

  /** Holds something once less. Gives how many such holds are left in all; 0 as well if there was none. */
  release(context: string, key: string, hold: Hold): number {
    const left = this.#counts.release(context, key, hold);
    this.#settleLater(key);
    return left;
  }

  /** Lets go of all that a context holds. */
  releaseAll(context: string): void {
    for (const key of this.#counts.releaseAll(context)) this.#settleLater(key);
  }

  /** Keeps what came into being in a context until that is let go of. */
  keep(context: string, held: Holdable): void {
    this.#placeOf(held);
    if (this.#counts.of(context, held.key).create > 0) return;
    this.#counts.add(context, held.key, "create");
  }

  /** Keeps something as long as a query has it among its results. */
  want(held: Holdable): void {
    this.#placeOf(held).wanted++;
  }

  /** A query has it no more. */
  unwant(key: string): void {
    const place = this.#places.get(key);
    if (place !== undefined) place.wanted--;
    this.#settleLater(key);
  }

  /** Ends all timers. */
  close(): void {
    for (const { stay } of this.#places.values()) stay?.();
  }

  #placeOf(held: Holdable): Place {
    const { key } = held;
    const place = this.#places.get(key) ??
      { held, subscription: undefined, wanted: 0, stay: undefined, isSettling: false };
    this.#places.set(key, place);
    stays(place);
    return place;
  }

  #settleLater(key: string): void {
    const place = this.#places.get(key);
    if (place === undefined) return;
    stays(place);
    if (this.#delayMs === 0) return void this.#settle(key, place);
    place.stay = this.#clock.after(this.#delayMs, () => {
      place.stay = undefined;
      void this.#settle(key, place);
    });
  }

  /**
   * Ends what nobody wants any more. Whatever it waits for, somebody may want it again meanwhile, and let go again: so it
   * looks anew after each wait, and there is one that does at a time.
   */
  async #settle(key: string, place: Place): Promise<void> {
    if (place.isSettling) return;
    place.isSettling = true;
    try {
      while (place.stay === undefined) {
        if (place.subscription !== undefined && this.#counts.total(key).subscribe === 0) {
          await this.#unsubscribe(key, place, place.subscription);
        } else if (this.#isHeld(key, place)) return;
        else if (await place.held.leave() && this.#isOver(key, place)) {
          this.#places.delete(key);
          return place.held.forget();
        }
      }
    } finally {
      place.isSettling = false;
    }
  }

  async #unsubscribe(key: string, place: Place, subscription: Promise<void>): Promise<void> {
    // Whoever subscribed hears how that failed.
    await subscription.catch(() => {});
    if (this.#counts.total(key).subscribe > 0 || place.subscription !== subscription) return;
    place.subscription = undefined;
    // A way that is lost has no subscription to end.
    await place.held.unsubscribe().catch(() => {});
  }

  #isOver(key: string, place: Place): boolean {
    return !this.#isHeld(key, place) && place.subscription === undefined &&
      place.stay === undefined;
  }

  #isHeld(key: string, { wanted }: Place): boolean {
    return wanted > 0 || this.#counts.has(key);
  }
}

/** Calls off letting go. */
function stays(place: Place): void {
  place.stay?.();
  place.stay = undefined;
}

/** One subscription for all who want it. */
function subscribed(place: Place): Promise<void> {
  const running = place.subscription;
  if (running !== undefined) return running;
  const subscribing = place.held.subscribe().catch((error) => {
    // Whoever comes next begins anew.
    if (place.subscription === subscribing) place.subscription = undefined;
    throw error;
  });
  place.subscription = subscribing;
  return subscribing;
}
