/**
 * A state machine as the loop runs it: with the tables of client sessions and of keys beside it, and all in its snapshots.
 *
 * @module
 */

import { HoldfastError } from "../errors.ts";
import type { Json } from "../json.ts";
import type { Entry, SnapshotMeta } from "./core/message.ts";
import type { StateMachine } from "./machine/machine.ts";
import {
  isKeyStamp,
  type ProposalKeyLimits,
  ProposalKeys,
  type SavedKey,
} from "./proposal_keys.ts";
import {
  type SavedSession,
  type SessionLimits,
  type SessionOutcome,
  SessionTable,
} from "./sessions.ts";

/** What the loop needs of a state machine. */
export interface LoopMachine<Reply> {
  /** The index of the last entry that the state has in it. */
  readonly applied: number;
  /** Takes the next entry; answers commands. */
  apply(entry: Entry): Reply | undefined;
  /** The whole state as bytes. */
  save(): Uint8Array;
  /** Replaces the state. A witness gets no bytes. */
  restore(meta: SnapshotMeta, data: Uint8Array): void;
}

const LENGTH_BYTES = 4;

interface SavedTables<Reply> {
  readonly sessions: readonly SavedSession<Reply>[];
  readonly keys: readonly SavedKey<Reply>[];
}

/** A machine of a user's, its sessions, and how far it has come. */
export class ReplicatedMachine<Command, Reply extends Json, Query, Answer>
  implements LoopMachine<SessionOutcome<Reply>> {
  readonly machine: StateMachine<Command, Reply, Query, Answer>;
  readonly #sessions: SessionTable<Reply>;
  readonly #keys: ProposalKeys<Reply>;
  #applied = 0;

  /** Wraps a machine. @throws {LimitError} `ERR_INVALID_OPTION` */
  constructor(
    machine: StateMachine<Command, Reply, Query, Answer>,
    { keysMax, keyMs, ...limits }: SessionLimits & ProposalKeyLimits,
  ) {
    this.machine = machine;
    this.#sessions = new SessionTable(limits);
    this.#keys = new ProposalKeys({ keysMax, keyMs });
  }

  get applied(): number {
    return this.#applied;
  }

  /** How many client sessions there are. */
  get sessions(): number {
    return this.#sessions.size;
  }

  apply(entry: Entry): SessionOutcome<Reply> | undefined {
    this.#applied = entry.index;
    if (entry.kind !== "command") return undefined;
    const { index, timeMs, session } = entry;
    const execute = (data: Uint8Array): Reply => this.machine.apply(data, { index, timeMs });
    return session !== undefined && isKeyStamp(session)
      ? this.#keys.apply(entry, session, execute)
      : this.#sessions.apply(entry, execute);
  }

  save(): Uint8Array {
    const saved: SavedTables<Reply> = { sessions: this.#sessions.save(), keys: this.#keys.save() };
    const tables = new TextEncoder().encode(JSON.stringify(saved));
    const state = this.machine.save();
    const all = new Uint8Array(LENGTH_BYTES + tables.length + state.length);
    new DataView(all.buffer).setUint32(0, tables.length);
    all.set(tables, LENGTH_BYTES);
    all.set(state, LENGTH_BYTES + tables.length);
    return all;
  }

  restore({ index }: SnapshotMeta, data: Uint8Array): void {
    this.#applied = index;
    if (data.length === 0) return;
    const { tables, state } = partsOf(data);
    const { sessions, keys } = tables as SavedTables<Reply>; // what save() wrote
    this.#sessions.restore(sessions);
    this.#keys.restore(keys);
    this.machine.restore(state);
  }
}

function partsOf(data: Uint8Array): { tables: unknown; state: Uint8Array } {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const length = data.length < LENGTH_BYTES ? Infinity : view.getUint32(0);
  const end = LENGTH_BYTES + length;
  if (end > data.length) {
    throw new HoldfastError("ERR_STORE_REGRESSED", "Cannot restore a snapshot as it is damaged");
  }
  const text = new TextDecoder().decode(data.subarray(LENGTH_BYTES, end));
  return { tables: JSON.parse(text), state: data.slice(end) }; // our own text, written by save()
}
