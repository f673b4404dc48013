/**
 * A machine with a store, and the lives of that store.
 *
 * @module
 */

import type { Member } from "../../src/raft/core/mod.ts";
import type { Life } from "./lives.ts";
import type { Process } from "./process.ts";
import type { SimulatedStore } from "./store.ts";
import type { StoreState } from "./store_state.ts";
import type { DriftingClock } from "./virtual_time.ts";

/** One life of a node's store. */
export class StoreLife implements Life {
  readonly id: string;
  readonly incarnation: number;
  readonly #store: SimulatedStore;
  /** What was durable when the life was lost; `undefined` while it lasts. */
  lost: StoreState | undefined;
  /** The store belongs to the next life. */
  isOver = false;

  /** Begins a life. */
  constructor(id: string, incarnation: number, store: SimulatedStore) {
    this.id = id;
    this.incarnation = incarnation;
    this.#store = store;
  }

  durable(): StoreState {
    return this.lost ?? this.#store.durable;
  }

  holds(isHeld: (state: StoreState) => boolean): boolean {
    return (!this.isOver && isHeld(this.#store.durable)) ||
      (this.lost !== undefined && isHeld(this.lost));
  }
}

/** A machine with a store, on which processes come and go. */
export interface SimulatedNode {
  readonly id: string;
  readonly isWitness: boolean;
  readonly store: SimulatedStore;
  readonly clock: DriftingClock;
  /** The first membership, for nodes that begin the cluster; gone once the store was lost. */
  bootstrap: readonly Member[] | undefined;
  incarnation: number;
  life: StoreLife;
  /** All processes that are alive, the newest last. */
  processes: Process[];
  processesCount: number;
}
