/**
 * Types from elsewhere, with errors that have codes.
 *
 * @module
 */

import { HoldfastError } from "../errors.ts";
import { mismatch } from "./refusal.ts";
import { type OtType, TYPE_FUNCTIONS } from "./type.ts";

/**
 * The same type, each function of which throws only errors of Holdfast: whatever else it threw is the cause of one with
 * `ERR_OP_MISMATCH`, since from outside nobody can tell what it disliked.
 */
export function guardedType(type: OtType): OtType {
  const guarded: Record<string, unknown> = {};
  for (const name of TYPE_FUNCTIONS) {
    const own = type[name];
    if (own === undefined) continue;
    guarded[name] = guardedCall(name, (...args) => Reflect.apply(own, type, args));
  }
  // The functions of TYPE_FUNCTIONS are put over those of the type, with the same parameters.
  return { ...type, name: type.name, uri: type.uri, ...guarded } as OtType;
}

function guardedCall(name: string, call: (...args: unknown[]) => unknown) {
  return (...args: unknown[]): unknown => {
    try {
      return call(...args);
    } catch (error) {
      // Types from elsewhere throw whatever they like.
      if (HoldfastError.is(error)) throw error;
      throw mismatch(`its type must be able to ${name} it`, { cause: error });
    }
  };
}
