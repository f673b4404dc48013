/**
 * What a node tells of itself, by name. All of it may be listened to, nothing has to be.
 *
 * @module
 */

import type { Json } from "../json.ts";
import type { Membership } from "./core/membership.ts";
import type { Entry } from "./core/message.ts";
import type { Role } from "./core/ready.ts";
import type { LinkEvent, PeerMessage } from "./transport/port.ts";

/** Every event, with what its listeners get. */
export interface NodeEvents {
  /** The store is open, the state machine at its snapshot, the log read. */
  loaded: { readonly lastIndex: number; readonly snapshotIndex: number; readonly term: number };
  /** The node is of use: it knows a leader; or it waits to be joined (`standby`). */
  ready: { readonly leader: string | undefined };
  /** The node has another part in its term. */
  role: { readonly role: Role; readonly term: number };
  /** Somebody leads, or (undefined) nobody is known to. */
  leader: { readonly leader: string | undefined; readonly term: number };
  /** The node has heard of no leader for too long, and asks whether it could lead. */
  electionTimeout: { readonly term: number };
  /** The node has heard its leader, so that it waits anew. */
  electionTimeoutReset: { readonly leader: string };
  /** Another node has voted for this one. */
  voteGranted: { readonly voter: string; readonly term: number };
  /** Another membership is in force. */
  membership: { readonly membership: Membership; readonly index: number };
  /** A node is a member that was none. */
  joined: { readonly url: string; readonly meta: Json };
  /** A node is no member any more. */
  left: { readonly url: string };
  /** A standby node has caught up. */
  caughtUp: { readonly url: string };
  /** Leadership was handed over, or was not. */
  transferEnded: { readonly to: string; readonly isDone: boolean };
  /** The state machine has taken an entry. */
  applied: { readonly index: number; readonly term: number; readonly kind: Entry["kind"] };
  /** Writes are durable. */
  persisted: { readonly lastIndex: number };
  /** A snapshot of the own state is published. */
  snapshot: { readonly index: number };
  /** Another node's snapshot has replaced the state. */
  restored: { readonly index: number; readonly sizeBytes: number };
  /** Nothing is to be stored or applied any more. */
  idle: { readonly applied: number };
  /** A message is sent. */
  sent: { readonly message: PeerMessage };
  /** A message came in. */
  received: { readonly message: PeerMessage };
  /** Another node is dialled. */
  connecting: LinkEvent;
  /** Another node can be reached. */
  connected: LinkEvent;
  /** Another node can be reached again. */
  reconnected: LinkEvent;
  /** Another node cannot be reached any more. */
  disconnected: LinkEvent;
  /** Something went wrong that is tried again, such as a store that does not answer. */
  warning: { readonly error: unknown; readonly attempt: number };
  /** Something went wrong for good. The node has stopped. */
  error: { readonly error: Error };
  /** The node does nothing any more. */
  stopped: { readonly reason: "fenced" | "regressed" | "invariant" | "closed" };
  /** The node has let go of everything. */
  closed: { readonly url: string };
}

/** An event with its name. */
export type NodeEvent = {
  readonly [Name in keyof NodeEvents]: { readonly name: Name; readonly event: NodeEvents[Name] };
}[keyof NodeEvents];

/** Every name. */
export const NODE_EVENTS: readonly (keyof NodeEvents)[] = [
  "loaded",
  "ready",
  "role",
  "leader",
  "electionTimeout",
  "electionTimeoutReset",
  "voteGranted",
  "membership",
  "joined",
  "left",
  "caughtUp",
  "transferEnded",
  "applied",
  "persisted",
  "snapshot",
  "restored",
  "idle",
  "sent",
  "received",
  "connecting",
  "connected",
  "reconnected",
  "disconnected",
  "warning",
  "error",
  "stopped",
  "closed",
];
