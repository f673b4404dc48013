/**
 * Mistakes that a client of documents could have, or once had: the simulator must find each of them.
 *
 * @module
 */

import type { Mutation } from "../mutations/mistake.ts";

const FOLDER = "src/documents/client/";

/** All of them; the seed is the first that finds it. */
export const MISTAKES: readonly Mutation[] = [
  mistake("an operation that comes twice is applied twice", 3, "doc_step.ts", [
    "if (version < draft.version) return;",
    "",
  ]),
  mistake("what is sent again after a reconnection is a new operation", 3, "doc_step.ts", [
    `[{ ...head, phase: "ready" }, ...rest];
}`,
    `[{ ...head, phase: "waiting", identity: undefined }, ...rest];
}`,
  ]),
  mistake("what was sent is composed with what comes later", 1, "queue.ts", [
    `last?.phase === "waiting" && last.isComposable`,
    `last !== undefined && last.isComposable`,
  ]),
  mistake("an operation of others is not led past the first of one's own", 120, "queue.ts", [
    "    theirs = led;\n",
    "",
  ]),
  mistake("a snapshot that is ahead does not wait for what is on its way", 233, "doc_snapshot.ts", [
    "} else if (isInDoubt(draft)) {",
    "} else if (isInDoubt(draft) && news.version < 0) {",
  ]),
  mistake("an operation goes out before it is stored", 44, "doc_step.ts", [
    `const phase = context.isStored ? "storing" : "ready"`,
    `const phase = "ready"`,
  ]),
  mistake("what this process stores at first is taken for an earlier one's", 8, "keeper.ts", [
    "if (this.#early !== undefined) {",
    "if (this.#early !== undefined && this.#stored.size > 1e9) {",
  ]),
  mistake("what follows a refused operation is not led past its inverse", 21, "doc_answer.ts", [
    ": rebased(types, applyChange(types, base, head.change), rest, inverse);",
    ": { ...rebased(types, base, [], inverse), queue: rest };",
  ]),
  mistake(
    "what waits behind an operation that was refused here is never sent",
    38,
    "doc_draft.ts",
    [
      `if (refusals.length > 0) tell(draft, FLUSH);`,
      "",
    ],
  ),
  mistake("a lost connection leaves the subscription as it was", 1, "subscription.ts", [
    `  Object.assign(next, {
    status: "off",
    isReading: false,`,
    `  Object.assign(next, {
    isReading: false,`,
  ]),
  mistake("who begins anew forgets that others wait for an answer", 26, "doc_draft.ts", [
    `for (const own of refused) tell(draft, { kind: "settled", tickets: listed(own), error });`,
    "",
  ]),
];

function mistake(
  name: string,
  seed: number,
  file: string,
  [find, replace]: readonly [string, string],
): Mutation {
  return { name, seed, edits: [{ file: FOLDER + file, find, replace }] };
}
