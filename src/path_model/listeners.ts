/**
 * Who listens to which mutations, by patterns of paths.
 *
 * A mutation that a listener makes is told after the one that it hears, so that all listeners hear all mutations in one
 * order. Listeners that keep each other busy without end are stopped.
 *
 * @module
 */

import { LimitError } from "../errors.ts";
import { type OnOptions, report } from "../events.ts";
import type { Mutation } from "./mutation.ts";
import type { Segments } from "./path.ts";
import { type Captures, captures, type PathPattern } from "./pattern.ts";

/** A mutation in the model, as it is told. */
export interface ModelEvent {
  /** Where it happened, from the collection on. */
  readonly path: Segments;
  /** What happened. */
  readonly mutation: Mutation;
  /** What was given along by `pass`; an empty object for none. */
  readonly passed: Readonly<Record<string, unknown>>;
}

/** What a listener wants to hear of: one kind of mutation, or all. */
export type EventName = Mutation["kind"] | "all";

/** Called with an event and what the pattern's stars stand for. */
export type EventCall = (event: ModelEvent, captured: Captures) => void;

/** The most mutations that listeners may make in answer to one. */
export const CYCLES_MAX = 1_000;

interface Listener {
  readonly pattern: PathPattern;
  readonly call: EventCall;
}

/** The listeners of a model. */
export class PathListeners {
  readonly #listeners: Map<EventName, Set<Listener>> = new Map();
  #queue: ModelEvent[] | undefined;

  /** Whether anybody listens to anything. */
  get isEmpty(): boolean {
    return this.#listeners.size === 0;
  }

  /** Calls on every mutation of this kind whose path fits, until the signal is aborted. Returns what ends it. */
  on(
    name: EventName,
    pattern: PathPattern,
    call: EventCall,
    { signal }: OnOptions = {},
  ): () => void {
    if (signal?.aborted) return () => {};
    const listener = { pattern, call };
    const ofName = this.#listeners.get(name) ?? new Set<Listener>();
    this.#listeners.set(name, ofName.add(listener));
    const end = (): void => {
      signal?.removeEventListener("abort", end);
      ofName.delete(listener);
      if (ofName.size === 0 && this.#listeners.get(name) === ofName) this.#listeners.delete(name);
    };
    signal?.addEventListener("abort", end, { once: true });
    return end;
  }

  /**
   * Tells a mutation, or notes it if one is being told.
   *
   * @throws {LimitError} `ERR_LIMIT` if listeners made {@linkcode CYCLES_MAX} mutations in answer to this one.
   */
  tell(event: ModelEvent): void {
    if (this.#queue !== undefined) {
      this.#queue.push(event);
      return;
    }
    const queue = [event];
    this.#queue = queue;
    try {
      for (let told = 0; told < queue.length; told++) {
        if (told > CYCLES_MAX) throw endless();
        const next = queue[told];
        if (next !== undefined) this.#call(next);
      }
    } finally {
      this.#queue = undefined;
    }
  }

  #call(event: ModelEvent): void {
    for (const name of [event.mutation.kind, "all"] as const) {
      for (const { pattern, call } of [...this.#listeners.get(name) ?? []]) {
        const captured = captures(pattern, event.path);
        if (captured !== undefined) callSafely(() => call(event, captured));
      }
    }
  }
}

/** A listener's own failure is for the host to report, never for who made the mutation. */
function callSafely(call: () => void): void {
  try {
    call();
  } catch (error) {
    report(error);
  }
}

function endless(): LimitError {
  return new LimitError(
    "ERR_LIMIT",
    `Cannot tell a mutation as listeners must make ${CYCLES_MAX} in answer to it at most`,
  );
}
