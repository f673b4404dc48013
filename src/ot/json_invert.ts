/**
 * Operations that undo others: from the record in the operation alone, or from the document before it.
 *
 * @module
 */

import type { Json } from "../json.ts";
import { isJsonObject } from "../json.ts";
import { applyChecked } from "./json_apply.ts";
import { type JsonComponent, type JsonGrammar, type JsonOp, verbOf } from "./json_component.ts";
import { checkedList, valueAt, withStep } from "./json_path.ts";
import { malformed, mismatch } from "./refusal.ts";

/** The operation that undoes another, if that records all that it deletes. */
export function invertJson(grammar: JsonGrammar, op: JsonOp): JsonOp {
  return op.map((component) => inverseOf(grammar, component)).reverse();
}

/** The operation that undoes another, with what the document held. */
export function invertJsonWithDoc(grammar: JsonGrammar, op: JsonOp, snapshot: Json): JsonOp {
  const inverse: JsonComponent[] = [];
  let document = snapshot;
  for (const component of op) {
    const complete = completed(component, document);
    if (complete !== undefined) inverse.push(inverseOf(grammar, complete, document));
    document = applyChecked(grammar, document, [component]);
  }
  return inverse.reverse();
}

/** The same operation with a true record of all that it deletes. */
export function completeJson(grammar: JsonGrammar, op: JsonOp, snapshot: Json): JsonOp {
  const [only] = op;
  // Most operations are one component, for which no document need be made.
  if (only !== undefined && op.length === 1) {
    const complete = completed(only, snapshot);
    return complete === undefined ? [] : [complete];
  }
  const result: JsonComponent[] = [];
  let document = snapshot;
  for (const component of op) {
    const complete = completed(component, document);
    if (complete !== undefined) result.push(complete);
    document = applyChecked(grammar, document, [component]);
  }
  return result;
}

/** A component with what the document holds in that place as its record; undefined if it deletes what is not there. */
function completed(component: JsonComponent, document: Json): JsonComponent | undefined {
  const { p } = component;
  switch (verbOf(component)) {
    case "deleteItem":
    case "replaceItem":
      return { ...component, ld: valueAt(document, p) };
    case "setKey":
    case "deleteKey":
    case "replaceKey":
      return completedKey(component, document);
    case "addNumber":
      if (typeof valueAt(document, p) !== "number") throw mismatch("na must meet a number");
      return component;
    case "insertItem":
      if (Number(p[p.length - 1]) > checkedList(valueAt(document, p, p.length - 1)).length) {
        throw mismatch("an index must be within the list");
      }
      return component;
    default:
      return component;
  }
}

function completedKey({ p, oi }: JsonComponent, document: Json): JsonComponent | undefined {
  const last = p[p.length - 1];
  const parent = last === undefined ? undefined : valueAt(document, p, p.length - 1);
  const isThere = last === undefined || (isJsonObject(parent) && Object.hasOwn(parent, last));
  if (!isThere) return oi === undefined ? undefined : { p, oi };
  const od = valueAt(document, p);
  return oi === undefined ? { p, od } : { p, od, oi };
}

function inverseOf(grammar: JsonGrammar, component: JsonComponent, before?: Json): JsonComponent {
  const { p, na, li, ld, lm, oi, od, si, sd, t } = component;
  if (t !== undefined) return inverseOfSubtype(grammar, component, before);
  if (na !== undefined) return { p, na: -na };
  if (lm !== undefined) return { p: withStep(p, p.length - 1, lm), lm: Number(p[p.length - 1]) };
  return {
    p,
    ...(si !== undefined && { sd: si }),
    ...(sd !== undefined && { si: sd }),
    ...(oi !== undefined && { od: oi }),
    ...(od !== undefined && { oi: od }),
    ...(li !== undefined && { ld: li }),
    ...(ld !== undefined && { li: ld }),
  };
}

function inverseOfSubtype(
  { subtypes }: JsonGrammar,
  { p, t = "", o }: JsonComponent,
  before?: Json,
): JsonComponent {
  const subtype = subtypes.get(t);
  if (subtype?.invert !== undefined) return { p, t, o: subtype.invert(o) };
  if (subtype?.invertWithDoc !== undefined && before !== undefined) {
    return { p, t, o: subtype.invertWithDoc(o, valueAt(before, p)) };
  }
  throw malformed("its subtype must be able to invert");
}
