/**
 * Hints, entries of journals, cursors and stored records.
 *
 * @module
 */

import { deepStrictEqual } from "node:assert/strict";
import fc from "fast-check";
import { storedRecord } from "../../../adapters/redis/model_values.ts";
import { changeCursor, positionOf } from "../../../src/models/cursor.ts";
import { parseEntry } from "../../../src/models/journal_entry.ts";
import { decodeWake, encodeWake } from "../../../src/wakes/wake.ts";
import { inMemory, person, User } from "../../support/models/users.ts";
import { anyText, assertUnpolluted, type FuzzTarget, nearly, refusing, target } from "../target.ts";

const { model } = inMemory(User);
for (const name of ["a", "b", "c"]) await model.create(person(name, { age: 1 }));
const { cursor = "" } = await model.find({ age: 1 }, { limit: 1 });
const next = await model.find({ age: 1 }, { cursor });

/** The targets of wakes and models. */
export const targets: readonly FuzzTarget[] = [
  target(
    "decodeWake() gives what encodeWake() writes, or nothing",
    fc.oneof(anyText(), nearly("epoch 1 tag ", "e 12 t p {}", "e 2 t p a b c")),
    (line) => {
      const wake = decodeWake(line);
      if (wake !== undefined) deepStrictEqual(decodeWake(encodeWake(wake)), wake);
    },
  ),
  target(
    "parseEntry() gives an entry or ERR_MALFORMED",
    fc.oneof(
      anyText(),
      fc.json(),
      nearly(`{"kind":"create","id":"1","before":null,"after":{"__proto__":1},"body":{"a":1}}`),
    ),
    (text) => {
      refusing(() => parseEntry(text), "ERR_MALFORMED");
      assertUnpolluted();
    },
  ),
  target(
    "positionOf() gives what changeCursor() writes, or ERR_INVALID_CURSOR",
    fc.oneof(anyText(), nearly("epoch.12.tag", "e.0.", "a-b_c.9007199254740991.t")),
    (text) => {
      const position = refusing(() => positionOf(text), "ERR_INVALID_CURSOR");
      if (position !== undefined) deepStrictEqual(changeCursor(position), text);
    },
  ),
  target(
    "Model.find() goes on at a cursor of its own, or refuses it",
    fc.oneof(anyText(), nearly(cursor)),
    async (text) => {
      const found = await model.find({ age: 1 }, { cursor: text }).catch((error) =>
        refusing(() => {
          throw error;
        }, "ERR_INVALID_CURSOR")
      );
      // The last letter of base64 has bits to spare: another text may be the same cursor, but none is of another place.
      if (found !== undefined) deepStrictEqual(found, next);
    },
  ),
  target(
    "storedRecord() reads anything that a key may hold",
    fc.oneof(anyText(), nearly("1-a\t\t0\t1\n{}", '12-tag\t17000\t1\t1\n{"a":1}')),
    (value) => {
      refusing(() => storedRecord("1", value), "ERR_MALFORMED");
    },
  ),
];
