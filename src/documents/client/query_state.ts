/**
 * The result of a query as a client holds it, and what the steps that a server tells make of it.
 *
 * @module
 */

import type { QueryStep } from "../protocol/replies.ts";

/** What a step did, and where. */
export interface QueryNews<Item> {
  /** What it did. */
  readonly name: "insert" | "remove" | "move";
  /** What came, left or is elsewhere. */
  readonly items: readonly Item[];
  /** Where the first of them is now, or was. */
  readonly index: number;
  /** Where the first of them was, if they moved. */
  readonly from: number;
}

/** A list after a step, and what is to be told of that. `itemOf` gives what came in. */
export function stepQuery<Item>(
  list: readonly Item[],
  step: QueryStep,
  itemOf: (id: string) => Item,
): { readonly list: readonly Item[]; readonly news: QueryNews<Item> } {
  const next = [...list];
  switch (step.type) {
    case "insert": {
      const items = step.values.map(({ d }) => itemOf(d));
      next.splice(step.index, 0, ...items);
      return { list: next, news: { name: step.type, items, index: step.index, from: -1 } };
    }
    case "remove": {
      const items = next.splice(step.index, step.howMany ?? 1);
      return { list: next, news: { name: step.type, items, index: step.index, from: -1 } };
    }
    case "move": {
      const { from, to: index } = step;
      const items = next.splice(from, step.howMany ?? 1);
      next.splice(index, 0, ...items);
      return { list: next, news: { name: step.type, items, index, from } };
    }
  }
}
