/**
 * The registers of the simulator as a state machine that real nodes run: what the checker of histories knows.
 *
 * @module
 */

import type { StateMachine } from "../../../src/raft/mod.ts";
import {
  type RegisterInput,
  registerModel,
  type RegisterOutput,
  type RegisterState,
} from "../../simulation/register.ts";

/** What one key is asked. */
export interface RegisterCommand {
  readonly key: string;
  readonly input: RegisterInput;
}

/** A reply as JSON carries it. */
export type RegisterReply = {
  readonly kind: RegisterOutput["kind"];
  readonly value?: string;
  readonly length?: number;
  readonly swapped?: boolean;
};

/** Makes empty registers. */
export function registerMachine(): StateMachine<
  RegisterCommand,
  RegisterReply,
  { readonly key: string },
  RegisterReply
> {
  let registers = new Map<string, RegisterState>();
  return {
    encode: (command) => new TextEncoder().encode(JSON.stringify(command)),
    apply(data) {
      const { key, input }: RegisterCommand = JSON.parse(new TextDecoder().decode(data));
      const { state, output } = registerModel.run(registers.get(key), input);
      registers.set(key, state);
      return jsonOf(output);
    },
    read: ({ key }) => jsonOf({ kind: "value", value: registers.get(key) }),
    save: () => new TextEncoder().encode(JSON.stringify([...registers])),
    restore(data) {
      registers = new Map(JSON.parse(new TextDecoder().decode(data)));
    },
  };
}

function jsonOf(output: RegisterOutput): RegisterReply {
  return JSON.parse(JSON.stringify(output));
}
