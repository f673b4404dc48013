/**
 * What a user sees of a batch.
 *
 * @module
 */

import type { CreateOf, ModelTypes, RecordOf } from "./record_types.ts";
import type { PutOptions, ReplaceOptions } from "./write_options.ts";

/** Collects the writes of a batch. What it is given is checked when all of it is there. */
export interface BatchWriter<T extends ModelTypes> {
  /** As `Model.create`. */
  create(input: CreateOf<T>, options?: Pick<PutOptions, "ttl">): void;
  /** As `Model.update`. */
  update(
    record: RecordOf<T>,
    changes: Partial<T["input"]>,
    options?: Pick<PutOptions, "ttl">,
  ): void;
  /** As `Model.replace`. */
  replace(
    id: T["id"],
    input: T["input"],
    options?: Pick<ReplaceOptions, "ttl" | "version">,
  ): void;
  /** As `Model.upsert`. */
  upsert(input: CreateOf<T> & { readonly id: T["id"] }, options?: Pick<PutOptions, "ttl">): void;
  /** As `Model.delete`, by a record in hand or an id. */
  delete(record: RecordOf<T> | T["id"]): void;
}
