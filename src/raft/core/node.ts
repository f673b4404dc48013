/**
 * A Raft node: a pure, synchronous, deterministic state machine.
 *
 * @module
 */

import type { Input, LoadedState, RaftConfig, RaftStatus, Ready } from "./ready.ts";
import type { SnapshotMeta } from "./message.ts";

/** One node of a Raft cluster, without clock, dice, disk or network of its own. */
export class RaftNode {
  /** Makes a node from what its store had. */
  constructor(_config: RaftConfig, _loaded: LoadedState) {}

  /** Takes one input, and says what must be done. */
  step(_input: Input): Ready {
    throw new Error("not yet");
  }

  /** A description of the state at an applied index, for a snapshot that the loop takes there. */
  describeSnapshot(_index: number): SnapshotMeta {
    throw new Error("not yet");
  }

  /** How the node is doing. */
  status(): RaftStatus {
    throw new Error("not yet");
  }
}
