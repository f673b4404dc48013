/**
 * The types of a model's records, worked out from its definition; nothing of this exists at run time.
 *
 * @module
 */

import type { InferInput, InferOutput, Schema } from "../schema.ts";
import type { Scalar } from "../ordered_text.ts";

/** All types of one model, under one name, so that everything else needs one type parameter. */
export interface ModelTypes {
  /** What its schema takes. */
  readonly input: object;
  /** What its schema gives: a record without id and version. */
  readonly fields: object;
  /** Its ids. */
  readonly id: string | number;
  /** Its unique fields, and lists of fields that are unique together. */
  readonly unique: string | readonly string[];
  /** Its indexes, each as a list of fields. */
  readonly index: readonly string[];
  /** Its sets. */
  readonly set: string;
}

/** Two fields or more. */
export type FieldList<Field extends string> = readonly [Field, Field, ...Field[]];

/** The fields whose values can be unique, indexed or scopes: strings, numbers and booleans, or none. */
export type ScalarField<Fields> = {
  [Field in keyof Fields & string]-?: NonNullable<Fields[Field]> extends Scalar ? Field : never;
}[keyof Fields & string];

/** The types of a definition's options. */
export interface TypesOf<
  S extends Schema<unknown, unknown>,
  Unique,
  Index,
  Sets extends readonly string[],
  Id,
> {
  /** What its schema takes. */
  readonly input: InferInput<S> & object;
  /** What its schema gives. */
  readonly fields: InferOutput<S> & object;
  /** Its ids. */
  readonly id: Id extends "increment" ? number : string;
  /** Its unique fields, and lists of fields that are unique together. */
  readonly unique: UniqueNames<Unique>;
  /** Its indexes, each as a list of fields. */
  readonly index: IndexLists<Index>;
  /** Its sets. */
  readonly set: Sets[number];
}

/** The unique fields of a list of options. */
export type UniqueNames<Unique> = Unique extends readonly (infer Option)[]
  ? Option extends { readonly field: infer Field extends string | readonly string[] } ? Field
  : Option extends string | readonly string[] ? Option
  : never
  : never;

/** The indexes of a list of options, each as a list of fields. */
export type IndexLists<Index> = Index extends readonly (infer Option)[]
  ? Option extends string ? readonly [Option]
  : Option extends readonly string[] ? Option
  : never
  : never;

/** A record as it is read: its id, its fields, and its version. */
export type RecordOf<T extends ModelTypes> =
  & {
    /** The record's id. */
    readonly id: T["id"];
    /** The state it was read in: opaque text; equal versions mean the same state. */
    readonly $version: string;
    /** When it expires by the store's clock, in milliseconds since 1970; only there if it does. */
    readonly $expiresAt?: number;
  }
  & Readonly<T["fields"]>;

/** A record as it is created; an id that is given wins over the model's own. */
export type CreateOf<T extends ModelTypes> = T["input"] & {
  /** The record's id. */
  readonly id?: T["id"] | undefined;
};

/** What the records of a definition are created from. */
export type InferCreate<Definition> = Definition extends { readonly types?: infer T }
  ? NonNullable<T> extends ModelTypes ? CreateOf<NonNullable<T>> : never
  : never;

/** What the records of a definition are. */
export type InferRecord<Definition> = Definition extends { readonly types?: infer T }
  ? NonNullable<T> extends ModelTypes ? RecordOf<NonNullable<T>> : never
  : never;

/** What the ids of a definition are. */
export type InferId<Definition> = Definition extends { readonly types?: infer T }
  ? NonNullable<T> extends ModelTypes ? NonNullable<T>["id"] : never
  : never;

/** A value, or bounds of a range: above and below, each with or without the bound itself. */
export type Condition<Value> = Value | {
  /** Above this. */
  readonly gt?: Value;
  /** This, or above. */
  readonly gte?: Value;
  /** Below this. */
  readonly lt?: Value;
  /** This, or below. */
  readonly lte?: Value;
};

/** A query by declared indexes: nothing for all records; or fields of an index from its first on, the last a range. */
export type QueryOf<T extends ModelTypes> =
  | Readonly<Record<string, never>>
  | (T["index"] extends infer List ? List extends readonly string[] ? IndexQuery<T["fields"], List>
    : never
    : never);

/** The queries that one index answers; `Exact` are the fields before, which must be equal. */
export type IndexQuery<Fields, List extends readonly string[], Exact = unknown> = List extends
  readonly [infer First extends string, ...infer Rest extends readonly string[]] ?
    | (Exact & { readonly [F in First]: Condition<FieldValue<Fields, F>> })
    | IndexQuery<Fields, Rest, Exact & { readonly [F in First]: FieldValue<Fields, F> }>
  : never;

/** What a field holds when it holds something. */
export type FieldValue<Fields, Field> = Field extends keyof Fields ? NonNullable<Fields[Field]>
  : never;

/** The value of a unique field, or the values of fields that are unique together. */
export type UniqueValue<T extends ModelTypes, Unique> = Unique extends readonly string[]
  ? { readonly [Index in keyof Unique]: FieldValue<T["fields"], Unique[Index]> }
  : FieldValue<T["fields"], Unique>;

/** A write that is about to be made. */
export interface BeforeWrite<T extends ModelTypes> {
  /** What is about to happen. */
  readonly kind: "create" | "update" | "delete";
  /** The record; `undefined` if its id will be drawn. */
  readonly id: T["id"] | undefined;
  /** The fields that are going to be checked; `undefined` for a deletion. */
  readonly fields: T["input"] | undefined;
}

/** A write that was made. */
export interface AfterWrite<T extends ModelTypes> {
  /** What happened. */
  readonly kind: "create" | "update" | "delete";
  /** The record. */
  readonly id: T["id"];
  /** The record as it is now; `undefined` after a deletion. */
  readonly record: RecordOf<T> | undefined;
}
