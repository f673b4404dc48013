/**
 * Mistakes in the store and in the loop around the core.
 *
 * @module
 */

import { mistake, type Mutation } from "./mistake.ts";

const STORING = "tests/simulation/store_queue.ts";
const APPLYING = "tests/simulation/apply_queue.ts";
const STORE = "tests/simulation/store_state.ts";

/** Mistakes in the store and in the loop around the core. */
export const STORE_MISTAKES: readonly Mutation[] = [
  mistake("a store does not fence off who was replaced", 5, [
    STORE,
    `if (operation.epoch !== state.epoch || operation.owner !== state.owner) {`,
    `if (operation.epoch < 0) {`,
  ], [
    STORE,
    `if (operation.number > state.operation + 1) return { state, answer: { kind: "gap" } };`,
    ``,
  ]),
  mistake("being fenced off is taken for success", 5, [
    STORING,
    `case "fenced":`,
    `case "fenced":
        if (reply.epoch > 0) return this.#stored(operation, { base: { index: 0, term: 0 }, snapshotIndex: 0 });`,
  ]),
  mistake("a store that lost writes is taken for well", 10, [
    STORING,
    `case "gap":`,
    `case "gap":
        return this.#stored(operation, { base: { index: 0, term: 0 }, snapshotIndex: 0 });`,
  ]),
  mistake("a delayed copy of a write is applied once more", 2, [
    STORE,
    `if (operation.number < state.operation) return { state, answer: { kind: "late" } };`,
    ``,
  ], [
    STORE,
    `if (operation.number === state.operation) return { state, answer: okFor(state) };`,
    ``,
  ]),
  mistake("messages leave before the write that they wait for", 1, [
    STORING,
    `if (through > this.#storedSequence) {`,
    `if (through > Infinity) {`,
  ]),
  mistake("a lost proposal is answered as done", 12, [
    APPLYING,
    `if (proposal.term !== entry.term) return`,
    `if (proposal.term < 0) return`,
  ]),
];
