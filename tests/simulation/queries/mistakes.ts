/**
 * Mistakes that live queries could have: the simulator must find each of them.
 *
 * @module
 */

import { mistake, type Mutation } from "../mutations/mistake.ts";

/** All of them. */
export const MISTAKES: readonly Mutation[] = [
  mistake("what changes while a query is evaluated is forgotten", 51, [
    "src/documents/queries/live_query.ts",
    "this.changing?.add(id);",
    "",
  ]),
  mistake("a gap in the journal is passed over", 6, [
    "src/documents/queries/live_collection.ts",
    "for (const live of this.#lives) this.fill(live);",
    "",
  ]),
  mistake("a document is shown to whom it is not for", 11, [
    "src/documents/queries/subscription.ts",
    "const hidden = ids.filter((id) => !shown.has(id));",
    "const hidden = ids.filter((id) => !shown.has(id)).slice(1);",
  ]),
  mistake("what is gathered is not told", 29, [
    "src/documents/queries/live_query.ts",
    "if (this.#isBehind && this.changing === undefined) this.#changed([]);",
    "",
  ]),
  mistake("a document that cannot be continued is not read", 24, [
    "src/documents/queries/live_collection.ts",
    "if (after === undefined) this.#read(id);",
    "if (after === undefined) void 0;",
  ]),
  mistake("only what a document is now tells which queries it concerns", 4, [
    "src/queries/field_index.ts",
    "...valuesAt(before, path), ",
    "",
  ]),
  mistake("operations of a document in a result are not sent", 2, [
    "src/documents/queries/live_collection.ts",
    "for (const ear of ears) ear.hear(event);",
    "",
  ]),
  mistake("a client that comes back is not told what is different", 2, [
    "src/documents/queries/subscription.ts",
    "listSteps(ids, allowed.map(({ id }) => id))",
    "listSteps(ids, ids)",
  ]),
  mistake("a client that comes back does not ask again", 2, [
    "src/documents/client/query.ts",
    `  connected(): void {
    this.#isAsked = false;`,
    "  connected(): void {",
  ]),
  mistake("operations that a client missed are not read when it comes back", 2, [
    "src/documents/protocol/results.ts",
    'sentTo(stream, epoch ?? "", version, tag ?? "");',
    'sentTo(stream, epoch ?? "", version + 1, tag ?? "");',
  ]),
  mistake("an order is walked from the wrong end", 25, [
    "src/documents/queries/index_walk.ts",
    "return (this.#isReverse ? order > 0 : order < 0) ? lane : first;",
    "return order < 0 ? lane : first;",
  ]),
];
