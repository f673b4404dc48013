/**
 * The house on one page: rooms, arrows and shells. `house_test.ts` holds the code against it.
 *
 * Order inside the core: mod → shell → pure → port → base, where base is the single files of `src/`.
 *
 * @module
 */

/** A room of `src/`: what may be imported from it, and which of its files wait. */
export interface Room {
  /** Rooms whose `mod.ts` or `port.ts` this one may import. */
  readonly rooms: readonly string[];
  /** Rooms that this one may import by type only. */
  readonly typesOf: readonly string[];
  /** The files that may `await`, hold a Promise or a module-level `let`. All others are pure. */
  readonly shells: readonly string[];
  /** Packages that the room may use at run time. */
  readonly packages: readonly string[];
}

/** The single files of `src/` that may wait. */
export const BASE_SHELLS: readonly string[] = ["mac.ts", "waiting.ts"];

/** The only files of `src/` that may touch the host's time, timers and randomness. */
export const HOST_FILES: readonly string[] = ["src/clock.ts", "src/random.ts", "src/mac.ts"];

/** Every room of `src/`. */
export const ROOMS: Readonly<Record<string, Room>> = {
  backbone: {
    rooms: ["models"],
    typesOf: ["sync"],
    shells: [
      "answer.ts",
      "get_by_unique.ts",
      "infect.ts",
      "members.ts",
      "model_states.ts",
      "redis_store.ts",
      "serve_collection.ts",
      "serve_model.ts",
      "sync.ts",
      "sync_bind.ts",
    ],
    packages: [],
  },
  cache: {
    rooms: [],
    typesOf: [],
    shells: [
      "ask.ts",
      "batch.ts",
      "cache.ts",
      "create.ts",
      "creators.ts",
      "flight.ts",
      "guard.ts",
      "look.ts",
      "memoize.ts",
      "near.ts",
      "reading.ts",
      "region.ts",
      "writing.ts",
    ],
    packages: [],
  },
  http: {
    rooms: [],
    typesOf: ["cache"],
    shells: ["handler.ts", "serve_cache.ts", "stored_response.ts"],
    packages: [],
  },
  models: {
    rooms: ["wakes"],
    typesOf: [],
    shells: [
      "changes.ts",
      "chores.ts",
      "commit.ts",
      "intents.ts",
      "members.ts",
      "model.ts",
      "prepare.ts",
      "read.ts",
      "write.ts",
    ],
    packages: [],
  },
  ot: {
    rooms: [],
    typesOf: [],
    shells: [],
    packages: [],
  },
  presence: {
    rooms: ["wakes"],
    typesOf: [],
    shells: ["presence.ts"],
    packages: [],
  },
  sync: {
    rooms: ["models", "wakes", "presence"],
    typesOf: [],
    shells: [
      "caller.ts",
      "client/client.ts",
      "client/deferred.ts",
      "client/feeds.ts",
      "client/link.ts",
      "client/live_collection.ts",
      "client/roads.ts",
      "client/storage.ts",
      "client/write_queue.ts",
      "connection.ts",
      "control.ts",
      "feed.ts",
      "gathering.ts",
      "hub.ts",
      "requests.ts",
      "rooms.ts",
      "sockjs/server.ts",
      "tasks.ts",
      "tickets.ts",
      "transport/long_poll.ts",
      "transport/post.ts",
      "transport/websocket.ts",
    ],
    packages: ["zod"],
  },
  wakes: {
    rooms: [],
    typesOf: [],
    shells: ["tail.ts"],
    packages: [],
  },
  raft: { rooms: [], typesOf: [], shells: [], packages: [] },
};

/** Every folder of `adapters/`: its packages, and whether it is a program, which may import doors and drivers. */
export const DRIVERS: Readonly<
  Record<string, { readonly packages: readonly string[]; readonly isProgram: boolean }>
> = {
  gateway: { packages: ["node:", "redis"], isProgram: true },
  memory: { packages: [], isProgram: false },
  redis: { packages: ["@upstash/redis"], isProgram: false },
};
