/**
 * A connection to a server of documents, as a machine: when to open a way, when to greet, when to give it up, when to
 * come back.
 *
 * @module
 */

import { assertNever } from "../../errors.ts";
import type { ConnectionPhase } from "./connection_face.ts";

/** Where a connection stands. */
export interface ConnectionState {
  readonly phase: ConnectionPhase;
  /** How often in a row a way was lost. */
  readonly attempt: number;
  /** Who this connection is to the server, from the first greeting on. */
  readonly id: string | undefined;
  /** Whether the server knows our own additions to the protocol. */
  readonly isHoldfast: boolean;
  /** How many ticks nothing came. */
  readonly silence: number;
}

/** What happens to it. */
export type ConnectionEvent =
  /** It may begin. */
  | { readonly kind: "start" }
  | { readonly kind: "opened" }
  | { readonly kind: "greeted"; readonly id: string; readonly isHoldfast: boolean }
  /** Anything came. */
  | { readonly kind: "heard" }
  /** The way is lost, or was refused; with `isStranger` because of the id that this connection had. */
  | { readonly kind: "lost"; readonly isFinal: boolean; readonly isStranger?: boolean }
  /** It is time to open a way again. */
  | { readonly kind: "again" }
  /** The interval after which silence is looked at has passed. */
  | { readonly kind: "tick" }
  | { readonly kind: "close" };

/** What is to be done. */
export type ConnectionEffect =
  | { readonly kind: "open" | "greet" | "ping" | "drop" }
  /** Come again after a random while that grows with the attempt. */
  | { readonly kind: "wait"; readonly attempt: number };

/** What came of an event. */
export interface ConnectionStep {
  readonly state: ConnectionState;
  readonly effects: readonly ConnectionEffect[];
}

/** A connection that has not begun. */
export const UNCONNECTED: ConnectionState = {
  phase: "starting",
  attempt: 0,
  id: undefined,
  isHoldfast: false,
  silence: 0,
};

/** What an event makes of a connection. */
export function stepConnection(state: ConnectionState, event: ConnectionEvent): ConnectionStep {
  if (state.phase === "closed") return { state, effects: [] };
  switch (event.kind) {
    case "start":
    case "again":
      return opening(state, event.kind === "start" ? "starting" : "waiting");
    case "opened":
      return { state: { ...state, phase: "greeting", silence: 0 }, effects: [{ kind: "greet" }] };
    case "greeted": {
      const { id, isHoldfast } = event;
      if (state.phase !== "greeting") return { state, effects: [] };
      return { state: { ...state, phase: "connected", id, isHoldfast }, effects: [] };
    }
    case "heard":
      return { state: state.silence === 0 ? state : { ...state, silence: 0 }, effects: [] };
    case "lost":
      return lost(event.isStranger ? { ...state, id: undefined } : state, event.isFinal);
    case "tick":
      return tick(state);
    case "close":
      return { state: { ...state, phase: "closed" }, effects: [{ kind: "drop" }] };
    default:
      return assertNever(event, "an event of a connection");
  }
}

function opening(state: ConnectionState, from: ConnectionPhase): ConnectionStep {
  if (state.phase !== from) return { state, effects: [] };
  return { state: { ...state, phase: "opening", silence: 0 }, effects: [{ kind: "open" }] };
}

function lost(state: ConnectionState, isFinal: boolean): ConnectionStep {
  if (isFinal) return { state: { ...state, phase: "closed" }, effects: [{ kind: "drop" }] };
  if (state.phase === "waiting" || state.phase === "starting") return { state, effects: [] };
  const { attempt } = state;
  return {
    state: { ...state, phase: "waiting", attempt: attempt + 1 },
    effects: [{ kind: "drop" }, { kind: "wait", attempt }],
  };
}

/** After one interval of silence the server is asked whether it is there, after a second it is given up. */
function tick(state: ConnectionState): ConnectionStep {
  if (state.phase === "waiting" || state.phase === "starting") return { state, effects: [] };
  if (state.silence >= 2) return lost(state, false);
  const isConnected = state.phase === "connected";
  return {
    state: {
      ...state,
      silence: state.silence + 1,
      // Only a way that lasted is a good one: who is thrown out at once waits longer each time.
      attempt: isConnected && state.silence === 0 ? 0 : state.attempt,
    },
    effects: isConnected && state.silence === 1 ? [{ kind: "ping" }] : [],
  };
}
