/**
 * What happens in a run, counted: a simulation in which nothing happens proves nothing.
 *
 * @module
 */

import type { RaftEvent } from "../../src/raft/core/mod.ts";

/** Everything that runs should show. */
export const SIGHTS = [
  "leader",
  "membership",
  "joint membership",
  "learner caught up",
  "transfer done",
  "transfer given up",
  "fenced",
  "regressed",
  "snapshot restored",
  "read",
  "lease read",
] as const;

/** Something that happened in a run. */
export type Sight = typeof SIGHTS[number];

/** What is worth counting of what a node tells. */
export function sightOf(event: RaftEvent): Sight | undefined {
  switch (event.kind) {
    case "role":
      return event.role === "leader" ? "leader" : undefined;
    case "membership":
      return event.membership.outgoing.length > 0 ? "joint membership" : "membership";
    case "stopped":
      return event.reason;
    case "transferEnded":
      return event.isDone ? "transfer done" : "transfer given up";
    case "caughtUp":
      return "learner caught up";
    default:
      return undefined;
  }
}
