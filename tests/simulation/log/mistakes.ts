/**
 * Mistakes that logs could have: the simulator must find each of them.
 *
 * @module
 */

import { mistake, type Mutation } from "../mutations/mistake.ts";

/** All of them. */
export const MISTAKES: readonly Mutation[] = [
  mistake("an append that is repeated is made again", 1, [
    "adapters/memory/log_lines.ts",
    "if (known !== undefined) return known;",
    "",
  ]),
  mistake("a hint is taken for the next entry, whichever it is", 1, [
    "src/wakes/cursor.ts",
    "if (!this.#follows(wake)) {",
    "if (!this.#follows(wake) && wake.entry === undefined) {",
  ]),
  mistake("nobody looks when nobody says anything", 2, [
    "src/wakes/tail.ts",
    "pollAtMs = clock.monotonic() + pollMs * (1 - random.float() / 4);",
    "pollAtMs = Infinity;",
  ]),
  mistake("what a consumer needs is dropped", 1, [
    "adapters/memory/log_lines.ts",
    "const covered = Math.min(this.#snapshot?.position.index ?? 0, ...needed);",
    "const covered = Math.max(this.#snapshot?.position.index ?? 0, ...needed);",
  ]),
];
