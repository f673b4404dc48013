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
export const BASE_SHELLS: readonly string[] = ["mac.ts", "remote.ts", "waiting.ts"];

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
  documents: {
    rooms: ["ot", "presence", "queries", "wakes"],
    typesOf: [],
    shells: [
      "asked.ts",
      "attempt.ts",
      "document_core.ts",
      "documents.ts",
      "follow.ts",
      "history.ts",
      "journaled_store.ts",
      "lap.ts",
      "outbox.ts",
      "own_rooms.ts",
      "read.ts",
      "submit.ts",
      "updates.ts",
      "two_stores.ts",
      "client/connect.ts",
      "client/connection.ts",
      "client/doc.ts",
      "client/doc_works.ts",
      "client/history.ts",
      "client/keeper.ts",
      "client/line.ts",
      "client/presence.ts",
      "client/query.ts",
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
      "protocol/submitting.ts",
      "protocol/work.ts",
      "projected_core.ts",
      "queries/evaluations.ts",
      "queries/find.ts",
      "queries/index_walk.ts",
      "queries/live_collection.ts",
      "queries/queries.ts",
      "queries/subscription.ts",
      "rules.ts",
    ],
    packages: [],
  },
  http: {
    rooms: [],
    typesOf: ["cache", "log", "models", "raft"],
    shells: [
      "body.ts",
      "document_events.ts",
      "event_stream.ts",
      "gate.ts",
      "handler.ts",
      "log_calls.ts",
      "model_batch.ts",
      "model_changes.ts",
      "model_lists.ts",
      "model_service.ts",
      "model_sets.ts",
      "model_writes.ts",
      "own_part.ts",
      "serve_cache.ts",
      "serve_documents.ts",
      "serve_models.ts",
      "serve_sync.ts",
      "serve_log.ts",
      "serve_node.ts",
      "stored_response.ts",
      "token.ts",
    ],
    packages: [],
  },
  log: {
    rooms: ["wakes"],
    typesOf: ["cache", "models"],
    shells: ["connect_log.ts", "fold.ts", "log.ts", "reading.ts"],
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
  path_model: {
    rooms: ["ot"],
    typesOf: ["documents"],
    shells: [
      "document.ts",
      "editor.ts",
      "holder.ts",
      "holds.ts",
      "model.ts",
      "open.ts",
      "promised.ts",
      "query.ts",
      "query_target.ts",
      "store.ts",
      "target.ts",
    ],
    packages: [],
  },
  queries: {
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
  raft: {
    rooms: [],
    typesOf: [],
    shells: [
      "applying.ts",
      "asking.ts",
      "backup.ts",
      "changing_members.ts",
      "fetching.ts",
      "introductions.ts",
      "loop.ts",
      "machine/key_value_client.ts",
      "connect_node.ts",
      "node.ts",
      "opening.ts",
      "pending.ts",
      "recovery.ts",
      "running.ts",
      "storing.ts",
      "transport/connection.ts",
      "transport/dialling.ts",
      "transport/greeting.ts",
      "transport/http.ts",
      "transport/in_process.ts",
      "transport/links.ts",
      "transport/websocket.ts",
      "watching.ts",
    ],
    packages: [],
  },
};

/** A folder of `adapters/`. */
export interface Driver {
  /** Packages that it may use at run time. */
  readonly packages: readonly string[];
  /** Whether it is a program, which may import doors and drivers. */
  readonly isProgram: boolean;
  /** Shells of the core that are written to be completed by drivers: sockets differ, what is said over them does not. */
  readonly shells?: readonly string[];
}

/** Every folder of `adapters/`. */
export const DRIVERS: Readonly<Record<string, Driver>> = {
  cli: { packages: ["node:"], isProgram: true },
  gateway: { packages: ["node:", "redis"], isProgram: true },
  memory: { packages: [], isProgram: false },
  redis: { packages: ["@upstash/redis"], isProgram: false },
  skiff: { packages: ["node:", "zod"], isProgram: true },
  tcp: {
    packages: ["node:", "@msgpack/msgpack"],
    isProgram: false,
    shells: ["src/raft/transport/links.ts"],
  },
  sharedb: { packages: [], isProgram: false },
};
