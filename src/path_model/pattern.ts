/**
 * Patterns of paths that listeners wait for: `*` is any one segment, `**` at the end the rest, which
 * may be nothing.
 *
 * @module
 */

import { invalidPath, type Path, type Segments, segmentsOf } from "./path.ts";

/** A pattern, ready to be held against paths. */
export interface PathPattern {
  /** Its segments without the `**`. */
  readonly segments: Segments;
  /** Whether it ends with `**`. */
  readonly takesRest: boolean;
}

/** What a pattern's stars stand for; the last one of `**` is a path with dots. */
export type Captures = readonly string[];

/**
 * A pattern of what listeners wait for, below a scope.
 *
 * @throws {ArgumentError} `ERR_INVALID_PATH` if it is no path, or has `**` before its end.
 */
export function pathPattern(pattern: Path | undefined, scope: Segments = []): PathPattern {
  const all = [...scope, ...segmentsOf(pattern)];
  const takesRest = all.at(-1) === "**";
  const segments = takesRest ? all.slice(0, -1) : all;
  if (segments.includes("**")) throw invalidPath("must have ** only at the end");
  return { segments, takesRest };
}

/** What the stars of a pattern stand for in a path; undefined if it does not fit. */
export function captures(
  { segments, takesRest }: PathPattern,
  path: Segments,
): Captures | undefined {
  const fits = takesRest ? path.length >= segments.length : path.length === segments.length;
  if (!fits) return undefined;
  const found: string[] = [];
  for (let at = 0; at < segments.length; at++) {
    if (segments[at] === "*") found.push(path[at] ?? "");
    else if (segments[at] !== path[at]) return undefined;
  }
  if (takesRest) found.push(path.slice(segments.length).join("."));
  return found;
}
