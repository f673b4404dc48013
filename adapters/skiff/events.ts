/**
 * The events of skiff-redis, and which of ours stands for each: one table.
 *
 * A peer is told as `{ id }`, its URL. Calls that the ancestor made are messages here: `"RequestVote"`, `"AppendEntries"`
 * and `"InstallSnapshot"` come with the message that came in; `"outgoing call"` with peer, type and message;
 * `"reply"` with peer and message when an answer goes out; `"response"` with peer, no error, and message when one comes in.
 *
 * @module
 */

import type { NodeEvents, PeerMessage } from "../../src/raft/mod.ts";

/** An event with its arguments. */
export type SkiffEvent = readonly [name: string, ...args: unknown[]];

/** A peer as listeners get it. */
export interface SkiffPeer {
  /** Its URL. */
  readonly id: string;
  /** What is told of it, where that is known. */
  readonly meta?: unknown;
}

/** For each of our events, what becomes of it. */
export type SkiffEventTable = {
  readonly [Name in keyof NodeEvents]?: (event: NodeEvents[Name]) => readonly SkiffEvent[];
};

/** For each of our events, what the ancestor's listeners get. */
export const SKIFF_EVENTS: SkiffEventTable = {
  loaded: () => [["loaded"]],
  ready: ({ leader }) => leader === undefined ? [["state", "standby"], ["standby"]] : [],
  role: ({ role }) => role === "preCandidate" ? [] : [["state", role], [role]],
  electionTimeout: () => [["election timeout"]],
  electionTimeoutReset: () => [["reset election timeout"]],
  voteGranted: ({ voter }) => [["vote granted", peer(voter)]],
  joined: ({ url, meta }) => [["joined", { id: url, meta }]],
  left: ({ url }) => [["left", peer(url)]],
  applied: ({ index }) => [["applied log", index]],
  persisted: () => [["done persisting"]],
  idle: () => [["idle"]],
  connecting: (event) => [["connecting", peer(event.peer)]],
  connected: (event) => [["connected", peer(event.peer)]],
  reconnected: (event) => [["reconnected", peer(event.peer)]],
  disconnected: (event) => [["disconnected", peer(event.peer)]],
  sent: ({ message }) => {
    const call = callOf(message);
    if (call === undefined) return [["reply", peer(message.to), message]];
    const told: SkiffEvent = ["outgoing call", peer(message.to), call, message];
    return message.kind === "heartbeat" ? [told, ["heartbeat"]] : [told];
  },
  received: ({ message }) => {
    const call = callOf(message);
    return call === undefined
      ? [["response", peer(message.from), undefined, message]]
      : [[call, message]];
  },
  warning: ({ error }) => [["warning", error]],
  error: ({ error }) => [["error", error]],
  stopped: () => [["state", "stopped"], ["stopped"]],
  closed: () => [["close"]],
};

/** Every name that the ancestor's listeners may use. */
export const SKIFF_EVENT_NAMES: readonly string[] = [
  "error",
  "warning",
  "loaded",
  "applied log",
  "election timeout",
  "joined",
  "connected",
  "disconnected",
  "connecting",
  "reconnected",
  "outgoing call",
  "response",
  "left",
  "state",
  "leader",
  "candidate",
  "follower",
  "stopped",
  "standby",
  "RequestVote",
  "AppendEntries",
  "InstallSnapshot",
  "reply",
  "done persisting",
  "heartbeat",
  "vote granted",
  "reset election timeout",
  "close",
  "idle",
];

/** The ancestor's name of a call; `undefined` for an answer. */
function callOf({ kind }: PeerMessage): string | undefined {
  switch (kind) {
    case "requestPreVote":
    case "requestVote":
    case "timeoutNow":
      return "RequestVote";
    case "appendEntries":
    case "heartbeat":
    case "requestReadIndex":
    case "identify":
      return "AppendEntries";
    case "installSnapshot":
      return "InstallSnapshot";
    default:
      return undefined;
  }
}

function peer(url: string): SkiffPeer {
  return { id: url };
}
