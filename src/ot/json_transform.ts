/**
 * How one component of a JSON operation changes when another one, made at the same time, came first.
 *
 * Two components meet where the place that the other one edits lies on the path of this one. There, what the other one
 * does decides: each verb has its function, those on lists and on properties in files of their own.
 *
 * Results are json0's (the reference implementation is the oracle of the tests), since both sides of a connection must
 * come to the same one.
 *
 * @module
 */

import { HoldfastError } from "../errors.ts";
import type { Json } from "../json.ts";
import { appendJson } from "./json_append.ts";
import { applyChecked } from "./json_apply.ts";
import {
  asSubtype,
  isText,
  type JsonComponent,
  type JsonGrammar,
  text0Of,
  textComponent,
  type Verb,
  verbOf,
} from "./json_component.ts";
import { type After, meetingPoint, reach } from "./json_meeting.ts";
import {
  afterDeletedItem,
  afterInsertedItem,
  afterMovedItem,
  afterReplacedItem,
} from "./json_transform_list.ts";
import { afterDeletedKey, afterReplacedKey, afterSetKey } from "./json_transform_key.ts";
import type { ComponentRules } from "./pairs.ts";
import { type Text0Component, type Text0Op, transformText0 } from "./text0.ts";
import type { Side } from "./type.ts";

function unchanged(component: JsonComponent): readonly JsonComponent[] {
  return [component];
}

/** What edits a list only concerns components that go into one there. */
function inList(after: After): After {
  return (component, other, meeting) =>
    typeof component.p[meeting.at] === "number" ? after(component, other, meeting) : [component];
}

/** What to do, by the verb of the other component. */
const AFTER: Readonly<Record<Verb, After>> = {
  addNumber: unchanged,
  insertItem: /* @__PURE__ */ inList(afterInsertedItem),
  deleteItem: /* @__PURE__ */ inList(afterDeletedItem),
  replaceItem: /* @__PURE__ */ inList(afterReplacedItem),
  moveItem: /* @__PURE__ */ inList(afterMovedItem),
  setKey: afterSetKey,
  deleteKey: afterDeletedKey,
  replaceKey: afterReplacedKey,
  insertText: unchanged,
  deleteText: unchanged,
  subtype: unchanged,
};

/** The rules by which lists of JSON components pass each other. */
export function jsonRules(grammar: JsonGrammar): ComponentRules<JsonComponent> {
  return {
    append: (into, component) => appendJson(grammar, into, component),
    transform: (into, component, other, side) => {
      for (const result of transformed(grammar, component, other, side)) {
        appendJson(grammar, into, result);
      }
    },
    transformed: (component, other, side) => {
      const results = transformed(grammar, component, other, side);
      if (results.length <= 1) return results;
      const into: JsonComponent[] = [];
      for (const result of results) appendJson(grammar, into, result);
      return into;
    },
  };
}

function transformed(
  grammar: JsonGrammar,
  component: JsonComponent,
  other: JsonComponent,
  side: Side,
): readonly JsonComponent[] {
  const at = meetingPoint(other, component);
  if (at === undefined) return [withFreshRecord(grammar, component, other)];
  const isSameLevel = reach(component) === reach(other);
  const both = bothSubtype(grammar, component, other, side);
  return both ?? AFTER[verbOf(other)](component, other, { at, isSameLevel, side });
}

/** A deletion whose record of what it deletes is brought up to date, if the other component edits inside of that. */
function withFreshRecord(
  grammar: JsonGrammar,
  component: JsonComponent,
  other: JsonComponent,
): JsonComponent {
  const { p, ld, od } = component;
  if (ld === undefined && od === undefined) return component;
  const at = meetingPoint(component, other);
  if (at === undefined || p[at] !== other.p[at]) return component;
  const inside = { ...other, p: other.p.slice(p.length) };
  if (ld !== undefined) return { ...component, ld: edited(grammar, ld, inside) };
  return od === undefined ? component : { ...component, od: edited(grammar, od, inside) };
}

/** The record after the edit. One that was wrong from the start, which the edit does not fit, stays as it is. */
function edited(grammar: JsonGrammar, record: Json, inside: JsonComponent): Json {
  try {
    return applyChecked(grammar, record, [inside]);
  } catch (error) {
    // A wrong record hurts only its author, who cannot undo. Nobody else's operation shall fail for it.
    if (HoldfastError.is(error, "ERR_OP_MISMATCH")) return record;
    throw error;
  }
}

/** What becomes of an operation of a subtype after another one of the same subtype. */
function bothSubtype(
  { subtypes }: JsonGrammar,
  component: JsonComponent,
  other: JsonComponent,
  side: Side,
): readonly JsonComponent[] | undefined {
  if (isText(component) && isText(other)) return bothText(component, other, side);
  const [mine, theirs] = [asSubtype(component), asSubtype(other)];
  if (mine.t === undefined || mine.t !== theirs.t) return undefined;
  const o = subtypes.get(mine.t)?.transform(mine.o, theirs.o, side);
  // Only text0 makes components of `si` and `sd`, and its operations are lists.
  if (isText(component)) return (o as Text0Op).map((one) => textComponent(mine.p, one));
  return Array.isArray(o) && o.length === 0 ? [] : [{ ...mine, o }];
}

function bothText(component: JsonComponent, other: JsonComponent, side: Side): JsonComponent[] {
  const results: Text0Component[] = [];
  transformText0(results, text0Of(component), text0Of(other), side);
  const path = component.p.slice(0, -1);
  return results.map((one) => textComponent(path, one));
}
