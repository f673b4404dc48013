/**
 * What listeners are told: a change of a document as the mutations that it consists of.
 *
 * @module
 */

import type { Json } from "../json.ts";
import type { JsonComponent, JsonOp, JsonType } from "../ot/mod.ts";
import { type Value, valueAt } from "./edit.ts";
import type { Segments } from "./path.ts";

/** What happened at a path. */
export type Mutation =
  /** A value is another one. */
  | { readonly kind: "change"; readonly value: Value; readonly previous: Value }
  /** Items came into a list. */
  | { readonly kind: "insert"; readonly index: number; readonly values: readonly Json[] }
  /** Items left a list. */
  | { readonly kind: "remove"; readonly index: number; readonly values: readonly Json[] }
  /** Items of a list have other places. */
  | {
    readonly kind: "move";
    readonly from: number;
    readonly to: number;
    readonly howMany: number;
  }
  /** A document came into this model from elsewhere. */
  | { readonly kind: "load"; readonly value: Value }
  /** A document left this model. */
  | { readonly kind: "unload"; readonly previous: Value };

/** A mutation and where it happened, from the document's root on. */
export interface PlacedMutation {
  /** The path within the document. */
  readonly path: Segments;
  /** What happened. */
  readonly mutation: Mutation;
}

/** The mutations of an operation on what was there before it, in order; adjacent items of a list come as one. */
export function mutationsOf(type: JsonType, before: Json, op: JsonOp): readonly PlacedMutation[] {
  const found: PlacedMutation[] = [];
  let data = before;
  for (const component of op) {
    const after = type.apply(data, [component]);
    const placed = mutationOf(component, data, after);
    const last = found.at(-1);
    const joined = last && isSamePath(last.path, placed.path) &&
      join(last.mutation, placed.mutation);
    if (joined) found[found.length - 1] = { path: placed.path, mutation: joined };
    else found.push(placed);
    data = after;
  }
  return found;
}

function mutationOf(component: JsonComponent, before: Json, after: Json): PlacedMutation {
  const { p, li, ld, lm, si, sd } = component;
  const full = p.map(String);
  const list = full.slice(0, -1);
  const index = Number(p.at(-1));
  if (lm !== undefined) {
    return { path: list, mutation: { kind: "move", from: index, to: lm, howMany: 1 } };
  }
  if (li !== undefined && ld === undefined) {
    return { path: list, mutation: { kind: "insert", index, values: [li] } };
  }
  if (ld !== undefined && li === undefined) {
    return { path: list, mutation: { kind: "remove", index, values: [ld] } };
  }
  // The last step of a text's component is an offset, and it is the string that changed.
  const path = si !== undefined || sd !== undefined ? list : full;
  return {
    path,
    mutation: { kind: "change", value: valueAt(after, path), previous: valueAt(before, path) },
  };
}

function join(first: Mutation, second: Mutation): Mutation | undefined {
  if (first.kind === "insert" && second.kind === "insert") {
    if (second.index !== first.index + first.values.length) return undefined;
    return { ...first, values: [...first.values, ...second.values] };
  }
  if (first.kind === "remove" && second.kind === "remove") {
    if (second.index !== first.index) return undefined;
    return { ...first, values: [...first.values, ...second.values] };
  }
  if (first.kind === "move" && second.kind === "move") return joinMoves(first, second);
  return undefined;
}

/** Items that move one by one, over and over to the end, or each right behind the last. */
function joinMoves(
  first: Mutation & { kind: "move" },
  second: Mutation & { kind: "move" },
): Mutation | undefined {
  const { from, to, howMany } = first;
  if (from < to && second.from === from && second.to === to + howMany - 1) {
    return { kind: "move", from, to: to - 1, howMany: howMany + 1 };
  }
  if (from > to && second.from === from + howMany && second.to === to + howMany) {
    return { kind: "move", from, to, howMany: howMany + 1 };
  }
  return undefined;
}

function isSamePath(a: Segments, b: Segments): boolean {
  return a.length === b.length && a.every((segment, at) => segment === b[at]);
}
