/**
 * What a model is: its key, its schema, and what must hold of its records.
 *
 * A definition is checked when it is made, so that one that cannot work fails at start and not at the first write. It
 * does no I/O and may stand at module scope.
 *
 * @module
 */

import { type Duration, durationMs } from "../duration.ts";
import { checkOptions, shown } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { InferInput, InferOutput, Schema } from "../schema.ts";
import {
  checkedKey,
  checkFields,
  type Fold,
  type IdSource,
  indexRules,
  invalid,
  type ModelPlan,
  names,
  uniqueRules,
} from "./plan.ts";
import type { JournalBounds } from "./port.ts";
import type {
  AfterWrite,
  BeforeWrite,
  FieldList,
  ModelTypes,
  ScalarField,
  TypesOf,
} from "./record_types.ts";

/** How strings of a unique field, or of several that are unique together, are compared. */
export interface UniqueFieldOption<Field extends string> {
  /** The field, or the fields that are unique together. */
  readonly field: Field | FieldList<Field>;
  /** `"lower"` (the default elsewhere): without case. `"exact"`: as they are. `"nfkc"`: without case, after NFKC. */
  readonly fold: Fold;
}

/** What to keep of a model's journal; whichever bound is reached first drops the oldest part. */
export interface JournalOptions {
  /** The most entries: 10,000 by default, at least 100. */
  readonly entriesMax?: number;
  /** The most bytes: 16 MiB by default, at least 64 KiB. */
  readonly bytesMax?: number;
  /** The longest time; 7 days by default. */
  readonly ageMax?: Duration;
}

/** How fields are stored that JSON does not carry. */
export interface RecordCodec<Fields> {
  /** The fields as JSON. Unique and indexed fields are taken from what it gives. */
  encode(fields: Fields): JsonObject;
  /** The fields again. */
  decode(stored: JsonObject): Fields;
}

/** Called around every write of a record. */
export interface ModelHooks<T extends ModelTypes> {
  /**
   * Called before a record is checked by its schema. May refuse the write by throwing, and give other fields by
   * returning them. May be called more than once for one write: `patch` calls it for each attempt.
   */
  before?(write: BeforeWrite<T>): T["input"] | void | Promise<T["input"] | void>;
  /** Called after a write has happened. Cannot undo it: what it throws goes to the host as an unhandled rejection. */
  after?(write: AfterWrite<T>): void | Promise<void>;
}

/** Options of {@linkcode defineModel}. */
export interface ModelOptions<
  S extends Schema<unknown, object>,
  Unique,
  Index,
  Sets extends readonly string[],
  Id,
> {
  /** The model's key in its store: 1 to 128 characters, no control characters, no `|`, `{` or `}`. */
  readonly key: string;
  /** The model's name on the wire; the key by default. */
  readonly name?: string;
  /** Any Standard Schema of an object. It must accept what it gives, as an update checks the whole record again. */
  readonly schema: S;
  /** `"increment"` (the default), `"uuid"` (version 7), or a function of the record. An id given on creating wins. */
  readonly id?: Id;
  /** Fields that no two records share, alone or (in a list) together. Missing fields and null are never shared. */
  readonly unique?: Unique;
  /** Fields, or lists of fields, by which records are found in order. */
  readonly index?: Index;
  /** Sets of foreign keys that every record has. */
  readonly sets?: Sets;
  /** Fields that entries of the journal carry as they were before and after, for filters of rows. */
  readonly scopes?: readonly ScalarField<InferOutput<S>>[];
  /** How long records live: the default of all writes. `Infinity` lets only single writes say so. */
  readonly ttl?: Duration;
  /** Whether deleting only hides a record, until it is restored or purged. */
  readonly softDelete?: boolean;
  /** The number of the records' present shape, from 1 (the default); raise it when old records need `migrate`. */
  readonly version?: number;
  /** Makes a record of an older shape one of the present one. It is stored with the record's next write. */
  readonly migrate?: (old: JsonObject, version: number) => InferOutput<S>;
  /** Makes JSON of fields that JSON does not carry, such as dates, and fields of JSON. */
  readonly codec?: RecordCodec<InferOutput<S>>;
  /** Called before and after every write. */
  readonly hooks?: ModelHooks<TypesOf<S, Unique, Index, Sets, Id>>;
  /** Over how many keys the records are spread: a power of two from 1 (the default) to 64. Fixed for good. */
  readonly shards?: number;
  /** Bounds of the journal, or `false` if nobody watches the model. */
  readonly journal?: JournalOptions | false;
  /**
   * `"seed"` for data in the layout of backbone-redis-store. Deleting a record leaves the sets that only the seed wrote,
   * as nothing stored says which members they have: `replace([])` before the deletion empties them.
   */
  readonly layout?: "own" | "seed";
}

/** A definition of a model, made by {@linkcode defineModel}. */
export interface ModelDefinition<T extends ModelTypes = ModelTypes> {
  /** All of it that is plain data. */
  readonly plan: ModelPlan;
  /** Checks a record without its id. */
  readonly schema: Schema<unknown, unknown>;
  /** Makes an id of a record, under `id: (record) => …`. */
  makeId?(fields: T["fields"]): string;
  /** Makes a record of an older shape one of the present one. */
  migrate?(old: JsonObject, version: number): object;
  /** Makes JSON of the fields, and fields of JSON. */
  readonly codec?: { encode(fields: object): JsonObject; decode(stored: JsonObject): object };
  /** Called before and after every write. */
  readonly hooks: ModelHooks<T>;
  /** Carries the types; has no value at run time. */
  readonly types?: T;
}

const OPTIONS = [
  ..."key name schema id unique index sets scopes ttl softDelete version migrate codec hooks".split(
    " ",
  ),
  ..."shards journal layout".split(" "),
];

/**
 * Defines a model.
 *
 * @throws {ArgumentError} `ERR_INVALID_KEY` or `ERR_INVALID_OPTION` if it cannot work: a key with a `|`, a field that
 * the schema lacks, two indexes of one name, a schema that is none.
 *
 * @example
 * ```ts
 * import { defineModel } from "@holdfast/holdfast/models";
 * import { z } from "zod";
 *
 * const User = defineModel({
 *   key: "user",
 *   schema: z.object({ email: z.email(), name: z.string(), team: z.number().optional() }),
 *   unique: ["email", ["team", "name"]],
 *   index: ["team"],
 * });
 * ```
 */
export function defineModel<
  S extends Schema<unknown, object>,
  const Unique extends UniqueOptions<InferOutput<S>> = [],
  const Index extends IndexOptions<InferOutput<S>> = [],
  const Sets extends readonly string[] = [],
>(
  options:
    & ModelOptions<S, Unique, Index, Sets, (fields: InferOutput<S>) => string>
    & { readonly schema: SelfAccepting<S>; readonly id: (fields: InferOutput<S>) => string },
): ModelDefinition<TypesOf<S, Unique, Index, Sets, "custom">>;
/** Defines a model whose ids are numbers that it counts, or UUIDs. */
export function defineModel<
  S extends Schema<unknown, object>,
  const Unique extends UniqueOptions<InferOutput<S>> = [],
  const Index extends IndexOptions<InferOutput<S>> = [],
  const Sets extends readonly string[] = [],
  const Id extends "increment" | "uuid" = "increment",
>(
  options: ModelOptions<S, Unique, Index, Sets, Id> & { readonly schema: SelfAccepting<S> },
): ModelDefinition<TypesOf<S, Unique, Index, Sets, Id>>;
export function defineModel(options: AnyOptions): ModelDefinition {
  checkOptions("define a model", options, OPTIONS);
  const { schema, migrate, codec, hooks = {}, id } = options;
  if (typeof schema?.["~standard"]?.validate !== "function") {
    throw invalid("schema", "must be a Standard Schema, version 1");
  }
  const plan = planOf(options, id);
  if (plan.version > 1 && migrate === undefined) throw invalid("version", "needs migrate past 1");
  for (const { fields } of [...plan.unique, ...plan.index]) checkFields(schema, "field", fields);
  checkFields(schema, "scopes", plan.scopes);
  return {
    plan,
    schema,
    hooks,
    ...(typeof id === "function" && { makeId: (fields) => String(id(fields)) }),
    ...(migrate !== undefined && { migrate }),
    ...(codec !== undefined && { codec }),
  };
}

/** What may be unique of a record with these fields. */
export type UniqueOptions<Fields> = readonly (
  | ScalarField<Fields>
  | FieldList<ScalarField<Fields>>
  | UniqueFieldOption<ScalarField<Fields>>
)[];

/** What may be an index of a record with these fields. */
export type IndexOptions<Fields> = readonly (
  | ScalarField<Fields>
  | FieldList<ScalarField<Fields>>
)[];

/** A schema that accepts what it gives; of one that does not, what it would have to be. */
export type SelfAccepting<S extends Schema<unknown, unknown>> = InferOutput<S> extends InferInput<S>
  ? S
  : Schema<InferOutput<S>, InferOutput<S>>;

/** The options, whatever their types; the overloads have checked them. */
type AnyOptions =
  & Omit<
    ModelOptions<
      Schema<unknown, object>,
      Parameters<typeof uniqueRules>[0],
      Parameters<typeof indexRules>[0],
      readonly string[],
      unknown
    >,
    "hooks" | "migrate" | "codec" | "scopes"
  >
  & Pick<Partial<ModelDefinition>, "hooks" | "migrate" | "codec">
  & { readonly scopes?: readonly string[] };

function planOf(options: AnyOptions, id: unknown): ModelPlan {
  const { layout = "own", shards = 1, version = 1, softDelete = false, ttl, journal } = options;
  if (layout !== "own" && layout !== "seed") {
    throw invalid("layout", `must be "own" or "seed": current value is ${shown(layout)}`);
  }
  if (![1, 2, 4, 8, 16, 32, 64].includes(shards) || (layout === "seed" && shards > 1)) {
    throw invalid("shards", `must be a power of two up to 64, or 1 under the seed's layout`);
  }
  if (!Number.isSafeInteger(version) || version < 1) {
    throw invalid("version", `must be a whole number of at least 1`);
  }
  const key = checkedKey(options.key, layout);
  const ttlMs = ttl === undefined ? undefined : durationMs(ttl, "ttl");
  const unique = uniqueRules(options.unique ?? []);
  return {
    name: checkedName(options.name ?? key),
    shape: {
      key,
      layout,
      shards,
      uniqueNames: unique.map(({ name }) => name),
      expires: ttlMs !== undefined,
      hasSets: (options.sets ?? []).length > 0,
      isWatched: journal !== false,
      journal: journalBounds(journal === false ? { entriesMax: 1_000 } : journal),
    },
    ids: idSource(id),
    unique,
    index: indexRules(options.index ?? []),
    sets: names("sets", options.sets ?? []),
    scopes: names("scopes", options.scopes ?? []),
    ttlMs: ttlMs === Infinity ? undefined : ttlMs,
    softDelete,
    version,
  };
}

function idSource(id: unknown = "increment"): IdSource {
  if (typeof id === "function") return "custom";
  if (id === "increment" || id === "uuid") return id;
  throw invalid("id", `must be "increment", "uuid" or a function: current value is ${shown(id)}`);
}

function checkedName(name: string): string {
  if (typeof name === "string" && /^[^$:\p{Cc}\p{Cs}][^:\p{Cc}\p{Cs}]{0,127}$/u.test(name)) {
    return name;
  }
  throw invalid("name", "must have 1 to 128 characters, no colon and no $ at its start");
}

function journalBounds(options: JournalOptions = {}): JournalBounds {
  checkOptions("define a model", options, ["entriesMax", "bytesMax", "ageMax"]);
  const { entriesMax = 10_000, bytesMax = 16_777_216, ageMax = "7d" } = options;
  if (!(entriesMax >= 100 && entriesMax <= 1_000_000)) {
    throw invalid("journal.entriesMax", "must be from 100 to 1,000,000");
  }
  if (!(bytesMax >= 65_536 && bytesMax <= 67_108_864)) {
    throw invalid("journal.bytesMax", "must be from 64 KiB to 64 MiB");
  }
  return { entriesMax, bytesMax, ageMsMax: durationMs(ageMax, "journal.ageMax") };
}
