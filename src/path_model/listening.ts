/**
 * What listeners are called with: as the ancestor has it, the pattern's captures, what the mutation consists of, and
 * what was passed along; or the event itself and the captures.
 *
 * @module
 */

import { assertNever } from "../errors.ts";
import type { EventCall, EventName, ModelEvent } from "./listeners.ts";
import type { Mutation } from "./mutation.ts";

/**
 * A listener. After the captures, each a text, come by kind:
 *
 * | kind | arguments |
 * |---|---|
 * | `change` | value, previous, passed |
 * | `insert` | index, values, passed |
 * | `remove` | index, removed, passed |
 * | `move` | from, to, howMany, passed |
 * | `load` | value, passed |
 * | `unload` | previous, passed |
 * | `all` | the kind, then as that kind |
 */
export type PathListener = (...args: never[]) => void;

/** What calls a listener. */
export function pathListener(
  name: EventName,
  listener: PathListener,
  useEventObjects: boolean,
): EventCall {
  // What it is called with is written down at `PathListener`, and for its author to believe.
  const call = listener as (...args: unknown[]) => void;
  if (useEventObjects) return (event, captured) => call(event, captured);
  return (event, captured) => {
    const kind = name === "all" ? [event.mutation.kind] : [];
    call(...captured, ...kind, ...partsOf(event.mutation), passedOf(event));
  };
}

function passedOf({ passed }: ModelEvent): unknown {
  return passed;
}

function partsOf(mutation: Mutation): readonly unknown[] {
  switch (mutation.kind) {
    case "change":
      return [mutation.value, mutation.previous];
    case "insert":
    case "remove":
      return [mutation.index, mutation.values];
    case "move":
      return [mutation.from, mutation.to, mutation.howMany];
    case "load":
      return [mutation.value];
    case "unload":
      return [mutation.previous];
    default:
      return assertNever(mutation, "a mutation");
  }
}
