/**
 * The points of a stroke as text, and the text as a smooth path.
 *
 * @module
 */

/** A place on the sketch. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A point as it is kept: whole numbers, and a mark where it ends. */
export function pointText({ x, y }: Point): string {
  return `${Math.round(x)},${Math.round(y)};`;
}

/** A path through the middles between points, bent towards the points. */
export function pathOf(points: string): string {
  const all = points.split(";").slice(0, -1).map((each) => each.split(",").map(Number));
  const [first = [0, 0], ...others] = all;
  // A stroke of one point is a dot.
  if (others.length === 0) return `M${first.join(" ")}l0.1 0`;
  let path = `M${first.join(" ")}`;
  let [beforeX = 0, beforeY = 0] = first;
  for (const [x = 0, y = 0] of others) {
    path += `Q${beforeX} ${beforeY} ${(beforeX + x) / 2} ${(beforeY + y) / 2}`;
    [beforeX, beforeY] = [x, y];
  }
  return `${path}L${beforeX} ${beforeY}`;
}
