/**
 * Edits of types from npm, as simulated people make them.
 *
 * @module
 */

import { guardedType } from "../../../src/ot/mod.ts";
import { json1, richText } from "../../conformance/ot_oracles.ts";
import { type Edits, KEYS } from "./edits.ts";
import type { Message } from "./reference_server.ts";

const richEdits: Edits = {
  type: guardedType(richText),
  initial: [{ insert: "Hello world" }],
  edit: (data, dice) => {
    const length = data.ops.reduce((sum: number, { insert }: Message) => sum + insert.length, 0);
    const at = dice.whole(0, length + 1);
    const retain = at > 0 ? [{ retain: at }] : [];
    const count = Math.min(3, length - at);
    if (count === 0 || dice.chance(0.5)) {
      return { ops: [...retain, { insert: dice.pick(["x", "yz"]) }] };
    }
    if (dice.chance(0.5)) return { ops: [...retain, { delete: count }] };
    return { ops: [...retain, { retain: count, attributes: { bold: dice.chance(0.5) || null } }] };
  },
  marks: () => [],
};

const json1Edits: Edits = {
  type: guardedType(json1),
  initial: { l: [], o: {} },
  edit: (data, dice) => {
    const at = dice.whole(0, data.l.length + 1);
    const key = dice.pick(KEYS);
    if (dice.chance(0.4)) return ["l", at, { i: dice.whole(0, 100) }];
    if (dice.chance(0.4) && at < data.l.length) return ["l", at, { r: true }];
    const held = data.o[key] !== undefined;
    return ["o", key, held ? { r: true, i: dice.whole(0, 100) } : { i: dice.whole(0, 100) }];
  },
  marks: () => [],
};

/** The edits of types that plug in. */
export const NPM_EDITS: readonly Edits[] = [richEdits, json1Edits];
