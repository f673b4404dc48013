/**
 * Mistakes that path models could have: the simulator must find each of them.
 *
 * @module
 */

import { mistake, type Mutation } from "../mutations/mistake.ts";

/** All of them. */
export const MISTAKES: readonly Mutation[] = [
  mistake("who reads takes the subscription of others along when it fails", 541, [
    "src/documents/client/subscription.ts",
    "const isNeeded = waiting === 0 || next.wanted > failedWishes(next);",
    "const isNeeded = waiting === 0;",
  ]),
  mistake("a hold that fails counts", 20, [
    "src/path_model/holds.ts",
    "takeBack();",
    "",
  ]),
  mistake("what a context lets go of stays", 1, [
    "src/path_model/holds.ts",
    "for (const key of this.#counts.releaseAll(context)) this.#settleLater(key);",
    "this.#counts.releaseAll(context);",
  ]),
  mistake("a document is let go of though a query has it", 49, [
    "src/path_model/holds.ts",
    "this.#placeOf(held).wanted++;",
    "this.#placeOf(held);",
  ]),
];
