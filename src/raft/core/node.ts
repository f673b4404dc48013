/**
 * A Raft node: a pure, synchronous, deterministic state machine.
 *
 * Read `message.ts` and `ready.ts` first: what is said, and what goes in and out. `state.ts` is what a node is made of;
 * every other file holds the verbs of one subject (election, appending, sending, replication, following, snapshotting,
 * reads, changing, storing), and `receiving.ts` with `screening.ts` is the way in for messages.
 *
 * Sources: Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm" (2014); Ongaro, "Consensus:
 * Bridging Theory and Practice" (2014), with the correction of single-server changes of 2015.
 *
 * @module
 */

import { ArgumentError, assertNever, InvariantError } from "../../errors.ts";
import { propose } from "./appending.ts";
import { changeMembership, transferLeadership } from "./changing.ts";
import { type RaftConfig, settingsOf } from "./config.ts";
import { leadAlone, tick } from "./election.ts";
import type { SnapshotMeta } from "./message.ts";
import type { NodeId } from "./membership.ts";
import { refuse, takeReady } from "./outbox.ts";
import { probe } from "./progress.ts";
import { failRead, read } from "./reads.ts";
import type { Input, Ready } from "./ready.ts";
import type { LoadedState } from "./loaded.ts";
import { receive } from "./receiving.ts";
import { stop } from "./roles.ts";
import { onFetchedEntries } from "./sending.ts";
import { onFetchedChunk } from "./snapshotting.ts";
import { newCore } from "./start.ts";
import { type Core, drop, NO_MEMBERSHIP } from "./state.ts";
import { type RaftStatus, statusOf } from "./status.ts";
import { onApplied, onCompacted, onStored } from "./storing.ts";

/**
 * One node of a Raft cluster, without clock, dice, disk or network of its own: give it what happens, do what it says.
 */
export class RaftNode {
  readonly #core: Core;
  #hasBegun = false;
  #broken: InvariantError | undefined;

  /**
   * Makes a node from what its store had.
   *
   * @throws {ArgumentError | LimitError} `ERR_INVALID_OPTION` if no node can work with this configuration.
   * @throws {HoldfastError} `ERR_STORE_REGRESSED` if the store lacks a part of what it must have.
   */
  constructor(config: RaftConfig, loaded: LoadedState) {
    this.#core = newCore(settingsOf(config), loaded);
  }

  /**
   * Takes one input, and says what must be done. A node that has stopped says nothing any more.
   *
   * @throws {InvariantError} `ERR_INVARIANT` if the node would go on wrong; from then on every step throws it.
   */
  step(input: Input): Ready {
    if (this.#broken !== undefined) throw this.#broken;
    try {
      if (this.#core.stopped === undefined) this.#take(input);
      else refuseStopped(this.#core, input);
      return takeReady(this.#core);
    } catch (error) {
      // Whatever is thrown here is a defect, or a loop that broke its word: the state may be half changed.
      this.#broken = error instanceof InvariantError
        ? error
        : new InvariantError("Cannot go on as a step failed", { cause: error });
      throw this.#broken;
    }
  }

  /**
   * Describes the state that applying everything up to `index` gives, for a snapshot that the loop takes there.
   *
   * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` if the index was not handed out, or is compacted.
   */
  describeSnapshot(index: number): SnapshotMeta {
    const { log, handedOut, memberships, snapshot } = this.#core;
    if (snapshot?.index === index) return snapshot;
    const entry = log.at(index);
    if (entry === undefined || index > handedOut || index < 1) {
      throw new ArgumentError(
        "ERR_INVALID_ARGUMENT",
        `Cannot describe a snapshot as index must be applied and in memory: current value is ${index}`,
      );
    }
    const record = memberships.findLast((each) => each.index <= index);
    const { term, timeMs } = entry;
    return { index, term, timeMs, membership: record?.membership ?? NO_MEMBERSHIP };
  }

  /** How the node is doing. */
  status(): RaftStatus {
    return statusOf(this.#core, this.#broken !== undefined);
  }

  #take(input: Input): void {
    const core = this.#core;
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      leadAlone(core);
    }
    if (core.suspicion > 0 && (input.kind === "tick" || input.kind === "message")) {
      return drop(core, "stale"); // Nothing is said until it is known whether the store can be believed.
    }
    switch (input.kind) {
      case "tick":
        core.nowMs = Math.max(core.nowMs, input.nowMs);
        core.timeMs = input.timeMs;
        return tick(core);
      case "message":
        return receive(core, input.message);
      case "propose":
        return propose(core, input.commands);
      case "read":
        return read(core, input.id);
      case "changeMembership":
        return changeMembership(core, input.voters, input.learners);
      case "transfer":
        return transferLeadership(core, input.to);
      case "stored":
        return onStored(core, input.sequence);
      case "applied":
        return onApplied(core, input.index);
      case "fetchedEntries":
      case "fetchedChunk":
      case "unreachable":
        return takeOfPeer(core, input);
      case "compacted":
        return onCompacted(core, input.snapshot, input.base);
      case "unstaged":
        core.staging = undefined;
        return;
      case "storeLost":
        return stop(core, input.reason);
      default:
        return assertNever(input, "an input");
    }
  }
}

/** What concerns one peer; too late, if this node does not lead it any more. */
function takeOfPeer(core: Core, input: Extract<Input, { readonly peer: NodeId }>): void {
  const peer = core.peers.get(input.peer);
  if (peer === undefined) return drop(core, "stale");
  if (input.kind === "fetchedEntries") onFetchedEntries(core, peer, input.from, input.entries);
  else if (input.kind === "fetchedChunk") onFetchedChunk(core, peer, input);
  else if (peer.kind === "replicate") probe(peer);
}

/** Who asks a stopped node is told so; all else is silence. */
function refuseStopped(core: Core, input: Input): void {
  if (input.kind === "read") {
    failRead(core, input.id, "stopped");
  } else if (
    input.kind === "propose" || input.kind === "changeMembership" || input.kind === "transfer"
  ) {
    refuse(core, "stopped");
  }
}
