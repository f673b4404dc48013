/**
 * Mistakes that sync could have: the simulator must find each of them.
 *
 * @module
 */

import { mistake, type Mutation } from "../mutations/mistake.ts";

/** All of them. */
export const MISTAKES: readonly Mutation[] = [
  mistake("a client goes on from what it was told before it subscribed", 1, [
    "src/sync/client/feeds.ts",
    'const isKnown = this.#heard.has(model) && (verb === "upsert" || verb === "delete");',
    'const isKnown = this.collections.has(model) && (verb === "upsert" || verb === "delete");',
  ]),
  mistake("a creation that is taken back ends the wait of the write before it", 480, [
    "src/sync/client/write_queue.ts",
    "if (sends > 0) {",
    "{",
  ]),
  mistake("a lost answer is taken for a place that is not remembered", 1, [
    "src/sync/answers.ts",
    'if (code === "ERR_OUTCOME_UNKNOWN" && error.cause !== undefined) return passing();',
    "",
  ]),
  mistake("what was missed is not told to who comes back", 1, [
    "src/sync/subscription.ts",
    "for (const event of joined.missed) this.hear(event);",
    "",
  ]),
  mistake("what leaves sight is not told as gone", 1, [
    "src/sync/model_event.ts",
    "return event.before !== undefined && sees(event.before) ? event.goneText : undefined;",
    "return undefined;",
  ]),
  mistake("an event shows a record that is being created", 1, [
    "src/sync/client/replica.ts",
    "if (isCreating(this.#queue, model)) {",
    "if (false) {",
  ]),
];
