/**
 * Schemas of any library that speaks Standard Schema 1 (zod, valibot, arktype and others), by structure alone: the
 * interface is written out here, so no package is needed to name it.
 *
 * Source: the Standard Schema specification, version 1 (standardschema.dev).
 *
 * @module
 */

import { HoldfastError } from "./errors.ts";

/** A schema that turns an `Input` into an `Output` or says what is wrong with it. */
export interface Schema<Input = unknown, Output = Input> {
  /** The schema's standard face. */
  readonly "~standard": {
    /** The specification's version. */
    readonly version: 1;
    /** The library that made the schema. */
    readonly vendor: string;
    /** Checks a value; asynchronous only if the schema is. */
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    /** Carries the types; has no value at run time. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

/** What a schema says of a value. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/** One thing that is wrong with a value. */
export interface SchemaIssue {
  /** What is wrong, for people. */
  readonly message: string;
  /** Where, from the outside in. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a schema takes. */
export type InferInput<S extends Schema<unknown, unknown>> = NonNullable<
  S["~standard"]["types"]
>["input"];
/** What a schema gives. */
export type InferOutput<S extends Schema<unknown, unknown>> = NonNullable<
  S["~standard"]["types"]
>["output"];

/** One issue as plain data, fit for the wire. */
export interface ValueIssue {
  /** Where, as keys from the outside in; empty for the value itself. */
  readonly path: readonly string[];
  /** What is wrong, for people. */
  readonly message: string;
}

/** A value that its schema refuses. */
export class ValueError extends HoldfastError {
  /** The class's name, also in minified bundles. */
  override readonly name: string = "ValueError";
  /** Everything that is wrong with the value. */
  readonly issues: readonly ValueIssue[];

  /** Makes an error from the issues of a schema. */
  constructor(action: string, issues: readonly SchemaIssue[]) {
    super("ERR_INVALID_VALUE", `Cannot ${action} as the value does not satisfy its schema`);
    this.issues = issues.map(({ message, path = [] }) => ({
      message,
      path: path.map((part) => String(typeof part === "object" ? part.key : part)),
    }));
  }
}

/**
 * What a schema's answer means for an action: the value, or a throw.
 *
 * @throws {ValueError} `ERR_INVALID_VALUE` with every issue.
 */
export function accepted<Output>(action: string, result: SchemaResult<Output>): Output {
  if (result.issues !== undefined) throw new ValueError(action, result.issues);
  return result.value;
}
