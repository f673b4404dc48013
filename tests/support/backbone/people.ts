/**
 * A Backbone that is infected, and collections of people on a backend in memory.
 *
 * The package has no types: what comes from it is `any`, as it is for most of its users.
 *
 * @module
 */

import Backbone from "backbone";
import { memory, type MemoryBackend } from "../../../adapters/memory/mod.ts";
import { RedisStore, type RedisStoreOptions } from "../../../src/backbone/mod.ts";
import { type ManualClock, manualClock } from "../../contracts/mod.ts";

export { Backbone };

/** A store, and what a test needs around it. */
export interface People {
  /** The store. */
  readonly store: RedisStore;
  /** Its backend, which counts what it is asked. */
  readonly backend: CountingBackend;
  /** A new collection on it, as another process would have one. */
  // deno-lint-ignore no-explicit-any -- Backbone has no types
  collection(properties?: object): any;
}

/** A backend in memory that knows how often its store of models was asked. */
export interface CountingBackend extends MemoryBackend {
  /** The clock of the backend. */
  readonly clock: ManualClock;
  /** How many requests there were, of any kind. */
  requests(): number;
}

/** A store of people with unique usernames. */
export function people(options: Partial<RedisStoreOptions> = {}): People {
  RedisStore.infect(Backbone);
  const backend = countingBackend();
  const store = new RedisStore({
    key: "person",
    redisClient: backend,
    unique: ["username"],
    ...options,
  });
  return {
    store,
    backend,
    collection: (properties = {}) =>
      new (Backbone.Collection.extend({ redisStore: store, ...properties }))(),
  };
}

/** A backend whose store of models is counted, and may be told to fail. */
export function countingBackend(): CountingBackend {
  const clock = manualClock();
  const { models, ...backend } = memory({ clock });
  let requests = 0;
  const counted = Object.fromEntries(
    Object.entries(models).map(([name, method]) => [name, (...args: readonly unknown[]) => {
      requests++;
      return method(...args);
    }]),
  );
  // The very methods of the store, each behind a counter.
  return {
    ...backend,
    clock,
    models: counted as unknown as typeof models,
    requests: () => requests,
  };
}

/** The names of all events of a model or collection, in order. */
export function eventsOf(target: {
  on(name: string, listener: (name: string) => void): unknown;
}): readonly string[] {
  const events: string[] = [];
  target.on("all", (name: string) => events.push(name));
  return events;
}

/** What a rejected promise says, and nothing else of it. */
export async function refusalOf(call: unknown): Promise<{
  readonly errorCode: number;
  readonly errorMessage: string;
  readonly [name: string]: unknown;
}> {
  try {
    await call;
  } catch (error) {
    // Whatever it is, the test looks at it.
    return error as { errorCode: number; errorMessage: string };
  }
  throw new Error("must be refused: it succeeded");
}
