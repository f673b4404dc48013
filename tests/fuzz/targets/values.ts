/**
 * Values of caches, JSON and operations on documents.
 *
 * @module
 */

import { deepStrictEqual } from "node:assert/strict";
import fc from "fast-check";
import { decoded, encoded, richJson } from "../../../src/cache/serializer.ts";
import { parseJson } from "../../../src/json.ts";
import { json, text } from "../../../src/ot/mod.ts";
import { anyText, assertUnpolluted, type FuzzTarget, nearly, refusing, target } from "../target.ts";

const OP_CODES = [
  "ERR_OP_MALFORMED",
  "ERR_OP_PATH_FORBIDDEN",
  "ERR_OP_MISMATCH",
  "ERR_UNKNOWN_TYPE",
  "ERR_TOO_LARGE",
  "ERR_LIMIT",
] as const;

/** The targets of values. */
export const targets: readonly FuzzTarget[] = [
  target(
    "the cache reads any payload or says that it is none",
    fc.oneof(anyText(), nearly('~{"$d":0}', '~{"$m":[["a",1]]}', "=AAEC", ":=x", '~{"$b":"AA"}')),
    (payload) => {
      try {
        decoded(richJson, payload);
      } catch (error) {
        // Whatever it throws, the entry counts as missing; a defect would be a failure that no data explains.
        if (error instanceof ReferenceError) throw error;
      }
      assertUnpolluted();
    },
  ),
  target(
    "the cache reads what it wrote",
    fc.anything({ withDate: true, withMap: true, withSet: true, withBigInt: true }),
    (value) => {
      const payload = refusing(() => encoded(richJson, value), "ERR_NOT_SERIALIZABLE");
      if (payload === undefined) return;
      deepStrictEqual(encoded(richJson, decoded(richJson, payload)), payload);
    },
  ),
  target("parseJson() gives JSON or ERR_MALFORMED", fc.oneof(anyText(), fc.json()), (given) => {
    refusing(() => parseJson(given, "a text"), "ERR_MALFORMED");
  }),
  target(
    "json.apply() takes operations or refuses them by a code",
    fc.tuple(
      fc.jsonValue(),
      fc.array(
        fc.record({
          p: fc.array(fc.oneof(fc.constantFrom("a", "__proto__", "0"), fc.integer(), fc.string())),
          oi: fc.jsonValue(),
          od: fc.jsonValue(),
          li: fc.jsonValue(),
          ld: fc.jsonValue(),
          lm: fc.integer(),
          na: fc.double(),
          si: fc.string(),
        }, { requiredKeys: ["p"] }),
        { maxLength: 4 },
      ),
    ),
    ([document, operation]) => {
      // Of what a stranger sends no type is known.
      refusing(() => json.apply(document as never, operation as never), ...OP_CODES);
      assertUnpolluted();
    },
  ),
  target(
    "text.apply() takes operations or refuses them by a code",
    fc.tuple(
      fc.string({ unit: "binary" }),
      fc.array(fc.oneof(fc.integer(), fc.string(), fc.record({ d: fc.anything() }), fc.anything())),
    ),
    ([document, operation]) => {
      refusing(() => text.apply(document, operation as never), ...OP_CODES);
    },
  ),
];
