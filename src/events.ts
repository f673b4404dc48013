/**
 * Events by name: `on(name, listener, { signal })`, the same in every part.
 *
 * An emitter costs one comparison while nobody listens ({@linkcode Emitter.wants}), so that a hot path can leave the
 * making of the event out. A listener that throws never harms who emitted: its error is thrown again in a microtask of its
 * own, so that the host reports it as uncaught.
 *
 * @module
 */

/** The listener's side of an emitter. `Events` maps each name to what its listeners get. */
export interface EventSource<Events> {
  /** Calls the listener on every event of this name until the signal is aborted. Returns what ends it. */
  on<Name extends keyof Events>(
    name: Name,
    listener: (event: Events[Name]) => void,
    options?: OnOptions,
  ): () => void;
}

/** Options of {@linkcode EventSource.on}. */
export interface OnOptions {
  /** Ends the subscription when aborted. */
  readonly signal?: AbortSignal;
}

/** Has the host report what was thrown as uncaught. */
export function report(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

/** Keeps listeners by name and calls them in the order in which they came. */
export class Emitter<Events> implements EventSource<Events> {
  /** Made when somebody listens: of most emitters nobody does. */
  #listeners: Map<keyof Events, Set<{ call(event: never): void }>> | undefined;

  /** Whether anybody listens to this name. */
  wants(name: keyof Events): boolean {
    return this.#listeners !== undefined && this.#listeners.has(name);
  }

  /** Calls every listener of this name. */
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    for (const listener of [...this.#listeners?.get(name) ?? []]) {
      try {
        listener.call(event as never);
      } catch (error) {
        // A listener's own failure: for the host to report, never for who emitted.
        report(error);
      }
    }
  }

  /** Calls the listener on every event of this name until the signal is aborted. Returns what ends it. */
  on<Name extends keyof Events>(
    name: Name,
    listener: (event: Events[Name]) => void,
    options: OnOptions = {},
  ): () => void {
    const { signal } = options;
    if (signal?.aborted) return () => {};
    const held = { call: listener as (event: never) => void };
    const listeners = this.#listeners ??= new Map();
    const ofName = listeners.get(name) ?? new Set();
    listeners.set(name, ofName.add(held));
    const end = (): void => {
      signal?.removeEventListener("abort", end);
      ofName.delete(held);
      if (ofName.size === 0 && listeners.get(name) === ofName) listeners.delete(name);
    };
    signal?.addEventListener("abort", end, { once: true });
    return end;
  }
}
