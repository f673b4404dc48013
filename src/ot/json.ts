/**
 * The type for JSON documents: json0's grammar, URI and results, on documents that are never changed in place.
 *
 * It differs from the npm package `ot-json0` 1.1.0 in this, and in nothing else that operations between honest clients
 * show:
 *
 * - Documents and operations are not changed and not cloned, they share what they have in common.
 * - What is no valid operation is refused: a component with two verbs or unknown fields, an index or offset that is no
 *   whole number or not within its list or text, a list under a name or an object under an index, sums that are no
 *   number, values that are no JSON, paths through `__proto__`, `constructor` and `prototype` or what is inherited.
 * - A deletion with a wrong record of what it deletes does not make the transformation fail.
 * - Edits of one string by `si` or `sd` and by the subtype `text0` know of each other.
 * - A document that was deleted at its root is null, not undefined.
 *
 * @module
 */

import { checkOptions } from "../errors.ts";
import type { Json } from "../json.ts";
import { guardedType } from "./guard.ts";
import { composeJson } from "./json_append.ts";
import { applyJson } from "./json_apply.ts";
import {
  checkJsonOp,
  checkJsonValues,
  type JsonComponent,
  type JsonGrammar,
  type JsonOp,
} from "./json_component.ts";
import { diffJson } from "./json_diff.ts";
import { completeJson, invertJson, invertJsonWithDoc } from "./json_invert.ts";
import { type JsonPresence, transformJsonPresence } from "./json_presence.ts";
import { jsonRules } from "./json_transform.ts";
import { sizeOfValue } from "./json_value.ts";
import { LIMIT_NAMES, limitsFrom, type OpLimits } from "./limits.ts";
import { transformList, transformPairOfLists } from "./pairs.ts";
import { text0 } from "./text0.ts";
import { checkSide, checkTypes, type OtType, type Side } from "./type.ts";

/** How a JSON type is made. */
export interface JsonTypeOptions extends Partial<OpLimits> {
  /** Types that values inside a document may have, beside text0: components with `t` and `o` are theirs, by name. */
  readonly subtypes?: readonly OtType[];
}

/**
 * The type for JSON documents. Every function throws `ERR_OP_MALFORMED`, `ERR_OP_PATH_FORBIDDEN`, `ERR_UNKNOWN_TYPE` or,
 * for what is too deep, `ERR_TOO_LARGE` for what is no operation, and `ERR_OP_MISMATCH` for one that does not fit. The
 * bounds on components and size hold in `checkOp` and `create` alone.
 */
export interface JsonType extends OtType<Json, JsonOp> {
  /** A value as an operation, held against the grammar, JSON and the bounds. */
  checkOp(op: unknown): JsonOp;
  /** The document itself, if it is JSON; null for none. Nothing is copied. */
  create(initial?: unknown): Json;
  /** The document after the operation; it shares with the old one what did not change. */
  apply(snapshot: Json, op: JsonOp): Json;
  /** The operation as it has to be after the other one. */
  transform(op: JsonOp, other: JsonOp, side: Side): JsonOp;
  /** Both operations, each after the other. */
  transformX(left: JsonOp, right: JsonOp): readonly [JsonOp, JsonOp];
  /** One operation that does what both do. */
  compose(op: JsonOp, next: JsonOp): JsonOp;
  /** The operation that undoes this one, as far as it records what it deletes. */
  invert(op: JsonOp): JsonOp;
  /** The operation that undoes this one on this document, whatever it records. */
  invertWithDoc(op: JsonOp, snapshot: Json): JsonOp;
  /**
   * The operation with a true record of what it deletes and overwrites. Whoever takes operations from strangers does
   * this before anyone sees them: one that overwrites a property and does not say so does not converge.
   */
  complete(op: JsonOp, snapshot: Json): JsonOp;
  /** An operation that leads from one document to another, and keeps what both have at their starts and ends. */
  diff(before: Json, after: Json): JsonOp;
  /** The operation with components merged where possible; one component alone is taken for an operation. */
  normalize(op: JsonOp | JsonComponent): JsonOp;
  /** Where somebody is after the operation; null if that place is gone. */
  transformPresence(presence: unknown, op: JsonOp, isOwnOp?: boolean): JsonPresence | null;
}

/**
 * Makes a JSON type with subtypes or bounds of its own.
 *
 * @example
 * ```ts
 * import { createJsonType, text } from "@holdfast/holdfast/ot";
 * import { deepStrictEqual } from "node:assert/strict";
 *
 * const notes = createJsonType({ subtypes: [text], sizeMax: 10_000 });
 * const op = [{ p: ["body"], t: "text", o: [5, " you"] }];
 * deepStrictEqual(notes.apply({ body: "Hello" }, op), { body: "Hello you" });
 * ```
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION` for an unknown option, `ERR_INVALID_ARGUMENT` for a subtype that is none.
 * @throws {LimitError} `ERR_INVALID_OPTION` for a bound that is none.
 */
export function createJsonType(options: JsonTypeOptions = {}): JsonType {
  const grammar = grammarFrom(options);
  const { limits } = grammar;
  const rules = jsonRules(grammar);
  const checked = (op: unknown): JsonOp => {
    checkJsonOp(grammar, op);
    return op;
  };
  return {
    name: "json",
    uri: "http://sharejs.org/types/JSONv0",
    aliases: ["json0"],
    checkOp: (op) => {
      checkJsonOp(grammar, op);
      checkJsonValues(limits, op);
      return op;
    },
    create: (initial = null) => {
      sizeOfValue(initial, limits);
      // sizeOfValue() throws for what is no JSON.
      return initial as Json;
    },
    apply: (snapshot, op) => applyJson(grammar, snapshot, op),
    transform: (op, other, side) => {
      checkSide(side);
      return transformList(rules, checked(op), checked(other), side);
    },
    transformX: (left, right) => transformPairOfLists(rules, checked(left), checked(right)),
    compose: (op, next) => composeJson(grammar, checked(op), checked(next)),
    invert: (op) => invertJson(grammar, checked(op)),
    invertWithDoc: (op, snapshot) => invertJsonWithDoc(grammar, checked(op), snapshot),
    complete: (op, snapshot) => completeJson(grammar, checked(op), snapshot),
    diff: diffJson,
    normalize: (op) => {
      const list = checked(listed(op));
      return list.length < 2 ? list : composeJson(grammar, [], list);
    },
    transformPresence: (presence, op, isOwnOp = false) =>
      transformJsonPresence(presence, checked(op), isOwnOp, limits.depthMax),
  };
}

/**
 * The type for JSON documents, with text0 as its only subtype.
 *
 * @example
 * ```ts
 * import { json } from "@holdfast/holdfast/ot";
 * import { deepStrictEqual, strictEqual } from "node:assert/strict";
 *
 * const before = { votes: 1, tags: ["a"], author: { name: "Ada" } };
 * const vote = [{ p: ["votes"], na: 1 }];
 * const tag = [{ p: ["tags", 0], li: "b" }];
 *
 * const after = json.apply(json.apply(before, vote), json.transform(tag, vote, "left"));
 * deepStrictEqual(after, { votes: 2, tags: ["b", "a"], author: { name: "Ada" } });
 * strictEqual((after as typeof before).author, before.author); // shared, not cloned
 * ```
 */
export const json: JsonType = /* @__PURE__ */ createJsonType();

function grammarFrom(options: JsonTypeOptions): JsonGrammar {
  const action = "make the type";
  checkOptions(action, options, [...LIMIT_NAMES, "subtypes"]);
  const { subtypes = [], ...limits } = options;
  const known = checkTypes([text0, ...subtypes]).map((type) =>
    [type.name, type === text0 ? type : guardedType(type)] as const
  );
  return { limits: limitsFrom(action, limits), subtypes: new Map(known) };
}

/** What `normalize` takes, as an operation. */
function listed(op: unknown): unknown {
  const list: readonly unknown[] = Array.isArray(op) ? op : [op];
  return list.map((component) =>
    typeof component === "object" && component !== null && !("p" in component)
      ? { p: [], ...component }
      : component
  );
}
