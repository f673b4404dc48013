/**
 * What a client may ask of one key, and what it should be answered: the model that histories are held against, and the
 * state machine that the simulated nodes run.
 *
 * @module
 */

import { assertNever } from "../../src/errors.ts";
import { impossible, type SequentialModel } from "./linearizability.ts";

/** A value that is not there is `undefined`. */
export type RegisterState = string | undefined;

/** A command or a read of one key. */
export type RegisterInput =
  | { readonly kind: "read" }
  | { readonly kind: "put"; readonly value: string }
  | { readonly kind: "append"; readonly text: string }
  | { readonly kind: "swap"; readonly expected: RegisterState; readonly value: string };

/** The answer. An append is answered with the new length, so that a doubled or lost one shows. */
export type RegisterOutput =
  | { readonly kind: "value"; readonly value: RegisterState }
  | { readonly kind: "done" }
  | { readonly kind: "length"; readonly length: number }
  | { readonly kind: "swapped"; readonly swapped: boolean };

/** A register: what it does, and whether an answer fits. */
export interface RegisterModel
  extends SequentialModel<RegisterState, RegisterInput, RegisterOutput> {
  /** The next state and the answer. */
  run(state: RegisterState, input: RegisterInput): {
    readonly state: RegisterState;
    readonly output: RegisterOutput;
  };
}

/** The sequential register. */
export const registerModel: RegisterModel = {
  initial: undefined,
  run,
  apply(state, input, output) {
    const answer = run(state, input);
    if (output !== undefined && !isSame(answer.output, output)) return impossible;
    return answer.state;
  },
  print: (state) => state === undefined ? "" : `=${state}`,
};

function run(state: RegisterState, input: RegisterInput): ReturnType<RegisterModel["run"]> {
  switch (input.kind) {
    case "read":
      return { state, output: { kind: "value", value: state } };
    case "put":
      return { state: input.value, output: { kind: "done" } };
    case "append": {
      const next = (state ?? "") + input.text;
      return { state: next, output: { kind: "length", length: next.length } };
    }
    case "swap": {
      const swapped = state === input.expected;
      return { state: swapped ? input.value : state, output: { kind: "swapped", swapped } };
    }
    default:
      return assertNever(input, "a register's input");
  }
}

function isSame(a: RegisterOutput, b: RegisterOutput): boolean {
  switch (a.kind) {
    case "done":
      return b.kind === "done";
    case "value":
      return b.kind === "value" && a.value === b.value;
    case "length":
      return b.kind === "length" && a.length === b.length;
    case "swapped":
      return b.kind === "swapped" && a.swapped === b.swapped;
    default:
      return assertNever(a, "a register's output");
  }
}
