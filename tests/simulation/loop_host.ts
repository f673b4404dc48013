/**
 * The seam between the simulator and a loop around a node: what a loop is given, and what it must be able to do.
 *
 * A loop that the library ships fits here by a few lines: its store, transport and clock are the host's. If it waits on
 * promises, let its microtasks run out after each `World.step()`.
 *
 * @module
 */

import type {
  Answer,
  Entry,
  Input,
  Member,
  Message,
  Position,
  RaftConfig,
  RaftNode,
  RaftStatus,
  Ready,
  Refusal,
  SessionStamp,
} from "../../src/raft/core/mod.ts";
import type { Machine, MachineReply } from "./machine.ts";
import type { StoreReply } from "./store.ts";
import type { StoredSnapshot, StoreOperation, StoreState } from "./store_state.ts";

/** The store as one process sees it: every answer may come late, twice or never. */
export interface LoopStore {
  open(owner: string, answer: (state: StoreState | undefined) => void): void;
  write(operation: StoreOperation, answer: (reply: StoreReply) => void): void;
  readEntries(
    from: number,
    to: number,
    answer: (entries: readonly Entry[] | undefined) => void,
  ): void;
  readSnapshot(answer: (snapshot: StoredSnapshot | "none" | undefined) => void): void;
}

/** What a loop is given: all that it knows of the world. */
export interface LoopHost {
  /** The process's name: no other process of any node has the same. */
  readonly owner: string;
  readonly config: RaftConfig;
  readonly tickMs: number;
  /** How long to wait for the store's answer before asking again. */
  readonly retryMs: number;
  /** How long the state machine takes for what is committed; 0 applies at once. */
  readonly applyDelayMs: number;
  readonly store: LoopStore;
  readonly machine: Machine;
  /** Never goes backwards. */
  nowMs(): number;
  /** The time of day, which may jump. */
  timeMs(): number;
  /** Runs an action later, by the clock of this machine. */
  later(delayMs: number, run: () => void): void;
  send(message: Message): void;
  /** The node was made from this state. */
  started(loaded: StoreState, node: RaftNode): void;
  /** The node took an input. */
  stepped(input: Input, ready: Ready): void;
  /** The state machine has taken one entry. */
  applied(entry: Entry, reply: MachineReply | undefined): void;
  /** The state machine has been replaced by a snapshot. */
  restored(snapshot: StoredSnapshot): void;
  /** The store broke its promise or was written to against a rule. */
  refused(rule: string): void;
}

/** What became of a proposal or a read. No answer at all: unknown. */
export type LoopAnswer =
  | { readonly kind: "done"; readonly reply: MachineReply; readonly at: Position }
  /** It did not happen and never will. */
  | { readonly kind: "not done"; readonly reason: Refusal | "lost" | "too late" };

/** A running loop. */
export interface Loop {
  receive(message: Message): void;
  propose(
    data: Uint8Array,
    session: SessionStamp | undefined,
    answer: (answer: LoopAnswer) => void,
  ): void;
  read(key: string, answer: (answer: LoopAnswer) => void): void;
  changeMembership(voters: readonly Member[], learners: readonly Member[]): Answer | undefined;
  transfer(to: string): void;
  /** Takes a snapshot of what is applied, and drops the entries before the last `keep`. */
  compact(keep: number): void;
  /** `undefined` until the store has answered. */
  status(): RaftStatus | undefined;
}

/** Starts a loop on a host. */
export type StartLoop = (host: LoopHost) => Loop;
