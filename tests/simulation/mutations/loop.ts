/**
 * Mistakes in the loop that the library ships; the simulator must find them when it runs that loop.
 *
 * @module
 */

import { mistake, type Mutation } from "./mistake.ts";

const STORING = "src/raft/storing.ts";
const MERGING = "src/raft/merging.ts";
const PENDING = "src/raft/pending.ts";
const APPLYING = "src/raft/applying.ts";

/** Mistakes in the loop that the library ships. */
export const LOOP_MISTAKES: readonly Mutation[] = [
  mistake("messages leave before the write that they wait for, in the library's loop", 1, [
    STORING,
    `if (through > this.#storedSequence) this.#messages.push({ through, messages });`,
    `if (through > Infinity) this.#messages.push({ through, messages });`,
  ]),
  mistake("a write that was not answered gets a new number", 1, [
    STORING,
    `return await this.#ask(operation, { owner, epoch, operation: number });`,
    `return await this.#ask(operation, { owner, epoch, operation: number + attempt });`,
  ]),
  mistake("a merged save forgets what the first one appended", 1, [
    MERGING,
    `if (first === undefined || prev.index < first.prev.index) return { prev, entries };`,
    `if (first === undefined || prev.index >= first.prev.index) return { prev, entries };`,
  ]),
  mistake("a merged save forgets the vote of the first one", 1, [
    MERGING,
    `hardState: hardState ?? merged.hardState,`,
    `hardState,`,
  ]),
  mistake("being fenced off is taken for success, in the library's loop", 1, [
    STORING,
    `events.lost(answer.epoch > epoch ? "fenced" : "regressed");
        return false;`,
    `return answer.epoch < epoch ? false : true;`,
  ]),
  mistake("a read is served before its index is applied", 1, [
    PENDING,
    `const due = this.#servable.filter(({ index }) => index <= applied);`,
    `const due = this.#servable.filter(({ index }) => index <= applied + 1_000);`,
  ]),
  mistake("an own snapshot goes on in the room of another node's", 1, [
    STORING,
    `if (write.kind === "stage" && write.offset === 0) this.#own = undefined;`,
    ``,
  ]),
  mistake("a snapshot is restored after the entries that follow it", 1, [
    APPLYING,
    `this.#at = this.#waiting.findLastIndex(({ kind }) => kind === "restore");`,
    `this.#at = this.#waiting.findIndex(({ kind }) => kind === "restore");`,
  ]),
];
