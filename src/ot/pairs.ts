/**
 * How two operations that are lists of components are led past each other, when all that is known is how one component
 * passes another: by walking the grid of their pairs.
 *
 * Where a component becomes several on its way, the rest of the way is a smaller grid. The grids stand on a list and
 * not on the call stack, so that no operation makes it overflow.
 *
 * Source: the transform matrix of Ressel, Nitsche-Ruhland and Gunzenhäuser, "An Integrating, Transformation-Oriented
 * Approach to Concurrency Control and Undo in Group Editors" (CSCW 1996); what becomes of each pair is as in the
 * reference implementation of json0.
 *
 * @module
 */

import type { Side } from "./type.ts";

/** What has to be known of a component. */
export interface ComponentRules<Component> {
  /** Appends what becomes of a component after another one. */
  readonly transform: (
    into: Component[],
    component: Component,
    other: Component,
    side: Side,
  ) => void;
  /** What becomes of a component that is all of its operation: what `transform` appends to an empty list. */
  readonly transformed: (
    component: Component,
    other: Component,
    side: Side,
  ) => readonly Component[];
  /** Appends a component, merged with the last one where that is possible. */
  readonly append: (into: Component[], component: Component) => void;
}

/** A grid that is being walked: the left components change with every right one that passed them. */
interface Grid<Component> {
  /** Left components that are through with everything in this grid, from before it was entered. */
  readonly before: readonly Component[];
  /** The left components as they are now. */
  left: readonly Component[];
  /** The right components that are still to come, the next one last. */
  readonly waiting: Component[];
  /** The right components that are through. */
  readonly right: Component[];
}

/** One operation as it has to be after another. */
export function transformList<Component>(
  rules: ComponentRules<Component>,
  op: readonly Component[],
  other: readonly Component[],
  side: Side,
): readonly Component[] {
  if (other.length === 0) return op;
  const [only, next] = op;
  const [otherOnly, otherNext] = other;
  if (only !== undefined && otherOnly !== undefined && !next && !otherNext) {
    return rules.transformed(only, otherOnly, side);
  }
  return side === "left"
    ? transformPairOfLists(rules, op, other)[0]
    : transformPairOfLists(rules, other, op)[1];
}

/** Both operations, each after the other. */
export function transformPairOfLists<Component>(
  rules: ComponentRules<Component>,
  left: readonly Component[],
  right: readonly Component[],
): readonly [readonly Component[], readonly Component[]] {
  const [one, other] = [left[0], right[0]];
  if (one !== undefined && other !== undefined && left.length === 1 && right.length === 1) {
    const became = rules.transformed(other, one, "right");
    // Most pairs are one and one; only what becomes several needs the grid.
    if (became.length <= 1) return [rules.transformed(one, other, "left"), became];
  }
  const grids: Grid<Component>[] = [gridOf([], left, right)];
  for (let grid = grids[0]; grid !== undefined;) {
    const next = grid.waiting.pop();
    if (next !== undefined) {
      const inner = pass(rules, grid, next);
      if (inner !== undefined) grids.push(inner);
    } else {
      grids.pop();
      const outer = grids[grids.length - 1];
      if (outer === undefined) return [grid.left, grid.right];
      leave(rules, grid, outer);
    }
    grid = grids[grids.length - 1];
  }
  return [left, right];
}

/** Leads a right component past all left ones, or past those until it became several: what is left is the result. */
function pass<Component>(
  rules: ComponentRules<Component>,
  grid: Grid<Component>,
  component: Component,
): Grid<Component> | undefined {
  const passed: Component[] = [];
  let right = component;
  for (let at = 0; at < grid.left.length; at++) {
    // The index is within the list.
    const left = grid.left[at] as Component;
    const became: Component[] = [];
    rules.transform(passed, left, right, "left");
    rules.transform(became, right, left, "right");
    const [one] = became;
    if (became.length > 1) return gridOf(passed, grid.left.slice(at + 1), became);
    if (one === undefined) {
      for (const rest of grid.left.slice(at + 1)) rules.append(passed, rest);
      grid.left = passed;
      return undefined;
    }
    right = one;
  }
  rules.append(grid.right, right);
  grid.left = passed;
  return undefined;
}

/** Takes the results of an inner grid into the one it was part of. */
function leave<Component>(
  rules: ComponentRules<Component>,
  inner: Grid<Component>,
  outer: Grid<Component>,
): void {
  const left = inner.before.slice();
  for (const component of inner.left) rules.append(left, component);
  outer.left = left;
  for (const component of inner.right) rules.append(outer.right, component);
}

function gridOf<Component>(
  before: readonly Component[],
  left: readonly Component[],
  right: readonly Component[],
): Grid<Component> {
  return { before, left, waiting: right.toReversed(), right: [] };
}
