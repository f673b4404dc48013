/**
 * Edits that simulated people make: of each type, anywhere in the document, and each with a mark of its own where the type
 * can carry one, so that a run can tell what was lost or doubled.
 *
 * @module
 */

import type { Json } from "../../../src/json.ts";
import type { OtType } from "../../../src/ot/mod.ts";
import { json, text } from "../../../src/ot/mod.ts";
import type { Dice } from "../dice.ts";
import type { Message } from "./reference_server.ts";

/** How people edit documents of a type. */
export interface Edits {
  readonly type: OtType;
  /** What a document begins as. */
  readonly initial: Json;
  /** An edit of this document, with a mark if it can carry one. */
  edit(data: Message, dice: Dice, mark: string): unknown;
  /** The marks in what was committed. */
  marks(op: Message): readonly string[];
}

/** Properties that people like to edit. */
export const KEYS: readonly string[] = ["a", "b", "c"];

const jsonEdits: Edits = {
  type: json,
  initial: { log: {}, n: 0, l: [], s: "", o: {} },
  edit: (data, dice, mark) => [...jsonPart(data, dice), { p: ["log", mark], oi: 1 }],
  marks: (op) =>
    op.filter(({ p, oi }: Message) => p[0] === "log" && oi === 1).map(({ p }: Message) => p[1]),
};

function jsonPart(data: Message, dice: Dice): unknown[] {
  const at = (length: number) => dice.whole(0, length);
  const key = dice.pick(KEYS);
  const held = data.o[key];
  switch (dice.whole(0, 9)) {
    case 0:
      return [{ p: ["n"], na: dice.whole(-3, 4) }];
    case 1:
    case 2:
      return [{ p: ["l", at(data.l.length + 1)], li: dice.whole(0, 100) }];
    case 3:
      if (data.l.length === 0) return [];
      return removal(data, at(data.l.length));
    case 4:
      if (data.l.length < 2) return [];
      return [{ p: ["l", at(data.l.length)], lm: at(data.l.length) }];
    case 5:
      return [{ p: ["s", at(data.s.length + 1)], si: dice.pick(["x", "yz", "Q"]) }];
    case 6: {
      const from = at(data.s.length);
      return data.s.length === 0 ? [] : [{ p: ["s", from], sd: data.s.slice(from, from + 2) }];
    }
    case 7:
      return [{ p: ["o", key], oi: dice.whole(0, 100), ...(held !== undefined && { od: held }) }];
    default:
      return held === undefined ? [] : [{ p: ["o", key], od: held }];
  }
}

function removal(data: Message, index: number): unknown[] {
  return [{ p: ["l", index], ld: data.l[index] }];
}

const textEdits: Edits = {
  type: text,
  initial: "Hello world",
  edit: (data, dice) => {
    const at = dice.whole(0, data.length + 1);
    if (dice.chance(0.6) || at >= data.length) return [...skip(at), dice.pick(["x", "yz", "é𝒳"])];
    return [...skip(at), { d: dice.whole(1, Math.min(4, data.length - at) + 1) }];
  },
  marks: () => [],
};

/** The edits of our own types. */
export const EDITS: readonly [Edits, Edits] = [jsonEdits, textEdits];

/** The same of JSON, by a type that cannot tell how two documents differ, as most types cannot. */
export const PLAIN_EDITS: Edits = { ...jsonEdits, type: withoutDiff(json) };

function withoutDiff({ diff: _diff, ...type }: OtType): OtType {
  return type;
}

function skip(count: number): readonly number[] {
  return count > 0 ? [count] : [];
}
