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
    typesOf: [],
    shells: [
      "answer.ts",
      "get_by_unique.ts",
      "infect.ts",
      "members.ts",
      "model_states.ts",
      "redis_store.ts",
      "serve_collection.ts",
      "serve_model.ts",
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
  documents: {
    rooms: ["ot", "presence", "wakes"],
    typesOf: [],
    shells: [
      "attempt.ts",
      "document_core.ts",
      "documents.ts",
      "follow.ts",
      "history.ts",
      "journaled_store.ts",
      "outbox.ts",
      "read.ts",
      "submit.ts",
      "updates.ts",
      "client/connect.ts",
      "client/connection.ts",
      "client/doc.ts",
      "client/doc_works.ts",
      "client/keeper.ts",
      "client/line.ts",
      "client/presence.ts",
      "client/shelf.ts",
      "client/undo.ts",
      "client/updates_doc.ts",
      "client/waiters.ts",
      "protocol/answers.ts",
      "protocol/connection.ts",
      "protocol/follows.ts",
      "protocol/identity.ts",
      "protocol/presence.ts",
      "protocol/rooms.ts",
      "protocol/server.ts",
      "protocol/work.ts",
      "rules.ts",
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
  sharedb: { packages: [], isProgram: false },
};
