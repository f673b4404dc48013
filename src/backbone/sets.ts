/**
 * Sets of foreign keys as a Backbone model carries them: the attribute `sets`, `{ tags: { a: true } }`.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import { isObject, own } from "./attributes.ts";
import type { Attributes } from "./backbone.ts";

/** The attribute that sets are in. */
export const SETS = "sets";

/** The members of some sets, by the set's name. */
export type Contents = ReadonlyMap<string, readonly string[]>;

/** What has to change of one set. */
export interface SetChange {
  /** The set's name. */
  readonly set: string;
  /** Members that come. */
  readonly add: readonly string[];
  /** Members that go. */
  readonly remove: readonly string[];
}

/** The sets that a model declares, if it is one that can have sets (`Backbone.RedisModel`) or the prototype of one. */
export function setNames(model: object | undefined): readonly string[] {
  if (model === undefined || typeof Reflect.get(model, "setContents") !== "function") return [];
  const declared: unknown = Reflect.get(model, SETS);
  return isObject(declared) ? Object.keys(declared).filter((name) => declared[name]) : [];
}

/**
 * The members that the attribute `sets` tells of: for every declared set, those that stand in it.
 *
 * @throws {ArgumentError} `ERR_INVALID_VALUE` if it is none, or has a set that is not declared.
 */
export function contentsOf(attribute: unknown, names: readonly string[]): Contents {
  if (!isObject(attribute) || Object.keys(attribute).some((name) => !names.includes(name))) {
    throw new ArgumentError(
      "ERR_INVALID_VALUE",
      `Cannot save a model as its attribute sets must have objects by name: sets are ${
        names.join(", ")
      }`,
    );
  }
  return new Map(names.map((name) => [name, membersIn(attribute, name)]));
}

/** The members of one set in the attribute `sets`. */
export function membersIn(attribute: unknown, name: string): readonly string[] {
  const members = isObject(attribute) ? own(attribute, name) : undefined;
  return isObject(members) ? Object.keys(members).filter((member) => members[member]) : [];
}

/** The attribute `sets` of contents. */
export function setsAttribute(contents: Contents): Attributes {
  return Object.fromEntries([...contents].map(([name, members]) => [name, membersObject(members)]));
}

/** One set of the attribute `sets`. */
export function membersObject(members: readonly string[]): Attributes {
  return Object.fromEntries(members.map((member) => [member, true]));
}

/** What makes the contents that were seen the ones that are wanted. */
export function changesOf(seen: Contents, wanted: Contents): readonly SetChange[] {
  return [...wanted].flatMap(([set, members]) => {
    const before = new Set(seen.get(set));
    const after = new Set(members);
    const add = members.filter((member) => !before.has(member));
    const remove = [...before].filter((member) => !after.has(member));
    return add.length + remove.length === 0 ? [] : [{ set, add, remove }];
  });
}
