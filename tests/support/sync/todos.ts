/**
 * The models that tests of sync serve.
 *
 * @module
 */

import {
  createModel,
  defineModel,
  type Model,
  type ModelsBackend,
  type ModelTypes,
} from "../../../src/models/mod.ts";
import { z } from "zod";

/** A thing to do, of somebody. */
export interface Todo {
  /** What to do. */
  readonly text: string;
  /** Whether it is done. */
  readonly done?: boolean | undefined;
  /** Whose it is. */
  readonly owner?: string | undefined;
  /** What no other has. */
  readonly code?: string | undefined;
}

/** The types of the model. */
export interface TodoTypes extends ModelTypes {
  readonly input: Todo;
  readonly fields: Todo;
  readonly id: number;
  readonly unique: "code";
  readonly index: never;
  readonly set: never;
}

const TODO = defineModel({
  key: "todo",
  name: "Todo",
  schema: z.object({
    text: z.string(),
    done: z.boolean().optional(),
    owner: z.string().optional(),
    code: z.string().optional(),
  }),
  scopes: ["owner"],
  unique: ["code"],
});

/** The model of things to do. */
export function todosOn(backend: ModelsBackend): Model<TodoTypes> {
  return createModel(backend, TODO);
}
