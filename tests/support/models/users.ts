/**
 * A model that uses all a model can do, on any backend, for the tests of the face.
 *
 * @module
 */

import {
  createModel,
  defineModel,
  type Model,
  type ModelDefinition,
  type ModelsBackend,
  type ModelTypes,
} from "../../../src/models/mod.ts";
import { memory } from "../../../adapters/memory/mod.ts";
import { type ManualClock, manualClock } from "../../contracts/mod.ts";
import { z } from "zod";

/** The types of {@linkcode User}. */
export interface UserTypes extends ModelTypes {
  readonly input: UserFields;
  readonly fields: UserFields;
  readonly id: number;
  readonly unique: "email" | readonly ["team", "name"];
  readonly index:
    | readonly ["age"]
    | readonly ["team", "age"]
    | readonly ["admin"]
    | readonly ["name"];
  readonly set: "followers" | "tags";
}

interface UserFields {
  email: string;
  name: string;
  team?: number | null | undefined;
  age?: number | undefined;
  admin?: boolean | undefined;
  tags?: unknown[] | undefined;
}

/** A definition with unique fields, alone and together, indexes, sets and scopes. */
export const User: ModelDefinition<UserTypes> = defineModel({
  key: "user",
  schema: z.object({
    email: z.email(),
    name: z.string(),
    team: z.number().nullish(),
    age: z.number().optional(),
    admin: z.boolean().optional(),
    tags: z.array(z.unknown()).optional(),
  }),
  unique: ["email", ["team", "name"]],
  index: ["age", ["team", "age"], "admin", "name"],
  sets: ["followers", "tags"],
  scopes: ["team"],
});

/** What a record of {@linkcode User} is created from, when a test does not care. */
export function person(name: string, over: object = {}): { email: string; name: string } {
  return { email: `${name}@x.org`, name, ...over };
}

/** A model in memory by a clock that the test moves. */
export function inMemory<T extends ModelTypes>(
  definition: ModelDefinition<T>,
): { readonly model: Model<T>; readonly clock: ManualClock; readonly backend: ModelsBackend } {
  const clock = manualClock();
  const backend = memory({ clock });
  return { model: createModel(backend, definition), clock, backend };
}
