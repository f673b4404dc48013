/**
 * Where two components of JSON operations meet: in the step of a path that one edits and the other passes.
 *
 * @module
 */

import type { JsonComponent } from "./json_component.ts";
import type { Side } from "./type.ts";

/** How two components meet. */
export interface Meeting {
  /** Which step of the path both have in common, and may differ in; -1 at the root. */
  readonly at: number;
  /** Whether they edit the same container, and not one of them something deeper. */
  readonly isSameLevel: boolean;
  /** Who wins a tie. */
  readonly side: Side;
}

/** What becomes of a component after another one of a certain verb. */
export type After = (
  component: JsonComponent,
  other: JsonComponent,
  meeting: Meeting,
) => readonly JsonComponent[];

/** How many steps an edit reaches into the document: a number and what a subtype has are edited inside. */
export function reach({ p, na, t }: JsonComponent): number {
  return p.length + (na !== undefined || t !== undefined ? 1 : 0);
}

/** The step of a component's path in which another one edits something, if that lies on its path. */
export function meetingPoint(other: JsonComponent, component: JsonComponent): number | undefined {
  const at = reach(other) - 1;
  if (at >= reach(component)) return undefined;
  for (let step = 0; step < at; step++) {
    if (other.p[step] !== component.p[step]) return undefined;
  }
  return at;
}
