/**
 * Waiting for a node to come to a state, and following its events.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { EventSource } from "../events.ts";
import { withDeadline } from "../waiting.ts";
import { NODE_EVENTS, type NodeEvent, type NodeEvents } from "./node_events.ts";

/** How long to wait. */
export interface UntilOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Makes the error of a wait that was too long. */
  error(): Error;
}

/** Something that calls back whenever it may have changed. */
export interface Watchable {
  watch(look: () => void): () => void;
}

/** What `look` gives, once it gives something; it is asked now and after every change. A throw of it ends the waiting. */
export async function until<Value>(
  watchable: Watchable,
  look: () => Value | undefined,
  { clock, timeoutMs, signal, error }: UntilOptions,
): Promise<Value> {
  signal?.throwIfAborted();
  const now = look();
  if (now !== undefined) return now;
  let end = (): void => {};
  const found = new Promise<Value>((resolve, reject) => {
    end = watchable.watch(() => {
      try {
        const value = look();
        if (value !== undefined) resolve(value);
      } catch (failure) {
        // What the look says cannot be waited for any more.
        reject(failure);
      }
    });
  });
  try {
    return await withDeadline(clock, timeoutMs, found, error, { signal });
  } finally {
    end();
  }
}

/** What a follower gets. */
export type FollowedEvent = NodeEvent | {
  readonly name: "missed";
  readonly event: { readonly count: number };
};

/** Options of following events. */
export interface EventsOptions {
  /** Ends it when aborted. */
  readonly signal?: AbortSignal;
  /** Most events that wait; 1,024 by default. */
  readonly queueMax?: number;
  /** Events that are not wanted. Single messages (`sent`, `received`) are so many that they crowd out the others. */
  readonly except?: readonly (keyof NodeEvents)[];
}

/** All events from now on; who is slow misses some, and is told how many. */
export function follow(
  source: EventSource<NodeEvents>,
  { signal, queueMax = 1_024, except = [] }: EventsOptions,
): AsyncIterable<FollowedEvent> {
  const queue: FollowedEvent[] = [];
  let missed = 0;
  let wake = (): void => {};
  const stop = new AbortController();
  const push = (event: NodeEvent): void => {
    if (!except.includes(event.name)) {
      if (queue.length >= queueMax) missed += 1;
      else queue.push(event);
    }
    if (event.name === "closed") stop.abort();
    wake();
  };
  for (const name of NODE_EVENTS) {
    if (name !== "closed" && except.includes(name)) continue;
    const listener = (event: NodeEvents[typeof name]): void => push({ name, event } as NodeEvent); // name and event belong together
    source.on(name, listener, { signal: stop.signal });
  }
  const aborted = (): void => {
    stop.abort();
    wake();
  };
  if (signal?.aborted) stop.abort();
  else signal?.addEventListener("abort", aborted, { once: true });
  return iterate();

  async function* iterate(): AsyncGenerator<FollowedEvent, void> {
    try {
      for (;;) {
        const next = queue.shift();
        if (next !== undefined) yield next;
        else if (missed > 0) {
          const count = missed;
          missed = 0;
          yield { name: "missed", event: { count } };
        } else if (stop.signal.aborted) return;
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      signal?.removeEventListener("abort", aborted);
      stop.abort();
    }
  }
}
