/**
 * From a Backbone model's attributes to a record, and back.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import { RECORD_DEPTH_MAX } from "../models/mod.ts";
import type { Attributes } from "./backbone.ts";

/** Names that a record keeps for itself. */
const OWN_NAMES: readonly string[] = ["id", "$version", "$expiresAt"];

/**
 * What JSON makes of attributes: dates, nested models and all else that has one by its `toJSON()`. What JSON would
 * drop or alter stays, so that it is refused by its path; so do cycles.
 */
export function jsonOf(attributes: Attributes): Attributes {
  // Attributes are an object, and of an object this makes one.
  return plain(attributes, new Map()) as Attributes;
}

/**
 * The fields of a record from a model's attributes, without its id.
 *
 * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` if an attribute has a name that every record keeps for itself.
 */
export function fieldsOf(attributes: Attributes, idAttribute: string): Attributes {
  const fields = Object.entries(attributes).filter(([name]) => name !== idAttribute);
  const taken = fields.find(([name]) => OWN_NAMES.includes(name))?.[0];
  if (taken === undefined) return Object.fromEntries(fields);
  throw new ArgumentError(
    "ERR_INVALID_ARGUMENT",
    `Cannot save a model as none of its attributes may be named ${taken}: records keep it for themselves`,
  );
}

/** The attributes of a record. */
export function attributesOf(record: object, idAttribute: string): Attributes {
  const fields = Object.entries(record).filter(([name]) => !OWN_NAMES.includes(name));
  return Object.fromEntries([[idAttribute, Reflect.get(record, "id")], ...fields]);
}

/**
 * An answer without what the model was given while it was on the way: those attributes keep their present value, so
 * that a late answer does not undo what its user typed since.
 *
 * @param before The attributes when the request was made.
 * @param now The attributes now.
 * @param json Makes what would be saved of the attributes now.
 */
export function withLaterChanges(
  answer: Attributes,
  before: Attributes,
  now: Attributes,
  json: () => Attributes,
): Attributes {
  const isChanged = (name: string) => !Object.is(own(now, name), own(before, name));
  if (!Object.keys(answer).some(isChanged)) return answer;
  const present = json();
  return Object.fromEntries(
    Object.entries(answer)
      .filter(([name]) => !isChanged(name) || Object.hasOwn(present, name))
      .map(([name, value]) => [name, isChanged(name) ? present[name] : value]),
  );
}

/** A property of the object itself, never of its prototype. */
export function own(object: object, name: string): unknown {
  return Object.hasOwn(object, name) ? Reflect.get(object, name) : undefined;
}

/** Whether a value is an object, and no array. */
export function isObject(value: unknown): value is Attributes {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function plain(value: unknown, made: Map<object, unknown>, depth = 0): unknown {
  if (typeof value !== "object" || value === null || depth > RECORD_DEPTH_MAX) return value;
  // What is met again, in a cycle or not, is made once; what meets itself in its `toJSON()` stays.
  if (made.has(value)) return made.get(value);
  if ("toJSON" in value && typeof value.toJSON === "function") {
    made.set(value, value);
    const json = plain(value.toJSON(), made, depth + 1);
    made.set(value, json);
    return json;
  }
  if (Array.isArray(value)) {
    const items: unknown[] = [];
    made.set(value, items);
    for (const item of value) items.push(plain(item, made, depth + 1));
    return items;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return value;
  const object: object = {};
  made.set(value, object);
  for (const [name, part] of Object.entries(value)) {
    // Defined, not assigned, as assigning to `__proto__` would set something else.
    const property = { enumerable: true, configurable: true, writable: true };
    Object.defineProperty(object, name, { ...property, value: plain(part, made, depth + 1) });
  }
  return object;
}
