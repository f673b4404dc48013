/**
 * What a model's feed tells.
 *
 * @module
 */

import type { Scalar } from "../ordered_text.ts";
import type { ModelTypes, RecordOf } from "./record_types.ts";

/** What every change of a record says. */
export interface ChangeBase<T extends ModelTypes> {
  /** The record. */
  readonly id: T["id"];
  /** Its number in the model's journal, from 1. */
  readonly index: number;
  /** Where to go on after it. */
  readonly cursor: string;
  /** The record's scopes before; `undefined` if it was not there. */
  readonly before: Readonly<Partial<T["fields"]>> | undefined;
  /** The record's scopes from now on; `undefined` if it is gone. */
  readonly after: Readonly<Partial<T["fields"]>> | undefined;
}

/** A change of a model. */
export type Change<T extends ModelTypes> =
  /** A record was created, or written again. */
  | ChangeBase<T> & {
    readonly kind: "create" | "update";
    /** The record as it was written. */
    readonly record: RecordOf<T>;
  }
  /** A record was removed. */
  | ChangeBase<T> & {
    readonly kind: "delete";
    /** Whether its time had come. */
    readonly isExpiry: boolean;
  }
  /** A set of a record changed. */
  | ChangeBase<T> & {
    readonly kind: "members";
    /** The set. */
    readonly set: T["set"];
    /** What came. */
    readonly added: readonly Scalar[];
    /** What went. */
    readonly removed: readonly Scalar[];
  }
  /** Changes are missing: read all records anew. */
  | {
    readonly kind: "reset";
    /** Where to go on. */
    readonly cursor: string;
  };
