/**
 * Operations applied to JSON. The document is never changed: the new one shares with it all that no path touched, and
 * shares with the operation what that inserted.
 *
 * @module
 */

import { assertNever } from "../errors.ts";
import type { Json } from "../json.ts";
import {
  asSubtype,
  checkJsonOp,
  checkJsonValues,
  type JsonComponent,
  type JsonGrammar,
  type JsonOp,
  verbOf,
} from "./json_component.ts";
import {
  checkedList,
  checkedObject,
  NOT_OWNED,
  type Owned,
  ownList,
  splicedList,
  walked,
  withKey,
  withoutKey,
} from "./json_path.ts";
import { onlyDepth } from "./limits.ts";
import { mismatch } from "./refusal.ts";

/**
 * The document after an operation.
 *
 * @throws {HoldfastError} `ERR_OP_MISMATCH` if the operation does not fit the document, and what
 * {@linkcode checkJsonOp} and {@linkcode checkJsonValues} throw.
 */
export function applyJson(grammar: JsonGrammar, snapshot: Json, op: JsonOp): Json {
  checkJsonOp(grammar, op);
  checkJsonValues(onlyDepth(grammar.limits), op);
  return applyChecked(grammar, snapshot, op);
}

/** The document after an operation that was checked. */
export function applyChecked(grammar: JsonGrammar, snapshot: Json, op: JsonOp): Json {
  const [only] = op;
  const isOneStep = op.length === 1 && only?.lm === undefined;
  const owned: Owned = isOneStep ? NOT_OWNED : new Set<object>();
  let document = snapshot;
  for (const component of op) document = applyComponent(grammar, owned, document, component);
  return document;
}

function applyComponent(
  grammar: JsonGrammar,
  owned: Owned,
  document: Json,
  component: JsonComponent,
): Json {
  const { p: path } = component;
  const last = path[path.length - 1];
  const verb = verbOf(component);
  switch (verb) {
    case "addNumber": {
      const change = (value: Json) => sum(value, component.na ?? 0);
      return walked({ path, steps: path.length, change, owned }, document);
    }
    case "insertText":
    case "deleteText":
    case "subtype":
      return applySubtype(grammar, owned, document, asSubtype(component));
    case "insertItem":
    case "deleteItem":
    case "replaceItem":
    case "moveItem": {
      const change = (list: Json) => changedList(checkedList(list), Number(last), component, owned);
      return walked({ path, steps: path.length - 1, change, owned }, document);
    }
    case "setKey":
    case "deleteKey":
    case "replaceKey": {
      const { oi } = component;
      // JSON has no nothing: a document that was deleted at its root is null.
      if (last === undefined) return oi ?? null;
      const change = (value: Json) =>
        oi === undefined
          ? withoutKey(checkedObject(value), String(last), owned)
          : withKey(checkedObject(value), String(last), oi, owned);
      return walked({ path, steps: path.length - 1, change, owned }, document);
    }
    default:
      return assertNever(verb, "a verb");
  }
}

function sum(value: Json, addend: number): number {
  if (typeof value !== "number") throw mismatch("na must meet a number");
  const result = value + addend;
  if (!Number.isFinite(result)) throw mismatch("a sum must stay within the range of numbers");
  return result;
}

function applySubtype(
  { subtypes }: JsonGrammar,
  owned: Owned,
  document: Json,
  { p: path, t = "", o }: JsonComponent,
): Json {
  // What a subtype keeps in a JSON document is JSON by its author's word.
  const change = (value: Json) => subtypes.get(t)?.apply(value, o) as Json;
  return walked({ path, steps: path.length, change, owned }, document);
}

/** The list with an item more, less, elsewhere, or another. */
function changedList(
  list: readonly Json[],
  index: number,
  { li, ld, lm }: JsonComponent,
  owned: Owned,
): Json {
  const isInsert = li !== undefined && ld === undefined;
  const end = isInsert ? list.length : list.length - 1;
  if (index > end || (lm ?? 0) > end) throw mismatch("an index must be within the list");
  if (lm === index) return list;
  if (isInsert) return splicedList(list, owned, index, 0, li);
  if (li !== undefined) return replacedItem(list, owned, index, li);
  const item = list[index] ?? null;
  const without = splicedList(list, owned, index, 1);
  return lm === undefined ? without : splicedList(without, owned, lm, 0, item);
}

function replacedItem(list: readonly Json[], owned: Owned, index: number, item: Json): Json {
  const changed = ownList(list, owned);
  changed[index] = item;
  return changed;
}
