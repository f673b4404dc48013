/**
 * The failures of a model that a caller can act on.
 *
 * @module
 */

import { HoldfastError } from "../errors.ts";

/** A unique value is held by another record. */
export class UniqueError extends HoldfastError {
  /** The class's name, also in minified bundles. */
  override readonly name: string = "UniqueError";
  /** The field, or the fields that are unique together. */
  readonly fields: readonly string[];
  /** The id of the record that holds the value; `undefined` if it is another record of the same batch. */
  readonly owner: string | number | undefined;

  /** Makes an error that names the fields and the owner. */
  constructor(action: string, fields: readonly string[], owner: string | number | undefined) {
    super("ERR_UNIQUE", `Cannot ${action} as ${fields.join(" and ")} must be unique`);
    this.fields = fields;
    this.owner = owner;
  }

  /** The field; several joined by `+`. */
  get field(): string {
    return this.fields.join("+");
  }
}

/** A record is not in the state that a write builds on. */
export class ConflictError<Current = unknown> extends HoldfastError {
  /** The class's name, also in minified bundles. */
  override readonly name: string = "ConflictError";
  /** The record as it is now; `undefined` if it is gone. */
  readonly current: Current | undefined;

  /** Makes an error that carries the record as it is now. */
  constructor(action: string, current: Current | undefined) {
    super("ERR_CONFLICT", `Cannot ${action} as the record changed since it was read`);
    this.current = current;
  }
}

/** A record is not there. */
export function notFound(action: string): HoldfastError {
  return new HoldfastError("ERR_NOT_FOUND", `Cannot ${action} as there is none with this id`);
}
