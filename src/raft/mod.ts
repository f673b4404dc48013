/**
 * Nodes of a Raft cluster: `@holdfast/holdfast/consensus`.
 *
 * A node replicates a state machine that you bring (or the ready-made ordered map) among processes that live long, each
 * with a store of its own. For functions that come and go there is the shared log instead.
 *
 * @module
 */

export { restoreBackup, type RestoreOptions } from "./backup.ts";
export type { LeaseReads, RaftLimits } from "./core/config.ts";
export type { Member, Membership, NodeId } from "./core/membership.ts";
export type * from "./core/message.ts";
export type { Role } from "./core/ready.ts";
export type { PeerStatus, RaftStatus } from "./core/status.ts";
export * from "./machine/key_value.ts";
export * from "./machine/key_value_client.ts";
export * from "./machine/machine.ts";
export * from "./connect_node.ts";
export { createNode } from "./node.ts";
export { NotLeaderError, type StopReason } from "./node_errors.ts";
export * from "./node_events.ts";
export * from "./node_face.ts";
export type {
  CallOptions,
  CompactionOptions,
  FirstMember,
  JoinOptions,
  NodeOptions,
  ProposeOptions,
  ReadOptions,
} from "./node_options.ts";
export * from "./port.ts";
export type { ProposalKeyLimits } from "./proposal_keys.ts";
export { type Recovered, type RecoverOptions, recoverQuorum, RECOVERY_WORDS } from "./recovery.ts";
export type { SessionLimits } from "./sessions.ts";
export * from "./transport/http.ts";
export * from "./transport/in_process.ts";
export type { LinkOptions } from "./transport/links.ts";
export * from "./transport/port.ts";
export * from "./transport/websocket.ts";
