/**
 * What an operator is told of a node.
 *
 * @module
 */

import type { RaftStatus } from "./core/status.ts";
import type { NodeStatus } from "./node_face.ts";
import type { StopReason } from "./node_errors.ts";
import type { NodeSettings } from "./node_settings.ts";
import type { Observing } from "./observing.ts";
import type { RaftBackend } from "./port.ts";
import type { TransportLink } from "./transport/port.ts";

/** The slice of a running node that is told of. */
export interface Told {
  readonly backend: RaftBackend;
  readonly settings: NodeSettings;
  readonly observing: Observing;
  readonly machine: { readonly applied: number; readonly sessions: number };
  readonly loop: { readonly storeQueue: number };
  readonly link: TransportLink | undefined;
  readonly incarnation: number;
  readonly startedAtMs: number | undefined;
  readonly ended: StopReason | undefined;
  raft(): RaftStatus;
}

/** Every figure of a node. */
export function statusOf(told: Told): NodeStatus {
  const { backend, settings, observing, machine, startedAtMs } = told;
  const { counts, meter, snapshotIndex, snapshotAtMs } = observing;
  const raft = told.raft();
  const sinceStart = (ms: number) => ms - (startedAtMs ?? ms);
  return {
    ...raft,
    namespace: settings.namespace,
    incarnation: told.incarnation,
    durability: backend.durability,
    ended: told.ended,
    uptimeMs: sinceStart(backend.clock.monotonic()),
    entries: raft.last.index - raft.base.index,
    bytesSinceSnapshot: meter.bytes,
    snapshotIndex,
    snapshotAtMs: snapshotAtMs === undefined ? undefined : sinceStart(snapshotAtMs),
    applyLag: Math.max(0, raft.commit - machine.applied),
    storeQueue: told.loop.storeQueue,
    sessions: machine.sessions,
    counts: { ...counts },
    transport: told.link?.counters(),
  };
}

/** All figures are zero. */
export function emptyStatus(id: string): RaftStatus {
  const nowhere = { index: 0, term: 0 };
  return {
    id,
    role: "follower",
    term: 0,
    vote: undefined,
    leader: undefined,
    commit: 0,
    applied: 0,
    stored: 0,
    last: nowhere,
    base: nowhere,
    membership: { voters: [], outgoing: [], learners: [] },
    membershipIndex: 0,
    uncommittedBytes: 0,
    peers: [],
    dropped: { cluster: 0, stranger: 0, incarnation: 0, impossible: 0, stale: 0, sticky: 0 },
    stopped: undefined,
  };
}
