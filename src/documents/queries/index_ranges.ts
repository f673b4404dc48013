/**
 * A plan in terms of a store: which entries of its indexes are to be looked at.
 *
 * @module
 */

import { compareUtf8 } from "../../ordered_text.ts";
import { type IndexPlan, type RangeEnd, typeRank } from "../../queries/mod.ts";
import {
  fieldPrefix,
  LIST_DIGIT,
  memberPrefix,
  overflowPrefix,
  valueText,
} from "../index_entries.ts";
import { EXISTS_ENTRY } from "../port.ts";

/** Entries from one on, up to and without another. */
export interface EntryRange {
  readonly from: string;
  readonly to: string;
}

/** Ranges of entries. */
export interface EntryRanges {
  /** Those that are walked through together, in the order of their values. */
  readonly ordered: readonly EntryRange[];
  /** Those in which everything is looked at before. */
  readonly whole: readonly EntryRange[];
}

/** Where the documents are that a plan leads to. */
export function rangesOf(plan: Exclude<IndexPlan, { readonly kind: "ids" }>): EntryRanges {
  if (plan.kind === "all") {
    return { ordered: [], whole: [{ from: `${EXISTS_ENTRY}\u0000`, to: `${EXISTS_ENTRY}\u0001` }] };
  }
  const steps = plan.field.split(".");
  const [own, member] = [fieldPrefix(steps), memberPrefix(steps)];
  const overflow = between(overflowPrefix(steps), "", "\uffff");
  switch (plan.kind) {
    case "values": {
      const wanted = plan.values.flatMap((value) => {
        const text = valueText(value);
        const isList = Array.isArray(value);
        return [
          at(own, text),
          at(member, text),
          ...isList ? [at(own, LIST_DIGIT)] : [],
        ];
      });
      return { ordered: [], whole: [...wanted, overflow] };
    }
    case "range":
      return { ordered: [], whole: [...spans(own, member, plan.ends, false), overflow] };
    case "order":
      return { ordered: spans(own, member, plan.ends, true), whole: [overflow] };
  }
}

/**
 * Own values must keep to all ends. A list keeps to each by any of its members: so the members that keep to one end tell
 * all lists; but the place of a list in an order is that of its first member, whichever that is.
 */
function spans(
  own: string,
  member: string,
  ends: readonly RangeEnd[],
  isOrdered: boolean,
): readonly EntryRange[] {
  const all = { from: "", to: LIST_DIGIT };
  const narrow = ends.map(spanOf).reduce((one, other) => ({
    from: compareUtf8(one.from, other.from) > 0 ? one.from : other.from,
    to: compareUtf8(one.to, other.to) < 0 ? one.to : other.to,
  }), all);
  const [first] = ends;
  const wide = isOrdered || first === undefined ? all : spanOf(first);
  const isOfLists = !isOrdered && ends.some(({ value }) => Array.isArray(value));
  const lists = isOfLists ? [at(own, LIST_DIGIT)] : [];
  return [between(own, narrow.from, narrow.to), between(member, wide.from, wide.to), ...lists];
}

/** All texts of a value's type on one side of it. Texts that tie with it are among them. */
function spanOf({ isLower, value }: RangeEnd): EntryRange {
  const [rank, text] = [typeRank(value), valueText(value)];
  return isLower
    ? { from: text, to: String(rank + 1) }
    : { from: String(rank), to: `${text}\u0001` };
}

function at(prefix: string, text: string): EntryRange {
  return between(prefix, `${text}\u0000`, `${text}\u0001`);
}

function between(prefix: string, from: string, to: string): EntryRange {
  return { from: `${prefix}\u0000${from}`, to: `${prefix}\u0000${to}` };
}
