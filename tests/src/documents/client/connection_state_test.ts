/** @module */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  type ConnectionEvent,
  type ConnectionState,
  stepConnection,
  UNCONNECTED,
} from "../../../../src/documents/client/connection_state.ts";

const GREETED = { kind: "greeted", id: "me", isHoldfast: true } as const;
const LOST = { kind: "lost", isFinal: false } as const;

/** What happens, the phase it leads to, and what is to be done. */
const LIFE: readonly (readonly [ConnectionEvent, ConnectionState["phase"], readonly string[]])[] = [
  [{ kind: "again" }, "starting", []],
  [{ kind: "start" }, "opening", ["open"]],
  [{ kind: "start" }, "opening", []],
  [{ kind: "opened" }, "greeting", ["greet"]],
  [GREETED, "connected", []],
  [GREETED, "connected", []],
  [{ kind: "tick" }, "connected", []],
  [{ kind: "tick" }, "connected", ["ping"]],
  [{ kind: "heard" }, "connected", []],
  [{ kind: "tick" }, "connected", []],
  [{ kind: "tick" }, "connected", ["ping"]],
  [{ kind: "tick" }, "waiting", ["drop", "wait"]],
  [{ kind: "tick" }, "waiting", []],
  [LOST, "waiting", []],
  [{ kind: "again" }, "opening", ["open"]],
  [{ kind: "opened" }, "greeting", ["greet"]],
  [{ kind: "lost", isFinal: true }, "closed", ["drop"]],
  [{ kind: "again" }, "closed", []],
  [{ kind: "close" }, "closed", []],
];

Deno.test("stepConnection() opens, greets, asks the silent, gives up and comes back", () => {
  let state = UNCONNECTED;
  for (const [event, phase, todo] of LIFE) {
    const step = stepConnection(state, event);
    state = step.state;
    strictEqual(state.phase, phase, event.kind);
    deepStrictEqual(step.effects.map(({ kind }) => kind), todo, event.kind);
  }
  strictEqual(state.id, "me");
});

Deno.test("stepConnection() waits longer each time, until a way has lasted", () => {
  const after = (state: ConnectionState, ...events: ConnectionEvent[]) =>
    events.reduce((state, event) => stepConnection(state, event).state, state);
  const thrownOut: ConnectionEvent[] = [{ kind: "opened" }, GREETED, LOST, { kind: "again" }];
  let state = after(UNCONNECTED, { kind: "start" }, ...thrownOut, ...thrownOut, ...thrownOut);
  strictEqual(state.attempt, 3);
  state = after(state, { kind: "opened" }, GREETED, { kind: "heard" }, { kind: "tick" });
  strictEqual(state.attempt, 0);
});

Deno.test("stepConnection() forgets an id that the server does not know", () => {
  const known = stepConnection({ ...UNCONNECTED, phase: "greeting" }, GREETED).state;
  const { state } = stepConnection(known, { kind: "lost", isFinal: false, isStranger: true });
  strictEqual(state.id, undefined);
});
