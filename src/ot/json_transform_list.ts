/**
 * What becomes of a component after another one that edited a list on its path: indexes shift, and what stood on an
 * item goes with the item.
 *
 * In this file `index` is where the component acts in that list, `from` and `to` are what the other one did there.
 *
 * @module
 */

import type { JsonComponent } from "./json_component.ts";
import { type JsonPath, withStep } from "./json_path.ts";
import type { Meeting } from "./json_meeting.ts";

/** After an item was replaced, edits inside of the old one are void, and only one of two replacements survives. */
export function afterReplacedItem(
  component: JsonComponent,
  other: JsonComponent,
  { at, isSameLevel, side }: Meeting,
): readonly JsonComponent[] {
  if (other.p[at] !== component.p[at]) return [component];
  if (!isSameLevel) return [];
  if (component.ld === undefined || other.li === undefined) return [component];
  return component.li !== undefined && side === "left" ? [{ ...component, ld: other.li }] : [];
}

/** After an insertion, everything from there on is one further. */
export function afterInsertedItem(
  component: JsonComponent,
  other: JsonComponent,
  { at, isSameLevel, side }: Meeting,
): readonly JsonComponent[] {
  const [index, from] = indexes(component.p, other.p, at);
  const isTie = isSameLevel && index === from && component.li !== undefined &&
    component.ld === undefined;
  const shifts = isTie ? side === "right" : from <= index;
  const shifted = shifts ? withIndex(component, at, index + 1) : component;
  const { lm } = component;
  return isSameLevel && lm !== undefined && from <= lm ? [{ ...shifted, lm: lm + 1 }] : [shifted];
}

/** After a deletion, everything behind is one closer, and edits of the deleted item are void. */
export function afterDeletedItem(
  component: JsonComponent,
  other: JsonComponent,
  { at, isSameLevel }: Meeting,
): readonly JsonComponent[] {
  const [index, from] = indexes(component.p, other.p, at);
  const { lm } = component;
  if (index === from) return isSameLevel ? onDeletedItem(component) : [];
  const shifted = from < index ? withIndex(component, at, index - 1) : component;
  const isMovedAcross = isSameLevel && lm !== undefined &&
    (from < lm || (from === lm && index < lm));
  return isMovedAcross ? [{ ...shifted, lm: lm - 1 }] : [shifted];
}

/** An insertion does not mind that its neighbour went; a replacement becomes one. */
function onDeletedItem(component: JsonComponent): readonly JsonComponent[] {
  const { p, li, ld, lm } = component;
  if (ld === undefined && lm === undefined) return [component];
  return li === undefined ? [] : [{ p, li }];
}

/** After a move, a component follows the item that it is about; an insertion stays between its neighbours. */
export function afterMovedItem(
  component: JsonComponent,
  other: JsonComponent,
  { at, isSameLevel, side }: Meeting,
): readonly JsonComponent[] {
  const [index, from] = indexes(component.p, other.p, at);
  const to = other.lm ?? from;
  if (isSameLevel && component.lm !== undefined) {
    return afterBothMoved(component, at, { from, to }, side);
  }
  const isInsert = isSameLevel && component.li !== undefined && component.ld === undefined;
  const moved = isInsert
    ? index - Number(index > from) + Number(index > to)
    : indexAfterMove(index, from, to);
  return [moved === index ? component : withIndex(component, at, moved)];
}

/** Where the item at an index is after one of the list was moved. */
export function indexAfterMove(index: number, from: number, to: number): number {
  if (index === from) return to;
  const isPushed = index > to || (index === to && from > to);
  return index - Number(index > from) + Number(isPushed);
}

/** Two moves: of the same item, the left one wins; of two, each has to aim anew. */
function afterBothMoved(
  component: JsonComponent,
  at: number,
  other: { readonly from: number; readonly to: number },
  side: Meeting["side"],
): readonly JsonComponent[] {
  const index = Number(component.p[at]);
  const target = component.lm ?? index;
  if (other.from === other.to) return [component];
  if (index === other.from) {
    if (side === "right") return [];
    const p = withStep(component.p, at, other.to);
    return [{ p, lm: index === target ? other.to : target }];
  }
  const moved = indexAfterMove(index, other.from, other.to);
  const p = withStep(component.p, at, moved);
  // A move that leaves its item where it is does so after the other one, too.
  const isPushed = index === other.to && other.from > other.to;
  if (index === target && isPushed) return [{ p, lm: target + 1 }];
  return [{ p, lm: targetAfterMove(index, target, other, side) }];
}

/** The index that a move has to aim at after another one. */
function targetAfterMove(
  index: number,
  target: number,
  { from, to }: { readonly from: number; readonly to: number },
  side: Meeting["side"],
): number {
  const isClosed = target > from || (target === from && target > index);
  const goOneWay = (to > from && target > index) || (to < from && target < index);
  const isPushed = target > to ||
    (target === to && (goOneWay ? side === "right" : target > index));
  return target - Number(isClosed) + Number(isPushed);
}

/** Where each of two components acts in the list that both go into. */
function indexes(path: JsonPath, other: JsonPath, at: number): readonly [number, number] {
  return [Number(path[at]), Number(other[at])];
}

function withIndex(component: JsonComponent, at: number, index: number): JsonComponent {
  return { ...component, p: withStep(component.p, at, index) };
}
