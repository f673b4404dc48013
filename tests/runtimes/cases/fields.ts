/**
 * A schema by hand, as no library is needed for one.
 *
 * @module
 */

import type { Schema } from "../../../src/schema.ts";

/** Something to do. */
export interface Todo {
  /** What. */
  readonly text: string;
}

/** The schema of what is to do. */
export const todoSchema: Schema<Todo> = {
  "~standard": {
    version: 1,
    vendor: "smoke",
    validate: (value) => {
      const { text } = Object(value);
      return typeof text === "string"
        ? { value: { text } }
        : { issues: [{ message: "must be text", path: ["text"] }] };
    },
  },
};
