/**
 * Components of JSON operations put one after the other, merged where json0 merges them: what `compose` and `normalize`
 * do, and the end of every transformation.
 *
 * @module
 */

import type { Json } from "../json.ts";
import {
  isText,
  type JsonComponent,
  type JsonGrammar,
  type JsonOp,
  text0Of,
  textComponent,
} from "./json_component.ts";
import { isSamePath } from "./json_path.ts";
import { mergedText0 } from "./text0.ts";

/** One operation that does what two do, one after the other. */
export function composeJson(grammar: JsonGrammar, op: JsonOp, next: JsonOp): JsonOp {
  const result = op.slice();
  for (const component of next) appendJson(grammar, result, component);
  return result;
}

/** Appends a component, merged with the last one where they edit the same place. */
export function appendJson(
  grammar: JsonGrammar,
  into: JsonComponent[],
  next: JsonComponent,
): void {
  const last = into[into.length - 1];
  if (last === undefined || last.p.length !== next.p.length) into.push(next);
  else if (isText(last) && isText(next)) appendText(into, last, next);
  else if (!isSamePath(last.p, next.p)) into.push(next);
  else {
    into.pop();
    into.push(...merged(grammar, last, next));
  }
}

function appendText(into: JsonComponent[], last: JsonComponent, next: JsonComponent): void {
  const steps = last.p.length - 1;
  if (!isSamePath(last.p, next.p, steps)) {
    into.push(next);
    return;
  }
  const text = text0Of(next);
  if (text.i === "" || text.d === "") return;
  const merged = mergedText0(text0Of(last), text);
  if (merged === undefined) into.push(next);
  else into[into.length - 1] = textComponent(next.p.slice(0, steps), merged);
}

/** What two components on the same path are together. */
function merged(
  { subtypes }: JsonGrammar,
  last: JsonComponent,
  next: JsonComponent,
): readonly JsonComponent[] {
  const { p } = last;
  if (last.t !== undefined && last.t === next.t) {
    const subtype = subtypes.get(last.t);
    return subtype?.compose === undefined
      ? [last, next]
      : [{ p, t: last.t, o: subtype.compose(last.o, next.o) }];
  }
  if (last.na !== undefined && next.na !== undefined) return [{ p, na: last.na + next.na }];
  if (isDeletionOf(last.li, next)) return last.ld === undefined ? [] : [{ p, ld: last.ld }];
  if (next.lm !== undefined && next.lm === p[p.length - 1]) return [last];
  return mergedKey(last, next) ?? [last, next];
}

/** Whether a component does nothing but take away this item. Only what is no container counts as the same. */
function isDeletionOf(item: Json | undefined, { li, ld }: JsonComponent): boolean {
  if (item === undefined || li !== undefined || ld !== item) return false;
  return item === null || typeof item !== "object";
}

/** What two edits of one property are together, if they make one. */
function mergedKey(
  { p, oi, od }: JsonComponent,
  next: JsonComponent,
): readonly JsonComponent[] | undefined {
  if (od !== undefined && oi === undefined) {
    const isInsert = next.oi !== undefined && next.od === undefined;
    return isInsert ? [{ p, od, oi: next.oi }] : undefined;
  }
  if (oi === undefined || next.od === undefined) return undefined;
  if (next.oi !== undefined) {
    return [od === undefined ? { p, oi: next.oi } : { p, od, oi: next.oi }];
  }
  return od === undefined ? [] : [{ p, od }];
}
