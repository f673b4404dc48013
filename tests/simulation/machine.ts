/**
 * The state machine that simulated nodes run: registers by key, and the table of client sessions.
 *
 * @module
 */

import type { Entry } from "../../src/raft/core/mod.ts";
import {
  type SavedSession,
  type SessionLimits,
  type SessionOutcome,
  SessionTable,
} from "../../src/raft/sessions.ts";
import { type RegisterInput, registerModel, type RegisterOutput } from "./register.ts";
import type { StoredSnapshot } from "./store_state.ts";

/** A command as it stands in the log. */
export interface MachineCommand {
  readonly key: string;
  readonly input: RegisterInput;
  /** Unique among all commands; the retry of one has the same. */
  readonly serial: number;
}

/** The answer to a command: what its register said, or why it was not asked; or a number of a session. */
export type MachineReply =
  | RegisterOutput
  | { readonly kind: "opened"; readonly session: number }
  | { readonly kind: "not executed"; readonly reason: "expired" | "acknowledged" | "full" };

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A command as bytes. */
export function encodeCommand(command: MachineCommand): Uint8Array {
  return encoder.encode(JSON.stringify(command));
}

/** A command from bytes that {@linkcode encodeCommand} made. */
export function decodeCommand(data: Uint8Array): MachineCommand {
  return JSON.parse(decoder.decode(data)); // our own bytes, never from outside
}

interface SavedMachine {
  readonly registers: readonly (readonly [string, string])[];
  readonly sessions: readonly SavedSession<RegisterOutput>[];
}

/** Registers and sessions of one node. */
export class Machine {
  #applied = 0;
  #registers = new Map<string, string>();
  readonly #sessions: SessionTable<RegisterOutput>;
  readonly #whenExecuted: (command: MachineCommand) => void;

  /** Makes an empty machine that tells of each command it executes. */
  constructor(limits: SessionLimits, whenExecuted: (command: MachineCommand) => void = () => {}) {
    this.#sessions = new SessionTable(limits);
    this.#whenExecuted = whenExecuted;
  }

  /** The index of the last entry that the state has in it. */
  get applied(): number {
    return this.#applied;
  }

  /** Takes the next entry; answers commands. */
  apply(entry: Entry): MachineReply | undefined {
    this.#applied = entry.index;
    if (entry.kind !== "command") return undefined;
    return replyOf(this.#sessions.apply(entry, (data) => this.#execute(data)));
  }

  /** The value of a register. */
  read(key: string): RegisterOutput {
    return { kind: "value", value: this.#registers.get(key) };
  }

  /** The whole state as bytes, equal for equal states. */
  save(): Uint8Array {
    const saved: SavedMachine = {
      registers: [...this.#registers].sort(([a], [b]) => a < b ? -1 : 1),
      sessions: this.#sessions.save(),
    };
    return encoder.encode(JSON.stringify(saved));
  }

  /** Takes over the state of a snapshot. */
  restore({ meta, data }: StoredSnapshot): void {
    this.#applied = meta.index;
    // A witness gets no content, as it keeps none.
    if (data.length === 0) return;
    const saved: SavedMachine = JSON.parse(decoder.decode(data)); // made by save()
    this.#registers = new Map(saved.registers);
    this.#sessions.restore(saved.sessions);
  }

  #execute(data: Uint8Array): RegisterOutput {
    const command = decodeCommand(data);
    this.#whenExecuted(command);
    const { state, output } = registerModel.run(this.#registers.get(command.key), command.input);
    if (state !== undefined) this.#registers.set(command.key, state);
    return output;
  }
}

function replyOf(outcome: SessionOutcome<RegisterOutput>): MachineReply {
  switch (outcome.kind) {
    case "executed":
      return outcome.reply;
    case "opened":
      return { kind: "opened", session: outcome.session };
    default:
      return { kind: "not executed", reason: outcome.kind };
  }
}
