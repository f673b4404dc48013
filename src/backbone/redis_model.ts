/**
 * `Backbone.RedisModel`: a model with sets of foreign keys.
 *
 * @module
 */

import { ArgumentError, shown } from "../errors.ts";
import { own } from "./attributes.ts";
import type { BackboneModel } from "./backbone.ts";
import { membersIn, membersObject, setNames, SETS } from "./sets.ts";

/** A member of a set as its user gives it. Members are texts, as they were in the seed: 7 is `"7"`. */
export type Member = string | number | boolean;

/** Options of {@linkcode RedisModelSets.setAdd} and {@linkcode RedisModelSets.setDelete}; and all that `save` takes. */
export interface SetOptions {
  /** Whether the change waits for a `save()` of its own. */
  readonly noSave?: boolean | undefined;
  /** Whether nobody is told. */
  readonly silent?: boolean | undefined;
  /** Anything that `Model.save` takes. */
  readonly [option: string]: unknown;
}

/**
 * What `Backbone.RedisModel` adds to `Backbone.Model`.
 *
 * The sets of a class stand in its property `sets`, on the prototype: `extend({ sets: { tags: {} } })`, or in a class
 * `get sets() { return { tags: {} }; }`. The members stand in the attribute `sets`, and go to the store apart from the
 * record: what two users add to one set is both there, whoever saves first. Each changed set costs a request.
 */
export interface RedisModelSets {
  /** The declared sets, by name. */
  readonly sets: object;
  /**
   * Adds a member and saves the model. Calls the listeners of `change:sets`, `change` and `change:set:<key>`; of none,
   * and saves nothing, if it is there already. Returns what `save` returns; `undefined` if nothing is saved.
   *
   * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` if there is no such set, or the value can be no member.
   */
  setAdd(key: string, value: Member, options?: SetOptions): unknown;
  /** Removes a member and saves the model, as {@linkcode RedisModelSets.setAdd} does. */
  setDelete(key: string, value: Member, options?: SetOptions): unknown;
  /** The members of a set. */
  setContents(key: string): readonly string[];
  /** Whether a value is a member of a set. */
  setContains(key: string, value: Member): boolean;
}

/** The properties of `Backbone.RedisModel`. */
export function redisModelProperties(): RedisModelSets {
  return {
    sets: {},
    setAdd(this: BackboneModel, key, value, options) {
      return change(this, key, value, true, options);
    },
    setDelete(this: BackboneModel, key, value, options) {
      return change(this, key, value, false, options);
    },
    setContents(this: BackboneModel, key) {
      return contents(this, key);
    },
    setContains(this: BackboneModel, key, value) {
      return contents(this, key).includes(memberText(value));
    },
  };
}

function change(
  model: BackboneModel,
  key: string,
  value: Member,
  isWanted: boolean,
  options: SetOptions = {},
): unknown {
  const { noSave = false, ...rest } = options;
  const text = memberText(value);
  const members = contents(model, key);
  if (members.includes(text) === isWanted) return undefined;
  const next = isWanted ? [...members, text] : members.filter((member) => member !== text);
  // A new object each time: what the model was before, and a save that is on its way, keep theirs.
  const before: unknown = model.get(SETS) ?? {};
  const sets = { ...before as object, [key]: membersObject(next) };
  if (model.set(SETS, sets, rest) === false) return false;
  if (rest.silent !== true) model.trigger(`change:set:${key}`, model, value, rest);
  return noSave ? undefined : model.save(null, rest);
}

function contents(model: BackboneModel, key: string): readonly string[] {
  if (setNames(model).includes(key)) return membersIn(own(model.attributes, SETS), key);
  throw new ArgumentError("ERR_INVALID_ARGUMENT", `Set ${shown(key)} is not defined`);
}

function memberText(value: Member): string {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return String(value);
  }
  throw new ArgumentError(
    "ERR_INVALID_ARGUMENT",
    `Cannot use a member as it must be a string, a number or a boolean: current value is ${
      shown(value)
    }`,
  );
}
