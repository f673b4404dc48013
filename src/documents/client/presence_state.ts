/**
 * Who is where in a room, as far as this client knows: a machine without a clock.
 *
 * @module
 */

import type { Json } from "../../json.ts";
import type { OtType } from "../../ot/mod.ts";
import type { PresenceMessage } from "../protocol/messages.ts";

/** Somebody else's presence. */
export interface Remote {
  readonly value: Json;
  /** Counts up with each change of it. */
  readonly count: number;
  readonly source: string;
}

/** One's own presence. */
export interface Local {
  readonly value: Json;
  readonly count: number;
  /** Whether it must be told. */
  readonly isDirty: boolean;
}

/** All presences of a room, by id. */
export interface PresenceState {
  readonly locals: ReadonlyMap<string, Local>;
  readonly remotes: ReadonlyMap<string, Remote>;
}

/** An empty room. */
export const NOBODY: PresenceState = { locals: new Map(), remotes: new Map() };

/** The room where one is somewhere, or (with null) no longer is. */
export function withLocal(state: PresenceState, id: string, value: Json): PresenceState {
  const count = (state.locals.get(id)?.count ?? 0) + 1;
  return { ...state, locals: entered(state.locals, id, { value, count, isDirty: true }) };
}

/** The room where all of one's own must be told again: to a new server, or to somebody who came. */
export function toldAnew(state: PresenceState): PresenceState {
  const locals = [...state.locals].map(([id, local]) =>
    [id, { ...local, count: local.count + 1, isDirty: true }] as const
  );
  return { ...state, locals: new Map(locals) };
}

/** What must be told, and the room where it was. One that is gone is told once, and forgotten. */
export function told(
  state: PresenceState,
): readonly [PresenceState, readonly (readonly [string, Local])[]] {
  const dirty = [...state.locals].filter(([, { isDirty }]) => isDirty);
  if (dirty.length === 0) return [state, dirty];
  const rest = [...state.locals].filter(([, { value }]) => value !== null);
  const locals = new Map(rest.map(([id, local]) => [id, { ...local, isDirty: false }]));
  return [{ ...state, locals }, dirty];
}

/** The room where somebody said where he is. The same one if that is old news. */
export function withRemote(state: PresenceState, message: PresenceMessage): PresenceState {
  const { id, p = null, pv: count = 0, src: source = "" } = message;
  const known = state.remotes.get(id);
  if (known !== undefined && (count < known.count || (count === known.count && p !== null))) {
    return state;
  }
  if (p === null) return without(state, id);
  return { ...state, remotes: entered(state.remotes, id, { value: p, count, source }) };
}

/** The room without somebody. */
export function without(state: PresenceState, id: string): PresenceState {
  if (!state.remotes.has(id)) return state;
  const remotes = new Map(state.remotes);
  remotes.delete(id);
  return { ...state, remotes };
}

/** The room where everybody's place was led past an operation. `source` is whose it is; `undefined` for one's own. */
export function led(
  state: PresenceState,
  type: OtType,
  op: unknown,
  source: string | undefined,
): PresenceState {
  if (type.transformPresence === undefined) return { ...state, remotes: new Map() };
  const place = (value: Json, isOwnOp: boolean): Json =>
    value === null ? null : (type.transformPresence?.(value, op, isOwnOp) ?? null) as Json;
  const locals = [...state.locals].map(([id, local]) =>
    [id, { ...local, value: place(local.value, source === undefined) }] as const
  );
  const remotes = [...state.remotes].map(([id, remote]) =>
    [id, { ...remote, value: place(remote.value, source === remote.source) }] as const
  );
  return {
    locals: new Map(locals),
    remotes: new Map(remotes.filter(([, { value }]) => value !== null)),
  };
}

function entered<Value>(
  map: ReadonlyMap<string, Value>,
  id: string,
  value: Value,
): ReadonlyMap<string, Value> {
  return new Map(map).set(id, value);
}
