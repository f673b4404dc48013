/**
 * A hub on the Redis behind a gateway, on the port that it is given.
 *
 * @module
 */

import { redis } from "../../adapters/redis/mod.ts";
import { createSync } from "../../src/sync/mod.ts";
import { todosOn } from "../../tests/support/sync/todos.ts";

const [port = "0", url = "", token = ""] = Deno.args;
const backend = redis({ url, token });
const hub = createSync(backend, { models: [todosOn(backend)] });
const upgrade = (request: Request) => () => Deno.upgradeWebSocket(request);
Deno.serve(
  { port: Number(port), hostname: "127.0.0.1", onListen: () => {} },
  (request) => hub.handle(request, { upgrade: upgrade(request) }),
);
