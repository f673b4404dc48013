/**
 * Time that passes only when something happens: a binary heap of (instant, order), and clocks that disagree about it.
 *
 * Two events of one instant run in the order in which they were scheduled, so a run depends on nothing but its inputs.
 *
 * @module
 */

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** The one true time of a simulation, in milliseconds from 0. Nobody inside it may see it directly. */
export class VirtualTime {
  #nowMs = 0;
  #scheduled = 0;
  readonly #heap: Event[] = [];

  /** Milliseconds since the start. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** How many events wait. */
  get waiting(): number {
    return this.#heap.length;
  }

  /** Runs an action after `delayMs`; never before what already waits for the same instant. */
  after(delayMs: number, run: () => void): void {
    this.#push({ atMs: this.#nowMs + Math.max(0, delayMs), order: this.#scheduled++, run });
  }

  /** Runs the next event. False if none waits, or the next is later than `untilMs`. */
  step(untilMs: number): boolean {
    const next = this.#heap[0];
    if (next === undefined || next.atMs > untilMs) return false;
    this.#dropFirst();
    this.#nowMs = next.atMs;
    next.run();
    return true;
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = heap[parentAt];
      if (parent === undefined || isBefore(parent, event)) break;
      heap[at] = parent;
      at = parentAt;
    }
    heap[at] = event;
  }

  #dropFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let childAt = 2 * at + 1;
      let child = heap[childAt];
      if (child === undefined) break;
      const right = heap[childAt + 1];
      if (right !== undefined && isBefore(right, child)) {
        childAt += 1;
        child = right;
      }
      if (isBefore(last, child)) break;
      heap[at] = child;
      at = childAt;
    }
    heap[at] = last;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** A clock of one machine: it started somewhere else, runs a little too fast or too slow, and may jump. */
export class DriftingClock {
  readonly #time: VirtualTime;
  readonly #rate: number;
  #offsetMs: number;

  /** Makes a clock with `rate` of its milliseconds per true one. */
  constructor(time: VirtualTime, options: { readonly offsetMs: number; readonly rate: number }) {
    this.#time = time;
    this.#rate = options.rate;
    this.#offsetMs = options.offsetMs;
  }

  /** Milliseconds since this machine's own beginning; never goes backwards. */
  nowMs(): number {
    return this.#time.nowMs * this.#rate;
  }

  /** What this machine believes the time of day is, which may jump. */
  timeMs(): number {
    return this.#offsetMs + this.nowMs();
  }

  /** How many true milliseconds pass while this clock counts `localMs`. */
  trueMs(localMs: number): number {
    return localMs / this.#rate;
  }

  /** Moves the time of day, forwards or backwards. */
  jump(byMs: number): void {
    this.#offsetMs += byMs;
  }
}
