/**
 * What becomes of a component after another one that edited a property on its path, or the root of the document: edits
 * inside of what is gone are void, and of two values for one property the left one wins.
 *
 * @module
 */

import type { JsonComponent } from "./json_component.ts";
import type { Meeting } from "./json_meeting.ts";

/** After a property was replaced. */
export function afterReplacedKey(
  component: JsonComponent,
  other: JsonComponent,
  { at, isSameLevel, side }: Meeting,
): readonly JsonComponent[] {
  if (component.p[at] !== other.p[at]) return [component];
  const wins = component.oi !== undefined && isSameLevel && side === "left";
  return wins && other.oi !== undefined ? [{ ...component, od: other.oi }] : [];
}

/** After a property got a value, and had none before. */
export function afterSetKey(
  component: JsonComponent,
  other: JsonComponent,
  { at, side }: Meeting,
): readonly JsonComponent[] {
  if (component.oi === undefined || component.p[at] !== other.p[at]) return [component];
  if (side === "right" || other.oi === undefined) return [];
  return [{ p: component.p, od: other.oi }, component];
}

/** After a property was deleted. */
export function afterDeletedKey(
  component: JsonComponent,
  other: JsonComponent,
  { at, isSameLevel }: Meeting,
): readonly JsonComponent[] {
  const { p, oi } = component;
  if (p[at] !== other.p[at]) return [component];
  return isSameLevel && oi !== undefined ? [{ p, oi }] : [];
}
